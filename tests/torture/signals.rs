//! A signal interrupts system calls every millisecond while threads send requests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use uservoice::{Client, Collection};

use crate::server::{Server, response};
use crate::step;

static SIGNALS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count_signal(_: libc::c_int) {
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

/// Sends SIGALRM every `microseconds`; 0: no longer.
fn alarm_every(microseconds: i64) {
    let interval = libc::timeval {
        tv_sec: 0,
        tv_usec: microseconds,
    };
    let timer = libc::itimerval {
        it_interval: interval,
        it_value: interval,
    };
    // SAFETY: reads `timer`, which lives longer.
    let status = unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut()) };
    assert_eq!(status, 0);
}

pub fn run() -> String {
    const THREADS: usize = 4;
    let calls = 4000 / step(20);
    // Without SA_RESTART: system calls return EINTR.
    let handler = SigHandler::Handler(count_signal);
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler only counts.
    unsafe { sigaction(Signal::SIGALRM, &action) }.unwrap();
    let page = r#"{"suggestions":[1,2],"response_data":{"page":1,"per_page":2,"total_records":6}}"#;
    let server = Server::with_handler(move |_| response("200 OK", "", page));
    let options = format!("{{\"base_url\":\"{}\",\"max_retries\":0}}", server.base_url);
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    alarm_every(1000);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..calls / THREADS {
                    let json = client.request_json(None, "GET", "/a", None).unwrap();
                    assert_eq!(json, page);
                }
                let list = Collection::new(&client, None, "/api/v1/suggestions", None, None);
                assert!(list.unwrap().next().unwrap().is_some());
            });
        }
    });
    alarm_every(0);
    let signals = SIGNALS.load(Ordering::Relaxed);
    assert!(signals > 0);
    format!("{signals} during {calls} calls, none failed")
}
