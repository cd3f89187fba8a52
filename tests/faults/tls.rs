//! TLS: trusted authorities, rejected certificates and handshakes that fail.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rcgen::CertificateParams;
use rustls::{ServerConnection, StreamOwned};
use uservoice::{Client, Error, Outcome, Status};

use crate::server::{NO_TIMEOUT, ok, read_request};
use crate::tls_server::{Authority, Identity, start, tls, with_server_names};

fn client(options: &str) -> Client {
    Client::new("acme", "key", Some("secret"), Some(options)).unwrap()
}

fn get(client: &Client) -> Result<String, Error> {
    client.request_json(None, "GET", "/a", None)
}

#[test]
fn trusts_the_ca_file_and_reuses_the_connection() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let authority = Authority::new();
            let config = authority.certify(|_| {}).config(&[version]);
            let (base_url, connections) = start(address, tls(config, 10, |_| ok("1")));
            let client = client(&authority.options(&base_url, ""));
            for _ in 0..3 {
                assert_eq!(get(&client).unwrap(), "1");
            }
            assert_eq!(connections.load(Ordering::Relaxed), 1);
        }
    }
}

#[test]
fn sends_the_host_name_as_sni() {
    let authority = Authority::new();
    let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
    let (serve, names) = with_server_names(config);
    let (base_url, _) = start("127.0.0.1:0", serve);
    let port = base_url.rsplit(':').next().unwrap();
    // An address is not sent (RFC 6066, section 3).
    for (host, name) in [("localhost", Some("localhost")), ("127.0.0.1", None)] {
        let client = client(&authority.options(&format!("https://{host}:{port}"), ""));
        assert_eq!(get(&client).unwrap(), "1");
        assert_eq!(names.recv().unwrap().as_deref(), name);
    }
}

/// Returns the error of a client that trusts `authority` and connects to a server with
/// `identity`.
fn rejection(authority: &Authority, identity: Identity) -> Error {
    let (base_url, connections) = start("127.0.0.1:0", move |stream| {
        let config = identity.config(rustls::ALL_VERSIONS);
        let mut connection = ServerConnection::new(config).unwrap();
        let mut stream = stream;
        // The client ends the handshake.
        let _ = connection.complete_io(&mut stream);
    });
    let error = get(&client(&authority.options(&base_url, ""))).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
    // It is not retried.
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    error
}

#[test]
fn rejects_invalid_certificates_with_the_reason() {
    let authority = Authority::new();
    let expired = authority.certify(|params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    });
    let not_yet = authority.certify(|params| {
        params.not_before = rcgen::date_time_ymd(2090, 1, 1);
        params.not_after = rcgen::date_time_ymd(2091, 1, 1);
    });
    let wrong_host = authority.certify(|params| {
        let names = ["other.test", "192.0.2.1"].map(str::to_owned);
        params.subject_alt_names = CertificateParams::new(names).unwrap().subject_alt_names;
        let email = "jo@other.test".try_into().unwrap();
        params
            .subject_alt_names
            .push(rcgen::SanType::Rfc822Name(email));
    });
    let for_clients = authority.certify(|params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    });
    let wrong_authority = Authority::new().certify(|_| {});
    for (identity, reason) in [
        (expired, "certificate expired on 2021-01-01"),
        (not_yet, "not valid yet but from 2090-01-01"),
        (
            wrong_host,
            "not valid for \"127.0.0.1\" but for other.test, 192.0.2.1; check",
        ),
        (wrong_authority, "not from an authority that is trusted"),
        (
            Identity::self_signed(),
            "not from an authority that is trusted",
        ),
        (authority.identity(), "is that of an authority"),
        (for_clients, "serverAuth"),
    ] {
        let error = rejection(&authority, identity);
        let message = error.message();
        assert!(message.contains(reason), "{reason}: {error}");
        assert!(
            message.contains("TLS: the server's certificate "),
            "{error}"
        );
    }
}

#[test]
fn system_authorities_do_not_include_the_tests() {
    let config = Authority::new()
        .certify(|_| {})
        .config(rustls::ALL_VERSIONS);
    let (base_url, _) = start("127.0.0.1:0", tls(config, 1, |_| ok("1")));
    let error = get(&client(&format!("{{\"base_url\":\"{base_url}\"}}"))).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(
        error.message().contains("set the option ca_file"),
        "{error}"
    );
}

