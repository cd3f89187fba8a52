//! The cases, one after the other.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use nix::libc;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, alarm, fork};
use uservoice::{Client, Collection, Export, Status};

use crate::server::{Server, ok};
use crate::tls_server::{Authority, start, tls};

/// Forks with every thread at work: often enough to meet locks that are held.
const FORKS: usize = 100;

pub fn run() {
    for (name, case) in [
        ("kept connections", kept_connections as fn()),
        ("threads in calls", threads_in_calls),
        ("threads in calls over TLS", threads_in_calls_over_tls),
        ("threads in name lookups", threads_in_name_lookups),
        ("threads that renew a token", threads_that_renew_a_token),
        ("a collection that prefetches", collection_that_prefetches),
        ("the place in a list", place_in_a_list),
        ("an export", an_export),
        ("cancel in the child", cancel_in_the_child),
        ("cancel before the fork", cancel_before_the_fork),
    ] {
        case();
        println!("fork: {name}: passed");
    }
}

/// Runs `body` in a child, which must come to its end.
fn in_child(body: impl FnOnce()) -> libc::pid_t {
    // SAFETY: the child uses this process's own handles, which is what is
    // tested; it leaves without running anything that other threads had begun.
    match unsafe { fork() }.unwrap() {
        ForkResult::Parent { child } => child.as_raw(),
        ForkResult::Child => {
            // A deadlock ends as SIGALRM.
            alarm::set(60);
            let passed = catch_unwind(AssertUnwindSafe(body)).is_ok();
            // SAFETY: ends the process.
            unsafe { libc::_exit(if passed { 0 } else { 1 }) }
        }
    }
}

/// A handle as C has it: any thread may use it, and who frees it sees to that.
fn handle<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Frees a handle, in a child: the parent's copy stays.
fn free<T>(handle: &'static T) {
    // SAFETY: made by `handle`, and this process's last use of it.
    drop(unsafe { Box::from_raw(ptr::from_ref(handle).cast_mut()) });
}

fn wait_for(child: libc::pid_t) {
    let child = nix::unistd::Pid::from_raw(child);
    assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
}

/// Answers with what the request's `q` says, so that answers which go to
/// another process or thread are told.
fn echo(request: &str) -> String {
    let (_, rest) = request.split_once("q=").unwrap();
    ok(&format!("\"{}\"", rest.split(' ').next().unwrap()))
}

fn client(base_url: &str) -> Client {
    let options = format!("{{\"base_url\":\"{base_url}\",\"max_retries\":0}}");
    Client::new("acme", "key", Some("secret"), Some(&options)).unwrap()
}

/// A write: it is not tried again, so that nothing is glossed over.
fn call(client: &Client) {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let mine = format!(
        "{}-{}",
        process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    let answer = client.call(None, "POST", &format!("/echo?q={mine}"), None);
    assert_eq!(answer.unwrap(), format!("\"{mine}\""));
}

fn kept_connections() {
    let server = Server::with_handler(echo);
    let client = handle(client(&server.base_url));
    call(client);
    let clone = handle(client.with_options(None).unwrap());
    let children: Vec<_> = (0..4)
        .map(|_| {
            in_child(|| {
                (0..20).for_each(|_| call(client));
                // And its own children.
                wait_for(in_child(|| call(clone)));
                free(client);
                call(clone);
                free(clone);
            })
        })
        .collect();
    (0..20).for_each(|_| call(client));
    children.into_iter().for_each(wait_for);
    call(clone);
}

fn threads_in_calls() {
    let server = Server::with_handler(echo);
    fork_while_threads_call(&client(&server.base_url), FORKS, call);
}

fn threads_in_calls_over_tls() {
    let authority = Authority::new();
    let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
    let (base_url, _) = start("127.0.0.1:0", tls(config, usize::MAX, echo));
    let options = authority.options(&base_url, ",\"max_retries\":0");
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    // Handshakes take their time.
    fork_while_threads_call(&client, FORKS / 4, call);
}

/// Each call makes a connection of its own, to a host that is looked up by name. A lock
/// of the C library's resolver that another thread held at the fork stays locked in the
/// child: a call there may end by its time limit, but it ends.
fn threads_in_name_lookups() {
    let server = Server::with_handler(|request| {
        echo(request).replace("Content-Type", "Connection: close\r\nContent-Type")
    });
    let port = server.base_url.rsplit(':').next().unwrap();
    let client = client(&format!("http://localhost:{port}"));
    let options = "{\"connect_timeout_ms\":5000}";
    let client = client.with_options(Some(options)).unwrap();
    fork_while_threads_call(&client, FORKS / 2, |client| {
        match client.call(None, "POST", "/echo?q=a", None) {
            Ok(text) => assert_eq!(text, "\"a\""),
            Err(error) => assert_eq!(error.status(), Status::Timeout, "{error}"),
        }
    });
}

/// The service ends each token as it gives it: every call renews it.
fn threads_that_renew_a_token() {
    let server = Server::with_handler(|request| {
        if request.starts_with("POST /api/v2/oauth/token ") {
            return ok("{\"access_token\":\"t\",\"expires_in\":1}");
        }
        ok("1")
    });
    let client = client(&server.base_url);
    let token = client.login_with_client_credentials().unwrap();
    let call = || assert_eq!(client.call(Some(&token), "GET", "/a", None).unwrap(), "1");
    fork_while_threads_work(call, FORKS / 4, call);
}

fn fork_while_threads_call(client: &Client, forks: usize, call_in_child: fn(&Client)) {
    let other = |options| client.with_options(Some(options)).unwrap();
    let work = || {
        call(client);
        // New clients take the locks that all share.
        drop(other("{\"max_idle_connections\":2}"));
    };
    fork_while_threads_work(work, forks, || {
        call_in_child(client);
        call_in_child(client);
        call_in_child(&other("{\"max_idle_connections\":3}"));
    });
}

fn fork_while_threads_work(work: impl Fn() + Sync, forks: usize, in_children: impl Fn()) {
    /// Lets the threads end, also where a child failed.
    struct Done<'a>(&'a AtomicBool);

    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let _at_the_end = Done(&done);
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    work();
                }
            });
        }
        for _ in 0..forks {
            wait_for(in_child(&in_children));
        }
    });
}

