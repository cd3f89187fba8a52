//! No secret is left on the heap once all is freed. In a process of its own,
//! whose heap the test may search.
#![cfg(target_os = "linux")]

use std::ffi::{CString, c_char, c_void};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::FileExt;
use std::ptr;
use std::sync::{Mutex, PoisonError};
use std::thread;

use memchr::memchr_iter;
use uservoice as _;
use zeroize::{Zeroize, Zeroizing};

type Text = *const c_char;
/// A handle, or a text that the library gave.
type Given = *mut c_void;
type Out = *mut Given;

// As the header has them.
unsafe extern "C" {
    fn uservoice_client_new(_: Text, _: Text, _: Text, _: Text, _: Out, _: Out) -> i32;
    fn uservoice_client_clone(_: Given, _: Text, _: Out, _: Out) -> i32;
    fn uservoice_client_free(_: Given);
    fn uservoice_token_new(_: Text, _: Text, _: Out, _: Out) -> i32;
    fn uservoice_token_from_json(_: Text, _: Out, _: Out) -> i32;
    fn uservoice_token_json(_: Given, _: Out, _: Out) -> i32;
    fn uservoice_token_free(_: Given);
    fn uservoice_get(_: Given, _: Given, _: Text, _: Text, _: Out, _: Out) -> i32;
    fn uservoice_post(_: Given, _: Given, _: Text, _: Text, _: Out, _: Out) -> i32;
    fn uservoice_login_with_client_credentials(_: Given, _: Out, _: Out) -> i32;
    fn uservoice_login_with_password(_: Given, _: Text, _: Text, _: Out, _: Out) -> i32;
    fn uservoice_login_with_code(_: Given, _: Text, _: Text, _: Text, _: Out, _: Out) -> i32;
    fn uservoice_sso_token(_: Text, _: Text, _: Text, _: i64, _: Out, _: Out) -> i32;
    fn uservoice_sso_decrypt(_: Text, _: Text, _: Text, _: Out, _: Out) -> i32;
    fn uservoice_sso_jwt(_: Text, _: Text, _: i64, _: Out, _: Out) -> i32;
    fn uservoice_sso_jwt_verify(_: Text, _: Text, _: i64, _: Out, _: Out) -> i32;
    fn uservoice_webhook_verify(_: Text, _: Text, _: usize, _: Text, _: Out) -> i32;
    fn uservoice_error_free(_: Given);
    fn uservoice_string_free(_: Given);
}

const OK: i32 = 0;
const INVALID_ARGUMENT: i32 = 1;
const NOT_VERIFIED: i32 = 2;
const UNAUTHORIZED: i32 = 10;
const TRANSPORT: i32 = 20;

/// No place for an error.
const NONE: Out = ptr::null_mut();

/// One test at a time: what a search reads is on the heap meanwhile.
static ALONE: Mutex<()> = Mutex::new(());

/// Long, so that what is left of it is not soon overwritten.
const LENGTH: usize = 700;

/// A secret that is nowhere in memory but where it is made: byte by byte.
#[derive(Clone, Copy)]
struct Secret(usize);

impl Secret {
    fn byte(self, index: usize) -> u8 {
        // As good as random, so that no part of one secret is a part of another.
        const ODD: usize = 0x9E37_79B9_7F4A_7C15;
        let mixed = (2 * LENGTH * self.0 + index).wrapping_mul(ODD);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(ODD);
        b'a' + (mixed >> 56) as u8 % 26
    }

    /// Hands it to `use_it` as a text, between two others, and leaves nothing behind.
    fn given<T>(self, before: &str, after: &str, use_it: impl FnOnce(Text) -> T) -> T {
        let mut text = Zeroizing::new(Vec::with_capacity(2 * LENGTH));
        text.extend(before.bytes());
        text.extend((0..LENGTH).map(|index| self.byte(index)));
        text.extend(after.bytes());
        text.push(0);
        use_it(text.as_ptr().cast())
    }

    fn alone<T>(self, use_it: impl FnOnce(Text) -> T) -> T {
        self.given("", "", use_it)
    }

    /// Whether a part of the secret is in `memory`: not its beginning, which an
    /// allocator overwrites in what was freed.
    fn is_in(self, memory: &[u8]) -> bool {
        const FROM: usize = 300;
        const TO: usize = 320;
        memchr_iter(self.byte(FROM), memory).any(|start| {
            let part = memory[start..].iter().zip(FROM..TO);
            start + (TO - FROM) <= memory.len()
                && part
                    .into_iter()
                    .all(|(byte, index)| *byte == self.byte(index))
        })
    }
}

