//! HTTP proxies: tunnels, what a proxy sees of a request, and proxies that fail.

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use rcgen::CertificateParams;
use uservoice::{Client, Outcome, Status};

use crate::server::{NO_TIMEOUT, Server, ok, read_request};
use crate::tls_server::{Authority, start, tls, with_server_names};

/// A proxy whose tunnels all lead to one server. It records what it sees.
struct Proxy {
    address: String,
    connects: Receiver<String>,
    /// Bytes that went through the tunnels to the server.
    sent: Receiver<Vec<u8>>,
}

impl Proxy {
    fn to(base_url: &str) -> Self {
        let target = base_url.split_once("://").unwrap().1.to_owned();
        Proxy::start("127.0.0.1:0", move || {
            ("200 Connection established", Some(target.clone()))
        })
    }

    fn refusing(status: &'static str) -> Self {
        Proxy::start("127.0.0.1:0", move || (status, None))
    }

    fn start(
        address: &str,
        respond: impl Fn() -> (&'static str, Option<String>) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (connect, connects) = channel();
        let (piece, sent) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read_request(&stream) else {
                    continue;
                };
                connect.send(request).unwrap();
                let (status, target) = respond();
                write!(stream, "HTTP/1.1 {status}\r\n\r\n").unwrap();
                if let Some(target) = target {
                    tunnel(stream, TcpStream::connect(target).unwrap(), piece.clone());
                }
            }
        });
        Proxy {
            address,
            connects,
            sent,
        }
    }

    fn bytes_sent(self) -> Vec<u8> {
        self.sent.try_iter().flatten().collect()
    }
}

fn tunnel(client: TcpStream, server: TcpStream, sent: Sender<Vec<u8>>) {
    let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || copy(from, to, |bytes| drop(sent.send(bytes.to_vec()))));
    thread::spawn(move || copy(server, client, |_| ()));
}

fn copy(mut from: TcpStream, mut to: TcpStream, record: impl Fn(&[u8])) {
    use std::io::Read;
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        record(&buffer[..read]);
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes
        .windows(part.len())
        .any(|window| window == part.as_bytes())
}

fn client(options: &str) -> Client {
    Client::new("acme", "key", Some("secret"), Some(options)).unwrap()
}

