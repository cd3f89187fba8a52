//! The pages that people look at.

use super::*;

impl Sandbox {
    /// Opens a URL of this sandbox, or a path.
    fn open(&self, url: &str) -> Response {
        let path = url.strip_prefix(self.url()).unwrap_or(url);
        assert!(path.starts_with('/'), "{url} is not a URL of the sandbox");
        self.get_unsigned(path)
    }

    pub(super) fn page(&self, path: &str) -> String {
        let page = self.open(path);
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        page.text
    }

    fn open_with_cookie(&self, path: &str, cookie: &str) -> String {
        let request = self.http.get(format!("{}{path}", self.url()));
        read_response(request.header("cookie", cookie).call().unwrap()).text
    }
}

/// Returns the values of all fields named `url` or `…_url` in a response.
fn urls(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value.as_str() {
                Some(url) if name == "url" || name.ends_with("_url") => vec![url.to_string()],
                _ => urls(value),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(urls).collect(),
        _ => vec![],
    }
}

#[test]
fn every_url_of_the_api_opens() {
    let sandbox = start(&["--records", "9"]);
    let owner = sandbox.login("owner@sandbox.example");
    let bearer = sandbox.bearer_token();
    let v1 = [
        "users",
        "forums",
        "suggestions",
        "articles",
        "tickets",
        "suggestions/1/comments",
        "suggestions/1/supporters",
        "tickets/1/ticket_messages",
    ]
    .map(|list| sandbox.request_as(&owner, "GET", &format!("/api/v1/{list}"), Value::Null));
    let v2 = ["users", "forums", "suggestions"]
        .map(|list| sandbox.v2(&bearer, "GET", list, Value::Null));
    let mut urls: Vec<String> = v1
        .iter()
        .chain(&v2)
        .flat_map(|list| urls(&list.json()))
        .collect();
    urls.sort_unstable();
    urls.dedup();
    let kinds = [
        "/users/1",
        "/avatars/1.png",
        "/forums/3",
        "/forums/1/suggestions/1",
        "/knowledgebase/articles/1",
        "/admin/tickets/1",
        "/admin/v3/suggestions/1",
    ];
    for kind in kinds {
        assert!(urls.contains(&format!("{}{kind}", sandbox.url())), "{kind}");
    }
    for url in &urls {
        let response = sandbox.http.get(url).call().unwrap();
        assert_eq!(response.status(), 200, "{url}");
        let content_type = response.headers()["content-type"].to_str().unwrap();
        let expected = if url.ends_with(".png") {
            "image/png"
        } else {
            "text/html; charset=utf-8"
        };
        assert_eq!(content_type, expected, "{url}");
    }
}

#[test]
fn pages_show_the_records() {
    let sandbox = start(&[]);
    let shows = |path: &str, texts: &[&str]| {
        let page = sandbox.page(path);
        for text in texts {
            assert!(page.contains(text), "{path}: {text}: {page}");
        }
    };
    shows(
        "/",
        &[
            "sandbox-trusted-key",
            "1,201 suggestions",
            "<b>1,501</b> suggestions",
        ],
    );
    shows(
        "/forums/1",
        &["Export to CSV (2)", "<b>377</b>", "Page 1 of 61"],
    );
    shows(
        "/forums/1?sort=newest&page=2",
        &["Page 2 of 61", "?sort=newest&amp;page=3"],
    );
    shows("/forums/3", &["private", "no suggestions"]);
    let suggestion = [
        "<b>376</b>",
        "Under review",
        "Thank you, we are on it.",
        "1 comment",
        "+1, please!",
    ];
    shows("/forums/1/suggestions/1", &suggestion);
    shows("/admin/v3/suggestions/1", &["quick win", "published"]);
    shows(
        "/users/8",
        &["Sam &quot;Quote&quot; &lt;Tag&gt;", "user7@sandbox.example"],
    );
    shows(
        "/knowledgebase",
        &["Getting started", "/knowledgebase/articles/12"],
    );
    shows(
        "/knowledgebase/articles/3",
        &["How do I do thing 3?", "<p>Press button 3.</p>"],
    );
    shows(
        "/admin/tickets/1",
        &["It does not work.", "A regular customer."],
    );
}

