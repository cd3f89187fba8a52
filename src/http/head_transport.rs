//! Passes the head of a response to ureq when it is complete, in the form that its parser
//! accepts.

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use crate::http::exchange::Exchange;
use crate::http::head;

#[derive(Debug)]
pub(crate) struct CompleteHeads;

impl<In: Transport> Connector<In> for CompleteHeads {
    type Out = HeadTransport<In>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let to_service = Exchange::current()?.is_with(details.uri.authority());
        Ok(chained.map(|inner| HeadTransport {
            inner,
            to_service,
            awaits_head: false,
            head: Vec::new(),
            consumed: 0,
        }))
    }
}

#[derive(Debug)]
pub(crate) struct HeadTransport<T> {
    inner: T,
    /// The connection is to the service, not to a proxy, to which ureq's whole chain is applied
    /// as well.
    to_service: bool,
    /// A request was sent, and no head of a final response was received.
    awaits_head: bool,
    /// The head that is passed on.
    head: Vec<u8>,
    consumed: usize,
}

impl<T: Transport> HeadTransport<T> {
    fn has_head(&self) -> bool {
        self.consumed < self.head.len()
    }

    /// Waits until the head of the final response is complete, and skips informational
    /// responses, the fields of which ureq may reject. Returns false at the end of the stream.
    fn await_head(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        loop {
            let input = self.inner.buffers().input();
            if !head::may_be_http(input) {
                // ureq's parser says what is wrong with it.
                self.awaits_head = false;
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
        self.awaits_head = false;
        self.head.clear();
        self.consumed = 0;
        match head::rewrite(head)? {
            Some(rewritten) => {
                self.head = rewritten.bytes;
                Exchange::current()?.set_other_fields(rewritten.other_fields);
            }
            None => self.head.extend(head),
        }
        self.inner.buffers().input_consume(length);
        Ok(())
    }
}

impl<T: Transport> Transport for HeadTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        match self.awaits_head || self.has_head() {
            true => self,
            false => self.inner.buffers(),
        }
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.awaits_head = self.to_service;
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        match self.awaits_head {
            true => self.await_head(timeout),
            false => self.inner.await_input(timeout),
        }
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// The buffers while the head is awaited or passed on.
impl<T: Transport> Buffers for HeadTransport<T> {
    fn output(&mut self) -> &mut [u8] {
        self.inner.buffers().output()
    }

    fn input(&self) -> &[u8] {
        &self.head[self.consumed..]
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
