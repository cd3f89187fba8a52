//! Accepts connections. For each request it applies faults, calls the router, sends webhooks
//! and writes the journal.

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
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::api;
use crate::faults::{Close, Fault};
use crate::journal::{self, Authentication, Entry, Identity, Page, Rejection};
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
    // UserVoice's C# SDK finds `X-Rate-Limit-Limit` only in this case.
    let mut server = http1::Builder::new();
    server.title_case_headers(true);
    server.serve_connection(io, service).await?;
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
                let outcome = Outcome {
                    status: status.as_u16(),
                    authentication: Authentication::NotChecked,
                    identity: Identity::default(),
                    fault: false,
                    is_page: false,
                    response: journal::Response::default(),
                };
                record(&site, &head, &[], outcome, received_at);
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
    if let Some(response) = &response {
        let sender = response.extensions().get::<Identity>();
        let origin = site.origin(&head.headers);
        webhooks::send_changes(&site, &head.method, sender, &origin);
    }
    let identity = identity(&site, &head, response.as_ref());
    let authentication = authentication(&head, response.as_ref());
    let is_page = response
        .as_ref()
        .is_some_and(|response| response.extensions().get::<Page>().is_some());
    let has_fault = fault.is_some();
    let real_body = response.as_ref().map(|response| response.body().clone());
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
    let outcome = Outcome {
        status,
        authentication,
        identity,
        fault: has_fault,
        is_page,
        response: journal::Response::new(
            response.headers().clone(),
            real_body.filter(|_| !has_fault),
        ),
    };
    record(&site, &head, &body, outcome, received_at);
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
    match response.filter(is_handled) {
        Some(response) => response.extensions().get().cloned().unwrap_or_default(),
        None => site.claimed_identity(head),
    }
}

/// Reports whether the application handled the request, not only the rate limit.
fn is_handled(response: &&Response<Bytes>) -> bool {
    response.status() != StatusCode::TOO_MANY_REQUESTS
}

/// Returns the result of checking the request's signature or token.
fn authentication(head: &request::Parts, response: Option<&Response<Bytes>>) -> Authentication {
    let has_credentials = head.headers.contains_key(hyper::header::AUTHORIZATION);
    let Some(response) = response.filter(is_handled) else {
        return match has_credentials {
            true => Authentication::NotChecked,
            false => Authentication::None,
        };
    };
    if let Some(Rejection(reason)) = response.extensions().get() {
        return Authentication::Rejected(reason.clone());
    }
    let identity = response.extensions().get::<Identity>();
    match identity.map(|identity| identity.signed) {
        Some(true) => Authentication::Verified,
        None if has_credentials && response.status() == StatusCode::UNAUTHORIZED => {
            Authentication::Rejected(reason(response))
        }
        None if has_credentials => Authentication::NotChecked,
        Some(false) | None => Authentication::None,
    }
}

/// Returns the reason that a response with status 401 states.
fn reason(response: &Response<Bytes>) -> String {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let errors = &body["errors"];
    let messages = [&errors["message"], &body["message"]];
    let message = messages.into_iter().find_map(Value::as_str);
    let parts = [errors["oauth_problem"].as_str(), message];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
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

/// What happened to a request.
struct Outcome {
    /// 0 if the connection is closed without a response.
    status: u16,
    authentication: Authentication,
    identity: Identity,
    fault: bool,
    is_page: bool,
    response: journal::Response,
}

/// Logs a request and adds it to the journal.
fn record(site: &Site, head: &request::Parts, body: &[u8], outcome: Outcome, received_at: Instant) {
    let duration = received_at.elapsed();
    let entry = Entry {
        number: 0, // set by the journal
        received_at: site.now() - duration,
        duration,
        method: head.method.to_string(),
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        call: table_call(head),
        status: outcome.status,
        authentication: outcome.authentication,
        identity: outcome.identity,
        fault: outcome.fault,
        is_page: outcome.is_page,
        headers: journal::header_map(&head.headers),
        body: journal::Body(String::from_utf8_lossy(body).into_owned()),
        response: outcome.response,
    };
    if !site.settings.quiet {
        site.log.line(format!(
            "{} {} {} {} ms {}",
            entry.method,
            entry.path,
            entry.status,
            entry.duration.as_millis(),
            entry.identity.acting_as.as_deref().unwrap_or("-"),
        ));
    }
    site.lock().journal.add(entry);
}
