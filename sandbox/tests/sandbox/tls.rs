//! TLS.

use super::*;

#[test]
fn serves_tls_with_generated_authority() {
    use ureq::tls::{Certificate, RootCerts, TlsConfig};
    let sandbox = start(&["--tls"]);
    let file = sandbox.start_up["ca_file"].as_str().unwrap().to_string();
    let authority = Certificate::from_pem(&std::fs::read(&file).unwrap()).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[authority]))
        .build();
    let http = Agent::new_with_config(Agent::config_builder().tls_config(tls).proxy(None).build());
    assert!(http.get(format!("{}/", sandbox.url())).call().is_ok());
    assert!(
        sandbox
            .http
            .get(format!("{}/", sandbox.url()))
            .call()
            .is_err()
    );
}

/// Checks what OpenSSL requires of a certificate in strict mode, which Python uses.
#[test]
fn certificate_satisfies_strict_verifiers() {
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore};
    let sandbox = start(&["--tls"]);
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(sandbox.start_up["ca_file"].as_str().unwrap());
    roots.add(authority.unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let name = ServerName::try_from("sandbox.localhost").unwrap();
    let config = std::sync::Arc::new(config.with_no_client_auth());
    let mut tls = ClientConnection::new(config, name).unwrap();
    let address = sandbox.url().strip_prefix("https://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut stream).unwrap();
    }
    let certificate = &tls.peer_certificates().unwrap()[0];
    let contains = |bytes: &[u8]| {
        certificate
            .windows(bytes.len())
            .any(|window| window == bytes)
    };
    // The object identifier of the authority key identifier, 2.5.29.35.
    assert!(contains(&[0x06, 0x03, 0x55, 0x1d, 0x23]));
    assert!(contains(b"sandbox.localhost"));
}
