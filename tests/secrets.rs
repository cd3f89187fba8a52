//! No secret stays on the heap after its handle is freed. A separate test program, because the
//! tests search the heap of the process.
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

type Chars = *const c_char;
/// A handle or a string that the library returned.
type Handle = *mut c_void;
type Out = *mut Handle;

// The declarations of include/uservoice.h.
unsafe extern "C" {
    fn uservoice_client_new(_: Chars, _: Chars, _: Chars, _: Chars, _: Out, _: Out) -> i32;
    fn uservoice_client_clone(_: Handle, _: Chars, _: Out, _: Out) -> i32;
    fn uservoice_client_free(_: Handle);
    fn uservoice_token_new(_: Chars, _: Chars, _: Out, _: Out) -> i32;
    fn uservoice_token_from_json(_: Chars, _: Out, _: Out) -> i32;
    fn uservoice_token_json(_: Handle, _: Out, _: Out) -> i32;
    fn uservoice_token_free(_: Handle);
    fn uservoice_get(_: Handle, _: Handle, _: Chars, _: Chars, _: Out, _: Out) -> i32;
    fn uservoice_post(_: Handle, _: Handle, _: Chars, _: Chars, _: Out, _: Out) -> i32;
    fn uservoice_login_with_client_credentials(_: Handle, _: Out, _: Out) -> i32;
    fn uservoice_login_with_password(_: Handle, _: Chars, _: Chars, _: Out, _: Out) -> i32;
    fn uservoice_login_with_code(_: Handle, _: Chars, _: Chars, _: Chars, _: Out, _: Out) -> i32;
    fn uservoice_sso_token(_: Chars, _: Chars, _: Chars, _: i64, _: Out, _: Out) -> i32;
    fn uservoice_sso_decrypt(_: Chars, _: Chars, _: Chars, _: Out, _: Out) -> i32;
    fn uservoice_sso_jwt(_: Chars, _: Chars, _: i64, _: Out, _: Out) -> i32;
    fn uservoice_sso_jwt_verify(_: Chars, _: Chars, _: i64, _: Out, _: Out) -> i32;
    fn uservoice_webhook_verify(_: Chars, _: Chars, _: usize, _: Chars, _: Out) -> i32;
    fn uservoice_error_free(_: Handle);
    fn uservoice_string_free(_: Handle);
}

const OK: i32 = 0;
const INVALID_ARGUMENT: i32 = 1;
const NOT_VERIFIED: i32 = 2;
const UNAUTHORIZED: i32 = 10;
const TRANSPORT: i32 = 20;

/// For callers that do not need the error.
const NO_ERROR: Out = ptr::null_mut();

/// Serializes the tests: a search has a copy of the heap's contents on the heap.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Long, so that remains of a secret are not overwritten soon.
const LENGTH: usize = 700;
/// Three times as long, as room for its encoding, it fits into malloc's cache, which keeps what
/// it holds.
const SHORT: usize = 330;

/// The greatest length of a PKCE code verifier.
const OF_VERIFIER: usize = 128;

/// A secret, computed byte by byte so that memory has no other copy of it.
#[derive(Clone, Copy)]
struct Secret {
    number: usize,
    length: usize,
}

impl Secret {
    const fn new(number: usize) -> Self {
        Secret {
            number,
            length: LENGTH,
        }
    }

    fn byte(self, index: usize) -> u8 {
        // Pseudo-random, so that no secret has a part of another one.
        const ODD: usize = 0x9E37_79B9_7F4A_7C15;
        let mixed = (2 * LENGTH * self.number + index).wrapping_mul(ODD);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(ODD);
        b'a' + (mixed >> 56) as u8 % 26
    }

    /// Calls `use_secret` with the secret between `before` and `after`, and wipes the copy.
    fn with_affixes<T>(self, before: &str, after: &str, use_secret: impl FnOnce(Chars) -> T) -> T {
        let mut c_string = Zeroizing::new(Vec::with_capacity(2 * LENGTH));
        c_string.extend(before.bytes());
        c_string.extend((0..self.length).map(|index| self.byte(index)));
        c_string.extend(after.bytes());
        c_string.push(0);
        use_secret(c_string.as_ptr().cast())
    }

