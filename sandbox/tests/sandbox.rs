//! The sandbox from outside: the binary, spoken to over HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

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

fn start(options: &[&str]) -> Sandbox {
    let mut process = Command::new(env!("CARGO_BIN_EXE_uservoice-sandbox"))
        .args(["--json", "--quiet"])
        .args(options)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = process.stdout.take().unwrap();
    BufReader::new(out).read_line(&mut line).unwrap();
    let http = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
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
        let how = Signing {
            callback: Some(callback),
            ..PLAIN
        };
        let key = self.trusted();
        pair(
            &self
                .call("POST", "/oauth/request_token", &key, &how, Value::Null)
                .text,
        )
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
        let address = self.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        bytes
    }
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

#[test]
fn every_part_of_a_signature_is_checked() {
    let site = start(&[]);
    let path = "/api/v1/forums.json?per_page=1";
    let key = site.trusted();
    assert_eq!(site.get(path).status, 200);

    let refused = |key: &Pair, how: Signing| {
        let answer = site.call("GET", path, key, &how, Value::Null);
        answer.problem()
    };
    let unknown = Pair("nobody".into(), key.1.clone());
    assert_eq!(refused(&unknown, PLAIN), "consumer_key_unknown");
    let wrong = Pair(key.0.clone(), "wrong".into());
    assert_eq!(refused(&wrong, PLAIN), "signature_invalid");
    let token = Pair("nobody's".into(), "secret".into());
    let with_token = Signing {
        token: Some(&token),
        ..PLAIN
    };
    assert_eq!(refused(&key, with_token), "token_rejected");
    assert_eq!(
        refused(&key, Signing { age: 301, ..PLAIN }),
        "timestamp_refused"
    );
    assert_eq!(
        refused(&key, Signing { age: -301, ..PLAIN }),
        "timestamp_refused"
    );
    let once = || Signing {
        nonce: Some("again"),
        ..PLAIN
    };
    assert_eq!(
        site.call("GET", path, &key, &once(), Value::Null).status,
        200
    );
    assert_eq!(refused(&key, once()), "nonce_used");

    // A token of one key is worth nothing with the other.
    let user = site.user("user2@sandbox.example");
    let other = site.key("untrusted_api");
    let stolen = Signing {
        token: Some(&user),
        ..PLAIN
    };
    assert_eq!(refused(&other, stolen), "token_rejected");
}

#[test]
fn a_skewed_clock_is_told() {
    let site = start(&["--clock-skew", "3600"]);
    let answer = site.get("/api/v1/forums.json");
    assert_eq!(answer.problem(), "timestamp_refused");
    let told = answer.json()["errors"]["server_time"].as_i64().unwrap();
    assert!((told - now() - 3600).abs() <= 5);
    let corrected = Signing {
        age: -3600,
        ..PLAIN
    };
    let key = site.trusted();
    let answer = site.call("GET", "/api/v1/forums.json", &key, &corrected, Value::Null);
    assert_eq!(answer.status, 200);
}

#[test]
fn public_data_needs_a_client_and_nothing_more() {
    let site = start(&[]);
    let public = site.plain("/api/v1/suggestions.json?client=sandbox-trusted-key");
    assert_eq!(public.json()["response_data"]["total_records"], 1501);
    assert_eq!(site.plain("/api/v1/suggestions.json").status, 401);
    assert_eq!(
        site.plain("/api/v1/suggestions.json?client=nobody").status,
        401
    );
    let users = site.plain("/api/v1/users.json?client=sandbox-trusted-key");
    assert_eq!(users.message(), "Trusted client or user required");
    let private = site.plain("/api/v1/forums/3.json?client=sandbox-trusted-key");
    assert_eq!(private.message(), "Private forum access denied");
    // Without a wish for JSON there is none.
    let xml = site.plain("/api/v1/forums?client=sandbox-trusted-key");
    assert_eq!(xml.header("content-type"), "application/xml");
}

