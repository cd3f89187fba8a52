//! A process whose memory is exhausted by a response gets an error, and survives.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use nix::sys::resource::{Resource, setrlimit};

use crate::MIB;
use crate::abi::{API_ERROR, BAD_RESPONSE, Call, Client, OK};
use crate::service::{self, SHAPES};

/// What the process may allocate: less than two responses.
const LEFT: usize = 12 * MIB;

/// `max_response_bytes`. With the default of 64 MiB the test would take minutes.
const MAX: usize = 8 * MIB;

/// Limits what the process may allocate to `left` bytes besides what it has.
pub fn limit_address_space(left: usize) {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = status.split_whitespace().next().unwrap().parse().unwrap();
    let limit = (pages * 4096 + left) as u64;
    setrlimit(Resource::RLIMIT_AS, limit, limit).unwrap();
}

/// Runs itself in another process, which must not be killed by a failed allocation.
#[test]
fn a_process_without_memory_for_a_response_gets_an_error() {
    const SHAPE: &str = "USERVOICE_TEST_SHAPE";
    if let Ok(index) = std::env::var(SHAPE) {
        return call_without_memory(index.parse().unwrap());
    }
    for (index, shape) in SHAPES.iter().enumerate() {
        let mut inner = Command::new(std::env::current_exe().unwrap());
        inner.args([
            "--exact",
            "exhausted::a_process_without_memory_for_a_response_gets_an_error",
            "--nocapture",
        ]);
        let output = inner.env(SHAPE, index.to_string()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert_eq!(output.status.signal(), None, "{}: {text}", shape.name);
        assert!(output.status.success(), "{}: {text}", shape.name);
        assert!(text.contains("1 passed"), "{}: {text}", shape.name);
    }
}

fn call_without_memory(index: usize) {
    let shape = &SHAPES[index];
    let address = service::start(shape, MAX - 16);
    let options = format!(
        r#"{{"base_url":"http://{address}","max_retries":0,"prefetch_pages":0,"max_response_bytes":{MAX}}}"#
    );
    let client = Client::new(&options);
    limit_address_space(LEFT);
    for call in [
        Call::Get,
        Call::Request,
        Call::NextPage,
        Call::ClientCredentials,
        Call::LoginAsOwner,
    ] {
        let (status, message) = client.call(call);
        let expected = [OK, API_ERROR, 13, BAD_RESPONSE];
        assert!(expected.contains(&status), "{call:?}: {status} {message}");
    }
}