    fn with<T>(self, use_secret: impl FnOnce(Chars) -> T) -> T {
        self.with_affixes("", "", use_secret)
    }

    /// Returns whether `memory` has a part of the secret. The part is not its beginning, which
    /// an allocator overwrites in freed memory.
    fn is_in(self, memory: &[u8]) -> bool {
        const PART: usize = 20;
        let from = self.length * 3 / 7;
        memchr_iter(self.byte(from), memory).any(|start| {
            let part = memory[start..].iter().zip(from..from + PART);
            start + PART <= memory.len()
                && part
                    .into_iter()
                    .all(|(byte, index)| *byte == self.byte(index))
        })
    }
}

/// Returns the numbers of those `secrets` that are on the heap.
fn search_heap(secrets: &[Secret]) -> Vec<usize> {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let stack_address = ptr::from_ref(&memory) as u64;
    let mut chunk = vec![0; 1 << 20];
    let mut found = Vec::with_capacity(64);
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (start, end) = words.next().unwrap().split_once('-').unwrap();
        let is_writable = words.next().unwrap().starts_with("rw");
        let address = |hex| u64::from_str_radix(hex, 16).unwrap();
        let (mut start, end) = (address(start), address(end));
        let is_heap = words.nth(3).is_none_or(|name| name == "[heap]");
        // The stack of this thread is an unnamed mapping as well.
        if !is_writable || !is_heap || (start..end).contains(&stack_address) {
            continue;
        }
        while start < end {
            // Wipes the previous chunk, which is on the heap, too.
            chunk.fill(0);
            let wanted = chunk.len().min((end - start) as usize);
            let Ok(read @ 1..) = memory.read_at(&mut chunk[..wanted], start) else {
                break;
            };
            let is_in = |secret: &&Secret| secret.is_in(&chunk[..read]);
            found.extend(secrets.iter().filter(is_in).map(|secret| secret.number));
            start += read as u64;
        }
    }
    chunk.zeroize();
    found.sort();
    found.dedup();
    found
}

/// Returns the result of a successful call.
fn create(call: impl FnOnce(Out) -> i32) -> Handle {
    let mut out = ptr::null_mut();
    assert_eq!(call(&mut out), OK);
    out
}

/// Returns the status of a call that fails.
fn status_of(call: impl FnOnce(Out) -> i32) -> i32 {
    let mut out = ptr::null_mut();
    let status = call(&mut out);
    assert!(out.is_null());
    status
}

fn c_string(string: &str) -> CString {
    CString::new(string).unwrap()
}

