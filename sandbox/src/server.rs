//! Connections: each request is given its faults on the way, and written down.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode, request};
use axum::response::IntoResponse;
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::faults::{Close, Fault};
use crate::journal::{Body as Written, Entry};
use crate::site::{Arrived, Known, Site};
use crate::webhooks;

const MAX_BODY: usize = 64 * 1024 * 1024;

/// Answers until the process ends.
pub async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, site: Arc<Site>) {
    let router = crate::site::routes(site.clone());
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors: those in use have to be closed first.
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            continue;
        };
        let (tls, site, router) = (tls.clone(), site.clone(), router.clone());
        tokio::spawn(async move {
            // A client that goes away is no concern of the others.
            let _ = connection(stream, tls, site, router).await;
        });
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    site: Arc<Site>,
    router: Router,
) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    match tls {
        None => exchanges(stream, site, router).await,
        Some(tls) => exchanges(tls.accept(stream).await?, site, router).await,
    }
}

async fn exchanges(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    site: Arc<Site>,
    router: Router,
) -> Result<(), Failure> {
    let cut = Cut::default();
    let io = TokioIo::new(Cuttable {
        stream,
        cut: cut.clone(),
    });
    let service =
        service_fn(move |request| exchange(request, site.clone(), router.clone(), cut.clone()));
    http1::Builder::new().serve_connection(io, service).await?;
    Ok(())
}

/// One request and its answer; an error closes the connection without one.
async fn exchange(
    request: Request<Incoming>,
    site: Arc<Site>,
    router: Router,
    cut: Cut,
) -> Result<Response<Body>, Failure> {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let for_tests = head.uri.path().starts_with("/_sandbox");
    let body = match whole(body).await {
        Ok(body) => body,
        Err((status, why)) => {
            if !for_tests {
                note(
                    &site,
                    &head,
                    &[],
                    status.as_u16(),
                    Known::default(),
                    started,
                );
            }
            return Ok((status, why).into_response());
        }
    };
    if for_tests {
        let request = Request::from_parts(head, Body::from(body));
        return Ok(router.oneshot(request).await?);
    }

    let fault = site
        .world()
        .faults
        .take(head.method.as_str(), head.uri.path());
    let wait = site.settings.latency + fault.as_ref().map(Fault::delay).unwrap_or_default();
    // To sleep for no time at all is to wait for the next tick of the timer.
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }

    let applies = fault.as_ref().is_none_or(Fault::applies);
    let real = match applies {
        true => Some(answer(&head, body.clone(), started, router).await?),
        false => None,
    };
    if let (Some(url), Some(real)) = (&site.settings.webhook_url, &real) {
        webhooks::tell(&site.log, url, &head, real);
    }
    let known = known(&site, &head, real.as_ref());
    let close = fault.as_ref().and_then(|fault| fault.close);
    let response = match (fault, real) {
        (None, Some(real)) => real.map(Body::from),
        (None, None) => unreachable!("without a fault the call is made"),
        (Some(fault), real) => fault.disturb(&head.method, real, move || cut.now()),
    };
    let status = match close {
        Some(Close::Before) => 0,
        _ => response.status().as_u16(),
    };
    note(&site, &head, &body, status, known, started);
    match close {
        Some(Close::Before) => Err("closed without an answer, on demand".into()),
        _ => Ok(response),
    }
}

/// The whole of a body, or what is said where it cannot be had.
async fn whole(mut body: Incoming) -> Result<Bytes, (StatusCode, &'static str)> {
    let why = match Limited::new(&mut body, MAX_BODY).collect().await {
        Ok(whole) => return Ok(whole.to_bytes()),
        Err(why) => why,
    };
    if !why.is::<LengthLimitError>() {
        return Err((StatusCode::BAD_REQUEST, "The body is broken\n"));
    }
    // A client that still sends would find the connection reset and never see the answer.
    while let Some(Ok(_)) = body.frame().await {}
    Err((StatusCode::PAYLOAD_TOO_LARGE, "The body is over 64 MB\n"))
}

/// Who calls: what the application found out, or the call's own word where the
/// application never saw it.
fn known(site: &Site, head: &request::Parts, real: Option<&Response<Bytes>>) -> Known {
    let seen = real.filter(|real| real.status() != StatusCode::TOO_MANY_REQUESTS);
    match seen {
        Some(real) => real.extensions().get().cloned().unwrap_or_default(),
        None => site.claimed(head),
    }
}

async fn answer(
    head: &request::Parts,
    body: Bytes,
    arrived: Instant,
    router: Router,
) -> Result<Response<Bytes>, Failure> {
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = head.uri.clone();
    *request.headers_mut() = head.headers.clone();
    request.extensions_mut().insert(Arrived(arrived));
    let (mut head_of_answer, body) = router.oneshot(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.method != Method::HEAD {
        head_of_answer
            .headers
            .insert(hyper::header::CONTENT_LENGTH, body.len().into());
    }
    Ok(Response::from_parts(head_of_answer, body))
}

/// Writes a request down; status 0 stands for no answer.
fn note(
    site: &Site,
    head: &request::Parts,
    body: &[u8],
    status: u16,
    known: Known,
    started: Instant,
) {
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.to_string())
            .and_modify(|all| *all = format!("{all}, {value}"))
            .or_insert_with(|| value.to_string());
    }
    let entry = Entry {
        method: head.method.to_string(),
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        status,
        signed: known.signed,
        acting_for: known.acting_for,
        headers,
        body: Written(String::from_utf8_lossy(body).into_owned()),
    };
    if !site.settings.quiet {
        site.log.line(format!(
            "{} {} {} {} ms {}",
            entry.method,
            entry.path,
            entry.status,
            started.elapsed().as_millis(),
            entry.acting_for.as_deref().unwrap_or("-"),
        ));
    }
    site.world().journal.add(entry);
}

/// Ends a connection once its answer is out, as a server does that closes without
/// having said so.
#[derive(Clone, Default)]
struct Cut(Arc<CutState>);

#[derive(Default)]
struct CutState {
    done: AtomicBool,
    reader: AtomicWaker,
}

impl Cut {
    fn now(&self) {
        self.0.done.store(true, Ordering::SeqCst);
        self.0.reader.wake();
    }
}

/// A stream that has nothing more to read once it is cut.
struct Cuttable<S> {
    stream: S,
    cut: Cut,
}

impl<S: AsyncRead + Unpin> AsyncRead for Cuttable<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.cut.0.reader.register(context.waker());
        match self.cut.0.done.load(Ordering::SeqCst) {
            true => Poll::Ready(Ok(())),
            false => Pin::new(&mut self.get_mut().stream).poll_read(context, buffer),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Cuttable<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
