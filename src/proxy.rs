//! The proxy on the way to a site, if there is one. ureq opens a tunnel through
//! it (CONNECT), so that it sees neither calls nor keys of an https site.

use ureq::{Proxy, ProxyProtocol};

use crate::error::{Error, Result};
use crate::options::{Origin, ProxyChoice, SiteOptions};

pub(crate) fn of(options: &SiteOptions, origin: &Origin) -> Result<Option<Proxy>> {
    let url = match &options.proxy {
        ProxyChoice::None => return Ok(None),
        ProxyChoice::Url(url) => url.clone(),
        ProxyChoice::FromEnvironment => {
            let variable = |name: &str| std::env::var(name).ok();
            match from_environment(origin, variable) {
                Some(url) => url,
                None => return Ok(None),
            }
        }
    };
    // The URL may hold a password: it is not shown.
    match Proxy::new(&url) {
        Ok(proxy) if matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) => {
            Ok(Some(proxy))
        }
        _ => Err(Error::invalid(
            "options: \"proxy\": the environment names a proxy that is not an HTTP proxy's URL; \
             set the option to one, or to \"\" for none",
        )),
    }
}

/// The proxy's URL that the environment has for `origin`, read as curl does:
/// HTTP_PROXY in capitals is left alone, since a CGI program gets it from
/// whoever sends the request.
fn from_environment(origin: &Origin, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let names: &[&str] = match origin.is_https() {
        true => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => &["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let exceptions = ["no_proxy", "NO_PROXY"].iter().find_map(set);
    // As curl and Go have it: what runs on this machine needs no proxy.
    if origin.is_loopback() || is_excepted(origin.host(), &exceptions.unwrap_or_default()) {
        return None;
    }
    names.iter().find_map(set)
}

/// Whether `exceptions`, names with commas or spaces between them, has `host`
/// or a domain that it is in.
fn is_excepted(host: &str, exceptions: &str) -> bool {
    exceptions.split([',', ' ', '\t']).any(|name| {
        let domain = name.trim_start_matches('*').trim_start_matches('.');
        let before = host.strip_suffix(&domain.to_ascii_lowercase());
        let is_in_domain = before.is_some_and(|before| before.is_empty() || before.ends_with('.'));
        name == "*" || !domain.is_empty() && is_in_domain
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    fn proxy_of(base_url: &str, environment: &[(&str, &str)]) -> Option<String> {
        let json = format!("{{\"base_url\":\"{base_url}\",\"allow_insecure\":true}}");
        let options = Options::default().with(Some(&json)).unwrap();
        let variable = |name: &str| {
            let found = environment.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        from_environment(&options.site.origin("acme").unwrap(), variable)
    }

    #[test]
    fn the_environment_is_read_by_scheme() {
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
    fn exceptions_are_names_and_their_domains() {
        for (exceptions, excepted) in [
            ("acme.uservoice.com", true),
            ("uservoice.com", true),
            (".uservoice.com", true),
            ("*.UserVoice.com", true),
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
            let environment = [("HTTPS_PROXY", "p"), ("NO_PROXY", exceptions)];
            let proxy = proxy_of("https://acme.uservoice.com", &environment);
            assert_eq!(proxy.is_none(), excepted, "{exceptions:?}");
        }
    }
}