#[test]
fn sends_plain_http_through_a_tunnel() {
    let server = Server::start(vec![ok("1"), ok("2")]);
    let proxy = Proxy::to(&server.base_url);
    // The proxy resolves the name, which does not exist.
    let client = client(&format!(
        "{{\"base_url\":\"http://site.invalid\",\"allow_insecure\":true,\"proxy\":\"http://{}\"}}",
        proxy.address
    ));
    assert_eq!(client.request_json(None, "GET", "/a", None).unwrap(), "1");
    assert_eq!(client.request_json(None, "GET", "/b", None).unwrap(), "2");
    let connect = proxy.connects.recv().unwrap();
    assert!(
        connect.starts_with("CONNECT site.invalid:80 HTTP/1.1\r\n"),
        "{connect}"
    );
    assert!(
        !connect.to_lowercase().contains("authorization"),
        "{connect}"
    );
    // Both requests went through one tunnel.
    assert!(proxy.connects.try_recv().is_err());
    let request = server.request();
    assert!(request.starts_with("GET /a HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("host: site.invalid\r\n"), "{request}");
}

/// The proxy decides where a tunnel leads, so the certificate must be for the site.
#[test]
fn verifies_the_sites_name_through_a_tunnel() {
    let authority = Authority::new();
    let certificate_for = |name: &str| {
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let identity = authority.certify(|certified| *certified = params);
        identity.config(rustls::ALL_VERSIONS)
    };
    let (serve, names) = with_server_names(certificate_for("acme.site.invalid"));
    let (base_url, _) = start("127.0.0.1:0", serve);
    let proxy = Proxy::to(&base_url);
    let client = |proxy: &Proxy| {
        let (file, address) = (authority.file(), &proxy.address);
        self::client(&format!(
            "{{\"uservoice_domain\":\"site.invalid\",\"ca_file\":{file:?},\"proxy\":\"http://{address}\"}}"
        ))
    };
    assert_eq!(
        client(&proxy)
            .request_json(None, "POST", "/a", None)
            .unwrap(),
        "1"
    );
    let connect = proxy.connects.recv().unwrap();
    assert!(connect.starts_with("CONNECT acme.site.invalid:443 HTTP/1.1\r\n"));
    assert_eq!(names.recv().unwrap().as_deref(), Some("acme.site.invalid"));

    let (base_url, _) = start(
        "127.0.0.1:0",
        tls(certificate_for("127.0.0.1"), 1, |_| ok("1")),
    );
    let other_proxy = Proxy::to(&base_url);
    let error = client(&other_proxy)
        .request_json(None, "POST", "/a", None)
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.message().contains("is not valid for"), "{error}");
}

#[test]
fn proxy_and_site_receive_only_their_own_credentials() {
    let authority = Authority::new();
    let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
    let (base_url, _) = start("127.0.0.1:0", tls(config, 2, |_| ok("1")));
    let proxy = Proxy::to(&base_url);
    let client = client(&authority.options(
        &base_url,
        &format!(",\"proxy\":\"http://person:p%40ss@{}\"", proxy.address),
    ));
    assert_eq!(
        client
            .request_json(None, "POST", "/path-of-mine", None)
            .unwrap(),
        "1"
    );
    let connect = proxy.connects.recv().unwrap();
    // base64 of "person:p@ss"
    assert!(
        connect.contains("Proxy-Authorization: Basic cGVyc29uOnBAc3M=\r\n"),
        "{connect}"
    );
    assert!(
        !connect.contains("OAuth") && !connect.contains("path-of-mine"),
        "{connect}"
    );
    drop(client);
    let sent = proxy.bytes_sent();
    assert!(sent.len() > 100);
    for secret in ["OAuth", "path-of-mine", "cGVyc29uOnBAc3M="] {
        assert!(!contains(&sent, secret), "{secret}");
    }

    // The request that the site receives, here without TLS.
    let server = Server::start(vec![ok("1")]);
    let proxy = Proxy::to(&server.base_url);
    let client = self::client(&format!(
        "{{\"base_url\":\"{}\",\"proxy\":\"http://person:p%40ss@{}\"}}",
        server.base_url, proxy.address
    ));
    client.request_json(None, "GET", "/a", None).unwrap();
    let request = server.request().to_lowercase();
    assert!(request.contains("authorization: oauth"), "{request}");
    assert!(
        !request.contains("proxy-authorization") && !request.contains("basic"),
        "{request}"
    );
}

/// RFC 9110, section 9.3.6: the class 2xx opens the tunnel, and there is no body.
#[test]
fn any_status_of_success_opens_a_tunnel() {
    let many_fields = format!("200 OK{}", "\r\nX: a".repeat(500));
    for status in [
        many_fields.leak(),
        "200 OK",
        "201 Created",
        "204 No Content",
        "200 OK\r\nContent-Length: 5",
        "200 OK\r\nTransfer-Encoding: chunked",
        "200 OK\r\nX: a\r\n\tb",
        "100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 200 OK",
    ] {
        let server = Server::start(vec![ok("1")]);
        let target = server.base_url.split_once("://").unwrap().1.to_owned();
        let proxy = Proxy::start("127.0.0.1:0", move || (status, Some(target.clone())));
        let client = server.client(&format!(",\"proxy\":\"http://{}\"", proxy.address));
        let result = client.request_json(None, "POST", "/a", None);
        assert_eq!(result.unwrap(), "1", "{status}");
    }
}

#[test]
fn a_proxy_that_refuses_the_credentials_is_asked_once() {
    const OTHER_SCHEME: &str = "407 No\r\nProxy-Authenticate: Negotiate, Basically";
    const TWO_SCHEMES: &str = "407 No\r\nProxy-Authenticate: Digest realm=\"a\", basic realm=\"a\"";
    for (status, user, problem) in [
        (
            "407 No",
            "u:hidden@",
            "it refuses the user name and password",
        ),
        (
            "401 No",
            "u:hidden@",
            "it refuses the user name and password",
        ),
        (
            "407 No",
            "",
            "its URL must contain a user name and a password",
        ),
        (
            OTHER_SCHEME,
            "u:hidden@",
            "it does not accept Basic authentication",
        ),
        (
            TWO_SCHEMES,
            "u:hidden@",
            "it refuses the user name and password",
        ),
        (
            "403 No",
            "u:hidden@",
            "it responded with the status code 403",
        ),
        (
            "101 Switching Protocols",
            "u:hidden@",
            "it responded with the status code 101",
        ),
    ] {
        let proxy = Proxy::refusing(status);
        let client = client(&format!(
            "{{\"base_url\":\"http://127.0.0.1:9\",\"proxy\":\"http://{user}{}\"}}",
            proxy.address
        ));
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Transport);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.message().contains(problem), "{error}");
        assert!(error.message().contains(&status[..3]), "{error}");
        assert!(!error.message().contains("hidden"), "{error}");
        assert_eq!(proxy.connects.try_iter().count(), 1, "{status}");
    }
}

