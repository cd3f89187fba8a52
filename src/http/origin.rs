//! The origin of a site: its scheme, host and port. Requests stay on it.

use std::borrow::Cow;
use std::fmt;

use ureq::http::Uri;
use ureq::http::uri::{Authority, Scheme};

use crate::error::{Error, Result};
use crate::http::host::{check_authority, check_host, host_of, is_loopback};

/// The scheme, host and port of a URL, as OAuth 1.0a signs them: in lower case,
/// and without the scheme's default port (RFC 5849, section 3.4.1.2).
#[derive(Clone, PartialEq)]
pub(crate) struct Origin {
    protocol: Protocol,
    authority: String,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Protocol {
    Http,
    Https,
}

/// The options that determine the origin of a site.
#[derive(Clone, PartialEq)]
pub(crate) struct OriginOptions {
    pub(crate) protocol: Protocol,
    pub(crate) uservoice_domain: Cow<'static, str>,
    /// Replaces the protocol, the subdomain and the domain.
    pub(crate) base_url: Option<Origin>,
    /// Permits plain HTTP to hosts other than loopback.
    pub(crate) allow_insecure: bool,
}

impl Origin {
    /// Parses a URL that consists of an origin alone. The error is what follows
    /// the name of the option in a message.
    pub(crate) fn parse(url: &str) -> std::result::Result<Self, &'static str> {
        let uri: Uri = url.parse().map_err(|_| "must be a URL")?;
        let protocol = match uri.scheme_str() {
            Some("http") => Protocol::Http,
            Some("https") => Protocol::Https,
            _ => return Err("must begin with http:// or https://"),
        };
        if uri.query().is_some() || !matches!(uri.path(), "" | "/") || url.contains('#') {
            return Err("must consist of scheme, host and port only");
        }
        let authority = uri.authority().ok_or("must have a host")?.as_str();
        check_authority(authority)?;
        Ok(Origin::new(protocol, authority))
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

    pub(crate) fn is_https(&self) -> bool {
        self.protocol == Protocol::Https
    }

    /// Returns the host, with the brackets of an IPv6 address.
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

    /// Returns the origin as the parts of a URI.
    pub(crate) fn parts(&self) -> Result<(Scheme, Authority)> {
        let authority = Authority::try_from(self.authority.as_str())
            .map_err(|_| Error::invalid("subdomain", "must be valid in a host name"))?;
        let scheme = match self.protocol {
            Protocol::Http => Scheme::HTTP,
            Protocol::Https => Scheme::HTTPS,
        };
        Ok((scheme, authority))
    }

    /// Resolves `reference`, which was received in response to a request for `target` (RFC
    /// 3986, section 5.2). Returns a path and query, or `None` if it leads to another origin.
    pub(crate) fn resolve(&self, target: &str, reference: &str) -> Option<String> {
        let reference = reference.split('#').next().unwrap_or_default();
        let relative = self.without_origin(reference)?;
        let (path, query) = split_query(&relative);
        let (base_path, base_query) = split_query(target);
        let (path, query) = match path {
            "" => (base_path.to_owned(), query.or(base_query)),
            _ if path.starts_with('/') => (without_dot_segments(path), query),
            _ => {
                let folder = &base_path[..base_path.rfind('/')? + 1];
                (without_dot_segments(&format!("{folder}{path}")), query)
            }
        };
        Some(match query {
            Some(query) => format!("{path}?{query}"),
            None => path,
        })
    }

    /// Returns `reference` without scheme and authority, or `None` if they are not this origin.
    fn without_origin<'a>(&self, reference: &'a str) -> Option<Cow<'a, str>> {
        let end_of_scheme = reference.find([':', '/', '?']);
        let (scheme, rest) = match end_of_scheme.map(|end| (end, &reference[end..])) {
            Some((end, rest)) if rest.starts_with(':') => (&reference[..end], &rest[1..]),
            _ => (self.scheme(), reference),
        };
        let Some(rest) = rest.strip_prefix("//") else {
            // `mailto:` and the like have a scheme, but no authority.
            return (rest.len() == reference.len()).then_some(Cow::Borrowed(reference));
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let is_same = Origin::parse(&format!("{scheme}://{authority}")).ok()? == *self;
        is_same.then(|| match path.starts_with('/') {
            true => Cow::Borrowed(path),
            false => Cow::Owned(format!("/{path}")),
        })
    }

    fn scheme(&self) -> &'static str {
        match self.protocol {
            Protocol::Http => "http",
            Protocol::Https => "https",
        }
    }
}

fn split_query(target: &str) -> (&str, Option<&str>) {
    match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    }
}

/// Removes the segments "." and ".." of an absolute path (RFC 3986, section 5.2.4).
fn without_dot_segments(path: &str) -> String {
    let mut segments = Vec::new();
    let mut ends_in_folder = false;
    for segment in path.split('/').skip(1) {
        ends_in_folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let end = if ends_in_folder && !segments.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{}{end}", segments.join("/"))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.authority)
    }
}

impl Default for OriginOptions {
    fn default() -> Self {
        OriginOptions {
            protocol: Protocol::Https,
            uservoice_domain: Cow::Borrowed("uservoice.com"),
            base_url: None,
            allow_insecure: false,
        }
    }
}