const RECORDS: usize = 40;

/// A list of `RECORDS` numbers, two a page.
fn list_server() -> Server {
    Server::with_handler(|request| {
        let (_, rest) = request.split_once("&page=").unwrap();
        let page: usize = rest.split(' ').next().unwrap().parse().unwrap();
        let paging = format!("{{\"page\":{page},\"per_page\":2,\"total_records\":{RECORDS}}}");
        let (first, second) = (2 * page - 2, 2 * page - 1);
        ok(&format!(
            "{{\"response_data\":{paging},\"numbers\":[{first},{second}]}}"
        ))
    })
}

fn list(client: &Client) -> Collection {
    Collection::new(client, None, "/numbers?per_page=2", None, None).unwrap()
}

fn rest_of(list: &Collection) -> Vec<usize> {
    let next = || list.next().unwrap().map(|number| number.parse().unwrap());
    std::iter::from_fn(next).collect()
}

fn collection_that_prefetches() {
    let server = list_server();
    let client = client(&server.base_url);
    for _ in 0..FORKS / 4 {
        let list = handle(list(&client));
        let reader = thread::spawn(|| rest_of(list));
        let children: Vec<_> = (0..4)
            .map(|_| {
                in_child(|| {
                    let rest = rest_of(list);
                    let first = rest.first().copied().unwrap_or(RECORDS);
                    assert_eq!(rest, (first..RECORDS).collect::<Vec<_>>());
                    list.rewind();
                    assert_eq!(list.len().unwrap(), RECORDS);
                    assert_eq!(list.get(7).unwrap(), "7");
                    // The child has no threads of the parent's to wait for.
                    free(list);
                })
            })
            .collect();
        assert_eq!(reader.join().unwrap(), (0..RECORDS).collect::<Vec<_>>());
        children.into_iter().for_each(wait_for);
    }
}

fn place_in_a_list() {
    let server = list_server();
    let client = client(&server.base_url);
    let list = handle(list(&client));
    for number in 0..7 {
        assert_eq!(list.next().unwrap().unwrap(), number.to_string());
    }
    wait_for(in_child(|| {
        assert_eq!(rest_of(list), (7..RECORDS).collect::<Vec<_>>());
    }));
    assert_eq!(rest_of(list), (7..RECORDS).collect::<Vec<_>>());
    wait_for(in_child(|| assert!(rest_of(list).is_empty())));
}

/// It stays its parent's, who has the directory.
fn an_export() {
    let server = list_server();
    let client = client(&server.base_url);
    let directory = std::env::temp_dir().join(format!("uservoice-fork-{}", process::id()));
    let options = r#"{"resources":[{"name":"numbers","path":"/numbers?per_page=2"}]}"#;
    let open = || Export::new(&client, None, &directory, options);
    let export = handle(open().unwrap());
    export.next().unwrap();
    wait_for(in_child(|| {
        let error = export.next().unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(error.message().contains("forked child"), "{error}");
        assert_eq!(open().unwrap_err().status(), Status::FileError);
        free(export);
        assert_eq!(open().unwrap_err().status(), Status::FileError);
    }));
    while export.next().unwrap().is_some() {}
    let numbers = std::fs::read_to_string(directory.join("numbers.jsonl")).unwrap();
    assert_eq!(numbers.lines().count(), RECORDS);
    // A child that lives on does not keep the directory.
    let (mut asleep, awake) = io::pipe().unwrap();
    let child = in_child(|| drop(asleep.read(&mut [0])));
    free(export);
    drop(open().unwrap());
    (&awake).write_all(&[0]).unwrap();
    wait_for(child);
    std::fs::remove_dir_all(&directory).unwrap();
}

fn cancel_in_the_child() {
    let server = Server::with_handler(|request| {
        if request.contains("slow") {
            thread::sleep(Duration::from_millis(300));
        }
        echo(request)
    });
    let client = handle(client(&server.base_url));
    let list = handle(list(client));
    thread::scope(|scope| {
        let slow = scope.spawn(|| client.call(None, "POST", "/slow?q=1", None));
        server.request();
        wait_for(in_child(|| {
            client.cancel();
            for error in [
                client.call(None, "GET", "/?q=1", None).unwrap_err(),
                list.next().unwrap_err(),
            ] {
                assert_eq!(error.status(), Status::Cancelled);
            }
            free(client);
            free(list);
        }));
        assert_eq!(slow.join().unwrap().unwrap(), "\"1\"");
    });
    call(client);
}

fn cancel_before_the_fork() {
    let server = Server::with_handler(echo);
    let client = client(&server.base_url);
    client.cancel();
    wait_for(in_child(|| {
        let error = client.call(None, "GET", "/?q=1", None).unwrap_err();
        assert_eq!(error.status(), Status::Cancelled);
    }));
}