#[test]
fn proxies_that_fail_for_the_moment_are_asked_again() {
    let proxy = Proxy::refusing("503 Busy");
    let client = client(&format!(
        "{{\"base_url\":\"http://127.0.0.1:9\",\"max_retries\":1,\"proxy\":\"http://{}\"}}",
        proxy.address
    ));
    client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(proxy.connects.try_iter().count(), 2);
}

#[test]
fn proxies_see_the_user_agent_of_the_client() {
    let server = Server::start(vec![ok("1")]);
    let proxy = Proxy::to(&server.base_url);
    let options = format!(
        ",\"proxy\":\"http://{}\",\"user_agent\":\"app/1\"",
        proxy.address
    );
    let client = server.client(&options);
    client.request_json(None, "GET", "/a", None).unwrap();
    let request = server.request();
    let sent = request
        .lines()
        .find(|line| line.starts_with("user-agent: "));
    let connect = proxy.connects.recv().unwrap();
    let seen = connect
        .lines()
        .find(|line| line.starts_with("User-Agent: "));
    assert!(seen.unwrap().contains("app/1"), "{connect}");
    assert_eq!(seen.unwrap().to_lowercase(), sent.unwrap());
}

#[test]
fn rejects_invalid_responses_to_connect() {
    let long = format!("200 OK\r\nX: {}", "x".repeat(100_000));
    for status in ["OK", "200 OK\r\nno colon", long.leak()] {
        let proxy = Proxy::refusing(status);
        let client = client(&format!(
            "{{\"base_url\":\"http://127.0.0.1:9\",\"max_retries\":0,\"proxy\":\"http://{}\"}}",
            proxy.address
        ));
        let error = client.request_json(None, "POST", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Transport);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.message().contains("proxy"), "{error}");
    }
}

#[test]
fn failing_proxies_are_transport_errors() {
    for status in [
        "407 Proxy Authentication Required",
        "403 Forbidden",
        "502 Bad Gateway",
    ] {
        let proxy = Proxy::refusing(status);
        let client = client(&format!(
            "{{\"base_url\":\"http://127.0.0.1:9\",\"max_retries\":0,\"proxy\":\"http://u:hidden@{}\"}}",
            proxy.address
        ));
        let error = client.request_json(None, "POST", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Transport);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.message().contains("proxy"), "{error}");
        assert!(error.message().contains(&status[..3]), "{error}");
        assert!(!error.message().contains("hidden"), "{error}");
    }
    let closed_address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let client = client(&format!(
        "{{\"base_url\":\"http://127.0.0.1:9\",\"max_retries\":0,\"proxy\":\"http://u:hidden@{closed_address}\"}}"
    ));
    let error = client.request_json(None, "POST", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert!(!error.message().contains("hidden"), "{error}");
}

#[test]
fn stalling_proxies_end_with_the_timeout() {
    // One never responds, and one sends a byte every 20 ms.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let slow = TcpListener::bind("127.0.0.1:0").unwrap();
    let addresses = [&silent, &slow].map(|listener| listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in slow.incoming() {
            let mut stream = stream.unwrap();
            let mut piece = "HTTP/1.1 200 OK\r\nX: ";
            while stream.write_all(piece.as_bytes()).is_ok() {
                piece = "x";
                thread::sleep(Duration::from_millis(20));
            }
        }
    });
    for address in addresses {
        for limit in ["timeout_ms", "connect_timeout_ms"] {
            let client = client(&format!(
                "{{\"base_url\":\"http://127.0.0.1:9\"{NO_TIMEOUT},\"max_retries\":0,\"{limit}\":200,\"proxy\":\"http://{address}\"}}"
            ));
            let error = client.request_json(None, "POST", "/a", None).unwrap_err();
            assert_eq!(error.status(), Status::Timeout, "{error}");
            assert_eq!(error.outcome(), Outcome::NotSent);
        }
    }
}

