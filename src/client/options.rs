//! `options_json`: every setting of a client, validated in one place.

use std::net::Ipv6Addr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::uri::{Authority, Scheme};
use ureq::http::{HeaderValue, Uri};
use ureq::tls::{Certificate, PemItem, parse_pem};

use crate::encoding::json::Object;
use crate::error::{Error, Result};
use crate::http::proxy;

/// All settings, with their defaults filled in.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) site: EndpointOptions,
    pub(crate) callback: Option<String>,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) max_retry_wait: Duration,
    pub(crate) prefetch_pages: usize,
    pub(crate) per_page: usize,
    pub(crate) max_response_bytes: u64,
    pub(crate) user_agent: Option<String>,
    pub(crate) whole_pages: bool,
}

/// The settings that decide where and how to connect: clients that agree on
/// them can share connections.
#[derive(Clone, PartialEq)]
pub(crate) struct EndpointOptions {
    protocol: Protocol,
    uservoice_domain: String,
    base_url: Option<Origin>,
    allow_insecure: bool,
    pub(crate) max_idle_connections: usize,
    pub(crate) authorities: Option<Authorities>,
    pub(crate) proxy: ProxyChoice,
}

#[derive(Clone, Copy, PartialEq)]
enum Protocol {
    Http,
    Https,
}

#[derive(Clone, PartialEq)]
pub(crate) enum ProxyChoice {
    FromEnvironment,
    None,
    Url(String),
}

/// The certificate authorities of a `ca_file`, read once.
#[derive(Clone)]
pub(crate) struct Authorities {
    pub(crate) certificates: Arc<Vec<Certificate<'static>>>,
}

impl PartialEq for Authorities {
    fn eq(&self, other: &Self) -> bool {
        let ders = |of: &Self| -> Vec<Vec<u8>> {
            let certificates = of.certificates.iter();
            certificates.map(|one| one.der().to_owned()).collect()
        };
        Arc::ptr_eq(&self.certificates, &other.certificates) || ders(self) == ders(other)
    }
}

/// Scheme, host and port, as OAuth 1.0a signs them: in lower case, without the
/// scheme's default port.
#[derive(Clone, PartialEq)]
pub(crate) struct Origin {
    protocol: Protocol,
    authority: String,
}

impl Origin {
    pub(crate) fn is_https(&self) -> bool {
        self.protocol == Protocol::Https
    }

    pub(crate) fn host(&self) -> &str {
        host_of(&self.authority)
    }

    pub(crate) fn port(&self) -> u16 {
        let port = self.authority[self.host().len()..].strip_prefix(':');
        port.and_then(|port| port.parse().ok())
            .unwrap_or(match self.protocol {
                Protocol::Http => 80,
                Protocol::Https => 443,
            })
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(self.host())
    }

    /// As the parts of a URL.
    pub(crate) fn parts(&self) -> Result<(Scheme, Authority)> {
        let authority = Authority::try_from(self.authority.as_str())
            .map_err(|_| Error::invalid("subdomain", "is not a valid host name"))?;
        let scheme = match self.protocol {
            Protocol::Http => Scheme::HTTP,
            Protocol::Https => Scheme::HTTPS,
        };
        Ok((scheme, authority))
    }

    /// Where `url` leads within this origin: its path and query. `None` when
    /// it leads elsewhere.
    pub(crate) fn target_of<'a>(&self, url: &'a str) -> Option<&'a str> {
        if url.starts_with('/') && !url.starts_with("//") {
            return Some(url);
        }
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find('/')?);
        let same = Origin::parse(&format!("{scheme}://{authority}")).ok()? == *self;
        same.then_some(path)
    }

    fn new(protocol: Protocol, authority: &str) -> Self {
        let authority = authority.to_ascii_lowercase();
        let default_port = match protocol {
            Protocol::Http => ":80",
            Protocol::Https => ":443",
        };
        let authority = match authority.strip_suffix(default_port) {
            // In an IPv6 address without a port the suffix is part of the address.
            Some(host) if !host.ends_with(':') && check_host(host).is_ok() => host.to_owned(),
            _ => authority,
        };
        Origin {
            protocol,
            authority,
        }
    }

    fn parse(url: &str) -> std::result::Result<Self, &'static str> {
        let uri: Uri = url.parse().map_err(|_| "is not a URL")?;
        let protocol = match uri.scheme_str() {
            Some("http") => Protocol::Http,
            Some("https") => Protocol::Https,
            _ => return Err("must begin with http:// or https://"),
        };
        if uri.query().is_some() || !matches!(uri.path(), "" | "/") || url.contains('#') {
            return Err("must hold no more than scheme, host and port");
        }
        let authority = uri.authority().ok_or("has no host")?.as_str();
        check_authority(authority)?;
        Ok(Origin::new(protocol, authority))
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = match self.protocol {
            Protocol::Http => "http",
            Protocol::Https => "https",
        };
        write!(f, "{scheme}://{}", self.authority)
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            site: EndpointOptions {
                protocol: Protocol::Https,
                uservoice_domain: "uservoice.com".to_owned(),
                base_url: None,
                allow_insecure: false,
                max_idle_connections: 16,
                authorities: None,
                proxy: ProxyChoice::FromEnvironment,
            },
            callback: None,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            max_retries: 2,
            max_retry_wait: Duration::from_secs(60),
            prefetch_pages: 4,
            per_page: 100,
            max_response_bytes: 64 << 20,
            user_agent: None,
            whole_pages: false,
        }
    }
}

