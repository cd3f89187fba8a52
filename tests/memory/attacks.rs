//! The peak of each call, for responses that are small on the wire and large in memory.

use crate::abi::{Call, Client, OK};
use crate::counting::peak_of;
use crate::service::{self, SHAPES};
use crate::{MIB, bound};

const CALLS: [Call; 8] = [
    Call::Get,
    Call::Request,
    Call::Next,
    Call::NextPage,
    Call::CollectionGet,
    Call::Info,
    Call::ClientCredentials,
    Call::LoginAsOwner,
];

#[test]
fn one_call_takes_at_most_twice_the_bound_of_a_response() {
    const MAX: usize = MIB;
    for shape in &SHAPES {
        // Half of the bound leaves room for an index of the records.
        let is_list = shape.after == SHAPES[0].after;
        for body_len in [MAX, MAX / 2].into_iter().take(1 + usize::from(is_list)) {
            let address = service::start(shape, body_len);
            let options = format!(
                r#"{{"base_url":"http://{address}","max_retries":0,"max_response_bytes":{MAX},"prefetch_pages":0}}"#
            );
            let client = Client::new(&options);
            for call in CALLS {
                let ((status, message), peak) = peak_of(|| client.call(call));
                let name = format!("{call:?} of {}, {body_len} bytes", shape.name);
                println!("{name}: {peak} bytes, status {status} {message}");
                assert!(peak <= bound(MAX), "{name}: {peak} bytes, {message}");
                assert!(message.len() < 1000, "{name}: {message}");
            }
        }
    }
}

#[test]
fn a_large_response_that_is_not_an_attack_is_returned() {
    const MAX: usize = 4 * MIB;
    let [records, ..] = SHAPES;
    let shape = service::Shape {
        piece: b",{\"id\":1234567,\"title\":\"a record of thirty bytes and more\"}",
        ..records
    };
    let address = service::start(&shape, MAX - MIB / 2);
    let options = format!(
        r#"{{"base_url":"http://{address}","max_retries":0,"max_response_bytes":{MAX},"prefetch_pages":0}}"#
    );
    let client = Client::new(&options);
    for call in [
        Call::Get,
        Call::Request,
        Call::Next,
        Call::NextPage,
        Call::CollectionGet,
        Call::Info,
    ] {
        let ((status, message), peak) = peak_of(|| client.call(call));
        assert_eq!(status, OK, "{call:?}: {message}");
        assert!(peak <= bound(MAX), "{call:?}: {peak} bytes");
    }
}