#[test]
fn only_a_trusted_key_acts_as_users() {
    let site = start(&[]);
    let key = site.key("untrusted_api");
    let answer = site.login_as(&key, "user2@sandbox.example");
    assert_eq!(answer.message(), "Trusted client or user required");
    // As the service does, it takes addresses that look odd, but not none.
    let odd = site.login_as(&site.trusted(), "jo+x@localhost");
    assert_eq!(odd.json()["user"]["email"], "jo+x@localhost");
    assert_eq!(site.login_as(&site.trusted(), "jo").status, 422);
}

#[test]
fn pages_have_the_limits_of_the_service() {
    let site = start(&["--records", "205"]);
    let page = |query: &str| {
        let answer = site.get(&format!("/api/v1/suggestions?{query}")).json();
        let length = answer["suggestions"].as_array().unwrap().len();
        (
            answer["response_data"]["per_page"].as_u64().unwrap(),
            length,
        )
    };
    assert_eq!(page("page=1"), (10, 10));
    assert_eq!(page("per_page=500"), (100, 100));
    assert_eq!(page("per_page=100&page=3"), (100, 5));
    assert_eq!(page("per_page=100&page=4"), (100, 0));
    assert_eq!(page("per_page=0&page=x"), (10, 10));
    let search = site
        .get("/api/v1/suggestions/search.json?query=dark")
        .json();
    assert_eq!(search["response_data"]["query"], "dark");
    assert_eq!(search["response_data"]["total_records"], 35);
}

#[test]
fn a_suggestion_lives_its_life() {
    let site = start(&["--records", "3"]);
    let owner = site.user("owner@sandbox.example");
    let user = site.user("new@sandbox.example");
    let stranger = site.user("user9@sandbox.example");
    let path = "/api/v1/forums/1/suggestions";
    let wish = |title: &str| json!({ "suggestion": { "title": title, "votes": 2 } });

    let nobody = site.call("POST", path, &site.trusted(), &PLAIN, wish("x"));
    assert_eq!(nobody.message(), "User required");
    let too_long = site.acting(&user, "POST", path, wish(&"x".repeat(141)));
    assert_eq!(
        (too_long.status, too_long.json()["errors"]["type"].clone()),
        (422, "record_invalid".into())
    );

    let made = site.acting(&user, "POST", path, wish("Größer"));
    assert_eq!(made.status, 201);
    let made = made.json()["suggestion"].take();
    assert_eq!(made["vote_count"], 2);
    let one = format!("{path}/{}", made["id"]);
    let vote = site.acting(
        &stranger,
        "POST",
        &format!("{one}/votes"),
        json!({ "to": 3 }),
    );
    assert_eq!(vote.json()["suggestion"]["vote_count"], 5);
    assert_eq!(
        site.acting(&stranger, "DELETE", &one, Value::Null).status,
        401
    );
    let comment = json!({ "comment": { "text": "<b>" } });
    let comment = site
        .acting(&stranger, "POST", &format!("{one}/comments"), comment)
        .json();
    assert_eq!(comment["comment"]["formatted_text"], "<p>&lt;b&gt;</p>");
    let response = json!({ "response": { "text": "Soon", "status_id": 2 } });
    let responded = site
        .acting(&owner, "PUT", &format!("{one}/respond"), response)
        .json();
    assert_eq!(responded["suggestion"]["status"]["key"], "planned");
    let supporters = site.get(&format!("{one}/supporters")).json();
    assert_eq!(supporters["response_data"]["total_records"], 2);
    let identities = json!({ "external_scope": "crm",
        "identifications": [{ "id": made["id"], "external_id": "A-7" }] });
    let identified = site.call(
        "PUT",
        "/api/v1/suggestions/identify",
        &site.trusted(),
        &PLAIN,
        identities,
    );
    assert_eq!(identified.status, 200);
    assert_eq!(
        site.get(&one).json()["suggestion"]["external_ids"][0]["id"],
        "A-7"
    );
    assert_eq!(site.acting(&user, "DELETE", &one, Value::Null).status, 200);
    assert_eq!(site.get(&one).json()["errors"]["type"], "record_not_found");
    // The wrong forum is the wrong path.
    assert_eq!(site.get("/api/v1/forums/2/suggestions/1").status, 404);
}