impl Options {
    /// These options with those of `json` (an object, or none) put over them.
    pub(crate) fn with(&self, json: Option<&str>) -> Result<Self> {
        let mut options = self.clone();
        let Some(json) = json else {
            return Ok(options);
        };
        let object = Object::parse(json).map_err(|error| {
            Error::invalid("options", format_args!("must be a JSON object: {error}"))
        })?;
        if object.get("base_url").is_some()
            && (object.get("protocol").is_some() || object.get("uservoice_domain").is_some())
        {
            return Err(invalid(
                "base_url",
                "stands instead of \"protocol\" and \"uservoice_domain\": give one or the other",
            ));
        }
        for (key, value) in object.iter() {
            options.set(key, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        const DAY_MS: u64 = 86_400_000;
        match key {
            "protocol" => {
                self.site.protocol = match text(key, value)?.as_str() {
                    "http" => Protocol::Http,
                    "https" => Protocol::Https,
                    _ => return Err(invalid(key, "must be \"https\" or \"http\"")),
                };
                self.site.base_url = None;
            }
            "uservoice_domain" => {
                let domain = text(key, value)?;
                check_authority(&domain).map_err(|why| invalid(key, why))?;
                self.site.uservoice_domain = domain;
                self.site.base_url = None;
            }
            "base_url" => {
                let origin = Origin::parse(&text(key, value)?).map_err(|why| invalid(key, why))?;
                self.site.base_url = Some(origin);
            }
            "allow_insecure" => {
                self.site.allow_insecure = boolean(key, value)?;
            }
            "whole_pages" => self.whole_pages = boolean(key, value)?,
            "max_idle_connections" => {
                self.site.max_idle_connections = number(key, value, 1..=1024)? as usize;
            }
            "ca_file" => self.site.authorities = Some(read_authorities(text(key, value)?)?),
            "proxy" => self.site.proxy = proxy_choice(text(key, value)?)?,
            "callback" => self.callback = Some(callback(text(key, value)?)?),
            "timeout_ms" => {
                self.timeout = Duration::from_millis(number(key, value, 1..=DAY_MS)?);
            }
            "connect_timeout_ms" => {
                self.connect_timeout = Duration::from_millis(number(key, value, 1..=DAY_MS)?);
            }
            "max_retries" => self.max_retries = number(key, value, 0..=100)? as u32,
            "max_retry_wait_ms" => {
                self.max_retry_wait = Duration::from_millis(number(key, value, 0..=DAY_MS)?);
            }
            "prefetch_pages" => self.prefetch_pages = number(key, value, 0..=64)? as usize,
            "per_page" => self.per_page = number(key, value, 1..=100)? as usize,
            "max_response_bytes" => {
                self.max_response_bytes = number(key, value, 1..=1 << 40)?;
            }
            "user_agent" => self.user_agent = Some(user_agent(text(key, value)?)?),
            _ => return Err(unknown(key, &NAMES)),
        }
        Ok(())
    }
}

const NAMES: [&str; 17] = [
    "protocol",
    "uservoice_domain",
    "base_url",
    "callback",
    "timeout_ms",
    "connect_timeout_ms",
    "max_retries",
    "max_retry_wait_ms",
    "max_idle_connections",
    "prefetch_pages",
    "per_page",
    "max_response_bytes",
    "ca_file",
    "proxy",
    "user_agent",
    "whole_pages",
    "allow_insecure",
];

impl EndpointOptions {
    /// The site's origin; refuses to send keys in the clear over a network.
    pub(crate) fn origin(&self, subdomain: &str) -> Result<Origin> {
        let origin = match &self.base_url {
            Some(origin) => origin.clone(),
            None => {
                let authority = format!("{subdomain}.{}", self.uservoice_domain);
                check_authority(&authority).map_err(|why| {
                    invalid("uservoice_domain", format!("with the subdomain {why}"))
                })?;
                Origin::new(self.protocol, &authority)
            }
        };
        if origin.protocol == Protocol::Http && !origin.is_loopback() && !self.allow_insecure {
            let key = if self.base_url.is_some() {
                "base_url"
            } else {
                "protocol"
            };
            return Err(invalid(
                key,
                "plain http goes to a loopback host only, unless \"allow_insecure\" is true",
            ));
        }
        Ok(origin)
    }
}

/// A subdomain is one label of a host name.
pub(crate) fn check_subdomain(subdomain: &str) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if subdomain.is_empty() || subdomain.len() > 63 || !subdomain.bytes().all(allowed) {
        return Err(Error::invalid(
            "subdomain",
            "must be 1 to 63 letters, digits, '-' or '_' (\"acme\" of acme.uservoice.com)",
        ));
    }
    Ok(())
}

pub(crate) fn invalid(key: &str, why: impl std::fmt::Display) -> Error {
    Error::invalid_member("options", key, why)
}

/// `names` are those that there are.
pub(crate) fn unknown(key: &str, names: &[&str]) -> Error {
    invalid(
        key,
        format_args!("unknown option; the options are {}", names.join(", ")),
    )
}

pub(crate) fn text(key: &str, value: &str) -> Result<String> {
    serde_json::from_str(value).map_err(|_| invalid(key, "must be a string"))
}

pub(crate) fn boolean(key: &str, value: &str) -> Result<bool> {
    serde_json::from_str(value).map_err(|_| invalid(key, "must be true or false"))
}

fn number(key: &str, value: &str, range: RangeInclusive<u64>) -> Result<u64> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        let (least, most) = range.into_inner();
        let shown: String = value.chars().take(40).collect();
        invalid(
            key,
            format_args!("must be an integer from {least} to {most} (got {shown})"),
        )
    })
}