#[test]
fn handles_and_tokens_leave_no_secrets() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    const API: Secret = Secret::new(1);
    const TOKEN: Secret = Secret::new(2);
    const RESTORED: Secret = Secret::new(3);
    const SSO: Secret = Secret::new(4);
    const ALL: [Secret; 4] = [API, TOKEN, RESTORED, SSO];
    assert!(search_heap(&ALL).is_empty());

    let acme = c_string("acme");
    let options = c_string(r#"{"base_url":"http://127.0.0.1:1","max_retries":0}"#);
    let (more, path, user) = (
        c_string(r#"{"max_idle_connections":2}"#),
        c_string("/a"),
        c_string("{}"),
    );
    let (name, options, more) = (acme.as_ptr(), options.as_ptr(), more.as_ptr());
    let (path, user, null) = (path.as_ptr(), user.as_ptr(), ptr::null());
    // SAFETY: the calls follow the header.
    unsafe {
        let client = API.with(|secret| {
            create(|out| uservoice_client_new(name, name, secret, options, out, NO_ERROR))
        });
        let clone = create(|out| uservoice_client_clone(client, more, out, NO_ERROR));
        let token =
            TOKEN.with(|secret| create(|out| uservoice_token_new(name, secret, out, NO_ERROR)));
        let restored = RESTORED.with_affixes("{\"token\":\"t\",\"secret\":\"", "\"}", |json| {
            create(|out| uservoice_token_from_json(json, out, NO_ERROR))
        });
        // The search works.
        assert_eq!(search_heap(&ALL), [1, 2, 3]);

        for client in [client, clone] {
            for token in [token, restored] {
                // There is no server, but the request was signed.
                let post = |out| uservoice_post(client, token, path, null, out, NO_ERROR);
                assert_eq!(status_of(post), TRANSPORT);
                let json = || create(|out| uservoice_token_json(token, out, NO_ERROR));
                [(); 8]
                    .map(|()| json())
                    .into_iter()
                    .for_each(|json| uservoice_string_free(json));
            }
        }
        SSO.with(|key| {
            let token = create(|out| uservoice_sso_token(name, key, user, 0, out, NO_ERROR));
            uservoice_string_free(token);
            let user = c_string("{\"guid\":1,\"email\":\"e\"}");
            let jwt = create(|out| uservoice_sso_jwt(key, user.as_ptr(), 0, out, NO_ERROR));
            uservoice_string_free(jwt);
        });

        uservoice_token_free(token);
        uservoice_token_free(restored);
        uservoice_client_free(client);
        uservoice_client_free(clone);
    }
    assert_eq!(search_heap(&ALL), [0; 0]);
}

/// Neither with nor without a character that the signature encodes.
#[test]
fn signatures_leave_no_tokens() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    const TOKEN: Secret = Secret::new(5);
    let (acme, path) = (c_string("acme"), c_string("/a?b=%c3%a9+c&token=d%2f"));
    let options = c_string(r#"{"base_url":"http://127.0.0.1:1","max_retries":0}"#);
    let (name, path, null) = (acme.as_ptr(), path.as_ptr(), ptr::null());
    for (before, length) in [("", LENGTH), ("/", LENGTH), ("/", SHORT)] {
        let secret = Secret { length, ..TOKEN };
        // SAFETY: the calls follow the header.
        unsafe {
            let client = create(|out| {
                uservoice_client_new(name, name, name, options.as_ptr(), out, NO_ERROR)
            });
            let token = secret.with_affixes(before, before, |value| {
                create(|out| uservoice_token_new(value, name, out, NO_ERROR))
            });
            for _ in 0..4 {
                let get = |out| uservoice_get(client, token, path, null, out, NO_ERROR);
                assert_eq!(status_of(get), TRANSPORT);
            }
            assert_eq!(search_heap(&[secret]), [5]);
            uservoice_token_free(token);
            assert_eq!(search_heap(&[secret]), [0; 0], "{before:?} {length}");
            uservoice_client_free(client);
        }
    }
}

/// Starts a server that responds with 401 to every request of one connection, and wipes what it
/// received.
fn start_server() -> String {
    const RESPONSE: &[u8] = b"HTTP/1.1 401 No\r\nContent-Length: 16\r\n\r\n{\"message\":\"no\"}";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // The server accepts no second connection.
        drop(listener);
        while read_request(&mut stream) {
            stream.write_all(RESPONSE).unwrap();
        }
    });
    base_url
}

