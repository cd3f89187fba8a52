//! TLS: whom the client trusts, and handshakes that go wrong.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use uservoice::{Client, Error, Outcome, Status};

use crate::server::{ok, read_request};

/// What makes names and files of this process differ.
fn number() -> usize {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        let name = format!("authority {}", number());
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Authority(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Options with this authority's file as `ca_file`.
    pub fn options(&self, base_url: &str, more: &str) -> String {
        let file = self.file();
        format!("{{\"base_url\":\"{base_url}\",\"ca_file\":{file:?}{more}}}")
    }

    pub fn file(&self) -> PathBuf {
        let name = format!("authority-{}-{}.pem", std::process::id(), number());
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&file, self.0.pem()).unwrap();
        file
    }

    pub fn certify(&self, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }
}

/// A server's certificate and its key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    pub fn config(self, versions: &[&'static SupportedProtocolVersion]) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap();
        let config = builder.with_no_client_auth();
        Arc::new(config.with_single_cert(self.chain, self.key).unwrap())
    }
}

type TlsStream = StreamOwned<ServerConnection, TcpStream>;

/// Serves each connection with `serve`, on a thread of its own.
pub fn start(
    address: &str,
    serve: impl Fn(TcpStream) + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(address).unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let (serve, counter) = (Arc::new(serve), connections.clone());
    thread::spawn(move || {
        for stream in listener.incoming() {
            counter.fetch_add(1, Ordering::Relaxed);
            let serve = serve.clone();
            thread::spawn(move || serve(stream.unwrap()));
        }
    });
    (base_url, connections)
}

/// Answers `requests` requests of a connection, then closes it.
pub fn tls(
    config: Arc<ServerConfig>,
    requests: usize,
) -> impl Fn(TcpStream) + Send + Sync + 'static {
    move |stream| {
        let connection = ServerConnection::new(config.clone()).unwrap();
        let mut stream = TlsStream::new(connection, stream);
        for _ in 0..requests {
            if read_request(&mut stream).is_none() {
                return;
            }
            stream.write_all(ok("1").as_bytes()).unwrap();
        }
        stream.conn.send_close_notify();
        stream.conn.complete_io(&mut stream.sock).unwrap();
    }
}

fn client(options: &str) -> Client {
    Client::new("acme", "key", Some("secret"), Some(options)).unwrap()
}

fn get(client: &Client) -> Result<String, Error> {
    client.call(None, "GET", "/a", None)
}

#[test]
fn a_ca_file_is_trusted_over_each_version_and_the_connection_is_kept() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let authority = Authority::new();
            let config = authority.certify(|_| {}).config(&[version]);
            let (base_url, connections) = start(address, tls(config, 10));
            let client = client(&authority.options(&base_url, ""));
            for _ in 0..3 {
                assert_eq!(get(&client).unwrap(), "1");
            }
            assert_eq!(connections.load(Ordering::Relaxed), 1);
        }
    }
}

/// The one error of a client that trusts `authority`, from a server that has
/// `identity`.
fn refusal(authority: &Authority, identity: Identity) -> Error {
    let (base_url, connections) = start("127.0.0.1:0", move |stream| {
        let config = identity_config(&identity);
        let mut connection = ServerConnection::new(config).unwrap();
        let mut stream = stream;
        // The client ends the handshake.
        let _ = connection.complete_io(&mut stream);
    });
    let error = get(&client(&authority.options(&base_url, ""))).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
    // Another try would come to the same.
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    error
}

fn identity_config(identity: &Identity) -> Arc<ServerConfig> {
    let copy = Identity {
        chain: identity.chain.clone(),
        key: identity.key.clone_key(),
    };
    copy.config(rustls::ALL_VERSIONS)
}