#[test]
fn cancel_ends_the_wait_for_a_proxy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(&format!(
        "{{\"base_url\":\"http://127.0.0.1:9\"{NO_TIMEOUT},\"proxy\":\"http://{}\"}}",
        listener.local_addr().unwrap()
    ));
    thread::scope(|scope| {
        let call = scope.spawn(|| client.request_json(None, "POST", "/a", None));
        let (stream, _) = listener.accept().unwrap();
        read_request(&stream).unwrap();
        client.cancel();
        let error = call.join().unwrap().unwrap_err();
        assert_eq!(error.status(), Status::Cancelled);
        assert_eq!(error.outcome(), Outcome::NotSent);
    });
}

#[test]
fn connects_to_site_and_proxy_over_ipv6() {
    let server = Server::start_on("[::1]:0", vec![ok("1"), ok("2")]);
    assert!(
        server.base_url.starts_with("http://[::1]:"),
        "{}",
        server.base_url
    );
    let direct = server.client(",\"proxy\":\"\"");
    assert_eq!(direct.request_json(None, "GET", "/a", None).unwrap(), "1");
    drop(direct);
    let target = server.base_url.split_once("://").unwrap().1.to_owned();
    let proxy = Proxy::start("[::1]:0", move || ("200 OK", Some(target.clone())));
    let client = server.client(&format!(",\"proxy\":\"http://{}\"", proxy.address));
    assert_eq!(client.request_json(None, "GET", "/a", None).unwrap(), "2");
    let connect = proxy.connects.recv().unwrap();
    assert!(connect.starts_with("CONNECT [::1]:"), "{connect}");
}

/// Otherwise its failure would look like one of the site.
#[test]
fn errors_name_an_unreachable_proxy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let options = format!(
        "{{\"base_url\":\"https://a.invalid\",\"proxy\":\"http://jo:hidden@{address}\",\"max_retries\":0}}"
    );
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    let beginning = format!("GET /a: https://a.invalid (through the proxy {address}): ");
    assert!(error.message().starts_with(&beginning), "{error}");
    assert!(!error.message().contains("hidden"));
}

/// Plain http to a loopback host is permitted because it stays on this machine.
#[test]
fn rejects_a_remote_proxy_for_plain_http_to_a_loopback_host() {
    let new = |base_url: &str, proxy: &str, more: &str| {
        let options = format!("{{\"base_url\":\"{base_url}\",\"proxy\":\"{proxy}\"{more}}}");
        Client::new("acme", "key", Some("secret"), Some(&options))
    };
    for base_url in ["http://localhost:9", "http://127.0.0.1:9", "http://[::1]:9"] {
        for proxy in [
            "http://proxy.test:1",
            "https://proxy.test",
            "http://192.0.2.1:1",
        ] {
            let error = new(base_url, proxy, "").err().unwrap();
            assert_eq!(error.status(), Status::InvalidArgument);
            assert_eq!(
                error.argument(),
                Some("options.proxy"),
                "{base_url} {proxy}"
            );
            // OAuth 2 sends secrets, for which the option is no excuse.
            let client = new(base_url, proxy, ",\"allow_insecure\":true").unwrap();
            let error = client.login_with_client_credentials().err().unwrap();
            assert_eq!(error.argument(), Some("client"), "{base_url} {proxy}");
            assert_eq!(error.outcome(), Outcome::NotSent);
        }
    }
    for proxy in [
        "http://LocalHost:1",
        "http://127.0.0.1:1",
        "http://[::1]:1",
        "",
    ] {
        assert!(new("http://localhost:9", proxy, "").is_ok(), "{proxy}");
    }
    assert!(new("https://localhost:9", "http://proxy.test:1", "").is_ok());
}
