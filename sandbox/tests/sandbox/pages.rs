//! The pages for people.

use super::*;

#[test]
fn a_three_legged_login_by_the_page() {
    let site = start(&[]);
    let decide =
        |token: &str, decision: &str| site.decide(token, decision, "user5@sandbox.example");
    let token = site.request_token("oob");
    let asked = site.plain(&format!("/oauth/authorize?oauth_token={}", token.0));
    assert!(asked.text.contains("sandbox-trusted-key") && asked.text.contains("Deny"));
    let page = decide(&token.0, "allow").text;
    let verifier = verifier_on(&page);
    let exchange = |token: &Pair, verifier: &str| site.exchange(&site.trusted(), token, verifier);
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

#[test]
fn what_a_login_is_given_is_checked() {
    let site = start(&[]);
    const IN_TEXT: &str = "/oauth/request_token";
    const IN_JSON: &str = "/api/v1/oauth/request_token.json";
    let key = site.trusted();
    for bad in [
        "",
        "banana",
        "/back",
        "://x",
        "http://",
        "http://x/\r\nSet-Cookie: a=b",
        "http://x/a b",
    ] {
        for path in [IN_TEXT, IN_JSON] {
            let answer = site.ask_for_request_token(path, &key, bad);
            assert_eq!(answer.status, 422, "{bad:?} {}", answer.text);
            assert!(answer.message().starts_with("oauth_callback is"), "{bad:?}");
        }
    }
    // The callback that was signed counts, and its fragment stays at the end.
    let callback = "myapp://back?x=1#there";
    let how = Signing {
        callback: Some(callback),
        ..PLAIN
    };
    let body = json!({ "oauth_callback": "https://other.example/" });
    let answer = site.call("POST", IN_JSON, &key, &how, body).json();
    let token = answer["token"]["oauth_token"].as_str().unwrap();
    for email in ["", " ", "jo"] {
        let page = site.decide(token, "allow", email);
        assert_eq!(page.status, 400, "{email:?}");
        assert!(
            page.text.contains("<p class=\"bad\">Email "),
            "{}",
            page.text
        );
    }
    let back = site.decide(token, "allow", "user5@sandbox.example");
    let location = back.header("location");
    let start = format!("myapp://back?x=1&oauth_token={token}&oauth_verifier=");
    assert!(
        location.starts_with(&start) && location.ends_with("#there"),
        "{location}"
    );
}

#[test]
fn pages_for_people_are_pages_when_they_refuse() {
    let site = start(&[]);
    let gets = [
        "/?sso=a&sso=b",
        "/oauth/authorize",
        "/oauth/authorize?oauth_token=a&oauth_token=b",
        "/api/v2/oauth/auth?client_id=a",
    ];
    let posts = ["/oauth/authorize", "/api/v2/oauth/auth"];
    let answers = gets.map(|path| site.plain(path)).into_iter();
    let posted = posts.map(|path| site.form(path, &[("decision", "allow")]));
    for answer in answers.chain(posted) {
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(answer.text.contains("Not possible"), "{}", answer.text);
    }
    let nowhere = site.plain(
        "/api/v2/oauth/auth?client_id=sandbox-trusted-key&redirect_uri=https://x/%0D%0A\
         &response_type=code&code_challenge_method=S256\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
    assert!(nowhere.text.contains("not a URL"), "{}", nowhere.text);
}

/// Made with OpenSSL's command line: `openssl enc -aes-128-cbc -K KEY -iv 0 -base64 -A`.
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
    // Of another key, and by chance its padding is good.
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
    // JSON Web Tokens, made with Python's hmac.
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