#[test]
fn a_certificate_that_does_not_fit_is_refused_with_the_reason() {
    let authority = Authority::new();
    let expired = authority.certify(|params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    });
    let not_yet = authority.certify(|params| {
        params.not_before = rcgen::date_time_ymd(2090, 1, 1);
        params.not_after = rcgen::date_time_ymd(2091, 1, 1);
    });
    let of_another_host = authority.certify(|params| {
        params.subject_alt_names = CertificateParams::new(["other.test".to_owned()])
            .unwrap()
            .subject_alt_names;
    });
    let of_another_authority = Authority::new().certify(|_| {});
    for (identity, reason) in [
        (expired, "expired"),
        (not_yet, "not valid yet"),
        (of_another_host, "not valid for name"),
        (of_another_authority, "UnknownIssuer"),
    ] {
        let error = refusal(&authority, identity);
        assert!(error.message().contains(reason), "{reason}: {error}");
    }
}

#[test]
fn the_systems_authorities_do_not_know_ours() {
    let config = Authority::new()
        .certify(|_| {})
        .config(rustls::ALL_VERSIONS);
    let (base_url, _) = start("127.0.0.1:0", tls(config, 1));
    let error = get(&client(&format!("{{\"base_url\":\"{base_url}\"}}"))).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.message().contains("UnknownIssuer"), "{error}");
}

#[test]
fn what_is_older_than_tls_1_2_is_refused() {
    // A ServerHello of TLS 1.1: version 3.2, random, no session, AES-128-SHA.
    let mut hello = vec![2, 0, 0, 38, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    let mut record = vec![22, 3, 2, 0, 42];
    record.extend(hello);
    let (base_url, _) = start("127.0.0.1:0", move |mut stream| {
        stream.write_all(&record).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let authority = Authority::new();
    let error = get(&client(&authority.options(&base_url, ""))).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert!(
        error.message().contains("TLS: peer is incompatible"),
        "{error}"
    );
}

#[test]
fn a_server_without_tls_is_refused() {
    let (base_url, _) = start("127.0.0.1:0", |mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let error = get(&client(&Authority::new().options(&base_url, ""))).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[test]
fn a_handshake_that_stalls_ends_with_its_time_limit() {
    // Silent, and one that drips a byte now and then.
    let drip = |mut stream: TcpStream| {
        for byte in [22, 3, 3, 0x40, 0].into_iter().chain([0; 1000]) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    };
    let silent = |stream: TcpStream| drop((&stream).read_to_end(&mut Vec::new()));
    for (base_url, _) in [start("127.0.0.1:0", silent), start("127.0.0.1:0", drip)] {
        for limit in ["connect_timeout_ms", "timeout_ms"] {
            let more = format!(",\"max_retries\":0,\"{limit}\":100");
            let error = get(&client(&Authority::new().options(&base_url, &more))).unwrap_err();
            assert_eq!(error.status(), Status::Timeout, "{error}");
            assert_eq!(error.outcome(), Outcome::NotSent);
            assert!(
                error.message().contains("no connection within 100 ms"),
                "{error}"
            );
        }
    }
}

#[test]
fn cancel_ends_a_handshake_that_stalls() {
    let (arrived, arrival) = channel();
    let (base_url, _) = start("127.0.0.1:0", move |mut stream| {
        // Once the client's hello is here, the client waits for ours.
        stream.read_exact(&mut [0]).unwrap();
        arrived.send(()).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let client = client(&Authority::new().options(&base_url, ""));
    thread::scope(|scope| {
        let call = scope.spawn(|| get(&client));
        arrival.recv().unwrap();
        client.cancel();
        let error = call.join().unwrap().unwrap_err();
        assert_eq!(error.status(), Status::Cancelled);
        assert_eq!(error.outcome(), Outcome::NotSent);
    });
}

#[test]
fn a_kept_connection_that_the_server_closed_is_not_used() {
    let authority = Authority::new();
    let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
    let (closed, closing) = channel();
    let serve = tls(config, 1);
    let (base_url, connections) = start("127.0.0.1:0", move |stream| {
        serve(stream);
        closed.send(()).unwrap();
    });
    let client = client(&authority.options(&base_url, ",\"max_retries\":0"));
    for round in 1..=3 {
        // A write: were it sent on the closed connection, it would be lost.
        assert_eq!(client.call(None, "POST", "/a", None).unwrap(), "1");
        assert_eq!(connections.load(Ordering::Relaxed), round);
        closing.recv().unwrap();
    }
}
