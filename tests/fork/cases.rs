//! The test cases, which run one after the other.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use nix::libc;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, alarm, fork};
use uservoice::{Client, Collection, Export, LogLevel, Status};

use crate::server::{Server, ok, response};
use crate::tls_server::{Authority, start, tls};

/// Number of forks while threads work: enough to hit locks that are held.
fn forks() -> usize {
    match std::env::var_os("USERVOICE_TORTURE") {
        Some(_) => 400,
        None => 100,
    }
}

/// Number of forks of this process so far.
static FORKED: AtomicUsize = AtomicUsize::new(0);

pub fn run() {
    for (name, case) in [
        ("process ids", process_ids as fn()),
        ("pooled connections", pooled_connections),
        ("threads sending requests", threads_sending_requests),
        (
            "threads sending requests over TLS",
            threads_sending_requests_over_tls,
        ),
        ("threads resolving names", threads_resolving_names),
        ("threads refreshing a token", threads_refreshing_a_token),
        ("a collection during prefetch", collection_during_prefetch),
        ("the position of a collection", position_of_a_collection),
        ("an export", export),
        (
            "callbacks that threads replace",
            callbacks_that_threads_replace,
        ),
        ("threads that fork", threads_that_fork),
        (
            "an interrupt callback that forks",
            interrupt_callback_that_forks,
        ),
        ("a log callback that forks", log_callback_that_forks),
        ("cancel in the child", cancel_in_the_child),
        ("cancel before the fork", cancel_before_the_fork),
    ] {
        case();
        println!("fork: {name}: passed");
    }
    println!("fork: {} forks", FORKED.load(Ordering::Relaxed));
}

/// How often this process called `getpid`.
static GETPID_CALLS: AtomicUsize = AtomicUsize::new(0);

/// Replaces the function of the C library. Processes of different pid namespaces can have
/// the same id, and so can a process and an ancestor that has ended: here all have it.
#[unsafe(no_mangle)]
extern "C" fn getpid() -> libc::pid_t {
    GETPID_CALLS.fetch_add(1, Ordering::Relaxed);
    1
}

/// Returns the id that the kernel knows this process by.
fn process_id() -> libc::c_long {
    // SAFETY: takes no arguments.
    unsafe { libc::syscall(libc::SYS_getpid) }
}

/// Runs `body` in a child process, which must end.
fn in_child(body: impl FnOnce()) -> libc::pid_t {
    FORKED.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the child uses the parent's handles, which is what this tests, and ends without
    // running code that belongs to other threads.
    match unsafe { fork() }.unwrap() {
        ForkResult::Parent { child } => child.as_raw(),
        ForkResult::Child => {
            // SIGALRM ends a deadlock.
            alarm::set(60);
            let passed = catch_unwind(AssertUnwindSafe(body)).is_ok();
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(if passed { 0 } else { 1 }) }
        }
    }
}

/// Leaks a handle, as a C program has it: any thread may use it until it is freed.
fn handle<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Frees a handle in a child. The parent's copy stays.
fn free<T>(handle: &'static T) {
    // SAFETY: `handle` made it, and this process does not use it again.
    drop(unsafe { Box::from_raw(ptr::from_ref(handle).cast_mut()) });
}

fn wait_for(child: libc::pid_t) {
    let child = nix::unistd::Pid::from_raw(child);
    assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
}

/// Responds with the request's parameter `q`, to detect responses that reach another process or
/// thread.
fn echo(request: &str) -> String {
    let (_, rest) = request.split_once("q=").unwrap();
    ok(&format!("\"{}\"", rest.split(' ').next().unwrap()))
}

fn client(base_url: &str) -> Client {
    let options = format!("{{\"base_url\":\"{base_url}\",\"max_retries\":0}}");
    Client::new("acme", "key", Some("secret"), Some(&options)).unwrap()
}

