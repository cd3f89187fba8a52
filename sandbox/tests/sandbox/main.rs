//! Tests of the sandbox: starts the program and sends requests to it.

mod activity;
mod api;
mod api_changes;
mod attachments;
mod bodies;
mod control;
mod end_users;
mod faults;
mod journal;
mod oauth2;
mod pages;
mod process;
mod rate_limit;
mod records;
mod signatures;
mod site;
mod tls;
mod v1;
mod v1_records;
mod v2;
mod webhooks;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oauth1_request::serializer::{Serializer, SerializerExt};
use oauth1_request::signature_method::HmacSha1;
use oauth1_request::{Builder, Credentials, ParameterList};
use serde_json::{Value, json};
use ureq::{Agent, Body};

struct Sandbox {
    process: Child,
    /// The JSON that it prints when it starts.
    start_up: Value,
    http: Agent,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Fails a test whose sandbox hangs.
const TIMEOUT: Duration = Duration::from_secs(60);

fn start(options: &[&str]) -> Sandbox {
    start_with_stderr(&[&["--quiet"], options].concat(), Stdio::inherit())
}

fn start_with_stderr(options: &[&str], standard_error: Stdio) -> Sandbox {
    let mut process = Command::new(env!("CARGO_BIN_EXE_uservoice-sandbox"))
        .arg("--json")
        .args(options)
        .stdout(Stdio::piped())
        .stderr(standard_error)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = process.stdout.take().unwrap();
    BufReader::new(out).read_line(&mut line).unwrap();
    let http = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(TIMEOUT))
        .proxy(None)
        .build();
    Sandbox {
        process,
        start_up: serde_json::from_str(&line).unwrap(),
        http: Agent::new_with_config(http),
    }
}

/// An API key or a token, and its secret.
#[derive(Clone)]
struct Credential(String, String);

/// The parameters of a signature that a test sets.
#[derive(Default)]
struct Signing<'a> {
    token: Option<&'a Credential>,
    nonce: Option<&'a str>,
    /// Seconds before the current time.
    age: i64,
    verifier: Option<&'a str>,
    callback: Option<&'a str>,
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs() as i64
}

impl Sandbox {
    fn url(&self) -> &str {
        self.start_up["url"].as_str().unwrap()
    }

    fn key(&self, name: &str) -> Credential {
        let text = |name: String| self.start_up[name].as_str().unwrap().to_string();
        Credential(text(format!("{name}_key")), text(format!("{name}_secret")))
    }

    fn trusted_key(&self) -> Credential {
        self.key("api")
    }

