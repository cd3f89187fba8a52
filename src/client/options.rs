//! The options of a client. [`OPTIONS`] is the one table of them: it parses
//! `options_json`, and the header's comment and docs/reference/options.md are
//! generated from it.

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::client::option_values::{boolean, check_length, integer, invalid, string, unknown};
use crate::encoding::json::Object;
use crate::error::{Error, Result};
use crate::http::authorities::Authorities;
use crate::http::host::check_authority;
use crate::http::origin::{Origin, Protocol};
use crate::http::proxy::ProxyChoice;
use crate::request::endpoint::EndpointOptions;

/// All options of a client, with their defaults filled in.
#[derive(Clone, PartialEq)]
pub(crate) struct Options {
    pub(crate) endpoint: EndpointOptions,
    pub(crate) callback: Cow<'static, str>,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) max_retry_wait: Duration,
    pub(crate) prefetch_pages: usize,
    pub(crate) per_page: usize,
    pub(crate) max_request_bytes: u64,
    pub(crate) max_response_bytes: u64,
    pub(crate) user_agent: Option<String>,
    pub(crate) language: Cow<'static, str>,
    pub(crate) whole_pages: bool,
}

/// One key of `options_json`.
pub struct OptionSpec {
    /// The key.
    pub key: &'static str,
    /// The default as JSON, or a word if no JSON value has the same effect.
    pub default: &'static str,
    /// What the option is for, in one line.
    pub description: &'static str,
    kind: Kind,
}

/// The type of an option, the values that it accepts, and what sets it.
enum Kind {
    Boolean(fn(&mut Options, bool)),
    Integer(RangeInclusive<u64>, fn(&mut Options, u64)),
    /// With a description of the accepted values. The setter's error is what
    /// follows the name of the option in a message.
    String(
        &'static str,
        fn(&mut Options, String) -> std::result::Result<(), Cow<'static, str>>,
    ),
}

const DAY_MS: u64 = 86_400_000;