#[test]
fn home_shows_environment_of_this_sandbox() {
    let sandbox = start(&[]);
    let page = sandbox.page("/");
    for (name, value) in [
        ("BASE_URL", sandbox.url()),
        ("SUBDOMAIN", "sandbox"),
        ("API_KEY", "sandbox-trusted-key"),
        ("API_SECRET", "sandbox-trusted-secret"),
        ("SSO_KEY", "sandbox-sso-key"),
    ] {
        let line = format!("export <b>USERVOICE_{name}</b>={value}\n");
        assert!(page.contains(&line), "{line}");
    }
}

#[test]
fn unknown_records_are_not_found() {
    let sandbox = start(&["--records", "5"]);
    for path in [
        "/forums/9",
        "/forums/x",
        "/forums/1/suggestions/99",
        "/forums/2/suggestions/1",
        "/users/999",
        "/avatars/999.png",
        "/avatars/1",
        "/knowledgebase/articles/99",
        "/admin/tickets/99",
        "/admin/v3/suggestions/99",
        "/_sandbox/journal/99",
    ] {
        let page = sandbox.open(path);
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text.contains("<h1>Not found</h1>"), "{path}");
    }
}

#[test]
fn pages_escape_what_users_wrote() {
    const TITLE: &str = "<script>alert('&')</script>";
    const ESCAPED: &str = "&lt;script&gt;alert('&amp;')&lt;/script&gt;";
    let sandbox = start(&["--records", "1"]);
    let user = sandbox.login("<i>@sandbox.example");
    let input = json!({ "suggestion": { "title": TITLE, "text": TITLE } });
    let created = sandbox.request_as(&user, "POST", "/api/v1/forums/1/suggestions", input);
    let suggestion = created.json()["suggestion"].take();
    let one = format!("/api/v1/suggestions/{}", suggestion["id"]);
    let comment = json!({ "comment": { "text": TITLE } });
    sandbox.request_as(&user, "POST", &format!("{one}/comments"), comment);
    sandbox.get_unsigned("/api/v1/forums?client=%3Cscript%3E");
    let path = suggestion["path"].as_str().unwrap();
    let profile = format!("/users/{}", suggestion["creator"]["id"]);
    let forum = sandbox.page("/forums/1");
    let suggestion = sandbox.page(path);
    assert!(forum.contains(ESCAPED));
    // The title twice, the text and the comment.
    assert_eq!(suggestion.matches(ESCAPED).count(), 4, "{suggestion}");
    let journal = sandbox.page("/_sandbox");
    for page in [
        forum,
        suggestion,
        journal,
        sandbox.page(&profile),
        sandbox.page("/"),
    ] {
        assert!(
            !page.contains("<script>") && !page.contains("<i>"),
            "{page}"
        );
    }
    let policy = sandbox.open("/");
    assert!(
        policy
            .header("content-security-policy")
            .contains("script-src 'self'")
    );
}

/// A token of {"guid":"1","email":"jo@example.com","display_name":"Zoë","exp":32472144000}.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMSIsImVtYWlsIjoiam9AZXhhbXBsZS5jb20iLCJkaXNwbGF5X25hbWUiOiJab8OrIiwiZXhwIjozMjQ3MjE0NDAwMH0.nJRUGqQiX5mAIDOk93Q1mIMbPx209k6I0jLsmBtVeno";

fn cookie(response: &Response) -> String {
    response
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .into()
}

#[test]
fn sso_token_signs_in() {
    let sandbox = start(&[]);
    let response = sandbox.open(&format!("/?sso={TOKEN}"));
    assert!(
        response
            .text
            .contains("Signed in as <a href=\"/users/251\">Zoë</a>")
    );
    let cookie = cookie(&response);
    assert!(
        sandbox
            .open_with_cookie("/forums/1", &cookie)
            .contains("Zoë</a>")
    );
    assert!(!sandbox.page("/forums/1").contains("Signed in"));
    let wrong = "uservoice_sandbox_session=guess";
    assert!(
        !sandbox
            .open_with_cookie("/forums/1", wrong)
            .contains("Signed in")
    );

    let request = sandbox
        .http
        .post(format!("{}/_sandbox/sign_out", sandbox.url()));
    let signed_out = request.header("cookie", &cookie).send_empty().unwrap();
    assert_eq!(signed_out.status(), 303);
    assert!(
        !sandbox
            .open_with_cookie("/forums/1", &cookie)
            .contains("Signed in")
    );
}