    /// Sends a request signed with `key`.
    fn signed_request(
        &self,
        method: &str,
        target: &str,
        key: &Credential,
        signing: &Signing,
        body: Value,
    ) -> Response {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs: Vec<(&str, &str)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let mut builder = Builder::new(Credentials::new(&key.0, &key.1), HmacSha1::new());
        builder
            .token(
                signing
                    .token
                    .map(|token| Credentials::new(token.0.as_str(), token.1.as_str())),
            )
            .timestamp(std::num::NonZeroU64::new((now() - signing.age) as u64).unwrap())
            .nonce(signing.nonce)
            .verifier(signing.verifier)
            .callback(signing.callback);
        let url = format!("{}{path}", self.url());
        let authorization = builder.authorize(method, url.as_str(), &ParameterList::new(pairs));
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.url()))
            .header("authorization", authorization)
            .header("accept", "application/json")
            .header("content-type", "application/json");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        read_response(self.http.run(request.body(body).unwrap()).unwrap())
    }

    /// Sends a GET request signed with the trusted key.
    fn get(&self, target: &str) -> Response {
        self.signed_request(
            "GET",
            target,
            &self.trusted_key(),
            &Signing::default(),
            Value::Null,
        )
    }

    /// Sends a request signed with the trusted key and an access token.
    fn request_as(&self, token: &Credential, method: &str, target: &str, body: Value) -> Response {
        let signing = Signing {
            token: Some(token),
            ..Signing::default()
        };
        self.signed_request(method, target, &self.trusted_key(), &signing, body)
    }

    fn get_unsigned(&self, target: &str) -> Response {
        read_response(
            self.http
                .get(format!("{}{target}", self.url()))
                .call()
                .unwrap(),
        )
    }

    /// Sends a request to the control interface.
    fn control(&self, method: &str, path: &str, body: Value) -> Response {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/_sandbox/{path}", self.url()))
            .header("content-type", "application/json");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        read_response(self.http.run(request.body(body).unwrap()).unwrap())
    }

    fn add_fault(&self, fault: Value) {
        assert_eq!(self.control("POST", "faults", fault).status, 204);
    }

    fn request_token(&self, callback: &str) -> Credential {
        self.request_token_for(&self.trusted_key(), callback)
    }

    fn request_token_for(&self, key: &Credential, callback: &str) -> Credential {
        parse_token(
            &self
                .post_request_token("/oauth/request_token", key, callback)
                .text,
        )
    }

    fn post_request_token(&self, path: &str, key: &Credential, callback: &str) -> Response {
        let signing = Signing {
            callback: Some(callback),
            ..Signing::default()
        };
        self.signed_request("POST", path, key, &signing, Value::Null)
    }

    /// Submits the user's decision on the login page.
    fn submit_decision(&self, token: &str, decision: &str, email: &str) -> Response {
        let form = [
            ("oauth_token", token),
            ("decision", decision),
            ("email", email),
        ];
        self.post_form("/oauth/authorize", &form)
    }

    fn exchange_request_token(
        &self,
        key: &Credential,
        token: &Credential,
        verifier: &str,
    ) -> Response {
        let signing = Signing {
            token: Some(token),
            verifier: Some(verifier),
            ..Signing::default()
        };
        self.signed_request("POST", "/oauth/access_token", key, &signing, Value::Null)
    }

    /// Returns an access token that the user approved for an API key.
    fn authorize(&self, key: &Credential, email: &str) -> Credential {
        let token = self.request_token_for(key, "oob");
        let page = self.submit_decision(&token.0, "allow", email).text;
        parse_token(
            &self
                .exchange_request_token(key, &token, verifier_in(&page))
                .text,
        )
    }

    fn login_as(&self, key: &Credential, email: &str) -> Response {
        let token = self.request_token("oob").0;
        let body = json!({ "request_token": token, "user": { "email": email } });
        self.signed_request(
            "POST",
            "/api/v1/users/login_as.json",
            key,
            &Signing::default(),
            body,
        )
    }

    /// Returns an access token of the user.
    fn login(&self, email: &str) -> Credential {
        let token = self.login_as(&self.trusted_key(), email).json()["token"].take();
        let text = |name: &str| token[name].as_str().unwrap().to_string();
        Credential(text("oauth_token"), text("oauth_token_secret"))
    }

    /// Sends a GET request on a new connection and returns the response's bytes.
    fn get_raw(&self, path: &str) -> Vec<u8> {
        self.raw_request("GET", path, "\r\n").0
    }

    /// Sends a request on a new connection. Returns the response's bytes, and whether the
    /// sandbox closed the connection. `rest` follows the request's `Host` header.
    fn raw_request(&self, method: &str, path: &str, rest: &str) -> (Vec<u8>, bool) {
        let address = self.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{rest}");
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let closed = stream.read_to_end(&mut bytes).is_ok();
        (bytes, closed)
    }

    /// Waits for a change that follows a response.
    fn wait_for(&self, condition: impl Fn() -> bool) {
        let start = std::time::Instant::now();
        while !condition() {
            assert!(start.elapsed() < TIMEOUT, "it did not happen");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn requests(&self) -> Value {
        self.control("GET", "requests", Value::Null).json()
    }
}

/// Pairs encoded and ordered as in the signature base string, with names that sort after
/// "oauth_".
struct EncodedPairs(&'static [(&'static str, &'static str)]);

impl oauth1_request::Request for EncodedPairs {
    fn serialize<S: Serializer>(&self, mut serializer: S) -> S::Output {
        serializer.serialize_oauth_parameters();
        for (name, value) in self.0 {
            serializer.serialize_parameter_encoded(name, value);
        }
        serializer.end()
    }
}

impl Sandbox {
    /// Returns the Authorization header of a request whose query and form are `pairs`.
    fn authorization(
        &self,
        method: &str,
        path: &str,
        pairs: impl oauth1_request::Request,
    ) -> String {
        let key = self.trusted_key();
        let mut builder = Builder::new(Credentials::new(&key.0, &key.1), HmacSha1::new());
        builder.token(None::<Credentials<&str>>);
        builder.timestamp(std::num::NonZeroU64::new(now() as u64).unwrap());
        builder.authorize(method, format!("{}{path}", self.url()).as_str(), &pairs)
    }
}

fn verifier_in(page: &str) -> &str {
    let rest = page.split("id=\"verifier\">").nth(1).unwrap();
    rest.split('<').next().unwrap()
}

/// Parses `oauth_token=…&oauth_token_secret=…`.
fn parse_token(form: &str) -> Credential {
    let field = |name: &str| {
        let fields = form.split('&').filter_map(|field| field.split_once('='));
        let mut found = fields.filter(|(key, _)| *key == name);
        found
            .next()
            .unwrap_or_else(|| panic!("no {name}: {form}"))
            .1
            .to_string()
    };
    Credential(field("oauth_token"), field("oauth_token_secret"))
}

struct Response {
    status: u16,
    headers: ureq::http::HeaderMap,
    text: String,
}

fn read_response(mut response: ureq::http::Response<Body>) -> Response {
    Response {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.body_mut().read_to_string().unwrap(),
    }
}

impl Response {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    fn problem(&self) -> String {
        assert_eq!(self.status, 401, "{}", self.text);
        self.json()["errors"]["oauth_problem"]
            .as_str()
            .unwrap_or_default()
            .into()
    }

    fn message(&self) -> String {
        self.json()["errors"]["message"]
            .as_str()
            .unwrap_or_default()
            .into()
    }
}

impl Sandbox {
    fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let request = self.http.post(format!("{}{path}", self.url()));
        read_response(request.send_form(fields.iter().copied()).unwrap())
    }

    fn bearer_token_of(&self, email: &str) -> String {
        let key = self.trusted_key();
        let fields = [
            ("grant_type", "password"),
            ("client_id", key.0.as_str()),
            ("username", email),
            ("password", "sandbox-password"),
        ];
        let response = self.post_form("/api/v2/oauth/token", &fields);
        response.json()["access_token"].as_str().unwrap().into()
    }

    fn bearer_token(&self) -> String {
        let key = self.trusted_key();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", key.0.as_str()),
            ("client_secret", key.1.as_str()),
        ];
        let response = self.post_form("/api/v2/oauth/token", &fields);
        response.json()["access_token"].as_str().unwrap().into()
    }

    fn v2(&self, bearer: &str, method: &str, path: &str, body: Value) -> Response {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/api/v2/admin/{path}", self.url()))
            .header("authorization", format!("Bearer {bearer}"))
            .header("content-type", "application/json");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        read_response(self.http.run(request.body(body).unwrap()).unwrap())
    }
}