/// The options, in the order of the documentation.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        key: "protocol",
        default: "\"https\"",
        description: "\"http\" only for loopback hosts, unless allow_insecure is true",
        kind: Kind::String("\"https\" or \"http\"", |options, protocol| {
            options.endpoint.origin.protocol = match protocol.as_str() {
                "http" => Protocol::Http,
                "https" => Protocol::Https,
                _ => return Err("must be \"https\" or \"http\"".into()),
            };
            options.endpoint.origin.base_url = None;
            Ok(())
        }),
    },
    OptionSpec {
        key: "uservoice_domain",
        default: "\"uservoice.com\"",
        description: "the site is protocol://subdomain.uservoice_domain",
        kind: Kind::String("host, or host:port", |options, domain| {
            check_authority(&domain)?;
            options.endpoint.origin.uservoice_domain = domain.into();
            options.endpoint.origin.base_url = None;
            Ok(())
        }),
    },
    OptionSpec {
        key: "base_url",
        default: "none",
        description: "the origin, such as \"http://127.0.0.1:8080\"; replaces the two above",
        kind: Kind::String("\"https://feedback.acme.com\"", |options, url| {
            options.endpoint.origin.base_url = Some(Origin::parse(&url)?);
            Ok(())
        }),
    },
    OptionSpec {
        key: "callback",
        default: "\"oob\"",
        description: "where UserVoice redirects after \"Allow\"; \"oob\": it shows a code",
        kind: Kind::String("a URL, or \"oob\"", |options, url| {
            if url.is_empty() || url.chars().any(|c| c.is_control() || c == ' ') {
                return Err("must be a URL or \"oob\"".into());
            }
            options.callback = url.into();
            Ok(())
        }),
    },
    OptionSpec {
        key: "timeout_ms",
        default: "30000",
        description: "one attempt, from connecting to the last byte",
        kind: Kind::Integer(1..=DAY_MS, |options, ms| {
            options.timeout = Duration::from_millis(ms);
        }),
    },
    OptionSpec {
        key: "connect_timeout_ms",
        default: "10000",
        description: "name lookup, connection and TLS",
        kind: Kind::Integer(1..=DAY_MS, |options, ms| {
            options.connect_timeout = Duration::from_millis(ms);
        }),
    },
    OptionSpec {
        key: "max_retries",
        default: "2",
        description: "retries of one request",
        kind: Kind::Integer(0..=100, |options, retries| {
            options.max_retries = retries as u32;
        }),
    },
    OptionSpec {
        key: "max_retry_wait_ms",
        default: "60000",
        description: "a longer wait is returned as an error, not slept",
        kind: Kind::Integer(0..=DAY_MS, |options, ms| {
            options.max_retry_wait = Duration::from_millis(ms);
        }),
    },
    OptionSpec {
        key: "max_idle_connections",
        default: "16",
        description: "idle connections kept open",
        kind: Kind::Integer(1..=1024, |options, connections| {
            options.endpoint.connection.max_idle_connections = connections as usize;
        }),
    },
    OptionSpec {
        key: "prefetch_pages",
        default: "4",
        description: "pages that a collection loads ahead of its reader",
        kind: Kind::Integer(0..=64, |options, pages| {
            options.prefetch_pages = pages as usize;
        }),
    },
    OptionSpec {
        key: "per_page",
        default: "100",
        description: "records per page of a collection",
        kind: Kind::Integer(1..=100, |options, records| {
            options.per_page = records as usize;
        }),
    },
    OptionSpec {
        key: "max_request_bytes",
        default: "67108864",
        description: "a larger request body is an INVALID_ARGUMENT",
        kind: Kind::Integer(1..=1 << 40, |options, bytes| {
            options.max_request_bytes = bytes;
        }),
    },
    OptionSpec {
        key: "max_response_bytes",
        default: "67108864",
        description: "a larger response fails with BAD_RESPONSE",
        kind: Kind::Integer(1..=1 << 40, |options, bytes| {
            options.max_response_bytes = bytes;
        }),
    },
    OptionSpec {
        key: "ca_file",
        default: "the system's",
        description: "PEM file of the certificate authorities to trust; read at once",
        kind: Kind::String("path of a PEM file", |options, path| {
            options.endpoint.connection.authorities = Some(Authorities::read(&path)?);
            Ok(())
        }),
    },
    OptionSpec {
        key: "proxy",
        default: "environment",
        description: "\"http://user:password@host:port\", or https; \"\" for none",
        kind: Kind::String("a URL, or \"\"", |options, url| {
            options.endpoint.connection.proxy = ProxyChoice::parse(url)?;
            Ok(())
        }),
    },
    OptionSpec {
        key: "user_agent",
        default: "none",
        description: "prefix of the header User-Agent, such as \"MyApp/1.0\"",
        kind: Kind::String("printable ASCII", |options, user_agent| {
            let is_printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
            if !user_agent.bytes().all(is_printable) {
                return Err("must be printable ASCII".into());
            }
            options.user_agent = Some(user_agent);
            Ok(())
        }),
    },
    OptionSpec {
        key: "language",
        default: "\"rust\"",
        description: "the language that User-Agent and API-Client name; bindings set it",
        kind: Kind::String("1 to 32 letters and digits", |options, language| {
            let is_word = language.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !is_word || !(1..=32).contains(&language.len()) {
                return Err("must be 1 to 32 letters and digits".into());
            }
            options.language = language.into();
            Ok(())
        }),
    },
    OptionSpec {
        key: "whole_pages",
        default: "false",
        description: "uservoice_collection_next_page() returns complete responses",
        kind: Kind::Boolean(|options, whole_pages| options.whole_pages = whole_pages),
    },
    OptionSpec {
        key: "allow_insecure",
        default: "false",
        description: "permit plain http to other hosts than loopback",
        kind: Kind::Boolean(|options, allow| options.endpoint.origin.allow_insecure = allow),
    },
];

impl OptionSpec {
    /// Describes the accepted values.
    pub fn values(&self) -> Cow<'static, str> {
        match &self.kind {
            Kind::Boolean(_) => "true or false".into(),
            Kind::Integer(range, _) => format!("{} to {}", range.start(), range.end()).into(),
            Kind::String(values, _) => (*values).into(),
        }
    }

    /// Returns the least and the greatest value of an integer.
    pub fn range(&self) -> Option<(u64, u64)> {
        match &self.kind {
            Kind::Integer(range, _) => Some((*range.start(), *range.end())),
            _ => None,
        }
    }

    /// Sets the option to `value`, which is JSON.
    fn set(&self, options: &mut Options, value: &str) -> Result<()> {
        match &self.kind {
            Kind::Boolean(set) => set(options, boolean(self.key, value)?),
            Kind::Integer(range, set) => set(options, integer(self.key, value, range)?),
            Kind::String(_, set) => {
                set(options, string(self.key, value)?).map_err(|why| invalid(self.key, why))?;
            }
        }
        Ok(())
    }
}

impl Default for Options {
    /// Must agree with the defaults of [`OPTIONS`], as a test checks.
    fn default() -> Self {
        Options {
            endpoint: EndpointOptions::default(),
            callback: Cow::Borrowed("oob"),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            max_retries: 2,
            max_retry_wait: Duration::from_secs(60),
            prefetch_pages: 4,
            per_page: 100,
            max_request_bytes: 64 << 20,
            max_response_bytes: 64 << 20,
            user_agent: None,
            language: Cow::Borrowed("rust"),
            whole_pages: false,
        }
    }
}