#[test]
fn tickets_have_messages_notes_and_attachments() {
    let site = start(&[]);
    let ticket = json!({ "email": "jo@example.com", "ticket": {
        "subject": "Help", "message": "It broke",
        "custom_field_values": { "Type": "Problem" },
        "attachments": [{ "name": "a.txt", "data": "aGVs\nbG8=", "content_type": "text/plain" }],
    }});
    let made = site.call(
        "POST",
        "/api/v1/tickets.json",
        &site.trusted(),
        &PLAIN,
        ticket,
    );
    let made = made.json()["ticket"].take();
    assert_eq!(made["from_email_address"], "jo@example.com");
    assert_eq!(made["messages"][0]["attachments"][0]["size"], 5);
    assert_eq!(
        made["custom_fields"],
        json!([{ "key": "Type", "value": "Problem" }])
    );

    let owner = site.user("owner@sandbox.example");
    let one = format!("/api/v1/tickets/{}", made["id"]);
    let reply = json!({ "ticket_message": { "text": "Turn it off and on" } });
    let reply = site
        .acting(&owner, "POST", &format!("{one}/ticket_messages"), reply)
        .json();
    assert_eq!(reply["ticket_message"]["is_admin_response"], true);
    let note = json!({ "note": { "text": "again" } });
    assert_eq!(
        site.acting(&owner, "POST", &format!("{one}/notes"), note)
            .status,
        201
    );
    let change = json!({ "ticket": { "state": "closed" } });
    assert_eq!(
        site.acting(&owner, "PUT", &one, change).json()["ticket"]["state"],
        "closed"
    );
    let stranger = site.user("user9@sandbox.example");
    assert_eq!(site.acting(&stranger, "GET", &one, Value::Null).status, 401);
    let bad = json!({ "email": "jo@example.com", "ticket": { "subject": "x", "message": "y",
        "custom_field_values": { "Colour": "red" } } });
    let bad = site.call("POST", "/api/v1/tickets", &site.trusted(), &PLAIN, bad);
    assert_eq!(bad.message(), "Custom field Colour is unknown");
}

#[test]
fn every_other_list_answers() {
    let site = start(&[]);
    for list in [
        "users",
        "users/search?query=ada",
        "forums",
        "tickets",
        "tickets/search?query=help",
        "articles",
        "topics",
        "topics/1/articles",
        "statuses",
        "custom_fields",
        "suggestions/1/comments",
    ] {
        let answer = site.get(&format!("/api/v1/{list}"));
        assert_eq!(answer.status, 200, "{list}: {}", answer.text);
        assert!(
            answer.json()["response_data"]["total_records"].as_u64() > Some(0),
            "{list}"
        );
    }
    let lost = site.get("/api/v1/nothing/here.json");
    assert_eq!(lost.status, 404);
    assert!(lost.header("content-type").starts_with("text/html"));
}

