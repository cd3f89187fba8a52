//! TLS: whom the client trusts, and handshakes that go wrong.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rcgen::CertificateParams;
use rustls::{ServerConnection, StreamOwned};
use uservoice::{Client, Error, Outcome, Status};

use crate::server::{NEVER, ok, read_request};
use crate::tls_server::{Authority, Identity, start, telling_names, tls};

fn client(options: &str) -> Client {
    Client::new("acme", "key", Some("secret"), Some(options)).unwrap()
}

fn get(client: &Client) -> Result<String, Error> {
    client.call(None, "GET", "/a", None)
}

#[test]
fn a_ca_file_is_trusted_over_each_version_and_the_connection_is_kept() {
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
fn the_sites_name_is_asked_for() {
    let authority = Authority::new();
    let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
    let (serve, names) = telling_names(config);
    let (base_url, _) = start("127.0.0.1:0", serve);
    let port = base_url.rsplit(':').next().unwrap();
    // An address is no name (RFC 6066, section 3).
    for (host, name) in [("localhost", Some("localhost")), ("127.0.0.1", None)] {
        let client = client(&authority.options(&format!("https://{host}:{port}"), ""));
        assert_eq!(get(&client).unwrap(), "1");
        assert_eq!(names.recv().unwrap().as_deref(), name);
    }
}

/// The one error of a client that trusts `authority`, from a server that has
/// `identity`.
fn refusal(authority: &Authority, identity: Identity) -> Error {
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
    // Another try would come to the same.
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    error
}

#[test]
fn a_certificate_that_does_not_fit_is_refused_with_the_reason() {
    let authority = Authority::new();
    let expired = authority.certify(|params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    });
    let not_yet = authority.certify(|params| {
        params.not_before = rcgen::date_time_ymd(2090, 1, 1);
        params.not_after = rcgen::date_time_ymd(2091, 1, 1);
    });
    let of_another_host = authority.certify(|params| {
        params.subject_alt_names = CertificateParams::new(["other.test".to_owned()])
            .unwrap()
            .subject_alt_names;
    });
    let of_another_authority = Authority::new().certify(|_| {});
    for (identity, reason) in [
        (expired, "expired"),
        (not_yet, "not valid yet"),
        (of_another_host, "not valid for name"),
        (of_another_authority, "UnknownIssuer"),
        (Identity::self_signed(), "UnknownIssuer"),
    ] {
        let error = refusal(&authority, identity);
        assert!(error.message().contains(reason), "{reason}: {error}");
    }
}

#[test]
fn the_systems_authorities_do_not_know_ours() {
    let config = Authority::new()
        .certify(|_| {})
        .config(rustls::ALL_VERSIONS);
    let (base_url, _) = start("127.0.0.1:0", tls(config, 1, |_| ok("1")));
    let error = get(&client(&format!("{{\"base_url\":\"{base_url}\"}}"))).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.message().contains("UnknownIssuer"), "{error}");
}

#[test]
fn what_is_older_than_tls_1_2_is_refused() {
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
    assert!(
        error.message().contains("TLS: peer is incompatible"),
        "{error}"
    );
}

#[test]
fn a_server_without_tls_is_refused() {
    let (base_url, _) = start("127.0.0.1:0", |mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let error = get(&client(&Authority::new().options(&base_url, ""))).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[test]
fn a_handshake_that_stalls_ends_with_its_time_limit() {
    // Silent, and one that drips a byte now and then.
    let drip = |mut stream: TcpStream| {
        for byte in [22, 3, 3, 0x40, 0].into_iter().chain([0; 1000]) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    };
    let silent = |stream: TcpStream| drop((&stream).read_to_end(&mut Vec::new()));
    for (base_url, _) in [start("127.0.0.1:0", silent), start("127.0.0.1:0", drip)] {
        for limit in ["connect_timeout_ms", "timeout_ms"] {
            let more = format!("{NEVER},\"max_retries\":0,\"{limit}\":100");
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
fn cancel_ends_a_handshake_that_stalls() {
    let (arrived, arrival) = channel();
    let (base_url, _) = start("127.0.0.1:0", move |mut stream| {
        // Once the client's hello is here, the client waits for ours.
        stream.read_exact(&mut [0]).unwrap();
        arrived.send(()).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let client = client(&Authority::new().options(&base_url, NEVER));
    thread::scope(|scope| {
        let call = scope.spawn(|| get(&client));
        arrival.recv().unwrap();
        client.cancel();
        let error = call.join().unwrap().unwrap_err();
        assert_eq!(error.status(), Status::Cancelled);
        assert_eq!(error.outcome(), Outcome::NotSent);
    });
}

#[test]
fn a_kept_connection_that_the_server_closed_is_not_used() {
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
        // A write: were it sent on the closed connection, it would be lost.
        assert_eq!(client.call(None, "POST", "/a", None).unwrap(), "1");
        assert_eq!(connections.load(Ordering::Relaxed), round);
        closing.recv().unwrap();
    }
}

#[test]
fn a_kept_connection_that_the_server_closes_under_a_call() {
    let authority = Authority::new();
    let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
    // The second request of the first connection is read and not answered: with
    // the end of the connection comes TLS's own, which is no answer.
    let first = AtomicBool::new(true);
    let answered = tls(config.clone(), usize::MAX, |_| ok("1"));
    let (base_url, connections) = start("127.0.0.1:0", move |stream| {
        if !first.swap(false, Ordering::Relaxed) {
            return answered(stream);
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
