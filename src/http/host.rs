//! Host names and authorities: the checks that keep a request from leading to another host.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::{Error, Result};

/// Checks that a subdomain is one label of a host name.
pub(crate) fn check_subdomain(subdomain: &str) -> Result<()> {
    if is_label(subdomain) {
        return Ok(());
    }
    Err(Error::invalid(
        "subdomain",
        "must be 1 to 63 letters, digits, '-' or '_' (\"acme\" of acme.uservoice.com)",
    ))
}

/// Checks that `authority` is a host with an optional port, and contains nothing
/// that could lead to another host.
pub(crate) fn check_authority(authority: &str) -> std::result::Result<(), &'static str> {
    let host = host_of(authority);
    check_host(host)?;
    match authority[host.len()..].strip_prefix(':') {
        None => Ok(()),
        Some(port) if is_port(port) => Ok(()),
        Some(_) => Err("the port must be a number from 1 to 65535"),
    }
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse().is_ok_and(|port: u16| port != 0)
}

pub(super) fn check_host(host: &str) -> std::result::Result<(), &'static str> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').unwrap_or_default();
        return match address.parse::<Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err("the host must be a valid IPv6 address"),
        };
    }
    if host.len() > 253 {
        return Err("the host must have at most 253 characters");
    }
    if !host.split('.').all(is_label) {
        return Err("the host must consist of letters, digits, '-', '_' and single dots");
    }
    Ok(())
}

fn is_label(label: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(is_allowed)
}

/// Returns the host of an authority, with the brackets of an IPv6 address.
pub(super) fn host_of(authority: &str) -> &str {
    let end_of_address = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    match authority[end_of_address..].find(':') {
        Some(colon) => &authority[..end_of_address + colon],
        None => authority,
    }
}

pub(super) fn is_loopback(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address
            .trim_end_matches(']')
            .parse()
            .is_ok_and(|address: Ipv6Addr| address.is_loopback());
    }
    match host.parse::<Ipv4Addr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => is_localhost(host),
    }
}

/// Returns whether a name, in any case, is of the loopback interface by definition (RFC 6761,
/// section 6.3). It is never looked up.
pub(crate) fn is_localhost(host: &str) -> bool {
    let last_label = host.rsplit('.').next();
    last_label.is_some_and(|label| label.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_hosts_that_lead_elsewhere() {
        for domain in [
            "",
            ".",
            "a..b",
            "evil.example/",
            "@evil.example",
            "evil.example#",
            "evil.example?",
            "evil.example\\",
            "evil.example:0",
            "evil.example:80:80",
            "evil.example:+80",
            "evil.example:99999",
            "évil.example",
            "evil%2eexample",
            "a b",
            "a\tb",
            "a\u{0}b",
            "[::1",
        ] {
            assert!(check_authority(domain).is_err(), "{domain:?}");
        }
    }

    #[test]
    fn rejects_subdomains_that_are_not_one_label() {
        for good in ["acme", "a-b_c9", "A"] {
            assert!(check_subdomain(good).is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "", "a.b", "a/b", "a@b", "a:b", "a b", "é", "a\u{0}", "a\\b", &long,
        ] {
            let error = check_subdomain(bad).unwrap_err();
            assert_eq!(error.argument(), Some("subdomain"));
        }
    }
}
