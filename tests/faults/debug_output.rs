//! The `Debug` output of public types has neither secrets nor data of users.

use std::fmt::Debug;

use uservoice::{Client, Collection, Export, Token};

use crate::server::{Server, ok, response};

/// Part of every secret in this test.
const HIDDEN: &str = "hidden";

fn assert_hides(value: &dyn Debug) {
    for output in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!output.is_empty() && !output.contains(HIDDEN), "{output}");
    }
}

#[test]
fn debug_output_hides_secrets_and_user_data() {
    let refusal = r#"{"errors":{"type":"record_invalid","message":"no","email":"hidden@a.test"}}"#;
    let server = Server::with_handler(move |request| {
        if request.starts_with("POST /api/v2/oauth/token ") {
            return ok("{\"access_token\":\"hidden\",\"refresh_token\":\"hidden\"}");
        }
        match request.contains("oauth_verifier") {
            true => ok("oauth_token=hidden&oauth_token_secret=hidden"),
            false => response("422 No", "X: hidden\r\n", refusal),
        }
    });
    let options = format!(
        "{{\"base_url\":\"{}\",\"callback\":\"https://a.test/hidden\",\"user_agent\":\"hidden\"}}",
        server.base_url
    );
    let new = |options: &str| Client::new("acme", "hidden-key", Some("hidden"), Some(options));
    let client = new(&options).unwrap();
    assert_hides(&client);
    assert_hides(&client.with_options(Some("{\"proxy\":\"http://hidden:hidden@127.0.0.1:1\"}")));

    let token = Token::new("hidden", "hidden").unwrap();
    let bearer = client.login_with_password("hidden", "hidden").unwrap();
    assert_hides(&token);
    assert_hides(&Token::from_json(&token.to_json()));
    assert_hides(&client.login_with_verifier(&token, "hidden").unwrap());
    assert_hides(&bearer);
    assert_hides(&Token::from_json(&bearer.to_json()));
    assert_hides(&client.authorize_code_url("https://a.test/hidden", Some("hidden")));

    let params = Some("{\"q\":\"hidden\"}");
    let collection =
        Collection::new(&client, Some(&token), "/users?a=hidden", params, None).unwrap();
    assert_hides(&collection);
    assert_hides(&collection.len());
    assert_hides(&client.request_json(Some(&bearer), "POST", "/a?b=hidden", params));
    let directory = std::env::temp_dir().join(format!("uservoice-debug-{}", std::process::id()));
    let resources = "{\"resources\":[{\"name\":\"users\",\"path\":\"/users?a=hidden\"}]}";
    let export = Export::new(&client, Some(&token), &directory, resources).unwrap();
    assert_hides(&export);
    drop(export);
    std::fs::remove_dir_all(&directory).unwrap();

    // Errors about invalid secrets.
    assert_hides(&Client::new(
        "a.b",
        "hidden",
        Some("hidden\n"),
        Some("\"hidden\""),
    ));
    assert_hides(&Client::new("acme", "hidden\n", Some("hidden"), None));
    assert_hides(&new("\"hidden\""));
    assert_hides(&new("{\"proxy\":\"hidden://hidden\"}"));
    assert_hides(&new("{\"proxy\":\"http://u:hidden@\"}"));
    assert_hides(&Token::new("hidden\n", "hidden"));
    assert_hides(&Token::new("hidden", "hidden\n"));
    assert_hides(&Token::from_json("\"hidden\""));
    assert_hides(&Token::from_json("{\"type\":\"hidden\"}"));
    assert_hides(&Token::from_json("{\"token\":\"hidden\"}"));
    assert_hides(&uservoice::sso::decrypt("acme", "hidden", "hidden"));
    assert_hides(&uservoice::sso::jwt_verify("hidden", "hidden", 0));
    assert_hides(&uservoice::webhook::verify("hidden", b"hidden", "hidden"));
}
