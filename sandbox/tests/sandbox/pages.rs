//! The HTML pages.

use super::*;

#[test]
fn three_legged_login() {
    let sandbox = start(&[]);
    let submit = |token: &str, decision: &str| {
        sandbox.submit_decision(token, decision, "user5@sandbox.example")
    };
    let token = sandbox.request_token("oob");
    let page = sandbox.get_unsigned(&format!("/oauth/authorize?oauth_token={}", token.0));
    assert!(page.text.contains("sandbox-trusted-key") && page.text.contains("Deny"));
    let page = submit(&token.0, "allow").text;
    let verifier = verifier_in(&page);
    let exchange = |token: &Credential, verifier: &str| {
        sandbox.exchange_request_token(&sandbox.trusted_key(), token, verifier)
    };
    assert_eq!(exchange(&token, "wrong").status, 401);
    let user = parse_token(&exchange(&token, verifier).text);
    let current = sandbox
        .request_as(&user, "GET", "/api/v1/users/current", Value::Null)
        .json();
    assert_eq!(current["user"]["email"], "user5@sandbox.example");
    assert_eq!(exchange(&token, verifier).status, 401);

    let token = sandbox.request_token("https://app.example/back?x=1");
    let redirect = submit(&token.0, "allow");
    let location = redirect.header("location");
    let start = format!(
        "https://app.example/back?x=1&oauth_token={}&oauth_verifier=",
        token.0
    );
    assert!(
        redirect.status == 302 && location.starts_with(&start),
        "{location}"
    );
    let token = sandbox.request_token("https://app.example/back");
    let denied = submit(&token.0, "deny");
    assert_eq!(
        denied.header("location"),
        format!("https://app.example/back?denied={}", token.0)
    );
    assert_eq!(exchange(&token, "x").status, 401);
}

#[test]
fn login_validates_callback_and_email() {
    let sandbox = start(&[]);
    const IN_TEXT: &str = "/oauth/request_token";
    const IN_JSON: &str = "/api/v1/oauth/request_token.json";
    let key = sandbox.trusted_key();
    for invalid in [
        "",
        "banana",
        "/back",
        "://x",
        "http://",
        "http://x/\r\nSet-Cookie: a=b",
        "http://x/a b",
    ] {
        for path in [IN_TEXT, IN_JSON] {
            let response = sandbox.post_request_token(path, &key, invalid);
            assert_eq!(response.status, 422, "{invalid:?} {}", response.text);
            assert!(
                response.message().starts_with("oauth_callback is"),
                "{invalid:?}"
            );
        }
    }
    // The signed callback takes precedence, and its fragment stays at the end.
    let callback = "myapp://back?x=1#there";
    let signing = Signing {
        callback: Some(callback),
        ..Signing::default()
    };
    let body = json!({ "oauth_callback": "https://other.example/" });
    let response = sandbox
        .signed_request("POST", IN_JSON, &key, &signing, body)
        .json();
    let token = response["token"]["oauth_token"].as_str().unwrap();
    for email in ["", " ", "jo"] {
        let page = sandbox.submit_decision(token, "allow", email);
        assert_eq!(page.status, 400, "{email:?}");
        assert!(
            page.text.contains("<p class=\"bad\">Email "),
            "{}",
            page.text
        );
    }
    let redirect = sandbox.submit_decision(token, "allow", "user5@sandbox.example");
    let location = redirect.header("location");
    let start = format!("myapp://back?x=1&oauth_token={token}&oauth_verifier=");
    assert!(
        location.starts_with(&start) && location.ends_with("#there"),
        "{location}"
    );
}

