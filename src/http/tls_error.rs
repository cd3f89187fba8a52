//! Explains errors of TLS: what is wrong, and what to do about it.

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, InvalidMessage};
use time::OffsetDateTime;

/// Returns a sentence about `error`, without the full stop.
pub(crate) fn explain(error: &rustls::Error) -> String {
    use rustls::Error as E;

    match error {
        E::InvalidCertificate(error) => format!("the server's certificate {}", problem(error)),
        E::NoCertificatesPresented => "the server sent no certificate".to_owned(),
        // The text of rustls-platform-verifier.
        E::General(text) if text.starts_with("No CA certificates") => {
            "there are no certificate authorities to trust: install the package \
             ca-certificates, correct the environment variables SSL_CERT_FILE and SSL_CERT_DIR, \
             or set the option ca_file"
                .to_owned()
        }
        E::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "the server does not speak TLS on this port".to_owned()
        }
        E::PeerIncompatible(_) => {
            "the server supports no version and cipher suite of TLS that this library supports; \
             it must support TLS 1.2 or 1.3"
                .to_owned()
        }
        E::AlertReceived(alert) => refusal(*alert),
        E::InvalidMessage(_)
        | E::InappropriateMessage { .. }
        | E::InappropriateHandshakeMessage { .. }
        | E::PeerMisbehaved(_)
        | E::PeerSentOversizedRecord
        | E::DecryptError => format!("the server violates the protocol ({error})"),
        error => format!("the connection failed ({error})"),
    }
}

/// Returns what is wrong with a certificate.
pub(crate) fn problem(error: &CertificateError) -> String {
    use CertificateError as E;

    let problem = match error {
        E::UnknownIssuer => {
            "is not from an authority that is trusted here; if it is from an authority of your \
             own, or of a proxy that inspects TLS, set the option ca_file to the certificate of \
             that authority"
        }
        E::ExpiredContext { not_after, .. } => {
            return format!(
                "expired on {}, or the clock of this machine is wrong",
                date(*not_after)
            );
        }
        E::Expired => "has expired, or the clock of this machine is wrong",
        E::NotValidYetContext { not_before, .. } => {
            return format!(
                "is not valid yet but from {}, or the clock of this machine is wrong",
                date(*not_before)
            );
        }
        E::NotValidYet => "is not valid yet, or the clock of this machine is wrong",
        E::NotValidForNameContext {
            expected,
            presented,
        } => {
            let expected = expected.to_str();
            let names: Vec<_> = presented.iter().filter_map(|name| host(name)).collect();
            return match names[..] {
                [] => format!("is not valid for {expected:?}, nor for any other name"),
                _ => format!(
                    "is not valid for {expected:?} but for {}; check the host name",
                    names.join(", ")
                ),
            };
        }
        E::NotValidForName => "is not valid for the host name",
        E::Revoked => "has been revoked by its authority",
        // webpki does not distinguish them.
        E::BadSignature => "has a wrong signature, or an RSA key of less than 2048 bits",
        E::BadEncoding => "cannot be parsed",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            "is not for servers; the server needs one with the extended key usage serverAuth"
        }
        E::UnsupportedSignatureAlgorithmContext { .. }
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "or one of its issuers is signed with an algorithm that is not supported, such as \
             SHA-1; the server needs one that is signed with ECDSA, Ed25519 or RSA of at least \
             2048 bits, and SHA-256 or better"
        }
        E::Other(error) => return other_problem(&error.0.to_string()),
        error => return other_problem(&format!("{error:?}")),
    };
    problem.to_owned()
}

/// Returns the host in `DnsName("a.test")` or `IpAddress(192.0.2.1)`. What else a certificate
/// may be for, such as an e-mail address, is no host.
fn host(name: &str) -> Option<&str> {
    let address = || name.strip_prefix("IpAddress(")?.strip_suffix(')');
    let name_in_quotes = || name.strip_prefix("DnsName(\"")?.strip_suffix("\")");
    name_in_quotes().or_else(address)
}