#[test]
fn a_three_legged_login_by_the_page() {
    let site = start(&[]);
    let decide = |token: &str, decision: &str| {
        let form = [
            ("oauth_token", token),
            ("decision", decision),
            ("email", "user5@sandbox.example"),
        ];
        let request = site.http.post(format!("{}/oauth/authorize", site.url()));
        answer(request.send_form(form).unwrap())
    };
    let token = site.request_token("oob");
    let asked = site.plain(&format!("/oauth/authorize?oauth_token={}", token.0));
    assert!(asked.text.contains("sandbox-trusted-key") && asked.text.contains("Deny"));
    let page = decide(&token.0, "allow").text;
    let verifier = page
        .split("id=\"verifier\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();

    let exchange = |token: &Pair, verifier: &str| {
        let how = Signing {
            token: Some(token),
            verifier: Some(verifier),
            ..PLAIN
        };
        site.call(
            "POST",
            "/oauth/access_token",
            &site.trusted(),
            &how,
            Value::Null,
        )
    };
    assert_eq!(exchange(&token, "wrong").status, 401);
    let user = pair(&exchange(&token, verifier).text);
    let current = site
        .acting(&user, "GET", "/api/v1/users/current", Value::Null)
        .json();
    assert_eq!(current["user"]["email"], "user5@sandbox.example");
    assert_eq!(exchange(&token, verifier).status, 401);

    let token = site.request_token("https://app.example/back?x=1");
    let back = decide(&token.0, "allow");
    let location = back.header("location");
    let start = format!(
        "https://app.example/back?x=1&oauth_token={}&oauth_verifier=",
        token.0
    );
    assert!(
        back.status == 302 && location.starts_with(&start),
        "{location}"
    );
    let token = site.request_token("https://app.example/back");
    let denied = decide(&token.0, "deny");
    assert_eq!(
        denied.header("location"),
        format!("https://app.example/back?denied={}", token.0)
    );
    assert_eq!(exchange(&token, "x").status, 401);
}

/// Made with OpenSSL's command line: `openssl enc -aes-128-cbc -K KEY -iv 0 -base64 -A`.
const TOKENS: [(&str, &str); 9] = [
    (
        "UxuvRyfjcgjsLjRykson4Y4I7Vj83Ss664YStBM6QQc2C6FMpH8exozDqNr+93PA1kNWMtHxh6NPHoXsdIcP50ITGQcTSeKLrQWt9nfr4QqieepKy5igjjpA7Hf3DG1c",
        "Zoë",
    ),
    (
        "UxuvRyfjcgjsLjRykson4Y4I7Vj83Ss664YStBM6QQd0iFVYlNwJIgyb00LkwaGdeHtSFLMp5KeF7JNDAk9UFrU2QORu9TYSQs/Z2fn2eIk=",
        "expired at 2020-01-01",
    ),
    (
        "zQ5fNZEyPPgPrNThSUr2E/TQbiyUAvoLhYwf1gUzSgEVRRKNT5mhttMv4y1ezL4k1IQqQHE5iXSkomACiQwnIr+kBjUqJYPaXxJdNi4Y2yg=",
        "wrong key",
    ),
    ("UxuvRyfjcgjsLjRykson4SA8gwT00LbGdhGMcSdNzwM=", "not JSON"),
    (
        "UxuvRyfjcgjsLjRykson4Y4I7Vj83Ss664YStBM6QQc=",
        "broken padding",
    ),
    ("6kqtK1L+yPn8I0qljd2ePw==", "expires is missing"),
    (
        "vjuZM9NMMMVAgiUNUweHCiNanWJWC2IRqNR7bDcpp7ipo4c1z87YvoTYTmfekbDdjogAZB4fghs1z6iDl0NObA==",
        "guid is missing",
    ),
    ("%25%25", "not base64"),
    ("YWJj", "multiple of 16"),
];

#[test]
fn the_front_page_says_why_a_token_is_refused() {
    let site = start(&[]);
    let page = |token: &str| {
        let token = token.replace('+', "%2B");
        site.plain(&format!("/?sso={token}"))
    };
    for (token, says) in TOKENS {
        let page = page(token);
        assert!(page.text.contains(says), "{token}: {}", page.text);
    }
}

#[test]
fn faults_come_when_and_how_they_were_asked_for() {
    let site = start(&[]);
    let path = "/api/v1/forums.json?client=sandbox-trusted-key";
    site.fault(json!({ "path": "/api/v1/forums", "times": 2, "after": 1, "status": 503, "retry_after": "1" }));
    assert_eq!(site.plain(path).status, 200);
    let failed = site.plain(path);
    assert_eq!((failed.status, failed.header("retry-after")), (503, "1"));
    assert_eq!(site.plain(path).status, 503);
    assert_eq!(site.plain(path).status, 200);

    site.fault(json!({ "path": "/api/v1/f*", "not_json": true }));
    assert!(serde_json::from_str::<Value>(&site.plain(path).text).is_err());
    site.fault(json!({ "path": "/api/v1/forums", "truncate": 7 }));
    assert_eq!(site.plain(path).text.len(), 7);
    site.fault(json!({ "path": "/api/v1/forums", "oversize": 200_000 }));
    assert_eq!(site.plain(path).text.len(), 200_000);

    site.fault(json!({ "path": "/api/v1/forums", "close": "before" }));
    assert_eq!(site.raw(path), b"");
    site.fault(json!({ "path": "/api/v1/forums", "close": "middle" }));
    let text = String::from_utf8(site.raw(path)).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2);
    // The whole answer, no word of the end, and the end.
    site.fault(json!({ "path": "/api/v1/forums", "close": "after" }));
    let text = String::from_utf8(site.raw(path)).unwrap();
    assert!(
        text.ends_with("]}") && !text.to_lowercase().contains("connection:"),
        "{text}"
    );

    let wrong = site.control("POST", "faults", json!({ "path": "/", "colour": 1 }));
    assert!(
        wrong.status == 422 && wrong.text.contains("colour"),
        "{}",
        wrong.text
    );
    site.fault(json!({ "path": "/api/v1/forums", "status": 500 }));
    assert_eq!(site.control("DELETE", "faults", Value::Null).status, 204);
    assert_eq!(site.plain(path).status, 200);
}