#[test]
fn rejects_tls_1_1() {
    // A ServerHello of TLS 1.1: version 3.2, random, no session, AES-128-SHA.
    let mut hello = vec![2, 0, 0, 38, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    let mut record = vec![22, 3, 2, 0, 42];
    record.extend(hello);
    let (base_url, _) = start("127.0.0.1:0", move |mut stream| {
        stream.write_all(&record).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let authority = Authority::new();
    let error = get(&client(&authority.options(&base_url, ""))).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert!(error.message().contains("must support TLS 1.2"), "{error}");
}

#[test]
fn reports_a_server_without_tls_as_not_sent() {
    let (base_url, _) = start("127.0.0.1:0", |mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let error = get(&client(&Authority::new().options(&base_url, ""))).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.message().contains("does not speak TLS"), "{error}");
}

#[test]
fn stalling_handshakes_end_with_the_timeout() {
    // One never responds, and one sends a byte every 20 ms.
    let slow = |mut stream: TcpStream| {
        for byte in [22, 3, 3, 0x40, 0].into_iter().chain([0; 1000]) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    };
    let silent = |stream: TcpStream| drop((&stream).read_to_end(&mut Vec::new()));
    for (base_url, _) in [start("127.0.0.1:0", silent), start("127.0.0.1:0", slow)] {
        for limit in ["connect_timeout_ms", "timeout_ms"] {
            let more = format!("{NO_TIMEOUT},\"max_retries\":0,\"{limit}\":100");
            let error = get(&client(&Authority::new().options(&base_url, &more))).unwrap_err();
            assert_eq!(error.status(), Status::Timeout, "{error}");
            assert_eq!(error.outcome(), Outcome::NotSent);
            assert!(
                error.message().contains("no connection within 100 ms"),
                "{error}"
            );
        }
    }
}

#[test]
fn cancel_ends_a_stalling_handshake() {
    let (hello_received, hello) = channel();
    let (base_url, _) = start("127.0.0.1:0", move |mut stream| {
        // After its ClientHello, the client waits for the server's.
        stream.read_exact(&mut [0]).unwrap();
        hello_received.send(()).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let client = client(&Authority::new().options(&base_url, NO_TIMEOUT));
    thread::scope(|scope| {
        let call = scope.spawn(|| get(&client));
        hello.recv().unwrap();
        client.cancel();
        let error = call.join().unwrap().unwrap_err();
        assert_eq!(error.status(), Status::Cancelled);
        assert_eq!(error.outcome(), Outcome::NotSent);
    });
}

#[test]
fn does_not_use_a_closed_idle_connection() {
    let authority = Authority::new();
    let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
    let (closed, closing) = channel();
    let serve = tls(config, 1, |_| ok("1"));
    let (base_url, connections) = start("127.0.0.1:0", move |stream| {
        serve(stream);
        closed.send(()).unwrap();
    });
    let client = client(&authority.options(&base_url, ",\"max_retries\":0"));
    for round in 1..=3 {
        // A POST on the closed connection would fail and not be retried.
        assert_eq!(client.request_json(None, "POST", "/a", None).unwrap(), "1");
        assert_eq!(connections.load(Ordering::Relaxed), round);
        closing.recv().unwrap();
    }
}

#[test]
fn retries_get_on_a_stale_connection() {
    let authority = Authority::new();
    let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
    // The server reads the second request of the first connection and closes it without a
    // response. The close_notify of TLS, which comes with it, is not part of a response.
    let first = AtomicBool::new(true);
    let respond = tls(config.clone(), usize::MAX, |_| ok("1"));
    let (base_url, connections) = start("127.0.0.1:0", move |stream| {
        if !first.swap(false, Ordering::Relaxed) {
            return respond(stream);
        }
        let connection = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        read_request(&mut stream).unwrap();
        stream.write_all(ok("1").as_bytes()).unwrap();
        read_request(&mut stream).unwrap();
        stream.conn.send_close_notify();
        stream.conn.complete_io(&mut stream.sock).unwrap();
    });
    let client = client(&authority.options(&base_url, ",\"max_retries\":0"));
    for _ in 0..3 {
        assert_eq!(get(&client).unwrap(), "1");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 2);
}

/// Anyone on the network can end a TCP connection, but only the service can send close_notify
/// (RFC 9112, section 9.8).
#[test]
fn a_body_without_length_ends_with_close_notify_only() {
    for (head, close_notify, is_complete) in [
        ("", true, true),
        ("", false, false),
        ("Content-Length: 1\r\n", false, true),
        ("Content-Length: 2\r\n", false, false),
        ("Content-Length: 2\r\n", true, false),
    ] {
        let authority = Authority::new();
        let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
        let response = format!("HTTP/1.1 200 OK\r\n{head}\r\n1");
        let (base_url, _) = start("127.0.0.1:0", move |stream| {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            read_request(&mut stream).unwrap();
            stream.write_all(response.as_bytes()).unwrap();
            if close_notify {
                stream.conn.send_close_notify();
                stream.conn.complete_io(&mut stream.sock).unwrap();
            }
        });
        let client = client(&authority.options(&base_url, ",\"max_retries\":0"));
        match get(&client) {
            Ok(body) => {
                assert!(is_complete, "{head} {close_notify}");
                assert_eq!(body, "1");
            }
            Err(error) => {
                assert!(!is_complete, "{head} {close_notify} {error}");
                assert_eq!(error.status(), Status::Transport);
                assert_eq!(error.http_status(), 200);
            }
        }
    }
}
