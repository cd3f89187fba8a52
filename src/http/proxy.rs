//! The proxy of a site. The library opens a tunnel through it (CONNECT), so that the
//! proxy of an https site sees neither requests nor keys.

use std::net::IpAddr;

use ureq::{Proxy, ProxyProtocol};

use crate::error::{Error, Result};
use crate::http::host::{self, check_authority};
use crate::http::origin::Origin;

/// The option `proxy`.
#[derive(Clone, PartialEq)]
pub(crate) enum ProxyChoice {
    FromEnvironment,
    None,
    Url(String),
}

impl ProxyChoice {
    /// Parses the option: a URL, or "" for no proxy. The error is what follows
    /// the name of the option in a message. It does not quote the URL, which may
    /// contain a password.
    pub(crate) fn parse(url: String) -> std::result::Result<Self, &'static str> {
        if url.is_empty() {
            return Ok(ProxyChoice::None);
        }
        let has_scheme = url.starts_with("http://") || url.starts_with("https://");
        if !has_scheme || parse(&url).is_none() {
            return Err(
                "must be \"http://[user:password@]host[:port]\", the same with https, or \"\" for \
                 none",
            );
        }
        Ok(ProxyChoice::Url(url))
    }

    /// Returns the proxy for requests to `origin`.
    ///
    /// # Errors
    /// `InvalidArgument` if the environment names a proxy that is not valid.
    pub(crate) fn proxy_for(&self, origin: &Origin) -> Result<Option<Proxy>> {
        let url = match self {
            ProxyChoice::None => None,
            ProxyChoice::Url(url) => Some(url.clone()),
            ProxyChoice::FromEnvironment => {
                from_environment(origin, |name| std::env::var(name).ok())
            }
        };
        let Some(url) = url else {
            return Ok(None);
        };
        parse(&url).map(Some).ok_or_else(|| {
            Error::invalid(
                "options.proxy",
                "the proxy of the environment is not the URL of an HTTP proxy; set this option \
                 to one, or to \"\" for none",
            )
        })
    }
}

/// Returns whether what is sent to a proxy stays on this machine.
pub(crate) fn is_loopback(proxy: &Proxy) -> bool {
    host::is_loopback(proxy.host())
}

/// Parses the URL of an HTTP proxy. The environment may leave out its scheme.
fn parse(url: &str) -> Option<Proxy> {
    let proxy = Proxy::new(url).ok()?;
    let is_http = matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https);
    // ureq replaces a port that is not a number with the default port.
    let authority = proxy.uri().authority()?.as_str().rsplit('@').next()?;
    (is_http && check_authority(authority).is_ok()).then_some(proxy)
}