fn callback(callback: String) -> Result<String> {
    if callback.is_empty() || callback.chars().any(|c| c.is_control() || c == ' ') {
        return Err(invalid("callback", "must be a URL or \"oob\""));
    }
    Ok(callback)
}

fn user_agent(user_agent: String) -> Result<String> {
    let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if !user_agent.bytes().all(visible) || HeaderValue::from_str(&user_agent).is_err() {
        return Err(invalid("user_agent", "must be printable ASCII"));
    }
    Ok(user_agent)
}

fn proxy_choice(url: String) -> Result<ProxyChoice> {
    if url.is_empty() {
        return Ok(ProxyChoice::None);
    }
    // The URL may hold a password: it is not shown.
    let http = url.starts_with("http://") || url.starts_with("https://");
    if !http || proxy::parse(&url).is_none() {
        return Err(invalid(
            "proxy",
            "must be \"http://[user:password@]host[:port]\", the same with https, or \"\" for none",
        ));
    }
    Ok(ProxyChoice::Url(url))
}

fn read_authorities(path: String) -> Result<Authorities> {
    let pem = std::fs::read(&path)
        .map_err(|error| invalid("ca_file", format_args!("cannot read {path:?}: {error}")))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(invalid("ca_file", format_args!("{path:?} is not PEM"))),
        }
    }
    if certificates.is_empty() {
        return Err(invalid(
            "ca_file",
            format_args!("{path:?} holds no certificate"),
        ));
    }
    Ok(Authorities {
        certificates: Arc::new(certificates),
    })
}

/// A host with an optional port, and nothing that could lead to another host.
pub(crate) fn check_authority(authority: &str) -> std::result::Result<(), &'static str> {
    let host = host_of(authority);
    check_host(host)?;
    match authority[host.len()..].strip_prefix(':') {
        None => Ok(()),
        Some(port) if is_port(port) => Ok(()),
        Some(_) => Err("has a port that is not a number from 1 to 65535"),
    }
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse().is_ok_and(|port: u16| port != 0)
}