/// Sends a POST, which is not retried, so that no failure stays hidden.
fn send(client: &Client) {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let id = format!(
        "{}-{}",
        process_id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    let body = client.request_json(None, "POST", &format!("/echo?q={id}"), None);
    assert_eq!(body.unwrap(), format!("\"{id}\""));
}

/// The fork check is too frequent for a system call: it runs several times per record.
fn process_ids() {
    assert_eq!(std::process::id(), 1);
    let server = list_server();
    let client = client(&server.base_url);
    let calls_before = GETPID_CALLS.load(Ordering::Relaxed);
    assert_eq!(read_rest(&collection(&client)).len(), RECORDS);
    assert_eq!(GETPID_CALLS.load(Ordering::Relaxed), calls_before);
}

fn pooled_connections() {
    let server = Server::with_handler(echo);
    let client = handle(client(&server.base_url));
    send(client);
    let clone = handle(client.with_options(None).unwrap());
    let children: Vec<_> = (0..4)
        .map(|_| {
            in_child(|| {
                (0..20).for_each(|_| send(client));
                // The child forks, too.
                wait_for(in_child(|| send(clone)));
                free(client);
                send(clone);
                free(clone);
            })
        })
        .collect();
    (0..20).for_each(|_| send(client));
    children.into_iter().for_each(wait_for);
    send(clone);
}

fn threads_sending_requests() {
    let server = Server::with_handler(echo);
    fork_while_threads_send(&client(&server.base_url), forks(), send);
}

fn threads_sending_requests_over_tls() {
    let client = tls_client(",\"max_retries\":0", echo);
    // TLS handshakes are slow.
    fork_while_threads_send(&client, forks() / 4, send);
}

/// Each request resolves the host and opens a new connection. A lock of the C library's resolver
/// that another thread held during the fork stays locked in the child. There a request may time
/// out, but it ends.
fn threads_resolving_names() {
    let server = Server::with_handler(|request| {
        echo(request).replace("Content-Type", "Connection: close\r\nContent-Type")
    });
    let port = server.base_url.rsplit(':').next().unwrap();
    // An address that only the C library can parse.
    let options = format!(
        "{{\"base_url\":\"http://127.1:{port}\",\"allow_insecure\":true,\"connect_timeout_ms\":5000}}"
    );
    let client = client(&server.base_url)
        .with_options(Some(&options))
        .unwrap();
    fork_while_threads_send(&client, forks() / 2, |client| {
        match client.request_json(None, "POST", "/echo?q=a", None) {
            Ok(text) => assert_eq!(text, "\"a\""),
            Err(error) => assert_eq!(error.status(), Status::Timeout, "{error}"),
        }
    });
}

/// The service's tokens expire at once, so every request refreshes the token.
fn threads_refreshing_a_token() {
    let server = Server::with_handler(|request| {
        if request.starts_with("POST /api/v2/oauth/token ") {
            return ok("{\"access_token\":\"t\",\"expires_in\":1}");
        }
        ok("1")
    });
    let client = client(&server.base_url);
    let token = client.login_with_client_credentials().unwrap();
    let send = || {
        assert_eq!(
            client
                .request_json(Some(&token), "GET", "/a", None)
                .unwrap(),
            "1"
        )
    };
    fork_while_threads_run(send, forks() / 4, send);
}

fn fork_while_threads_send(client: &Client, forks: usize, send_in_child: fn(&Client)) {
    let with_options = |options| client.with_options(Some(options)).unwrap();
    let work = || {
        send(client);
        // Creating a client takes locks that all clients share.
        drop(with_options("{\"max_idle_connections\":2}"));
    };
    fork_while_threads_run(work, forks, || {
        send_in_child(client);
        send_in_child(client);
        send_in_child(&with_options("{\"max_idle_connections\":3}"));
    });
}

fn fork_while_threads_run(work: impl Fn() + Sync, forks: usize, in_children: impl Fn()) {
    /// Stops the threads, also if a child failed.
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

/// Starts a server with a list of `RECORDS` numbers, two per page.
fn list_server() -> Server {
    Server::with_handler(page)
}

/// Returns the page of the list that a request asks for.
fn page(request: &str) -> String {
    let (_, rest) = request.split_once("&page=").unwrap();
    let page: usize = rest.split(' ').next().unwrap().parse().unwrap();
    let paging = format!("{{\"page\":{page},\"per_page\":2,\"total_records\":{RECORDS}}}");
    let (first, second) = (2 * page - 2, 2 * page - 1);
    ok(&format!(
        "{{\"response_data\":{paging},\"numbers\":[{first},{second}]}}"
    ))
}

fn collection(client: &Client) -> Collection {
    Collection::new(client, None, "/numbers?per_page=2", None, None).unwrap()
}

fn read_rest(collection: &Collection) -> Vec<usize> {
    let next = || {
        collection
            .next()
            .unwrap()
            .map(|number| number.parse().unwrap())
    };
    std::iter::from_fn(next).collect()
}

fn collection_during_prefetch() {
    let server = list_server();
    let client = client(&server.base_url);
    for _ in 0..forks() / 4 {
        let collection = handle(collection(&client));
        let reader = thread::spawn(|| read_rest(collection));
        let children: Vec<_> = (0..4)
            .map(|_| {
                in_child(|| {
                    let rest = read_rest(collection);
                    let first = rest.first().copied().unwrap_or(RECORDS);
                    assert_eq!(rest, (first..RECORDS).collect::<Vec<_>>());
                    collection.rewind();
                    assert_eq!(collection.len().unwrap(), RECORDS);
                    assert_eq!(collection.get(7).unwrap(), "7");
                    // The workers are the parent's. The child does not wait for them.
                    free(collection);
                })
            })
            .collect();
        assert_eq!(reader.join().unwrap(), (0..RECORDS).collect::<Vec<_>>());
        children.into_iter().for_each(wait_for);
    }
}

fn position_of_a_collection() {
    let server = list_server();
    let client = client(&server.base_url);
    let collection = handle(collection(&client));
    for number in 0..7 {
        assert_eq!(collection.next().unwrap().unwrap(), number.to_string());
    }
    wait_for(in_child(|| {
        assert_eq!(read_rest(collection), (7..RECORDS).collect::<Vec<_>>());
    }));
    assert_eq!(read_rest(collection), (7..RECORDS).collect::<Vec<_>>());
    wait_for(in_child(|| assert!(read_rest(collection).is_empty())));
    collection.rewind();
    wait_for(in_child(|| {
        assert_eq!(read_rest(collection), (0..RECORDS).collect::<Vec<_>>());
    }));
}

/// An export belongs to the parent, which has locked the directory.
fn export() {
    let server = list_server();
    let client = client(&server.base_url);
    let directory = std::env::temp_dir().join(format!("uservoice-fork-{}", process_id()));
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
    // A child that is still running does not keep the lock.
    let (mut asleep, awake) = io::pipe().unwrap();
    let child = in_child(|| drop(asleep.read(&mut [0])));
    free(export);
    drop(open().unwrap());
    (&awake).write_all(&[0]).unwrap();
    wait_for(child);
    std::fs::remove_dir_all(&directory).unwrap();
}

/// The child inherits the callbacks, and none of its parent's lines.
fn callbacks_that_threads_replace() {
    let server = Server::with_handler(echo);
    let client = client(&server.base_url);
    let replace = || {
        send(&client);
        client.keep_log(LogLevel::Info);
        client.set_interrupt(Some(Arc::new(|| false)));
    };
    client.keep_log(LogLevel::Info);
    fork_while_threads_run(replace, forks(), || {
        assert_eq!(client.take_log().unwrap(), None);
        send(&client);
        let lines = client.take_log().unwrap().unwrap();
        assert_eq!(lines.matches("\"line\"").count(), 1, "{lines}");
    });
}

/// Several threads fork, the children fork again and start threads, and all use one client and
/// one collection.
fn threads_that_fork() {
    let server = Server::with_handler(|request| match request.contains("q=") {
        true => echo(request),
        false => page(request),
    });
    let client = handle(client(&server.base_url));
    let collection = handle(collection(client));
    let read = || {
        let number = collection.next().unwrap();
        let number = number.map(|number| number.parse::<usize>().unwrap());
        assert!(number.is_none_or(|number| number < RECORDS));
        if number.is_none() {
            collection.rewind();
        }
    };
    let use_all = || {
        send(client);
        read();
    };
    let in_children = || {
        thread::scope(|scope| {
            scope.spawn(use_all);
            use_all();
        });
        wait_for(in_child(use_all));
        free(collection);
        send(client);
        free(client);
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| fork_while_threads_run(use_all, forks() / 4, in_children));
        }
    });
}