/// Returns the URL of the proxy that the environment names for `origin`, by the
/// rules of curl: HTTP_PROXY in capitals is ignored, because a CGI program gets
/// it from whoever sends the request.
fn from_environment(origin: &Origin, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let value = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let names: &[&str] = match origin.is_https() {
        true => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => &["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let exceptions = ["no_proxy", "NO_PROXY"].iter().find_map(value);
    // Like curl and Go: programs on this machine are reached without a proxy.
    if origin.is_loopback() || is_excepted(origin, &exceptions.unwrap_or_default()) {
        return None;
    }
    names.iter().find_map(value)
}

/// Returns whether `exceptions`, a list separated by commas or spaces, matches `origin`.
fn is_excepted(origin: &Origin, exceptions: &str) -> bool {
    let exceptions = exceptions.split([',', ' ', '\t']);
    exceptions
        .filter(|exception| !exception.is_empty())
        .any(|exception| matches_origin(exception, origin))
}

/// Returns whether `exception` matches `origin`, in any form that curl or Go accepts: `*`,
/// a host or domain with an optional port, also with a dot before or after it, an address with
/// an optional port, or a network such as 10.0.0.0/8.
fn matches_origin(exception: &str, origin: &Origin) -> bool {
    let host = without_brackets(origin.host());
    if exception == "*" {
        return true;
    }
    let address: Option<IpAddr> = host.parse().ok();
    if let Some((network, bits)) = exception.split_once('/') {
        return address.is_some_and(|address| is_in_network(address, network, bits));
    }
    let (name, port) = match exception.rsplit_once(':') {
        // An IPv6 address without brackets has no port.
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, Some(port)),
        _ => (exception, None),
    };
    if port.is_some_and(|port| port.parse() != Ok(origin.port())) {
        return false;
    }
    if let Some(address) = address {
        return without_brackets(name).parse() == Ok(address);
    }
    let domain = name.trim_start_matches('*').trim_matches('.');
    let before = host.strip_suffix(&domain.to_ascii_lowercase());
    let is_in_domain = before.is_some_and(|before| before.is_empty() || before.ends_with('.'));
    !domain.is_empty() && is_in_domain
}

fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Returns whether the first `bits` bits of both addresses are equal.
fn is_in_network(address: IpAddr, network: &str, bits: &str) -> bool {
    let network = without_brackets(network).parse();
    let (Ok(network), Ok(bits)) = (network, bits.parse::<u32>()) else {
        return false;
    };
    let difference = match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => u128::from(one.to_bits() ^ other.to_bits()) << 96,
        (IpAddr::V6(one), IpAddr::V6(other)) => one.to_bits() ^ other.to_bits(),
        _ => return false,
    };
    let length = if address.is_ipv4() { 32 } else { 128 };
    bits <= length && difference.leading_zeros() >= bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy_of(base_url: &str, environment: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            let found = environment.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        from_environment(&Origin::parse(base_url).unwrap(), variable)
    }

    #[test]
    fn reads_the_variables_of_the_scheme() {
        const ALL: [(&str, &str); 5] = [
            ("HTTPS_PROXY", "s"),
            ("http_proxy", "h"),
            ("HTTP_PROXY", "H"),
            ("ALL_PROXY", "A"),
            ("all_proxy", "a"),
        ];
        let proxy = |base_url, from: usize| proxy_of(base_url, &ALL[from..]);
        assert_eq!(proxy("https://a.test", 0).as_deref(), Some("s"));
        assert_eq!(proxy("https://a.test", 1).as_deref(), Some("a"));
        assert_eq!(proxy("http://a.test", 0).as_deref(), Some("h"));
        assert_eq!(proxy("http://a.test", 2).as_deref(), Some("a"));
        assert_eq!(proxy_of("http://a.test", &[("HTTP_PROXY", "H")]), None);
        assert_eq!(proxy_of("https://a.test", &[("HTTPS_PROXY", "")]), None);
        for loopback in ["http://localhost", "http://127.0.0.1:1", "https://[::1]:1"] {
            assert_eq!(proxy(loopback, 0), None, "{loopback}");
        }
    }

    #[test]
    fn exceptions_match_hosts_and_their_subdomains() {
        for (exceptions, excepted) in [
            ("acme.uservoice.com", true),
            ("uservoice.com", true),
            (".uservoice.com", true),
            ("*.UserVoice.com", true),
            ("ACME.USERVOICE.COM", true),
            ("acme.uservoice.com.", true),
            (".uservoice.com.", true),
            ("\tuservoice.com\t,a.test", true),
            ("a.test,,uservoice.com,", true),
            ("..", false),
            ("com.acme.uservoice", false),
            ("a.test, uservoice.com", true),
            ("a.test uservoice.com", true),
            ("*", true),
            ("", false),
            (",", false),
            (".", false),
            ("voice.com", false),
            ("evil-acme.uservoice.com", false),
            ("x.acme.uservoice.com", false),
        ] {
            assert_eq!(
                is_excepted_from("https://acme.uservoice.com", exceptions),
                excepted,
                "{exceptions:?}"
            );
        }
    }

    fn is_excepted_from(base_url: &str, exceptions: &str) -> bool {
        let environment = [
            ("HTTPS_PROXY", "p"),
            ("http_proxy", "p"),
            ("NO_PROXY", exceptions),
        ];
        proxy_of(base_url, &environment).is_none()
    }

    #[test]
    fn exceptions_with_a_port_match_that_port() {
        for (base_url, exceptions, excepted) in [
            ("https://a.test", "a.test:443", true),
            ("http://a.test", "a.test:80", true),
            ("https://a.test:8443", "a.test:8443", true),
            ("https://b.a.test:8443", ".a.test:8443", true),
            ("https://a.test:8443", "a.test.:8443", true),
            ("https://a.test:8443", "a.test", true),
            ("https://a.test:8443", "a.test:443", false),
            ("https://a.test", "a.test:", false),
            ("https://a.test", ":443", false),
            ("https://10.1.2.3:81", "10.1.2.3:81", true),
            ("https://10.1.2.3:81", "10.1.2.3:82", false),
            ("https://[2001:db8::1]:81", "[2001:db8::1]:81", true),
            ("https://[2001:db8::1]:81", "[2001:db8::1]:82", false),
        ] {
            let result = is_excepted_from(base_url, exceptions);
            assert_eq!(result, excepted, "{base_url} {exceptions:?}");
        }
    }

    #[test]
    fn exceptions_match_addresses_and_networks() {
        for (base_url, exceptions, excepted) in [
            ("https://10.1.2.3", "10.1.2.3", true),
            ("https://10.1.2.3", "10.0.0.0/8", true),
            ("https://10.1.2.3", "10.1.2.3/32", true),
            ("https://10.1.2.3", "0.0.0.0/0", true),
            ("https://10.1.2.3", "11.0.0.0/8", false),
            ("https://10.1.2.3", "10.1.2.2/32", false),
            ("https://10.1.2.3", "10.0.0.0/33", false),
            ("https://10.1.2.3", "10.0.0.0/", false),
            ("https://10.1.2.3", "::/0", false),
            ("https://10.1.2.3", "2.3", false),
            ("https://[2001:db8::1]", "2001:db8::1", true),
            ("https://[2001:db8::1]", "2001:DB8:0::1", true),
            ("https://[2001:db8::1]", "[2001:db8::1]", true),
            ("https://[2001:db8::1]", "2001:db8::/32", true),
            ("https://[2001:db8::1]", "[2001:db8::]/32", true),
            ("https://[2001:db8::1]", "2001:db8::1/128", true),
            ("https://[2001:db8::1]", "2001:db8::/129", false),
            ("https://[2001:db8::1]", "2001:db9::/32", false),
            ("https://a.test", "10.0.0.0/8", false),
        ] {
            let result = is_excepted_from(base_url, exceptions);
            assert_eq!(result, excepted, "{base_url} {exceptions:?}");
        }
    }
}
