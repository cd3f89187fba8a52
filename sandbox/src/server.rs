//! Accepts connections. For each request it applies faults, calls the router, sends webhooks
//! and writes the journal.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode, request};
use axum::response::IntoResponse;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::api;
use crate::faults::{Close, Fault};
use crate::journal::{self, Entry, Identity};
use crate::request::ReceivedAt;
use crate::site::Site;
use crate::stream::{DisconnectableStream, Disconnector};
use crate::{routes, webhooks};

const MAX_BODY: usize = 64 * 1024 * 1024;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Serves connections until the process ends.
pub async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, site: Arc<Site>) {
    let router = routes::router(site.clone());
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Probably out of file descriptors: waits for other connections to close.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (tls, site, router) = (tls.clone(), site.clone(), router.clone());
        tokio::spawn(async move {
            // Ignored: an error concerns this connection only.
            let _ = serve_connection(stream, tls, site, router).await;
        });
    }
}

async fn serve_connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    site: Arc<Site>,
    router: Router,
) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    match tls {
        None => serve_http(stream, site, router).await,
        Some(tls) => serve_http(tls.accept(stream).await?, site, router).await,
    }
}

async fn serve_http(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    site: Arc<Site>,
    router: Router,
) -> Result<(), Error> {
    let disconnector = Disconnector::default();
    let io = TokioIo::new(DisconnectableStream::new(stream, disconnector.clone()));
    let service = service_fn(move |request| {
        handle(request, site.clone(), router.clone(), disconnector.clone())
    });
    http1::Builder::new().serve_connection(io, service).await?;
    Ok(())
}

/// Handles one request. An error closes the connection without a response.
async fn handle(
    request: Request<Incoming>,
    site: Arc<Site>,
    router: Router,
    disconnector: Disconnector,
) -> Result<Response<Body>, Error> {
    let received_at = Instant::now();
    let (head, body) = request.into_parts();
    let is_control = head.uri.path().starts_with("/_sandbox");
    let body = match read_body(body).await {
        Ok(body) => body,
        Err((status, message)) => {
            if !is_control {
                let identity = Identity::default();
                record(&site, &head, &[], status.as_u16(), identity, received_at);
            }
            return Ok((status, message).into_response());
        }
    };
    if is_control {
        let request = Request::from_parts(head, Body::from(body));
        return Ok(router.oneshot(request).await?);
    }

    let fault = site
        .lock()
        .faults
        .take(head.method.as_str(), head.uri.path());
    let delay = site.settings.latency + fault.as_ref().map(Fault::delay).unwrap_or_default();
    // Sleeping for zero time would wait for the timer's next tick.
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }

    let response = match fault.as_ref().is_none_or(Fault::reaches_application) {
        true => Some(route(&head, body.clone(), received_at, router).await?),
        false => None,
    };
    if let (Some(url), Some(response)) = (&site.settings.webhook_url, &response) {
        webhooks::send(&site.log, url, &head, response);
    }
    let identity = identity(&site, &head, response.as_ref());
    let close = fault.as_ref().and_then(|fault| fault.close);
    let response = match (fault, response) {
        (None, Some(response)) => response.map(Body::from),
        (None, None) => unreachable!("a request without a fault reaches the application"),
        (Some(fault), response) => {
            fault.apply_to(&head.method, response, move || disconnector.disconnect())
        }
    };
    let status = match close {
        Some(Close::Before) => 0,
        _ => response.status().as_u16(),
    };
    record(&site, &head, &body, status, identity, received_at);
    match close {
        Some(Close::Before) => Err("closed without a response by a fault".into()),
        _ => Ok(response),
    }
}

/// Reads the whole body. Returns the response's status and text if that fails.
async fn read_body(mut body: Incoming) -> Result<Bytes, (StatusCode, &'static str)> {
    let error = match Limited::new(&mut body, MAX_BODY).collect().await {
        Ok(body) => return Ok(body.to_bytes()),
        Err(error) => error,
    };
    if !error.is::<LengthLimitError>() {
        return Err((StatusCode::BAD_REQUEST, "The body is malformed\n"));
    }
    // Reads the rest: a client that is still sending would see a reset connection instead of
    // the response.
    while let Some(Ok(_)) = body.frame().await {}
    Err((
        StatusCode::PAYLOAD_TOO_LARGE,
        "The body is larger than 64 MB\n",
    ))
}

/// Returns the sender of a request: verified by the application, or only claimed if the
/// application did not handle it.
fn identity(site: &Site, head: &request::Parts, response: Option<&Response<Bytes>>) -> Identity {
    let handled = response.filter(|response| response.status() != StatusCode::TOO_MANY_REQUESTS);
    match handled {
        Some(response) => response.extensions().get().cloned().unwrap_or_default(),
        None => site.claimed_identity(head),
    }
}

/// Passes a request to the application and reads the whole response.
async fn route(
    head: &request::Parts,
    body: Bytes,
    received_at: Instant,
    router: Router,
) -> Result<Response<Bytes>, Error> {
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = head.uri.clone();
    *request.headers_mut() = head.headers.clone();
    request.extensions_mut().insert(ReceivedAt(received_at));
    let (mut response_head, body) = router.oneshot(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.method != Method::HEAD {
        response_head
            .headers
            .insert(hyper::header::CONTENT_LENGTH, body.len().into());
    }
    Ok(Response::from_parts(response_head, body))
}

/// Returns the call of the table of the API that a request is.
fn table_call(head: &request::Parts) -> Option<&'static str> {
    let method = match head.method.as_str() {
        "HEAD" => "GET",
        method => method,
    };
    let found = api::find(method, head.uri.path())?;
    Some(&found.call.call)
}

/// Logs a request and adds it to the journal. Status 0 means no response.
fn record(
    site: &Site,
    head: &request::Parts,
    body: &[u8],
    status: u16,
    identity: Identity,
    received_at: Instant,
) {
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.to_string())
            .and_modify(|values| *values = format!("{values}, {value}"))
            .or_insert_with(|| value.to_string());
    }
    let entry = Entry {
        method: head.method.to_string(),
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        call: table_call(head),
        status,
        identity,
        headers,
        body: journal::Body(String::from_utf8_lossy(body).into_owned()),
    };
    if !site.settings.quiet {
        site.log.line(format!(
            "{} {} {} {} ms {}",
            entry.method,
            entry.path,
            entry.status,
            received_at.elapsed().as_millis(),
            entry.identity.acting_as.as_deref().unwrap_or("-"),
        ));
    }
    site.lock().journal.add(entry);
}
