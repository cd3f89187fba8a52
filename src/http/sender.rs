//! Sends a request, and notices when the service responds before it has read the whole of
//! it (RFC 9112, section 9.5).

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use ureq::Error;
use zeroize::Zeroizing;

use crate::http::exchange::Exchange;
use crate::process::system::{has_input_before_output, send_without_waiting};

/// The sending side of a socket.
pub(crate) struct Sender {
    stream: Arc<TcpStream>,
    /// What is still to be sent when there is input to look at first.
    unsent: Zeroizing<Vec<u8>>,
    /// The error of the first write that failed. What was received before that can still be
    /// read.
    error: Option<io::Error>,
}

impl Sender {
    pub(crate) fn new(stream: Arc<TcpStream>) -> Self {
        Sender {
            stream,
            unsent: Zeroizing::default(),
            error: None,
        }
    }

    /// Sends `bytes`. If the service does not read them but there is input, keeps the rest
    /// for later, and notifies the exchange. After an error, sends nothing.
    pub(crate) fn send(&mut self, exchange: &Exchange, bytes: &[u8]) -> Result<(), Error> {
        let for_input = exchange.awaits_early_input();
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            return self.send_unsent(exchange, for_input);
        }
        let sent = self.send_until_input(exchange, bytes, for_input)?;
        self.unsent.extend_from_slice(&bytes[sent..]);
        Ok(())
    }

    /// Sends what is still to be sent, unless there is input first.
    pub(crate) fn finish(&mut self, exchange: &Exchange) -> Result<(), Error> {
        match self.unsent.is_empty() {
            true => Ok(()),
            false => self.send_unsent(exchange, true),
        }
    }

    /// Returns the error of the first write that failed.
    pub(crate) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    /// Returns whether all requests so far were sent completely.
    pub(crate) fn is_complete(&self) -> bool {
        self.unsent.is_empty() && self.error.is_none()
    }

    fn send_unsent(&mut self, exchange: &Exchange, for_input: bool) -> Result<(), Error> {
        let mut unsent = std::mem::take(&mut self.unsent);
        let sent = self.send_until_input(exchange, &unsent, for_input)?;
        unsent.drain(..sent);
        self.unsent = unsent;
        Ok(())
    }

    /// Sends `bytes`, and returns how many it sent: fewer if there is input, which is looked
    /// for if `for_input` is true.
    fn send_until_input(
        &mut self,
        exchange: &Exchange,
        bytes: &[u8],
        for_input: bool,
    ) -> Result<usize, Error> {
        let mut sent = 0;
        while sent < bytes.len() && self.error.is_none() {
            let error = match send_without_waiting(&self.stream, &bytes[sent..]) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(written) => {
                    exchange.record_sent();
                    sent += written;
                    continue;
                }
                Err(error) => error,
            };
            match error.kind() {
                io::ErrorKind::Interrupted => {}
                io::ErrorKind::WouldBlock if self.has_input_first(exchange, for_input)? => {
                    exchange.record_early_input();
                    return Ok(sent);
                }
                io::ErrorKind::WouldBlock => {}
                // Nothing was sent, so there is no response.
                _ if !exchange.has_sent() => return Err(error.into()),
                _ => self.error = Some(error),
            }
        }
        Ok(match self.error {
            Some(_) => bytes.len(),
            None => sent,
        })
    }

    /// Waits until the socket accepts bytes. Returns true if there is input first.
    fn has_input_first(&self, exchange: &Exchange, for_input: bool) -> Result<bool, Error> {
        let time_left = exchange.time_left()?;
        match has_input_before_output(&self.stream, for_input, time_left) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                exchange.record_signal()?;
                Ok(false)
            }
            result => Ok(result?),
        }
    }
}