/// Those of `secrets` that are on the heap, by their number.
fn found(secrets: &[Secret]) -> Vec<usize> {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let here = ptr::from_ref(&memory) as u64;
    let mut chunk = vec![0; 1 << 20];
    let mut found = Vec::with_capacity(64);
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (start, end) = words.next().unwrap().split_once('-').unwrap();
        let is_writable = words.next().unwrap().starts_with("rw");
        let address = |text| u64::from_str_radix(text, 16).unwrap();
        let (mut start, end) = (address(start), address(end));
        let is_heap = words.nth(3).is_none_or(|name| name == "[heap]");
        // The stack of this thread is an unnamed mapping too.
        if !is_writable || !is_heap || (start..end).contains(&here) {
            continue;
        }
        while start < end {
            // What was read is itself on the heap.
            chunk.fill(0);
            let wanted = chunk.len().min((end - start) as usize);
            let Ok(read @ 1..) = memory.read_at(&mut chunk[..wanted], start) else {
                break;
            };
            let is_in = |secret: &&Secret| secret.is_in(&chunk[..read]);
            found.extend(secrets.iter().filter(is_in).map(|secret| secret.0));
            start += read as u64;
        }
    }
    chunk.zeroize();
    found.sort();
    found.dedup();
    found
}

/// What a call gives.
fn made(call: impl FnOnce(Out) -> i32) -> Given {
    let mut out = ptr::null_mut();
    assert_eq!(call(&mut out), OK);
    out
}

/// The status of a call that gives nothing.
fn status_of(call: impl FnOnce(Out) -> i32) -> i32 {
    let mut out = ptr::null_mut();
    let status = call(&mut out);
    assert!(out.is_null());
    status
}

fn text(text: &str) -> CString {
    CString::new(text).unwrap()
}

#[test]
fn nothing_is_left() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    const API: Secret = Secret(1);
    const TOKEN: Secret = Secret(2);
    const RESTORED: Secret = Secret(3);
    const SSO: Secret = Secret(4);
    const ALL: [Secret; 4] = [API, TOKEN, RESTORED, SSO];
    assert!(found(&ALL).is_empty());

    let acme = text("acme");
    let options = text(r#"{"base_url":"http://127.0.0.1:1","max_retries":0}"#);
    let (more, path, user) = (
        text(r#"{"max_idle_connections":2}"#),
        text("/a"),
        text("{}"),
    );
    let (name, options, more) = (acme.as_ptr(), options.as_ptr(), more.as_ptr());
    let (path, user, no_text) = (path.as_ptr(), user.as_ptr(), ptr::null());
    // SAFETY: all is as the header says.
    unsafe {
        let client = API.alone(|secret| {
            made(|out| uservoice_client_new(name, name, secret, options, out, NONE))
        });
        let clone = made(|out| uservoice_client_clone(client, more, out, NONE));
        let token = TOKEN.alone(|secret| made(|out| uservoice_token_new(name, secret, out, NONE)));
        let restored = RESTORED.given("{\"token\":\"t\",\"secret\":\"", "\"}", |json| {
            made(|out| uservoice_token_from_json(json, out, NONE))
        });
        // The search finds what is there.
        assert_eq!(found(&ALL), [1, 2, 3]);

        for client in [client, clone] {
            for token in [token, restored] {
                // Nobody is there; the call was signed all the same.
                let post = |out| uservoice_post(client, token, path, no_text, out, NONE);
                assert_eq!(status_of(post), TRANSPORT);
                let json = || made(|out| uservoice_token_json(token, out, NONE));
                [(); 8]
                    .map(|()| json())
                    .into_iter()
                    .for_each(|json| uservoice_string_free(json));
            }
        }
        SSO.alone(|key| {
            let token = made(|out| uservoice_sso_token(name, key, user, 0, out, NONE));
            uservoice_string_free(token);
            let user = text("{\"guid\":1,\"email\":\"e\"}");
            let jwt = made(|out| uservoice_sso_jwt(key, user.as_ptr(), 0, out, NONE));
            uservoice_string_free(jwt);
        });

        uservoice_token_free(token);
        uservoice_token_free(restored);
        uservoice_client_free(client);
        uservoice_client_free(clone);
    }
    assert_eq!(found(&ALL), [0; 0]);
}

/// Refuses every call, all over one connection, and keeps nothing of what it is sent.
fn refusing() -> String {
    const ANSWER: &[u8] = b"HTTP/1.1 401 No\r\nContent-Length: 16\r\n\r\n{\"message\":\"no\"}";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // A second one would be refused.
        drop(listener);
        while read_request(&mut stream) {
            stream.write_all(ANSWER).unwrap();
        }
    });
    base_url
}

/// False at the end of the connection.
fn read_request(stream: &mut TcpStream) -> bool {
    let mut request = Zeroizing::new(Vec::with_capacity(16 * LENGTH));
    let mut byte = Zeroizing::new([0]);
    let mut left = None;
    while left != Some(0) {
        if !stream.read(&mut *byte).is_ok_and(|read| read > 0) {
            return false;
        }
        request.push(byte[0]);
        left = left.map(|left: usize| left - 1);
        if left.is_none() && request.ends_with(b"\r\n\r\n") {
            left = Some(content_length(&request));
        }
    }
    true
}

fn content_length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"content-length: ";
    let Some(at) = head.windows(NAME.len()).position(|part| part == NAME) else {
        return 0;
    };
    let digits = head[at + NAME.len()..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| 10 * number + usize::from(digit - b'0'))
}