#[test]
fn a_fault_can_hide_a_call_that_was_made() {
    let site = start(&[]);
    let owner = site.user("owner@sandbox.example");
    let forum = |name: &str| json!({ "forum": { "name": name } });
    site.fault(json!({ "path": "/api/v1/forums", "status": 502 }));
    site.acting(&owner, "POST", "/api/v1/forums", forum("lost"));
    site.fault(json!({ "path": "/api/v1/forums", "status": 502, "apply": true }));
    site.acting(&owner, "POST", "/api/v1/forums", forum("kept"));
    let text = site.get("/api/v1/forums").text;
    assert!(text.contains("kept") && !text.contains("lost"));
    assert_eq!(site.control("POST", "reset", Value::Null).status, 204);
    assert!(!site.get("/api/v1/forums").text.contains("kept"));
}

#[test]
fn the_rate_limit_answers_as_the_service_does() {
    let site = start(&["--rate-limit", "2"]);
    let first = site.get("/api/v1/forums");
    assert_eq!(
        (first.status, first.header("x-rate-limit-remaining")),
        (200, "1")
    );
    site.get("/api/v1/forums");
    let refused = site.get("/api/v1/forums");
    assert_eq!(refused.status, 429);
    assert!(serde_json::from_str::<Value>(&refused.text).is_err());
    let wait = refused.header("retry-after").parse::<i64>().unwrap() - now();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[test]
fn requests_are_written_down() {
    let site = start(&[]);
    site.get("/api/v1/forums?page=1");
    site.plain("/api/v1/users");
    let list = site.control("GET", "requests", Value::Null).json();
    assert_eq!(list[0]["query"], "page=1");
    assert_eq!(
        (&list[0]["signed"], &list[0]["for"]),
        (&json!(true), &json!("sandbox-trusted-key"))
    );
    assert_eq!(
        (&list[1]["signed"], &list[1]["status"]),
        (&json!(false), &json!(401))
    );
    let page = site.plain("/_sandbox").text;
    assert!(page.contains("/api/v1/forums?page=1"));
    site.control("DELETE", "requests", Value::Null);
    assert_eq!(
        site.control("GET", "requests", Value::Null).json(),
        json!([])
    );
}

#[test]
fn tls_with_its_own_authority() {
    use ureq::tls::{Certificate, RootCerts, TlsConfig};
    let site = start(&["--tls"]);
    let file = site.told["ca_file"].as_str().unwrap().to_string();
    let authority = Certificate::from_pem(&std::fs::read(&file).unwrap()).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[authority]))
        .build();
    let http = Agent::new_with_config(Agent::config_builder().tls_config(tls).proxy(None).build());
    assert!(http.get(format!("{}/", site.url())).call().is_ok());
    assert!(site.http.get(format!("{}/", site.url())).call().is_err());
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_it_and_leaves_nothing() {
    let mut site = start(&["--tls"]);
    let file = site.told["ca_file"].as_str().unwrap().to_string();
    let pid = site.process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(site.process.wait().unwrap().success());
    assert!(!std::path::Path::new(&file).exists());
}
