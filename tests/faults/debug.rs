//! What `{:?}` shows of each public type: no secret, nor anybody's data.

use std::fmt::Debug;

use uservoice::{Client, Collection, Export, Token};

use crate::server::{Server, answer, ok};

/// Whatever is secret in this test has it in it.
const HIDDEN: &str = "hidden";

fn shows_nothing(it: &dyn Debug) {
    for shown in [format!("{it:?}"), format!("{it:#?}")] {
        assert!(!shown.is_empty() && !shown.contains(HIDDEN), "{shown}");
    }
}

#[test]
fn handles_tokens_and_errors() {
    let refusal = r#"{"errors":{"type":"record_invalid","message":"no","email":"hidden@a.test"}}"#;
    let server = Server::answering(move |request| {
        if request.starts_with("POST /api/v2/oauth/token ") {
            return ok("{\"access_token\":\"hidden\",\"refresh_token\":\"hidden\"}");
        }
        match request.contains("oauth_verifier") {
            true => ok("oauth_token=hidden&oauth_token_secret=hidden"),
            false => answer("422 No", "X: hidden\r\n", refusal),
        }
    });
    let options = format!(
        "{{\"base_url\":\"{}\",\"callback\":\"https://a.test/hidden\",\"user_agent\":\"hidden\"}}",
        server.base_url
    );
    let new = |options: &str| Client::new("acme", "hidden-key", Some("hidden"), Some(options));
    let client = new(&options).unwrap();
    shows_nothing(&client);
    shows_nothing(&client.with_options(Some("{\"proxy\":\"http://hidden:hidden@127.0.0.1:1\"}")));

    let given = Token::new("hidden", "hidden").unwrap();
    let bearer = client.login_with_password("hidden", "hidden").unwrap();
    shows_nothing(&given);
    shows_nothing(&Token::from_json(&given.to_json()));
    shows_nothing(&client.login_with_verifier(&given, "hidden").unwrap());
    shows_nothing(&bearer);
    shows_nothing(&Token::from_json(&bearer.to_json()));
    shows_nothing(&client.authorize_code_url("https://a.test/hidden", Some("hidden")));

    let params = Some("{\"q\":\"hidden\"}");
    let list = Collection::new(&client, Some(&given), "/users?a=hidden", params, None).unwrap();
    shows_nothing(&list);
    shows_nothing(&list.len());
    shows_nothing(&client.call(Some(&bearer), "POST", "/a?b=hidden", params));
    let directory = std::env::temp_dir().join(format!("uservoice-debug-{}", std::process::id()));
    let resources = "{\"resources\":[{\"name\":\"users\",\"path\":\"/users?a=hidden\"}]}";
    let export = Export::new(&client, Some(&given), &directory, resources).unwrap();
    shows_nothing(&export);
    drop(export);
    std::fs::remove_dir_all(&directory).unwrap();

    // Refused: the error is about them.
    shows_nothing(&Client::new(
        "a.b",
        "hidden",
        Some("hidden\n"),
        Some("\"hidden\""),
    ));
    shows_nothing(&Client::new("acme", "hidden\n", Some("hidden"), None));
    shows_nothing(&new("\"hidden\""));
    shows_nothing(&new("{\"proxy\":\"hidden://hidden\"}"));
    shows_nothing(&new("{\"proxy\":\"http://u:hidden@\"}"));
    shows_nothing(&Token::new("hidden\n", "hidden"));
    shows_nothing(&Token::new("hidden", "hidden\n"));
    shows_nothing(&Token::from_json("\"hidden\""));
    shows_nothing(&Token::from_json("{\"type\":\"hidden\"}"));
    shows_nothing(&Token::from_json("{\"token\":\"hidden\"}"));
    shows_nothing(&uservoice::sso::decrypt("acme", "hidden", "hidden"));
    shows_nothing(&uservoice::sso::jwt_verify("hidden", "hidden", 0));
    shows_nothing(&uservoice::webhook::verify("hidden", b"hidden", "hidden"));
}