/// Reads a request. Returns false at the end of the connection.
fn read_request(stream: &mut TcpStream) -> bool {
    let mut request = Zeroizing::new(Vec::with_capacity(16 * LENGTH));
    let mut byte = Zeroizing::new([0]);
    let mut remaining = None;
    while remaining != Some(0) {
        if !stream.read(&mut *byte).is_ok_and(|read| read > 0) {
            return false;
        }
        request.push(byte[0]);
        remaining = remaining.map(|remaining: usize| remaining - 1);
        if remaining.is_none() && request.ends_with(b"\r\n\r\n") {
            remaining = Some(content_length(&request));
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

/// Secrets that were sent to a server, also while the connection is open.
#[test]
fn requests_leave_no_secrets() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    const API: Secret = Secret::new(11);
    const BEARER: Secret = Secret::new(12);
    const REFRESH: Secret = Secret::new(13);
    const PASSWORD: Secret = Secret::new(14);
    const CODE: Secret = Secret::new(15);
    const VERIFIER: Secret = Secret {
        length: OF_VERIFIER,
        ..Secret::new(16)
    };
    const ALL: [Secret; 6] = [API, BEARER, REFRESH, PASSWORD, CODE, VERIFIER];
    let acme = c_string("acme");
    let options = format!("{{\"base_url\":\"{}\",\"max_retries\":0}}", start_server());
    let (options, path) = (c_string(&options), c_string("/a"));
    let redirect_uri = c_string("https://a.example/");
    let redirect_uri = redirect_uri.as_ptr();
    let (name, options, path) = (acme.as_ptr(), options.as_ptr(), path.as_ptr());
    let null = ptr::null();
    // SAFETY: the calls follow the header.
    unsafe {
        let client = API.with(|secret| {
            create(|out| uservoice_client_new(name, name, secret, options, out, NO_ERROR))
        });
        let restored = |secret: Secret, member: &str| {
            let before = format!("{{\"type\":\"oauth2\",\"grant\":\"password\",{member}\":\"");
            secret.with_affixes(&before, "\"}", |json| {
                create(|out| uservoice_token_from_json(json, out, NO_ERROR))
            })
        };
        let bearer = restored(BEARER, "\"token");
        // An expired token is refreshed first.
        let expired = restored(REFRESH, "\"token\":\"t\",\"expires_at\":1,\"refresh_token");

        type Send<'a> = &'a dyn Fn(Chars, Out) -> i32;
        let get = |token, out| uservoice_get(client, token, path, null, out, NO_ERROR);
        let sends: [(Secret, Send<'_>); 6] = [
            (API, &|_, out| {
                uservoice_login_with_client_credentials(client, out, NO_ERROR)
            }),
            (BEARER, &|_, out| get(bearer, out)),
            (REFRESH, &|_, out| get(expired, out)),
            (PASSWORD, &|secret, out| {
                uservoice_login_with_password(client, name, secret, out, NO_ERROR)
            }),
            (CODE, &|secret, out| {
                uservoice_login_with_code(client, secret, null, redirect_uri, out, NO_ERROR)
            }),
            (VERIFIER, &|secret, out| {
                uservoice_login_with_code(client, name, secret, redirect_uri, out, NO_ERROR)
            }),
        ];
        for (secret, send) in sends {
            let status = secret.with(|secret| status_of(|out| send(secret, out)));
            assert_eq!(status, UNAUTHORIZED, "{}", secret.number);
            // The connection is open, and the handles have their secrets.
            assert_eq!(search_heap(&ALL), [11, 12, 13]);
        }
        uservoice_token_free(bearer);
        uservoice_token_free(expired);
        uservoice_client_free(client);
    }
    assert_eq!(search_heap(&ALL), [0; 0]);
}

/// Neither the library nor the error keeps an invalid secret.
#[test]
fn rejected_arguments_leave_no_secrets() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let (acme, jwt) = (c_string("acme"), c_string("e30.e30.e30"));
    let (name, jwt) = (acme.as_ptr(), jwt.as_ptr());
    type Reject<'a> = &'a dyn Fn(Chars, Out, Out) -> i32;
    // SAFETY: the calls follow the header, here and below.
    let token: Reject<'_> =
        &|secret, out, error| unsafe { uservoice_token_from_json(secret, out, error) };
    let options: Reject<'_> =
        &|secret, out, error| unsafe { uservoice_client_new(name, name, name, secret, out, error) };
    let rejections: [(&str, &str, Reject<'_>); 8] = [
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
    let keys: [(&str, &str, Reject<'_>); 3] = [
        ("", "", &|secret, out, error| unsafe {
            uservoice_sso_decrypt(name, secret, name, out, error)
        }),
        ("", "", &|secret, out, error| unsafe {
            uservoice_sso_jwt_verify(secret, jwt, 0, out, error)
        }),
        ("", "", &|secret, _, error| unsafe {
            uservoice_webhook_verify(secret, name, 4, name, error)
        }),
    ];
    let rejections = rejections
        .into_iter()
        .map(|rejection| (INVALID_ARGUMENT, rejection));
    let keys = keys.into_iter().map(|key| (NOT_VERIFIED, key));
    for (number, (expected, (before, after, reject))) in rejections.chain(keys).enumerate() {
        let secret = Secret::new(21 + number);
        let mut error = ptr::null_mut();
        let status = secret.with_affixes(before, after, |secret| {
            status_of(|out| reject(secret, out, &mut error))
        });
        assert_eq!(status, expected, "{before}");
        // Also while the error exists.
        assert_eq!(search_heap(&[secret]), [0; 0], "{before}");
        // SAFETY: not freed yet.
        unsafe { uservoice_error_free(error) };
    }
}
