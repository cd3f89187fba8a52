//! Passes a response to ureq in the form that its parser accepts: the head when it is
//! complete, and the chunks of a body.

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use crate::http::chunked::Chunked;
use crate::http::exchange::Exchange;
use crate::http::head;

#[derive(Debug)]
pub(crate) struct WellFormed;

impl<In: Transport> Connector<In> for WellFormed {
    type Out = ResponseTransport<In>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let to_service = Exchange::current()?.is_with(details.uri.authority());
        Ok(chained.map(|inner| ResponseTransport {
            inner,
            to_service,
            next: Next::Unchanged,
            rewritten: Vec::new(),
            consumed: 0,
        }))
    }
}

/// What is received next.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// The head of a final response: a request was sent.
    Head,
    ChunkedBody(Chunked),
    /// What is passed on as it is.
    Unchanged,
}

#[derive(Debug)]
pub(crate) struct ResponseTransport<T> {
    inner: T,
    /// The connection is to the service, not to a proxy, to which ureq's whole chain is applied
    /// as well.
    to_service: bool,
    next: Next,
    /// What is passed on before the rest.
    rewritten: Vec<u8>,
    consumed: usize,
}

impl<T: Transport> ResponseTransport<T> {
    fn has_rewritten(&self) -> bool {
        self.consumed < self.rewritten.len()
    }

    /// Waits until the head of the final response is complete, and skips informational
    /// responses, the fields of which ureq may reject. Returns false at the end of the stream.
    fn await_head(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        loop {
            let input = self.inner.buffers().input();
            if !head::may_be_http(input) {
                // ureq's parser says what is wrong with it.
                self.next = Next::Unchanged;
                return Ok(true);
            }
            if let Some(length) = head::length(input) {
                if !head::is_informational(input) {
                    return self.take_head(length).map(|()| true);
                }
                self.inner.buffers().input_consume(length);
                continue;
            }
            if input.len() > head::MAX_BYTES {
                return Err(Error::LargeResponseHeader(input.len(), head::MAX_BYTES));
            }
            if !self.inner.await_input(timeout)? {
                return Ok(false);
            }
        }
    }

    fn take_head(&mut self, length: usize) -> Result<(), Error> {
        let head = &self.inner.buffers().input()[..length];
        self.rewritten.clear();
        self.consumed = 0;
        match head::rewrite(head)? {
            Some(rewritten) => {
                self.rewritten = rewritten.bytes;
                Exchange::current()?.set_other_fields(rewritten.other_fields);
            }
            None => self.rewritten.extend(head),
        }
        self.inner.buffers().input_consume(length);
        self.next = match head::is_chunked(&self.rewritten) {
            true => Next::ChunkedBody(Chunked::Size),
            false => Next::Unchanged,
        };
        Ok(())
    }

    /// Waits for a part of a chunked body. Returns false at the end of the stream.
    fn await_chunks(&mut self, mut chunked: Chunked, timeout: NextTimeout) -> Result<bool, Error> {
        self.rewritten.clear();
        self.consumed = 0;
        loop {
            let input = self.inner.buffers().input();
            let read = chunked.rewrite(input, &mut self.rewritten)?;
            self.inner.buffers().input_consume(read);
            self.next = match chunked {
                Chunked::End => Next::Unchanged,
                chunked => Next::ChunkedBody(chunked),
            };
            if self.has_rewritten() {
                return Ok(true);
            }
            if !self.inner.await_input(timeout)? {
                return Ok(false);
            }
        }
    }
}

impl<T: Transport> Transport for ResponseTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        match self.next {
            Next::Unchanged if !self.has_rewritten() => self.inner.buffers(),
            _ => self,
        }
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.to_service {
            self.next = Next::Head;
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        // ureq takes a line of a chunked body at a time.
        if self.consumed > 0 && self.has_rewritten() {
            return Ok(true);
        }
        match self.next {
            Next::Head => self.await_head(timeout),
            Next::ChunkedBody(chunked) if !self.has_rewritten() => {
                self.await_chunks(chunked, timeout)
            }
            _ => self.inner.await_input(timeout),
        }
    }

    /// Returns false also if more than the response was received.
    fn is_open(&mut self) -> bool {
        self.inner.buffers().input().is_empty() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// The buffers while a part of the response is awaited or passed on in another form.
impl<T: Transport> Buffers for ResponseTransport<T> {
    fn output(&mut self) -> &mut [u8] {
        self.inner.buffers().output()
    }

    fn input(&self) -> &[u8] {
        &self.rewritten[self.consumed..]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.inner.buffers().input_append_buf()
    }

    fn input_appended(&mut self, amount: usize) {
        self.inner.buffers().input_appended(amount);
    }

    fn input_consume(&mut self, amount: usize) {
        self.consumed += amount;
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.inner.buffers().tmp_and_output()
    }

    /// Returns false, so that ureq always waits in `await_input`: a head that its parser took
    /// for incomplete would be parsed again and again.
    fn can_use_input(&self) -> bool {
        false
    }
}