#[test]
fn login_pages_report_errors_as_html() {
    let sandbox = start(&[]);
    let gets = [
        "/?sso=a&sso=b",
        "/oauth/authorize",
        "/oauth/authorize?oauth_token=a&oauth_token=b",
        "/api/v2/oauth/auth?client_id=a",
    ];
    let posts = ["/oauth/authorize", "/api/v2/oauth/auth"];
    let responses = gets.map(|path| sandbox.get_unsigned(path)).into_iter();
    let form_responses = posts.map(|path| sandbox.post_form(path, &[("decision", "allow")]));
    for response in responses.chain(form_responses) {
        assert_eq!(response.status, 400, "{}", response.text);
        assert!(response.header("content-type").starts_with("text/html"));
        assert!(response.text.contains("Not possible"), "{}", response.text);
    }
    let invalid_redirect = sandbox.get_unsigned(
        "/api/v2/oauth/auth?client_id=sandbox-trusted-key&redirect_uri=https://x/%0D%0A\
         &response_type=code&code_challenge_method=S256\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
    assert!(
        invalid_redirect.text.contains("not a URL"),
        "{}",
        invalid_redirect.text
    );
}

/// Tokens, and text that the front page shows for them. The AES tokens were created with
/// `openssl enc -aes-128-cbc -K KEY -iv 0 -base64 -A`.
const TOKENS: [(&str, &str); 28] = [
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
    (
        "tnKxeO15xnX/e7V5kI0Now==",
        "not JSON (expected value at line 1 column 1): hello world",
    ),
    ("hz7HxonEQNyUcTbI5ohChg==", "not an object: [&quot;a&quot;]"),
    (
        "HpJVfJvWqBMe6pqucupV3aXZw2rQ2EV4SFGUb1+MDgeT5SvMjO/p9udFgTJdoCVWQyNd1YJtCfEJKcl8OPl6zZoFJ20byQ30xyPg5poeWsM=",
        "sp@example.com",
    ),
    ("MlmWUoUHbFaabrrK0Q1Pug==", "not UTF-8"),
    // Encrypted with a different key; the padding is valid by chance.
    (
        "rcd9S4GksMdKInHstEnx96st+AfdWlKaOTIzi8/2D1LVgCUG1R0GUZtkpgq670LH",
        "wrong key",
    ),
    (
        "YftP4F2wlkXJXZkwuVPSQ3BK2TEwzFcWKbu/CV89+kJlte+zwBkdJoRuXONzomVb",
        "guid is missing",
    ),
    ("%25%25", "not base64"),
    ("YWJj", "multiple of 16"),
    // JSON Web Tokens, created with Python's hmac module.
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMSIsImVtYWlsIjoiam9AZXhhbXBsZS5jb20iLCJkaXNwbGF5X25hbWUiOiJab8OrIiwiZXhwIjozMjQ3MjE0NDAwMH0.nJRUGqQiX5mAIDOk93Q1mIMbPx209k6I0jLsmBtVeno",
        "Zoë",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMSIsImVtYWlsIjoiam9AZXhhbXBsZS5jb20iLCJkaXNwbGF5X25hbWUiOiJab8OrIiwiZXhwIjoxNTc3ODM2ODAwfQ.wzOCUr6f0FohD_xxqs_ks2YioSZxMTz9D7Ur0-Pp4BM",
        "expired at 1577836800",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMSIsImVtYWlsIjoiam9AZXhhbXBsZS5jb20iLCJkaXNwbGF5X25hbWUiOiJab8OrIiwiZXhwIjozMjQ3MjE0NDAwMH0.MzdV6QrUBaXGvvfH6SYI4HjbJaEyRIA_xy_8T9nyOII",
        "wrong key",
    ),
    (
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJndWlkIjoiMSIsImVtYWlsIjoiam9AZXhhbXBsZS5jb20iLCJkaXNwbGF5X25hbWUiOiJab8OrIn0.hV3SslT0ebsLVhfHhKAC0FWeyYSUoZAQ_vyOEFkd8pY",
        "not HS256",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMSIsImV4cCI6MzI0NzIxNDQwMDB9.A4w_i_z0GB88uBMLBMDr97UEhSLUm-GiFBXL6DwJiE8",
        "email is missing",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMSIsImVtYWlsIjoiam9AZXhhbXBsZS5jb20iLCJkaXNwbGF5X25hbWUiOiJab8OrIn0.d7A3kvMl24yky1gg1lR2dJ8fSPiXY6XiJbNaFb03CI8",
        "expires is missing",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjpudWxsLCJlbWFpbCI6ImpvQGV4YW1wbGUuY29tIiwiZXhwIjozMjQ3MjE0NDAwMH0.xr3wuh1zyOgsPWcotoA3v5Td6hQH7aqQnjlUXgklFWY",
        "guid is missing",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjpbMV0sImVtYWlsIjoiam9AZXhhbXBsZS5jb20iLCJleHAiOjMyNDcyMTQ0MDAwfQ.WWxOdjncGsD1r2-SlLHVXq_dINVLUBTP39r5-xFf5_Y",
        "guid is missing",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoib3duZXIiLCJlbWFpbCI6bnVsbCwiZXhwIjozMjQ3MjE0NDAwMH0.hFBvHKGtehqC_EU7u9P_ICKNm687YIEOnXQO1kNh88Q",
        "email is missing",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoib3duZXIiLCJlbWFpbCI6IiIsImV4cCI6MzI0NzIxNDQwMDB9.jv-v7CxpEEN3FfJ8Kjph0vgkN-miEnf0PGLZYfhkNpw",
        "email is missing",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMSIsImVtYWlsIjoiam9AZXhhbXBsZS5jb20iLCJleHAiOjMyNDcyMTQ0MDAwLjV9.1yLK-8syGFm9NLMWcW8qtwi3HjHgxodTFzmgKhCKUho",
        "Logged in",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMSIsImVtYWlsIjoiam9AZXhhbXBsZS5jb20iLCJleHAiOjE1Nzc4MzY4MDAuNX0.X9ChUdtJEG5ArL2zPE2Xin4bCSvGKw4onKm7nk8920M",
        "expired at 1577836800.5",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMSIsImVtYWlsIjoiam9AZXhhbXBsZS5jb20iLCJleHAiOiJzb29uIn0.yryajWreur3X4g7ONeze4lkKbVSDj-89uF9tBPEfKd8",
        "not a number of seconds",
    ),
];

#[test]
fn front_page_reports_why_sso_token_is_invalid() {
    let sandbox = start(&[]);
    let page = |token: &str| {
        let token = token.replace('+', "%2B");
        sandbox.get_unsigned(&format!("/?sso={token}"))
    };
    for (token, expected) in TOKENS {
        let page = page(token);
        assert!(page.text.contains(expected), "{token}: {}", page.text);
    }
}
