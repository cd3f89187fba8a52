//! The sandbox from outside: the binary, spoken to over HTTP.

mod bodies;
mod faults;
mod pages;
mod process;
mod records;
mod signatures;
mod v2;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oauth1_request::serializer::{Serializer, SerializerExt};
use oauth1_request::signature_method::HmacSha1;
use oauth1_request::{Builder, Credentials, ParameterList};
use serde_json::{Value, json};
use ureq::http::Response;
use ureq::{Agent, Body};

struct Sandbox {
    process: Child,
    told: Value,
    http: Agent,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Longer than anything takes, so that a sandbox that hangs ends the test.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(options: &[&str]) -> Sandbox {
    started(&[&["--quiet"], options].concat(), Stdio::inherit())
}

fn started(options: &[&str], standard_error: Stdio) -> Sandbox {
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
        .timeout_global(Some(PATIENCE))
        .proxy(None)
        .build();
    Sandbox {
        process,
        told: serde_json::from_str(&line).unwrap(),
        http: Agent::new_with_config(http),
    }
}

/// A key or a token, and its secret.
#[derive(Clone)]
struct Pair(String, String);

/// What a test changes in a signed call.
struct Signing<'a> {
    token: Option<&'a Pair>,
    nonce: Option<&'a str>,
    age: i64,
    verifier: Option<&'a str>,
    callback: Option<&'a str>,
}

const PLAIN: Signing = Signing {
    token: None,
    nonce: None,
    age: 0,
    verifier: None,
    callback: None,
};

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs() as i64
}

impl Sandbox {
    fn url(&self) -> &str {
        self.told["url"].as_str().unwrap()
    }

    fn key(&self, name: &str) -> Pair {
        let text = |name: String| self.told[name].as_str().unwrap().to_string();
        Pair(text(format!("{name}_key")), text(format!("{name}_secret")))
    }

    fn trusted(&self) -> Pair {
        self.key("api")
    }

    fn call(&self, method: &str, target: &str, key: &Pair, how: &Signing, body: Value) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs: Vec<(&str, &str)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let mut builder = Builder::new(Credentials::new(&key.0, &key.1), HmacSha1::new());
        builder
            .token(
                how.token
                    .map(|token| Credentials::new(token.0.as_str(), token.1.as_str())),
            )
            .timestamp(std::num::NonZeroU64::new((now() - how.age) as u64).unwrap())
            .nonce(how.nonce)
            .verifier(how.verifier)
            .callback(how.callback);
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
        answer(self.http.run(request.body(body).unwrap()).unwrap())
    }

    fn get(&self, target: &str) -> Answer {
        self.call("GET", target, &self.trusted(), &PLAIN, Value::Null)
    }

    fn acting(&self, token: &Pair, method: &str, target: &str, body: Value) -> Answer {
        let how = Signing {
            token: Some(token),
            ..PLAIN
        };
        self.call(method, target, &self.trusted(), &how, body)
    }

    fn plain(&self, target: &str) -> Answer {
        answer(
            self.http
                .get(format!("{}{target}", self.url()))
                .call()
                .unwrap(),
        )
    }

    fn control(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/_sandbox/{path}", self.url()))
            .header("content-type", "application/json");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        answer(self.http.run(request.body(body).unwrap()).unwrap())
    }

    fn fault(&self, fault: Value) {
        assert_eq!(self.control("POST", "faults", fault).status, 204);
    }

    fn request_token(&self, callback: &str) -> Pair {
        self.request_token_of(&self.trusted(), callback)
    }

    fn request_token_of(&self, key: &Pair, callback: &str) -> Pair {
        pair(
            &self
                .ask_for_request_token("/oauth/request_token", key, callback)
                .text,
        )
    }

    fn ask_for_request_token(&self, path: &str, key: &Pair, callback: &str) -> Answer {
        let how = Signing {
            callback: Some(callback),
            ..PLAIN
        };
        self.call("POST", path, key, &how, Value::Null)
    }

    /// What a person says on the page that asks them.
    fn decide(&self, token: &str, decision: &str, email: &str) -> Answer {
        let form = [
            ("oauth_token", token),
            ("decision", decision),
            ("email", email),
        ];
        self.form("/oauth/authorize", &form)
    }

    fn exchange(&self, key: &Pair, token: &Pair, verifier: &str) -> Answer {
        let how = Signing {
            token: Some(token),
            verifier: Some(verifier),
            ..PLAIN
        };
        self.call("POST", "/oauth/access_token", key, &how, Value::Null)
    }

    /// The token that a person gives to the holder of a key.
    fn allowed(&self, key: &Pair, email: &str) -> Pair {
        let token = self.request_token_of(key, "oob");
        let page = self.decide(&token.0, "allow", email).text;
        pair(&self.exchange(key, &token, verifier_on(&page)).text)
    }

    fn login_as(&self, key: &Pair, email: &str) -> Answer {
        let token = self.request_token("oob").0;
        let body = json!({ "request_token": token, "user": { "email": email } });
        self.call("POST", "/api/v1/users/login_as.json", key, &PLAIN, body)
    }

    fn user(&self, email: &str) -> Pair {
        let token = self.login_as(&self.trusted(), email).json()["token"].take();
        let text = |name: &str| token[name].as_str().unwrap().to_string();
        Pair(text("oauth_token"), text("oauth_token_secret"))
    }

    /// The bytes that come back on a connection of its own.
    fn raw(&self, path: &str) -> Vec<u8> {
        self.exchanged("GET", path, "\r\n").0
    }

    /// What comes back on a connection of its own, and whether the sandbox closed it.
    /// `rest` is what stands after the request's `Host`.
    fn exchanged(&self, method: &str, path: &str, rest: &str) -> (Vec<u8>, bool) {
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

    fn requests(&self) -> Value {
        self.control("GET", "requests", Value::Null).json()
    }
}

