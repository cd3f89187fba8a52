//! A small HTTP server on this machine, for the callback of a login and for webhooks.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::error::{Error, Result};
use crate::interrupt;

/// No webhook is as long.
const MAX_BODY_BYTES: usize = 16 << 20;

/// How long a head, and a body, may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long the last response may take to be sent.
const GRACE: Duration = Duration::from_secs(1);

/// The server. It reads requests concurrently, so that a slow one does not delay the others.
pub struct Receiver {
    url: String,
    requests: mpsc::Receiver<Request>,
    /// What stops the server when it is dropped, and the server.
    server: Option<(oneshot::Sender<Infallible>, JoinHandle<()>)>,
    runtime: Runtime,
}

/// A request that has arrived.
pub struct Request {
    pub method: Method,
    /// The path and the query.
    pub target: String,
    /// The body, or the status code and the message of the response to one that is not accepted.
    pub body: std::result::Result<Bytes, (u16, String)>,
    response: oneshot::Sender<Response<Full<Bytes>>>,
}

impl Receiver {
    /// Listens on 127.0.0.1; port 0 chooses a free one.
    pub fn listen(port: u16) -> Result<Self> {
        Self::start(port)
            .map_err(|error| Error::Usage(format!("cannot listen on 127.0.0.1:{port}: {error}")))
    }

    fn start(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build()?;
        let (sender, requests) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let server = runtime.spawn(serve(listener, sender, stopped));
        Ok(Receiver {
            url,
            requests,
            server: Some((stop, server)),
            runtime,
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for a request; `None` after Ctrl-C.
    pub fn next(&self) -> Result<Option<Request>> {
        while !interrupt::is_interrupted() {
            match self.requests.recv_timeout(Duration::from_millis(50)) {
                Ok(request) => return Ok(Some(request)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let error = io::Error::other("the server has ended");
                    return Err(Error::System("cannot receive", error));
                }
            }
        }
        Ok(None)
    }
}

impl Drop for Receiver {
    /// Sends the responses that are not sent yet.
    fn drop(&mut self) {
        // Those that nobody reads get status 503.
        self.requests = mpsc::channel().1;
        if let Some((stop, server)) = self.server.take() {
            drop(stop);
            // Ends with an error only if it panicked.
            let _ = self.runtime.block_on(server);
        }
    }
}

impl Request {
    /// Responds with a line of text. The sender may have gone, which is no error here.
    pub fn respond(self, status: u16, text: &str) {
        let _ = self.response.send(response(status, text));
    }
}

fn response(status: u16, text: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(format!("{text}\n")));
    *response.status_mut() = status.try_into().unwrap_or_default();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

async fn serve(
    listener: TcpListener,
    requests: mpsc::Sender<Request>,
    mut stopped: oneshot::Receiver<Infallible>,
) {
    let connections = GracefulShutdown::new();
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => break,
        };
        let Ok((stream, _)) = accepted else {
            // Too many open files, or the sender has gone.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let requests = requests.clone();
        let service = service_fn(move |request| receive(request, requests.clone()));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(TIMEOUT)
            .keep_alive(false);
        let connection = http.serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connections.watch(connection));
    }
    // A connection that takes longer is closed.
    let _ = timeout(GRACE, connections.shutdown()).await;
}

/// Reads a request, and waits for its response.
async fn receive(
    request: hyper::Request<Incoming>,
    requests: mpsc::Sender<Request>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = timeout(TIMEOUT, Limited::new(body, MAX_BODY_BYTES).collect()).await;
    let body = match body {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err((413, "the body is too large".to_owned()))
        }
        Ok(Err(error)) => Err((400, format!("the body is incomplete: {error}"))),
        Err(_) => Err((408, "the body did not arrive in time".to_owned())),
    };
    let (sender, receiver) = oneshot::channel();
    let request = Request {
        method: head.method,
        target: head.uri.to_string(),
        body,
        response: sender,
    };
    let sent = requests.send(request);
    let response = match (sent, receiver.await) {
        (Ok(()), Ok(response)) => response,
        _ => self::response(503, "The receiver ends."),
    };
    Ok(response)
}
