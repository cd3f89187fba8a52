//! A small HTTP server on this machine, for the callback of a login and for webhooks.

use std::net::Ipv4Addr;
use std::time::Duration;

use tiny_http::{Header, Request, Response, Server};

use crate::error::{Error, Result};
use crate::interrupt;

pub struct Receiver {
    server: Server,
}

impl Receiver {
    /// Listens on 127.0.0.1; port 0 chooses a free one.
    pub fn listen(port: u16) -> Result<Self> {
        let server = Server::http((Ipv4Addr::LOCALHOST, port));
        let server = server
            .map_err(|error| Error::Usage(format!("cannot listen on 127.0.0.1:{port}: {error}")))?;
        Ok(Receiver { server })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.server.server_addr())
    }

    /// Waits for a request; `None` after Ctrl-C.
    pub fn next(&self) -> Result<Option<Request>> {
        while !interrupt::is_interrupted() {
            let received = self.server.recv_timeout(Duration::from_millis(50));
            let received = received.map_err(|error| Error::System("cannot receive", error))?;
            if received.is_some() {
                return Ok(received);
            }
        }
        Ok(None)
    }
}

/// Responds with a line of text. The sender may have gone, which is no error here.
pub fn respond(request: Request, status: u16, text: &str) {
    let plain = Header::from_bytes("Content-Type", "text/plain; charset=utf-8");
    let response = Response::from_string(format!("{text}\n")).with_status_code(status);
    let _ = request.respond(plain.into_iter().fold(response, Response::with_header));
}