/// Returns what is wrong with a certificate, by the name that webpki or the platform's
/// verifier has for it.
fn other_problem(name: &str) -> String {
    const PROBLEMS: [(&str, &str); 6] = [
        (
            "CaUsedAsEndEntity",
            "is that of an authority; the server needs one of its own, signed by the authority and \
             without CA:TRUE",
        ),
        (
            "EndEntityUsedAsCa",
            "is signed with one that is not that of an authority; that one needs CA:TRUE",
        ),
        (
            "UnsupportedCertVersion",
            "or one of its issuers is of X.509 version 1; it must be of version 3, which has \
             extensions such as subjectAltName",
        ),
        (
            "UnsupportedCriticalExtension",
            "or one of its issuers has an extension that is critical but not supported",
        ),
        (
            "NameConstraintViolation",
            "has a name for which its authority may not issue certificates",
        ),
        (
            "PathLenConstraintViolated",
            "has more authorities above it than they permit",
        ),
    ];
    if name.contains("Eku") {
        return problem(&CertificateError::InvalidPurpose);
    }
    match PROBLEMS.iter().find(|(known, _)| name.contains(known)) {
        Some((_, problem)) => (*problem).to_owned(),
        None => format!("is invalid ({name})"),
    }
}

fn refusal(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::HandshakeFailure
        | AlertDescription::ProtocolVersion
        | AlertDescription::InsufficientSecurity => format!(
            "the server refuses the connection ({alert:?}); it must support TLS 1.2 or 1.3, and \
             not require a client certificate"
        ),
        AlertDescription::UnrecognisedName => {
            "the server does not know the host name; check the subdomain".to_owned()
        }
        AlertDescription::CertificateRequired => {
            "the server requires a client certificate, which this library cannot send".to_owned()
        }
        alert => format!("the server refuses the connection ({alert:?})"),
    }
}

fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match OffsetDateTime::from_unix_timestamp(seconds) {
        Ok(time) => time.date().to_string(),
        Err(_) => format!("{seconds} seconds after 1970"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{Error, OtherError, PeerMisbehaved};
    use std::sync::Arc;

    #[test]
    fn says_what_to_do() {
        #[derive(Debug)]
        struct Named(&'static str);
        impl std::fmt::Display for Named {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.0)
            }
        }
        impl std::error::Error for Named {}

        let certificate = Error::InvalidCertificate;
        let other = |name| certificate(CertificateError::Other(OtherError(Arc::new(Named(name)))));
        let weak = CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![1],
            supported_algorithms: Vec::new(),
        };
        for (error, part) in [
            (certificate(CertificateError::UnknownIssuer), "ca_file"),
            (certificate(weak), "such as SHA-1"),
            (other("CaUsedAsEndEntity"), "without CA:TRUE"),
            (other("EndEntityUsedAsCa"), "that one needs CA:TRUE"),
            (other("UnsupportedCertVersion"), "must be of version 3"),
            (other("UnsupportedCriticalExtension"), "critical"),
            (other("NameConstraintViolation"), "may not issue"),
            (other("PathLenConstraintViolated"), "than they permit"),
            (other("New"), "certificate is invalid (New)"),
            (certificate(CertificateError::BadSignature), "2048 bits"),
            (certificate(CertificateError::InvalidPurpose), "serverAuth"),
            (certificate(CertificateError::Revoked), "revoked"),
            (
                Error::General("No CA certificates were loaded from the system".to_owned()),
                "SSL_CERT_FILE",
            ),
            (
                Error::AlertReceived(AlertDescription::HandshakeFailure),
                "TLS 1.2",
            ),
            (
                Error::AlertReceived(AlertDescription::CertificateRequired),
                "a client certificate",
            ),
            (
                Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite),
                "violates the protocol",
            ),
        ] {
            let sentence = explain(&error);
            assert!(sentence.contains(part), "{error:?}: {sentence}");
            assert!(sentence.starts_with("the server") || sentence.starts_with("there are"));
        }
    }
}
