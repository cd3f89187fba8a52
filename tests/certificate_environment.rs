//! Certificate authorities from environment variables. A separate test program, because the
//! test changes its environment.

use std::net::TcpListener;

use uservoice::{Client, Outcome, Status};

#[test]
fn a_wrong_ssl_cert_file_is_an_error_that_names_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let options = format!(
        "{{\"base_url\":\"https://{}\"}}",
        listener.local_addr().unwrap()
    );
    // SAFETY: no other thread of this process uses the environment.
    unsafe { std::env::remove_var("SSL_CERT_DIR") };
    for file in ["/does/not/exist", "/dev/null", "Cargo.toml"] {
        // SAFETY: as above.
        unsafe { std::env::set_var("SSL_CERT_FILE", file) };
        let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
        let error = client.request_json(None, "POST", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Transport);
        assert_eq!(error.outcome(), Outcome::NotSent);
        let message = error.message();
        assert!(message.contains("SSL_CERT_FILE"), "{file}: {message}");
        assert!(message.contains("ca_file"), "{file}: {message}");
    }
}