impl OriginOptions {
    /// Returns the origin of the site `subdomain`.
    ///
    /// # Errors
    /// `InvalidArgument` if keys would be sent over a network in the clear.
    pub(crate) fn of_site(&self, subdomain: &str) -> Result<Origin> {
        let origin = match &self.base_url {
            Some(origin) => origin.clone(),
            None => {
                let authority = format!("{subdomain}.{}", self.uservoice_domain);
                check_authority(&authority).map_err(|why| {
                    Error::invalid(
                        "options.uservoice_domain",
                        format_args!("with the subdomain, {why}"),
                    )
                })?;
                Origin::new(self.protocol, &authority)
            }
        };
        if origin.is_https() || origin.is_loopback() || self.allow_insecure {
            return Ok(origin);
        }
        let argument = match self.base_url {
            Some(_) => "options.base_url",
            None => "options.protocol",
        };
        let why = "must be https, unless the host is a loopback host or \"allow_insecure\" is true";
        Err(Error::invalid(argument, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_urls_that_are_more_than_an_origin() {
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
            assert!(Origin::parse(url).is_err(), "{url:?}");
        }
    }

    #[test]
    fn limits_the_host_with_its_subdomain_to_253_characters() {
        let origin = |length: usize| {
            let options = OriginOptions {
                uservoice_domain: format!("{}example", &"a.".repeat(126)[..length - 7]).into(),
                ..OriginOptions::default()
            };
            options.of_site("acme")
        };
        let longest = origin(248).unwrap().to_string();
        assert_eq!(longest.len(), "https://".len() + 253);
        let error = origin(249).err().unwrap();
        assert_eq!(error.argument(), Some("options.uservoice_domain"));
    }

    #[test]
    fn resolves_references_as_rfc_3986_does() {
        let origin = Origin::parse("http://a").unwrap();
        // The examples of section 5.4, with the base URL http://a/b/c/d;p?q. "//g" and "g:h"
        // lead elsewhere.
        for (reference, target) in [
            ("g", "/b/c/g"),
            ("./g", "/b/c/g"),
            ("g/", "/b/c/g/"),
            ("/g", "/g"),
            ("?y", "/b/c/d;p?y"),
            ("g?y", "/b/c/g?y"),
            ("#s", "/b/c/d;p?q"),
            ("g#s", "/b/c/g"),
            ("g?y#s", "/b/c/g?y"),
            (";x", "/b/c/;x"),
            ("g;x", "/b/c/g;x"),
            ("g;x?y#s", "/b/c/g;x?y"),
            ("", "/b/c/d;p?q"),
            (".", "/b/c/"),
            ("./", "/b/c/"),
            ("..", "/b/"),
            ("../", "/b/"),
            ("../g", "/b/g"),
            ("../..", "/"),
            ("../../", "/"),
            ("../../g", "/g"),
            ("../../../g", "/g"),
            ("/./g", "/g"),
            ("/../g", "/g"),
            ("g.", "/b/c/g."),
            (".g", "/b/c/.g"),
            ("g..", "/b/c/g.."),
            ("..g", "/b/c/..g"),
            ("./../g", "/b/g"),
            ("./g/.", "/b/c/g/"),
            ("g/./h", "/b/c/g/h"),
            ("g/../h", "/b/c/h"),
            ("g;x=1/./y", "/b/c/g;x=1/y"),
            ("g;x=1/../y", "/b/c/y"),
            ("g?y/./x", "/b/c/g?y/./x"),
            ("g?y/../x", "/b/c/g?y/../x"),
            ("g#s/../x", "/b/c/g"),
            ("//a/g", "/g"),
            ("http://a", "/"),
            ("http://a?y", "/?y"),
            ("HTTP://A:80/g?y#s", "/g?y"),
            ("g?http://b/", "/b/c/g?http://b/"),
            ("./g:h", "/b/c/g:h"),
        ] {
            let resolved = origin.resolve("/b/c/d;p?q", reference);
            assert_eq!(resolved.as_deref(), Some(target), "{reference:?}");
        }
    }

    #[test]
    fn resolves_references_within_the_origin_only() {
        let origin = Origin::parse("https://acme.uservoice.com").unwrap();
        for elsewhere in [
            "//evil.example/a",
            "//evil.example",
            "//acme.uservoice.com@evil.example/a",
            "http://acme.uservoice.com/a",
            "https://acme.uservoice.com.evil.example/a",
            "https://acme.uservoice.com@evil.example/a",
            "https://acme.uservoice.com:8443/a",
            "https://evil.example?https://acme.uservoice.com/",
            "https:\\\\evil",
            "https:/evil",
            "https:evil",
            "mailto:a@evil.example",
            "javascript:alert(1)",
            "://evil",
        ] {
            assert_eq!(origin.resolve("/a", elsewhere), None, "{elsewhere}");
        }
        let here = origin.resolve("/a", "https://ACME.uservoice.com:443/b?c");
        assert_eq!(here.as_deref(), Some("/b?c"));
        // Another host, if the target were taken for a reference: `target::from_path` rejects it.
        let double = origin.resolve("/a", ".//evil.example");
        assert_eq!(double.as_deref(), Some("//evil.example"));
    }
}