/// Forks once, in a callback. `child` is the id of the child in the parent, and 0 in the child.
struct ForkOnce {
    is_due: AtomicBool,
    child: AtomicI32,
}

impl ForkOnce {
    fn new(is_due: bool) -> Arc<Self> {
        Arc::new(ForkOnce {
            is_due: AtomicBool::new(is_due),
            child: AtomicI32::new(-1),
        })
    }

    fn call(&self) {
        if !self.is_due.swap(false, Ordering::SeqCst) {
            return;
        }
        FORKED.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as in `in_child`.
        match unsafe { fork() }.unwrap() {
            ForkResult::Parent { child } => self.child.store(child.as_raw(), Ordering::SeqCst),
            ForkResult::Child => {
                // SIGALRM ends a deadlock.
                alarm::set(60);
                self.child.store(0, Ordering::SeqCst);
            }
        }
    }

    /// Runs `in_child` in the child, which then ends, or `in_parent` in the parent.
    fn check(&self, in_child: impl FnOnce(), in_parent: impl FnOnce()) {
        let child = self.child.load(Ordering::SeqCst);
        if child == 0 {
            let passed = catch_unwind(AssertUnwindSafe(in_child)).is_ok();
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(if passed { 0 } else { 1 }) }
        }
        in_parent();
        wait_for(child);
    }
}