/// Sent to a server and not merely held: while the connection is kept, too.
#[test]
fn nothing_is_left_of_what_was_sent() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    const API: Secret = Secret(11);
    const BEARER: Secret = Secret(12);
    const REFRESH: Secret = Secret(13);
    const PASSWORD: Secret = Secret(14);
    const CODE: Secret = Secret(15);
    const VERIFIER: Secret = Secret(16);
    const ALL: [Secret; 6] = [API, BEARER, REFRESH, PASSWORD, CODE, VERIFIER];
    let acme = text("acme");
    let options = format!("{{\"base_url\":\"{}\",\"max_retries\":0}}", refusing());
    let (options, path) = (text(&options), text("/a"));
    let (name, options, path) = (acme.as_ptr(), options.as_ptr(), path.as_ptr());
    let no_text = ptr::null();
    // SAFETY: all is as the header says.
    unsafe {
        let client = API.alone(|secret| {
            made(|out| uservoice_client_new(name, name, secret, options, out, NONE))
        });
        let restored = |secret: Secret, member: &str| {
            let before = format!("{{\"type\":\"oauth2\",\"grant\":\"password\",{member}\":\"");
            secret.given(&before, "\"}", |json| {
                made(|out| uservoice_token_from_json(json, out, NONE))
            })
        };
        let bearer = restored(BEARER, "\"token");
        // Ended: it is renewed first.
        let ended = restored(REFRESH, "\"token\":\"t\",\"expires_at\":1,\"refresh_token");

        type Send<'a> = &'a dyn Fn(Text, Out) -> i32;
        let get = |token, out| uservoice_get(client, token, path, no_text, out, NONE);
        let sends: [(Secret, Send<'_>); 6] = [
            (API, &|_, out| {
                uservoice_login_with_client_credentials(client, out, NONE)
            }),
            (BEARER, &|_, out| get(bearer, out)),
            (REFRESH, &|_, out| get(ended, out)),
            (PASSWORD, &|it, out| {
                uservoice_login_with_password(client, name, it, out, NONE)
            }),
            (CODE, &|it, out| {
                uservoice_login_with_code(client, it, name, name, out, NONE)
            }),
            (VERIFIER, &|it, out| {
                uservoice_login_with_code(client, name, it, name, out, NONE)
            }),
        ];
        for (secret, send) in sends {
            let status = secret.alone(|it| status_of(|out| send(it, out)));
            assert_eq!(status, UNAUTHORIZED, "{}", secret.0);
            // The connection is there, and what handles hold.
            assert_eq!(found(&ALL), [11, 12, 13]);
        }
        uservoice_token_free(bearer);
        uservoice_token_free(ended);
        uservoice_client_free(client);
    }
    assert_eq!(found(&ALL), [0; 0]);
}

/// What is refused is not kept, nor told.
#[test]
fn nothing_is_left_of_what_was_refused() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (acme, jwt) = (text("acme"), text("e30.e30.e30"));
    let (name, jwt) = (acme.as_ptr(), jwt.as_ptr());
    type Refuse<'a> = &'a dyn Fn(Text, Out, Out) -> i32;
    // SAFETY: all is as the header says, here and below.
    let token: Refuse<'_> = &|it, out, error| unsafe { uservoice_token_from_json(it, out, error) };
    let options: Refuse<'_> =
        &|it, out, error| unsafe { uservoice_client_new(name, name, name, it, out, error) };
    let refusals: [(&str, &str, Refuse<'_>); 8] = [
        ("", "", token),
        ("\"", "\"", token),
        ("{\"token\":\"", "\",", token),
        ("{\"token\":\"", "\",\"secret\":1}", token),
        ("{\"type\":\"", "\"}", token),
        ("{\"type\":\"oauth2\",\"token\":\"", "\"}", token),
        (
            "{\"type\":\"oauth2\",\"grant\":\"none\",\"token\":\"",
            "\"}",
            token,
        ),
        ("\"", "\"", options),
    ];
    let keys: [(&str, &str, Refuse<'_>); 3] = [
        ("", "", &|it, out, error| unsafe {
            uservoice_sso_decrypt(name, it, name, out, error)
        }),
        ("", "", &|it, out, error| unsafe {
            uservoice_sso_jwt_verify(it, jwt, 0, out, error)
        }),
        ("", "", &|it, _, error| unsafe {
            uservoice_webhook_verify(it, name, 4, name, error)
        }),
    ];
    let refusals = refusals
        .into_iter()
        .map(|refusal| (INVALID_ARGUMENT, refusal));
    let keys = keys.into_iter().map(|key| (NOT_VERIFIED, key));
    for (number, (expected, (before, after, refuse))) in refusals.chain(keys).enumerate() {
        let secret = Secret(21 + number);
        let mut error = ptr::null_mut();
        let status = secret.given(before, after, |it| {
            status_of(|out| refuse(it, out, &mut error))
        });
        assert_eq!(status, expected, "{before}");
        // Also while the error is there.
        assert_eq!(found(&[secret]), [0; 0], "{before}");
        // SAFETY: not freed yet.
        unsafe { uservoice_error_free(error) };
    }
}