fn check_host(host: &str) -> std::result::Result<(), &'static str> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').unwrap_or_default();
        return match address.parse::<Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err("has a host that is not an IPv6 address"),
        };
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(allowed);
    if host.len() > 253 {
        return Err("has a host of more than 253 characters");
    }
    if !host.split('.').all(is_label) {
        return Err("has a host that is not made of letters, digits, '-', '_' and dots");
    }
    Ok(())
}

/// The host of a checked authority, with the brackets of an IPv6 address.
fn host_of(authority: &str) -> &str {
    let end_of_address = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    match authority[end_of_address..].find(':') {
        Some(colon) => &authority[..end_of_address + colon],
        None => authority,
    }
}

fn is_loopback(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address
            .trim_end_matches(']')
            .parse()
            .is_ok_and(|address: Ipv6Addr| address.is_loopback());
    }
    match host.parse::<std::net::Ipv4Addr>() {
        Ok(address) => address.is_loopback(),
        // RFC 6761, section 6.3: these names never leave the machine.
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(json: &str) -> Result<String> {
        let options = Options::default().with(Some(json))?;
        Ok(options.site.origin("acme")?.to_string())
    }

    fn message(json: &str) -> String {
        let error = origin(json).unwrap_err();
        assert_eq!(error.status(), crate::error::Status::InvalidArgument);
        error.message().to_owned()
    }

    #[test]
    fn origins() {
        let cases = [
            ("{}", "https://acme.uservoice.com"),
            (
                r#"{"uservoice_domain":"example.com:8443"}"#,
                "https://acme.example.com:8443",
            ),
            (
                r#"{"uservoice_domain":"Example.COM:443"}"#,
                "https://acme.example.com",
            ),
            (
                r#"{"protocol":"http","uservoice_domain":"localhost:80"}"#,
                "http://acme.localhost",
            ),
            (
                r#"{"base_url":"http://127.0.0.1:8080"}"#,
                "http://127.0.0.1:8080",
            ),
            (
                r#"{"base_url":"http://127.9.9.9:8080/"}"#,
                "http://127.9.9.9:8080",
            ),
            (r#"{"base_url":"http://[::1]:8080"}"#, "http://[::1]:8080"),
            (
                r#"{"base_url":"https://[2001:db8::443]"}"#,
                "https://[2001:db8::443]",
            ),
            (
                r#"{"base_url":"https://feedback.acme.com"}"#,
                "https://feedback.acme.com",
            ),
            (
                r#"{"base_url":"http://10.0.0.1","allow_insecure":true}"#,
                "http://10.0.0.1",
            ),
        ];
        for (json, expected) in cases {
            assert_eq!(origin(json).unwrap(), expected, "{json}");
        }
    }

    #[test]
    fn errors_name_the_key() {
        let cases = [
            (r#"{"timeout_ms":0}"#, "timeout_ms"),
            (r#"{"timeout_ms":"5"}"#, "timeout_ms"),
            (r#"{"timeout_ms":1.5}"#, "timeout_ms"),
            (r#"{"timeout_ms":-1}"#, "timeout_ms"),
            (r#"{"timeout_ms":null}"#, "timeout_ms"),
            (r#"{"connect_timeout_ms":86400001}"#, "connect_timeout_ms"),
            (r#"{"max_retries":101}"#, "max_retries"),
            (r#"{"max_retry_wait_ms":[]}"#, "max_retry_wait_ms"),
            (r#"{"max_idle_connections":0}"#, "max_idle_connections"),
            (r#"{"prefetch_pages":65}"#, "prefetch_pages"),
            (r#"{"per_page":101}"#, "per_page"),
            (r#"{"max_response_bytes":0}"#, "max_response_bytes"),
            (r#"{"allow_insecure":1}"#, "allow_insecure"),
            (r#"{"protocol":"ftp"}"#, "protocol"),
            (r#"{"protocol":"http"}"#, "protocol"),
            (r#"{"callback":"a\r\nb"}"#, "callback"),
            (r#"{"user_agent":"a\r\nX: y"}"#, "user_agent"),
            (r#"{"user_agent":"é"}"#, "user_agent"),
            (r#"{"proxy":"socks5://127.0.0.1"}"#, "proxy"),
            (r#"{"proxy":"not a url"}"#, "proxy"),
            (r#"{"proxy":"http://u:p@proxy.test:letters"}"#, "proxy"),
            (r#"{"proxy":"http://proxy.test:99999"}"#, "proxy"),
            (r#"{"ca_file":"/does/not/exist"}"#, "ca_file"),
            (r#"{"ca_file":"Cargo.toml"}"#, "ca_file"),
            (r#"{"base_url":"http://10.0.0.1"}"#, "base_url"),
            (
                r#"{"base_url":"https://a.b","protocol":"https"}"#,
                "base_url",
            ),
            (r#"{"time_out":1}"#, "time_out"),
        ];
        for (json, key) in cases {
            let message = message(json);
            let argument = format!("options.{key}: ");
            assert!(message.starts_with(&argument), "{message}");
        }
        assert!(message("[]").starts_with("options: must be a JSON object"));
        assert!(message("").starts_with("options: must be a JSON object"));
    }

    #[test]
    fn a_domain_leaves_room_for_the_subdomain() {
        let domain = |length: usize| format!("{}example", &"a.".repeat(126)[..length - 7]);
        let json = |length| format!(r#"{{"uservoice_domain":"{}"}}"#, domain(length));
        assert_eq!(origin(&json(248)).unwrap().len(), "https://".len() + 253);
        let message = message(&json(249));
        assert!(
            message.starts_with("options.uservoice_domain: with the subdomain has"),
            "{message}"
        );
    }

    #[test]
    fn hosts_cannot_be_smuggled() {
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
            let domain = crate::encoding::json::quote(domain);
            message(&format!(r#"{{"uservoice_domain":{domain}}}"#));
        }
        for url in [
            "evil",
            "ftp://evil",
            "https://",
            "https://user@evil",
            "https://user:password@evil",
            "https://evil/path",
            "https://evil/?query",
            "https://evil#fragment",
            "https://evil:0",
            "https://[::1",
            "https://évil",
            "https://ev il",
        ] {
            let url = crate::encoding::json::quote(url);
            message(&format!(r#"{{"base_url":{url}}}"#));
        }
    }

    #[test]
    fn subdomains() {
        for good in ["acme", "a-b_c9", "A"] {
            assert!(check_subdomain(good).is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "", "a.b", "a/b", "a@b", "a:b", "a b", "é", "a\u{0}", "a\\b", &long,
        ] {
            let error = check_subdomain(bad).unwrap_err();
            assert!(error.message().starts_with("subdomain"));
        }
    }

    #[test]
    fn a_clone_keeps_what_is_not_said() {
        let first = Options::default()
            .with(Some(
                r#"{"timeout_ms":5,"base_url":"http://127.0.0.1:1","callback":"oob"}"#,
            ))
            .unwrap();
        let second = first.with(Some(r#"{"per_page":7}"#)).unwrap();
        assert_eq!(second.timeout, Duration::from_millis(5));
        assert_eq!(second.per_page, 7);
        assert!(second.site == first.site);
        let third = second.with(Some(r#"{"protocol":"https"}"#)).unwrap();
        assert_eq!(
            third.site.origin("acme").unwrap().to_string(),
            "https://acme.uservoice.com"
        );
    }

    #[test]
    fn an_unknown_option_is_told_those_that_there_are() {
        for name in NAMES {
            let error = Options::default().set(name, "[]").unwrap_err();
            assert_eq!(error.argument(), Some(&*format!("options.{name}")));
        }
        let error = Options::default().set("Timeout", "1").unwrap_err();
        assert!(
            error
                .message()
                .starts_with("options.Timeout: unknown option; the options are protocol,")
        );
    }

    #[test]
    fn redirects_stay_within_the_origin() {
        let origin = Origin::parse("https://acme.uservoice.com").unwrap();
        for (url, target) in [
            ("/a?b=c", Some("/a?b=c")),
            ("https://acme.uservoice.com/a", Some("/a")),
            ("https://ACME.uservoice.com:443/a?b", Some("/a?b")),
            ("//evil.example/a", None),
            ("http://acme.uservoice.com/a", None),
            ("https://acme.uservoice.com.evil.example/a", None),
            ("https://acme.uservoice.com@evil.example/a", None),
            ("https://acme.uservoice.com:8443/a", None),
            ("https:\\\\evil", None),
            ("relative", None),
            ("", None),
        ] {
            assert_eq!(origin.target_of(url), target, "{url}");
        }
    }
}