/// Pairs as the base string has them, in its order; their names are after "oauth_".
struct Encoded(&'static [(&'static str, &'static str)]);

impl oauth1_request::Request for Encoded {
    fn serialize<S: Serializer>(&self, mut serializer: S) -> S::Output {
        serializer.serialize_oauth_parameters();
        for (name, value) in self.0 {
            serializer.serialize_parameter_encoded(name, value);
        }
        serializer.end()
    }
}

impl Sandbox {
    /// `Authorization` for a call whose query and form are `pairs`.
    fn authorization(&self, method: &str, path: &str, pairs: Encoded) -> String {
        let key = self.trusted();
        let mut builder = Builder::new(Credentials::new(&key.0, &key.1), HmacSha1::new());
        builder.token(None::<Credentials<&str>>);
        builder.timestamp(std::num::NonZeroU64::new(now() as u64).unwrap());
        builder.authorize(method, format!("{}{path}", self.url()).as_str(), &pairs)
    }
}

fn verifier_on(page: &str) -> &str {
    let rest = page.split("id=\"verifier\">").nth(1).unwrap();
    rest.split('<').next().unwrap()
}

/// `oauth_token=…&oauth_token_secret=…`
fn pair(form: &str) -> Pair {
    let field = |name: &str| {
        let fields = form.split('&').filter_map(|field| field.split_once('='));
        let mut found = fields.filter(|(key, _)| *key == name);
        found
            .next()
            .unwrap_or_else(|| panic!("no {name}: {form}"))
            .1
            .to_string()
    };
    Pair(field("oauth_token"), field("oauth_token_secret"))
}

struct Answer {
    status: u16,
    headers: ureq::http::HeaderMap,
    text: String,
}

fn answer(mut response: Response<Body>) -> Answer {
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.body_mut().read_to_string().unwrap(),
    }
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|why| panic!("{why}: {}", self.text))
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
    fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.http.post(format!("{}{path}", self.url()));
        answer(request.send_form(fields.iter().copied()).unwrap())
    }

    fn bearer(&self) -> String {
        let key = self.trusted();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", key.0.as_str()),
            ("client_secret", key.1.as_str()),
        ];
        let answer = self.form("/api/v2/oauth/token", &fields);
        answer.json()["access_token"].as_str().unwrap().into()
    }

    fn v2(&self, bearer: &str, method: &str, path: &str, body: Value) -> Answer {
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
        answer(self.http.run(request.body(body).unwrap()).unwrap())
    }
}