#[test]
fn sso_link_with_return_path_signs_in() {
    let sandbox = start(&[]);
    let links = [
        (format!("/forums/1?sso={TOKEN}"), "/forums/1"),
        (
            format!("/forums/1/suggestions/7?a=b&sso={TOKEN}&c=%20d"),
            "/forums/1/suggestions/7?a=b&c=%20d",
        ),
        (format!("/knowledgebase?sso={TOKEN}"), "/knowledgebase"),
    ];
    for (link, page) in links {
        let response = sandbox.open(&link);
        assert_eq!(response.status, 303, "{link}: {}", response.text);
        assert_eq!(response.header("location"), page);
        let cookie = cookie(&response);
        assert!(sandbox.open_with_cookie(page, &cookie).contains("Zoë</a>"));
    }
    let invalid = sandbox.open("/forums/1?sso=guess");
    assert_eq!(invalid.status, 401, "{}", invalid.text);
    assert!(invalid.text.contains("token is invalid"));
    assert_eq!(sandbox.open("/unknown?sso=guess").status, 404);
}

#[test]
fn email_address_signs_in() {
    let sandbox = start(&[]);
    let sign_in = |email: &str| sandbox.post_form("/_sandbox/sign_in", &[("email", email)]);
    let response = sign_in("user3@sandbox.example");
    assert_eq!((response.status, response.header("location")), (303, "/"));
    let home = sandbox.open_with_cookie("/", &cookie(&response));
    assert!(
        home.contains("Signed in as <a href=\"/users/4\">Maria O'Neil</a>"),
        "{home}"
    );
    assert_eq!(sign_in("nobody@sandbox.example").status, 404);
    sandbox.control("POST", "reset", Value::Null);
    assert!(
        !sandbox
            .open_with_cookie("/", &cookie(&response))
            .contains("Signed in")
    );
}

#[test]
fn visitor_votes_and_comments() {
    let sandbox = start(&["--records", "3"]);
    let signed_in = sandbox.post_form("/_sandbox/sign_in", &[("email", "user3@sandbox.example")]);
    let cookie = cookie(&signed_in);
    let path = "/forums/1/suggestions/2";
    assert!(sandbox.page(path).contains(">Sign in</a> to vote"));
    let post = |path: &str, field: (&str, &str), cookie: &str| {
        let request = sandbox.http.post(format!("{}{path}", sandbox.url()));
        read_response(request.header("cookie", cookie).send_form([field]).unwrap())
    };
    let votes = format!("{path}/votes");
    let comments = format!("{path}/comments");
    let voted = post(&votes, ("to", "3"), &cookie);
    assert_eq!((voted.status, voted.header("location")), (303, path));
    assert_eq!(post(&comments, ("text", "<b>Tea</b>"), &cookie).status, 303);
    let requests = sandbox.requests();
    let last = requests.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["for"], &last["signed"]),
        (&json!("user3@sandbox.example"), &json!(false))
    );
    let page = sandbox.open_with_cookie(path, &cookie);
    for text in [
        "&lt;b&gt;Tea&lt;/b&gt;",
        "1 comment",
        "2 supporters",
        "<option selected>3</option>",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    post(&votes, ("to", "0"), &cookie);
    assert!(sandbox.page(path).contains("1 supporter<"));

    assert_eq!(post(&votes, ("to", "4"), &cookie).status, 400);
    assert_eq!(post(&comments, ("text", " "), &cookie).status, 400);
    assert_eq!(post(&comments, ("text", "x"), "").status, 401);
    assert_eq!(
        post("/forums/2/suggestions/2/votes", ("to", "1"), &cookie).status,
        404
    );
}

#[test]
fn attachment_of_a_ticket_opens() {
    let sandbox = start(&["--records", "1"]);
    let user = sandbox.login("user3@sandbox.example");
    let attachment = json!({ "name": "a.html", "data": "PGI+", "content_type": "text/html" });
    let ticket =
        json!({ "ticket": { "subject": "x", "message": "y", "attachments": [attachment] } });
    let ticket = sandbox
        .request_as(&user, "POST", "/api/v1/tickets", ticket)
        .json();
    let url = &ticket["ticket"]["messages"][0]["attachments"][0]["url"];
    let file = sandbox.open(url.as_str().unwrap());
    assert_eq!((file.status, file.text.as_str()), (200, "<b>"));
    assert_eq!(file.header("content-disposition"), "attachment");
    let page = sandbox.page(&format!("/admin/tickets/{}", ticket["ticket"]["id"]));
    assert!(page.contains(url.as_str().unwrap().strip_prefix(sandbox.url()).unwrap()));
    assert_eq!(sandbox.open("/ticket_messages/1/attachments/0").status, 404);
}