impl Options {
    /// Returns these options with those of `json`, an object, in place of the
    /// ones that it names.
    pub(crate) fn with(&self, json: Option<&str>) -> Result<Self> {
        let mut options = self.clone();
        let Some(json) = json else {
            return Ok(options);
        };
        check_length(json)?;
        let object = Object::parse(json).map_err(|error| {
            Error::invalid("options", format_args!("must be a JSON object: {error}"))
        })?;
        if object.get("base_url").is_some()
            && (object.get("protocol").is_some() || object.get("uservoice_domain").is_some())
        {
            return Err(invalid(
                "base_url",
                "must not be combined with \"protocol\" or \"uservoice_domain\", which it replaces",
            ));
        }
        for (key, value) in object.iter() {
            let option = OPTIONS.iter().find(|option| option.key == key);
            let option = option.ok_or_else(|| unknown(&key, OPTIONS.iter().map(|o| o.key)))?;
            option.set(&mut options, value)?;
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    fn origin(json: &str) -> Result<String> {
        let options = Options::default().with(Some(json))?;
        Ok(options.endpoint.origin.of_site("acme")?.to_string())
    }

    #[test]
    fn builds_the_origin_from_its_options() {
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
    fn errors_name_the_option() {
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
            (r#"{"language":""}"#, "language"),
            (r#"{"language":"c\n"}"#, "language"),
            (
                r#"{"language":"abcdefghijklmnopqrstuvwxyz0123456"}"#,
                "language",
            ),
            (r#"{"proxy":"socks5://127.0.0.1"}"#, "proxy"),
            (r#"{"proxy":"not a url"}"#, "proxy"),
            (r#"{"proxy":"http://u:p@proxy.test:letters"}"#, "proxy"),
            (r#"{"proxy":"http://proxy.test:99999"}"#, "proxy"),
            (r#"{"ca_file":"/does/not/exist"}"#, "ca_file"),
            (r#"{"ca_file":"Cargo.toml"}"#, "ca_file"),
            (
                r#"{"uservoice_domain":"@evil.example"}"#,
                "uservoice_domain",
            ),
            (r#"{"base_url":"https://evil/path"}"#, "base_url"),
            (r#"{"base_url":"http://10.0.0.1"}"#, "base_url"),
            (
                r#"{"base_url":"https://a.b","protocol":"https"}"#,
                "base_url",
            ),
            (r#"{"time_out":1}"#, "time_out"),
        ];
        for (json, key) in cases {
            let error = origin(json).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument);
            let argument = format!("options.{key}");
            assert_eq!(error.argument(), Some(&*argument), "{error}");
        }
        for json in ["[]", ""] {
            let error = origin(json).unwrap_err();
            let expected = "options: must be a JSON object";
            assert!(error.message().starts_with(expected), "{error}");
        }
    }

    #[test]
    fn errors_of_numbers_show_range_and_value() {
        let error = origin(r#"{"timeout_ms":"x"}"#).unwrap_err();
        assert_eq!(
            error.message(),
            r#"options.timeout_ms: must be an integer from 1 to 86400000 (got "x")"#
        );
    }

    #[test]
    fn clone_keeps_options_that_are_not_replaced() {
        let first = Options::default()
            .with(Some(
                r#"{"timeout_ms":5,"base_url":"http://127.0.0.1:1","callback":"oob"}"#,
            ))
            .unwrap();
        let second = first.with(Some(r#"{"per_page":7}"#)).unwrap();
        assert_eq!(second.timeout, Duration::from_millis(5));
        assert_eq!(second.per_page, 7);
        assert!(second.endpoint == first.endpoint);
        let third = second.with(Some(r#"{"protocol":"https"}"#)).unwrap();
        assert_eq!(
            third.endpoint.origin.of_site("acme").unwrap().to_string(),
            "https://acme.uservoice.com"
        );
    }

    #[test]
    fn table_states_the_defaults() {
        for option in OPTIONS {
            let mut options = Options::default();
            if serde_json::from_str::<serde::de::IgnoredAny>(option.default).is_ok() {
                option.set(&mut options, option.default).unwrap();
                assert!(options == Options::default(), "{}", option.key);
            }
        }
    }

    #[test]
    fn every_option_rejects_a_wrong_type() {
        for option in OPTIONS {
            let error = option.set(&mut Options::default(), "[]").unwrap_err();
            let argument = format!("options.{}", option.key);
            assert_eq!(error.argument(), Some(&*argument));
        }
    }

    #[test]
    fn unknown_option_lists_the_known_ones() {
        let error = origin(r#"{"Timeout":1}"#).unwrap_err();
        let expected = "options.Timeout: unknown option; the options are protocol, ";
        assert!(error.message().starts_with(expected), "{error}");
    }
}
