//! The certificate authorities of the option `ca_file`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use ureq::tls::Certificate;

/// Certificate authorities to trust instead of the system's.
#[derive(Clone)]
pub(crate) struct Authorities {
    pub(crate) certificates: Arc<Vec<Certificate<'static>>>,
}

impl Authorities {
    /// Reads a PEM file: each certificate in it, or none. The error is what follows the name
    /// of the option in a message.
    pub(crate) fn read(path: &str) -> Result<Self, String> {
        let pem = std::fs::read(path).map_err(|error| format!("cannot read {path:?}: {error}"))?;
        let certificates = parse(&pem).map_err(|why| format!("{path:?} {why}"))?;
        Ok(Authorities {
            certificates: Arc::new(certificates),
        })
    }
}

/// Parses the certificates of a PEM file, which may contain other blocks, text between the
/// blocks, and byte-order marks before them, as OpenSSL permits. The error is what follows the name of
/// the file.
fn parse(pem: &[u8]) -> Result<Vec<Certificate<'static>>, String> {
    let mut certificates = Vec::new();
    let mut block: Option<Vec<u8>> = None;
    for line in pem.split(|&byte| byte == b'\n' || byte == b'\r') {
        // Also in the middle, if files were joined.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let number = certificates.len() + 1;
        match line.trim_ascii() {
            b"-----BEGIN CERTIFICATE-----" | b"-----BEGIN X509 CERTIFICATE-----" => {
                if block.replace(Vec::new()).is_some() {
                    return Err(format!("is not valid PEM: certificate {number} has no end"));
                }
            }
            b"-----END CERTIFICATE-----" | b"-----END X509 CERTIFICATE-----" => {
                let base64 = block
                    .take()
                    .ok_or("is not valid PEM: an END has no BEGIN")?;
                let certificate = certificate(&base64).ok_or_else(|| {
                    format!("contains a certificate, number {number}, that cannot be parsed")
                })?;
                certificates.push(certificate);
            }
            b"-----BEGIN TRUSTED CERTIFICATE-----" => {
                return Err(
                    "contains a TRUSTED CERTIFICATE, whose restrictions are not \
                            supported; convert it with \"openssl x509 -in FILE -out FILE.pem\""
                        .to_owned(),
                );
            }
            line => {
                if let Some(base64) = &mut block {
                    base64.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
                }
            }
        }
    }
    if block.is_some() {
        let number = certificates.len() + 1;
        return Err(format!("is not valid PEM: certificate {number} has no end"));
    }
    if certificates.is_empty() {
        return Err("contains no certificate in PEM format".to_owned());
    }
    Ok(certificates)
}

/// Returns the certificate of a PEM block; `None` if it cannot be parsed.
fn certificate(base64: &[u8]) -> Option<Certificate<'static>> {
    let der = STANDARD.decode(base64).ok()?;
    // ureq would ignore one that cannot be parsed.
    let parsed = RootCertStore::empty().add(CertificateDer::from(der.as_slice()));
    parsed.ok()?;
    Some(Certificate::from_der(&der).to_owned())
}

impl PartialEq for Authorities {
    fn eq(&self, other: &Self) -> bool {
        let (these, those) = (self.certificates.iter(), other.certificates.iter());
        Arc::ptr_eq(&self.certificates, &other.certificates)
            || these.map(Certificate::der).eq(those.map(Certificate::der))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    fn pem() -> String {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["authority.test".to_owned()]).unwrap();
        params.self_signed(&key).unwrap().pem()
    }

    fn count(file: impl AsRef<[u8]>) -> Result<usize, String> {
        parse(file.as_ref()).map(|certificates| certificates.len())
    }

    /// Replaces the line breaks, which rcgen may write in either form.
    fn with_line_breaks(pem: &str, line_break: &str) -> String {
        let lines: Vec<_> = pem.lines().collect();
        lines.join(line_break) + line_break
    }

    #[test]
    fn reads_whatever_openssl_reads() {
        let (one, two) = (pem(), pem());
        let key = KeyPair::generate().unwrap().serialize_pem();
        for (file, certificates) in [
            (one.clone(), 1),
            (format!("{one}{two}"), 2),
            (format!("\u{feff}{one}{two}"), 2),
            (format!("\u{feff}{one}\u{feff}{two}"), 2),
            (
                format!("# The first:\n{one}\nThe second: =====\n{two}\n."),
                2,
            ),
            (format!("{key}{one}{key}{two}"), 2),
            (with_line_breaks(&one, "\r\n"), 1),
            (with_line_breaks(&one, "\n"), 1),
            (with_line_breaks(&one, " \t\n"), 1),
            (with_line_breaks(&one, "\n\n"), 1),
            (with_line_breaks(&one, "\n").trim_end().to_owned(), 1),
            (one.replace("CERTIFICATE", "X509 CERTIFICATE"), 1),
        ] {
            assert_eq!(count(&file), Ok(certificates), "{file}");
        }
        // Text in another encoding than UTF-8.
        let latin_1 = [b"Autorit\xe9\n", one.as_bytes()].concat();
        assert_eq!(count(latin_1), Ok(1));
    }

    #[test]
    fn rejects_a_file_that_it_cannot_read_whole() {
        let (one, two) = (pem(), pem());
        let not_a_certificate = STANDARD.encode("not a certificate");
        let broken = format!(
            "-----BEGIN CERTIFICATE-----\n{not_a_certificate}\n-----END CERTIFICATE-----\n"
        );
        let cut = &two[..two.len() / 2];
        for (file, why) in [
            (String::new(), "contains no certificate"),
            (
                KeyPair::generate().unwrap().serialize_pem(),
                "contains no certificate",
            ),
            (broken.clone(), "number 1, that cannot be parsed"),
            (
                format!("{one}{broken}{two}"),
                "number 2, that cannot be parsed",
            ),
            (
                format!("{one}{}", two.replace("M", "*")),
                "number 2, that cannot be parsed",
            ),
            (format!("{one}{cut}"), "certificate 2 has no end"),
            (format!("{cut}\n{one}"), "certificate 1 has no end"),
            (
                one.replace("-----BEGIN CERTIFICATE-----", ""),
                "an END has no BEGIN",
            ),
            (
                format!("{one}{}", two.replace("CERTIFICATE", "TRUSTED CERTIFICATE")),
                "a TRUSTED CERTIFICATE",
            ),
        ] {
            let error = count(&file).unwrap_err();
            assert!(error.contains(why), "{file}: {error}");
        }
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["authority.test".to_owned()]).unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        assert!(count(der).unwrap_err().contains("in PEM format"));
    }
}
