//! Webhooks. `webhooks.json` has the names and types of their data, from public fixtures of the
//! service.

use std::net::TcpListener;
use std::sync::mpsc;

use super::*;

/// A program that receives webhooks.
struct Receiver {
    url: String,
    connections: mpsc::Receiver<TcpStream>,
}

struct Webhook {
    event: String,
    data: Value,
    signature: String,
}

impl Receiver {
    fn new() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, connections) = mpsc::channel();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if sender.send(connection.unwrap()).is_err() {
                    return;
                }
            }
        });
        Receiver { url, connections }
    }

    fn start_sandbox(&self) -> Sandbox {
        start(&["--records", "40", "--webhook-url", &self.url])
    }

    /// Receives one webhook and responds with this status.
    fn receive_with(&self, status: &str) -> Webhook {
        let mut stream = self.connections.recv_timeout(TIMEOUT).expect("a webhook");
        let mut text = String::new();
        let mut bytes = [0; 4096];
        while !text.contains("&signature=") {
            let length = stream.read(&mut bytes).unwrap();
            text.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
        }
        let response =
            format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        stream.write_all(response.as_bytes()).unwrap();
        let body = text.split("\r\n\r\n").nth(1).unwrap();
        let fields = form_urlencoded::parse(body.as_bytes()).into_owned();
        let fields: Vec<(String, String)> = fields.collect();
        let field = |name: &str| {
            fields
                .iter()
                .find(|(key, _)| key == name)
                .unwrap()
                .1
                .clone()
        };
        Webhook {
            event: field("event"),
            data: serde_json::from_str(&field("data")).unwrap(),
            signature: field("signature"),
        }
    }

    fn receive(&self) -> Webhook {
        self.receive_with("200 OK")
    }

    /// Receives a webhook with this event, and returns its data.
    fn expect(&self, event: &str) -> Value {
        let webhook = self.receive();
        assert_eq!(webhook.event, event, "{}", webhook.data);
        webhook.data
    }
}

/// Fields that are null if there is nothing to say, although the fixtures have a value.
const OPTIONAL: [&str; 5] = ["assignee", "closed_at", "response", "status", "topic"];

/// Returns the differences between data and its facts: names, types, or a list's items.
fn differences(path: &str, facts: &Value, data: &Value) -> Vec<String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    if facts.is_string() && facts == "null" || data.is_null() && OPTIONAL.contains(&name) {
        return vec![];
    }
    let fits = match (facts, data) {
        (Value::Object(facts), Value::Object(data)) => {
            let missing = facts.keys().filter(|name| !data.contains_key(*name));
            let unknown = data.keys().filter(|name| !facts.contains_key(*name));
            let names = missing.chain(unknown).map(|name| format!("{path}/{name}"));
            let both = facts
                .iter()
                .filter_map(|(name, fact)| Some((name, fact, data.get(name)?)));
            let inner = both.flat_map(|(name, fact, value)| {
                differences(&format!("{path}/{name}"), fact, value)
            });
            return names.chain(inner).collect();
        }
        (Value::Array(facts), Value::Array(data)) => {
            let Some(fact) = facts.first() else {
                return vec![];
            };
            return data
                .iter()
                .flat_map(|item| differences(path, fact, item))
                .collect();
        }
        (Value::String(fact), value) => match fact.as_str() {
            "number" => value.is_u64(),
            "boolean" => value.is_boolean(),
            "url" => value
                .as_str()
                .is_some_and(|url| url.starts_with("http://127.0.0.1:")),
            _ => value.is_string(),
        },
        _ => false,
    };
    if fits {
        vec![]
    } else {
        vec![format!("{path}: {data} is not {facts}")]
    }
}

fn assert_fits(event: &str, data: &Value) {
    let facts: Value = serde_json::from_str(include_str!("webhooks.json")).unwrap();
    let facts = match event {
        // The public services read the suggestion in it.
        "suggestion_votes_update" => &facts["events"]["new_suggestion"],
        event => &facts["events"][event],
    };
    assert_eq!(
        differences(event, facts, data),
        Vec::<String>::new(),
        "{data}"
    );
}

