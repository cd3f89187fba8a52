//! Generates a certificate authority and a server certificate at each start.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// The names in every certificate. OpenSSL does not match `*` directly before the last label,
/// so `sandbox.localhost` is listed separately.
const NAMES: [&str; 5] = [
    "localhost",
    "sandbox.localhost",
    "*.localhost",
    "127.0.0.1",
    "::1",
];

pub struct Tls {
    pub acceptor: TlsAcceptor,
    /// The authority's certificate, for clients to trust. The file is deleted when dropped.
    pub ca_file: NamedTempFile,
}

/// Generates the certificate for the usual names and `names`.
pub fn generate(names: &[String]) -> Result<Tls, Box<dyn Error>> {
    let mut authority = CertificateParams::new(vec![])?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority
        .distinguished_name
        .push(DnType::CommonName, "UserVoice sandbox authority");
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let mut site = CertificateParams::new([&NAMES.map(String::from), names].concat())?;
    site.distinguished_name
        .push(DnType::CommonName, "UserVoice sandbox");
    // Required by strict verifiers such as Python 3.13 (RFC 5280, section 4.2.1.1).
    site.use_authority_key_identifier_extension = true;
    let site_key = KeyPair::generate()?;
    let certificate = site.signed_by(&site_key, &issuer)?;

    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(site_key.serialize_der().into()),
        )?;
    let mut ca_file = tempfile::Builder::new()
        .prefix("uservoice-sandbox-ca-")
        .suffix(".pem")
        .tempfile()?;
    ca_file.write_all(authority_certificate.pem().as_bytes())?;
    Ok(Tls {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        ca_file,
    })
}