fn tls_client(options: &str, handler: impl Fn(&str) -> String + Send + Sync + 'static) -> Client {
    let authority = Authority::new();
    let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
    let (base_url, _) = start("127.0.0.1:0", tls(config, usize::MAX, handler));
    let options = authority.options(&base_url, options);
    Client::new("acme", "key", Some("secret"), Some(&options)).unwrap()
}

/// The call belongs to the parent; in the child it ends.
fn interrupt_callback_that_forks() {
    let fork = ForkOnce::new(false);
    let (in_handler, in_callback) = (fork.clone(), fork.clone());
    let client = tls_client(",\"max_retries\":0", move |request| {
        if request.contains("slow") {
            in_handler.is_due.store(true, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(300));
        }
        echo(request)
    });
    client.set_interrupt(Some(Arc::new(move || {
        in_callback.call();
        false
    })));
    send(&client);
    let result = client.request_json(None, "POST", "/slow?q=1", None);
    fork.check(
        || {
            assert_eq!(result.as_ref().unwrap_err().status(), Status::Cancelled);
            send(&client);
        },
        || assert_eq!(result.as_ref().unwrap(), "\"1\""),
    );
    send(&client);
}

/// Parent and child continue the call, each on a connection of its own.
fn log_callback_that_forks() {
    let fork = ForkOnce::new(true);
    let in_callback = fork.clone();
    let has_failed = AtomicBool::new(false);
    let client = tls_client("", move |request| {
        match has_failed.swap(true, Ordering::SeqCst) {
            false => response("503 Busy", "Retry-After: 0\r\n", ""),
            true => echo(request),
        }
    });
    client.set_log(LogLevel::Info, move |_, _| in_callback.call());
    let result = client.request_json(None, "POST", "/echo?q=1", None);
    let check = || {
        assert_eq!(result.as_ref().unwrap(), "\"1\"");
        (0..20).for_each(|_| send(&client));
    };
    fork.check(check, check);
}

fn cancel_in_the_child() {
    let server = Server::with_handler(|request| {
        if request.contains("slow") {
            thread::sleep(Duration::from_millis(300));
        }
        echo(request)
    });
    let client = handle(client(&server.base_url));
    let collection = handle(collection(client));
    thread::scope(|scope| {
        let slow = scope.spawn(|| client.request_json(None, "POST", "/slow?q=1", None));
        server.request();
        wait_for(in_child(|| {
            client.cancel();
            for error in [
                client.request_json(None, "GET", "/?q=1", None).unwrap_err(),
                collection.next().unwrap_err(),
            ] {
                assert_eq!(error.status(), Status::Cancelled);
            }
            free(client);
            free(collection);
        }));
        assert_eq!(slow.join().unwrap().unwrap(), "\"1\"");
    });
    send(client);
}

fn cancel_before_the_fork() {
    let server = Server::with_handler(echo);
    let client = client(&server.base_url);
    client.cancel();
    wait_for(in_child(|| {
        let error = client.request_json(None, "GET", "/?q=1", None).unwrap_err();
        assert_eq!(error.status(), Status::Cancelled);
    }));
}