#[test]
fn sends_signed_webhook_for_a_change() {
    let receiver = Receiver::new();
    let sandbox = receiver.start_sandbox();
    let user = sandbox.login("user2@sandbox.example");
    let input = json!({ "suggestion": { "title": "Tea & \"more\"" } });
    sandbox.request_as(&user, "POST", "/api/v1/forums/1/suggestions", input);
    let webhook = receiver.receive();
    assert_eq!(webhook.event, "new_suggestion");
    assert_eq!(webhook.data["suggestion"]["title"], "Tea & \"more\"");
    assert_eq!(
        webhook.data["suggestion"]["creator"]["email"],
        "user2@sandbox.example"
    );
    assert_eq!(webhook.signature.len(), 64);
}

#[test]
fn api_v1_sends_each_event() {
    let receiver = Receiver::new();
    let sandbox = receiver.start_sandbox();
    let owner = sandbox.login("owner@sandbox.example");
    let user = sandbox.login("user3@sandbox.example");
    let send = |token: &Credential, method: &str, path: &str, body: Value, event: &str| {
        let response = sandbox.request_as(token, method, &format!("/api/v1/{path}"), body);
        assert!(response.status < 300, "{path}: {}", response.text);
        let data = receiver.expect(event);
        assert_fits(event, &data);
        data
    };
    let suggestion = "forums/1/suggestions/2";
    let response = json!({ "response": { "text": "Soon", "status_id": 2 } });
    let update = send(
        &owner,
        "PUT",
        &format!("{suggestion}/respond"),
        response,
        "suggestion_status_update",
    );
    let audit = &update["audit_status"];
    assert_eq!(audit["user"]["email"], "owner@sandbox.example");
    assert_eq!(
        (
            &audit["initial_status"],
            &audit["final_status"]["key"],
            &audit["suggestion"]["id"]
        ),
        (&Value::Null, &json!("planned"), &json!(2))
    );
    let response = json!({ "response": { "status_id": 3 } });
    let update = send(
        &owner,
        "PUT",
        &format!("{suggestion}/respond"),
        response,
        "suggestion_status_update",
    );
    assert_eq!(update["audit_status"]["initial_status"]["key"], "planned");

    let comment = json!({ "comment": { "text": "<b>" } });
    let comment = send(
        &user,
        "POST",
        &format!("{suggestion}/comments"),
        comment,
        "new_comment",
    );
    let comment = &comment["comment"];
    assert_eq!(
        (&comment["suggestion_id"], &comment["forum_id"]),
        (&json!("2"), &json!("1"))
    );
    assert_eq!(
        comment["suggestion"]["audit_statuses"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        comment["formatted_text"],
        "<div class=\"typeset\"><p>&lt;b&gt;</p></div>"
    );

    let votes = send(
        &user,
        "POST",
        &format!("{suggestion}/votes"),
        json!({ "to": 3 }),
        "suggestion_votes_update",
    );
    assert_eq!(votes["suggestion"]["supporters_count"], 2);
    let forum = json!({ "forum": { "name": "News" } });
    let forum = send(&owner, "POST", "forums", forum, "new_forum");
    assert_eq!(forum["forum"]["updated_by"]["id"], 1);
    let article = json!({ "article": { "question": "Why?", "answer_html": "Because." } });
    send(&owner, "POST", "articles", article, "new_article");

    let ticket = json!({ "ticket": { "subject": "Help", "message": "It broke",
        "custom_field_values": { "Type": "Problem" } } });
    let ticket = send(&user, "POST", "tickets", ticket, "new_ticket");
    assert_eq!(
        ticket["ticket"]["from_email_address"],
        "user3@sandbox.example"
    );
    assert_eq!(ticket["ticket"]["messages"][0]["body"], "It broke");
    let messages = format!("tickets/{}/ticket_messages", ticket["ticket"]["id"]);
    let reply = json!({ "ticket_message": { "text": "Try again" } });
    let reply = send(&owner, "POST", &messages, reply, "new_ticket_admin_reply");
    assert_eq!(reply["message"]["is_admin_response"], true);
    let answer = json!({ "ticket_message": { "text": "It works" } });
    let answer = send(&user, "POST", &messages, answer, "new_ticket_reply");
    assert_eq!(answer["ticket"]["state"], "open");
    assert_eq!(reply["ticket"]["contact"]["email"], "user3@sandbox.example");
}

#[test]
fn api_v2_sends_events() {
    let receiver = Receiver::new();
    let sandbox = receiver.start_sandbox();
    let token = sandbox.bearer_token();
    let suggestion = json!({ "title": "Tea", "links": { "forum": 1 } });
    sandbox.v2(&token, "POST", "suggestions", suggestion);
    let data = receiver.expect("new_suggestion");
    assert_fits("new_suggestion", &data);
    let path = format!("suggestions/{}", data["suggestion"]["id"]);
    sandbox.v2(&token, "PUT", &path, json!({ "links": { "status": 4 } }));
    let update = receiver.expect("suggestion_status_update");
    assert_fits("suggestion_status_update", &update);
    let suggestion = &update["audit_status"]["suggestion"];
    assert_eq!(suggestion["status"]["key"], "completed");
    assert!(suggestion["closed_at"].is_string());
    let update = json!({ "body": "Soon", "links": { "suggestion": 3, "status": 2 } });
    sandbox.v2(&token, "POST", "status_updates", update);
    let update = receiver.expect("suggestion_status_update");
    assert_fits("suggestion_status_update", &update);
    let audit = &update["audit_status"];
    assert_eq!(audit["final_status"]["key"], "planned");
    assert_eq!(audit["suggestion"]["response"]["text"], "Soon");
    sandbox.v2(&token, "POST", "forums", json!({ "name": "News" }));
    assert_fits("new_forum", &receiver.expect("new_forum"));
}

#[test]
fn control_interface_sends_every_event() {
    const EVENTS: [&str; 11] = [
        "new_suggestion",
        "suggestion_status_update",
        "suggestion_votes_update",
        "new_comment",
        "new_kudo",
        "new_article",
        "new_forum",
        "new_ticket",
        "new_ticket_reply",
        "new_ticket_admin_reply",
        "test",
    ];
    let receiver = Receiver::new();
    let sandbox = receiver.start_sandbox();
    for event in EVENTS {
        let sent = sandbox.control("POST", "webhooks", json!({ "event": event }));
        assert_eq!(sent.status, 204, "{event}: {}", sent.text);
        let data = receiver.expect(event);
        match event {
            "test" => assert_eq!(data, json!({})),
            _ => assert_fits(event, &data),
        }
    }
    let unknown = sandbox.control("POST", "webhooks", json!({ "event": "new_user" }));
    assert_eq!(unknown.status, 422);
    assert!(
        unknown.text.contains("\"new_user\" is unknown"),
        "{}",
        unknown.text
    );
}

#[test]
fn requests_without_a_change_send_nothing() {
    let receiver = Receiver::new();
    let sandbox = receiver.start_sandbox();
    let user = sandbox.login("user3@sandbox.example");
    sandbox.request_as(&user, "GET", "/api/v1/suggestions", Value::Null);
    let blank = json!({ "comment": { "text": " " } });
    sandbox.request_as(&user, "POST", "/api/v1/suggestions/1/comments", blank);
    sandbox.request_as(
        &user,
        "POST",
        "/api/v1/suggestions/9/votes",
        json!({ "to": 2 }),
    );
    // The first webhook is that of the vote.
    let votes = receiver.expect("suggestion_votes_update");
    assert_eq!(votes["suggestion"]["id"], 9);
}

#[test]
fn page_sets_receiver_and_lists_webhooks() {
    let sandbox = start(&["--records", "5"]);
    let page = || sandbox.page("/_sandbox/webhooks");
    let send = || sandbox.post_form("/_sandbox/webhooks/send", &[("event", "test")]);
    let refused = send();
    assert_eq!(refused.status, 422);
    assert!(
        refused.text.contains("role=\"alert\">There is no receiver"),
        "{}",
        refused.text
    );
    let receiver = Receiver::new();
    let set = |url: &str| sandbox.post_form("/_sandbox/webhooks/receiver", &[("url", url)]);
    let invalid = set("ftp://x");
    assert!(
        invalid.status == 422 && invalid.text.contains("URL: not a URL"),
        "{}",
        invalid.text
    );
    assert_eq!(set(&receiver.url).status, 303);
    assert!(page().contains(&receiver.url));

    for status in ["200 OK", "500 Internal Server Error"] {
        assert_eq!(send().status, 303);
        assert_eq!(receiver.receive_with(status).event, "test");
    }
    // Shown once the sandbox has read the response.
    sandbox.wait_for(|| page().contains("<b class=\"bad\">500</b>"));
    assert!(page().contains("<b class=\"good\">200</b>"));
    assert_eq!(set("").status, 303);
    assert_eq!(send().status, 422);
}
