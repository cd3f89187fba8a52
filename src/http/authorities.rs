//! The certificate authorities of the option `ca_file`.

use std::sync::Arc;

use ureq::tls::{Certificate, PemItem, parse_pem};

/// Certificate authorities to trust instead of the system's.
#[derive(Clone)]
pub(crate) struct Authorities {
    pub(crate) certificates: Arc<Vec<Certificate<'static>>>,
}

impl Authorities {
    /// Reads a PEM file. The error is what follows the name of the option in a
    /// message.
    pub(crate) fn read(path: &str) -> Result<Self, String> {
        let pem = std::fs::read(path).map_err(|error| format!("cannot read {path:?}: {error}"))?;
        let mut certificates = Vec::new();
        for item in parse_pem(&pem) {
            match item {
                Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
                Ok(_) => {}
                Err(_) => return Err(format!("{path:?} is not a valid PEM file")),
            }
        }
        if certificates.is_empty() {
            return Err(format!("{path:?} contains no certificate"));
        }
        Ok(Authorities {
            certificates: Arc::new(certificates),
        })
    }
}

impl PartialEq for Authorities {
    fn eq(&self, other: &Self) -> bool {
        let (these, those) = (self.certificates.iter(), other.certificates.iter());
        Arc::ptr_eq(&self.certificates, &other.certificates)
            || these.map(Certificate::der).eq(those.map(Certificate::der))
    }
}
