//! TLS servers, with certificates that a test's own authority issues.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use crate::server::{ok, read_request};

/// Returns a number for names and files that must be unique in this process.
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

    /// Returns options with this authority as `ca_file`.
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

    /// Returns the certificate of the authority itself.
    pub fn identity(&self) -> Identity {
        Identity {
            chain: vec![self.0.der().clone()],
            key: PrivateKeyDer::try_from(self.0.key().serialize_der()).unwrap(),
        }
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

/// A server's certificate and its private key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Creates a certificate that no authority has signed.
    pub fn self_signed() -> Self {
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Identity {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }

    pub fn config(&self, versions: &[&'static SupportedProtocolVersion]) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap();
        let config = builder.with_no_client_auth();
        Arc::new(
            config
                .with_single_cert(self.chain.clone(), self.key.clone_key())
                .unwrap(),
        )
    }
}

/// Starts a server that calls `serve` for each connection on a new thread. Returns the base URL
/// and a counter of connections.
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

/// Responds to one request of each connection, and sends the server name that the client
/// requested (SNI) to a channel.
pub fn with_server_names(
    config: Arc<ServerConfig>,
) -> (
    impl Fn(TcpStream) + Send + Sync + 'static,
    Receiver<Option<String>>,
) {
    let (name, names) = channel();
    let serve = move |stream| {
        let connection = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        read_request(&mut stream).unwrap();
        name.send(stream.conn.server_name().map(str::to_owned))
            .unwrap();
        stream.write_all(ok("1").as_bytes()).unwrap();
    };
    (serve, names)
}

/// Responds to `requests` requests of a connection, then closes it.
pub fn tls(
    config: Arc<ServerConfig>,
    requests: usize,
    handler: impl Fn(&str) -> String + Send + Sync + 'static,
) -> impl Fn(TcpStream) + Send + Sync + 'static {
    move |stream| {
        let connection = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        for _ in 0..requests {
            let Some(request) = read_request(&mut stream) else {
                return;
            };
            // The client may have closed the connection.
            if stream.write_all(handler(&request).as_bytes()).is_err() {
                return;
            }
        }
        stream.conn.send_close_notify();
        let _ = stream.conn.complete_io(&mut stream.sock);
    }
}
