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

unsafe extern "C" {
    fn uservoice_client_new(
        subdomain: *const c_char,
        api_key: *const c_char,
        api_secret: *const c_char,
        options_json: *const c_char,
        client: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_client_clone(
        client: *const c_void,
        options_json: *const c_char,
        clone: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_client_free(client: *mut c_void);
    fn uservoice_token_new(
        token: *const c_char,
        secret: *const c_char,
        out: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_token_from_json(
        json: *const c_char,
        out: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_token_json(
        token: *const c_void,
        json: *mut *mut c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_token_free(token: *mut c_void);
    fn uservoice_post(
        client: *const c_void,
        token: *const c_void,
        path: *const c_char,
        params_json: *const c_char,
        json: *mut *mut c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_get(
        client: *const c_void,
        token: *const c_void,
        path: *const c_char,
        params_json: *const c_char,
        json: *mut *mut c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_login_with_client_credentials(
        client: *const c_void,
        token: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_login_with_password(
        client: *const c_void,
        email: *const c_char,
        password: *const c_char,
        token: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_login_with_code(
        client: *const c_void,
        code: *const c_char,
        code_verifier: *const c_char,
        redirect_uri: *const c_char,
        token: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_error_free(error: *mut c_void);
    fn uservoice_sso_decrypt(
        subdomain: *const c_char,
        sso_key: *const c_char,
        token: *const c_char,
        user_json: *mut *mut c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_sso_jwt(
        sso_key: *const c_char,
        user_json: *const c_char,
        valid_for_seconds: i64,
        jwt: *mut *mut c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_sso_jwt_verify(
        sso_key: *const c_char,
        jwt: *const c_char,
        leeway_seconds: i64,
        user_json: *mut *mut c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_webhook_verify(
        sso_key: *const c_char,
        data: *const c_char,
        data_len: usize,
        signature: *const c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_sso_token(
        subdomain: *const c_char,
        sso_key: *const c_char,
        user_json: *const c_char,
        valid_for_seconds: i64,
        token: *mut *mut c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn uservoice_string_free(string: *mut c_char);
}

/// One test at a time: what a search reads is on the heap meanwhile.
static ALONE: Mutex<()> = Mutex::new(());

/// A handle that is not there yet.
const NULL: *mut c_void = ptr::null_mut();

/// Long, so that what is left of it is not soon overwritten.
const LENGTH: usize = 700;

/// A secret that is nowhere in memory but where it is made: byte by byte.
#[derive(Clone, Copy)]
struct Secret(usize);

impl Secret {
    fn byte(self, index: usize) -> u8 {
        const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
        LETTERS[(self.0 * 7919 + index * index * 31 + index * self.0) % LETTERS.len()]
    }

    fn text(self) -> Given {
        Given::new(|text| text.extend((0..LENGTH).map(|index| self.byte(index))))
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

/// A text for the library that leaves nothing behind.
struct Given(Zeroizing<Vec<u8>>);

impl Given {
    fn new(fill: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut text = Zeroizing::new(Vec::with_capacity(8 * LENGTH));
        fill(&mut text);
        text.push(0);
        Given(text)
    }

    /// JSON with `secret` between its two parts.
    fn json(before: &str, secret: Secret, after: &str) -> Self {
        Given::new(|text| {
            text.extend(before.bytes());
            text.extend((0..LENGTH).map(|index| secret.byte(index)));
            text.extend(after.bytes());
        })
    }

    fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
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

#[test]
fn nothing_is_left() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    const API: Secret = Secret(1);
    const TOKEN: Secret = Secret(2);
    const RESTORED: Secret = Secret(3);
    const SSO: Secret = Secret(4);
    const ALL: [Secret; 4] = [API, TOKEN, RESTORED, SSO];
    assert!(found(&ALL).is_empty());

    let acme = CString::new("acme").unwrap();
    let options = CString::new(r#"{"base_url":"http://127.0.0.1:1","max_retries":0}"#).unwrap();
    let more = CString::new(r#"{"max_connections":2}"#).unwrap();
    let path = CString::new("/a").unwrap();
    let user = CString::new("{}").unwrap();
    let none = ptr::null_mut();
    // SAFETY: all is as the header says.
    unsafe {
        let (mut client, mut clone) = (ptr::null_mut(), ptr::null_mut());
        let secret = API.text();
        let name = acme.as_ptr();
        let status = uservoice_client_new(
            name,
            name,
            secret.as_ptr(),
            options.as_ptr(),
            &mut client,
            none,
        );
        assert_eq!(status, 0);
        drop(secret);
        assert_eq!(
            uservoice_client_clone(client, more.as_ptr(), &mut clone, none),
            0
        );

        let (mut token, mut restored) = (ptr::null_mut(), ptr::null_mut());
        let secret = TOKEN.text();
        assert_eq!(
            uservoice_token_new(name, secret.as_ptr(), &mut token, none),
            0
        );
        drop(secret);
        let kept = Given::json("{\"token\":\"t\",\"secret\":\"", RESTORED, "\"}");
        assert_eq!(
            uservoice_token_from_json(kept.as_ptr(), &mut restored, none),
            0
        );
        drop(kept);
        // The search finds what is there.
        assert_eq!(found(&ALL), [1, 2, 3]);

        for handle in [client, clone] {
            for token in [token, restored] {
                let (mut json, mut error) = (ptr::null_mut(), ptr::null_mut());
                let status = uservoice_post(
                    handle,
                    token,
                    path.as_ptr(),
                    ptr::null(),
                    &mut json,
                    &mut error,
                );
                // Nobody is there; the call was signed all the same.
                assert_eq!(status, 20);
                uservoice_error_free(error);
                let jsons = [(); 8].map(|()| {
                    assert_eq!(uservoice_token_json(token, &mut json, none), 0);
                    json
                });
                for json in jsons {
                    uservoice_string_free(json);
                }
            }
        }
        let mut sso = ptr::null_mut();
        let key = SSO.text();
        let status = uservoice_sso_token(name, key.as_ptr(), user.as_ptr(), 0, &mut sso, none);
        assert_eq!(status, 0);
        drop(key);
        uservoice_string_free(sso);

        uservoice_token_free(token);
        uservoice_token_free(restored);
        uservoice_client_free(client);
        uservoice_client_free(clone);
    }
    assert_eq!(found(&ALL), [0; 0]);
}

/// Refuses every call, over connections that it keeps, and keeps nothing of what it
/// is sent.
fn refusing() -> String {
    const ANSWER: &[u8] = b"HTTP/1.1 401 No\r\nContent-Length: 15\r\n\r\n{\"message\":\"no\"}";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            while read_request(&mut stream) {
                stream.write_all(ANSWER).unwrap();
            }
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
    const PASSWORD: Secret = Secret(12);
    const VERIFIER: Secret = Secret(13);
    const BEARER: Secret = Secret(14);
    const REFRESH: Secret = Secret(15);
    const ALL: [Secret; 5] = [API, PASSWORD, VERIFIER, BEARER, REFRESH];
    let text = |text: &str| CString::new(text).unwrap();
    let options = text(&format!(
        "{{\"base_url\":\"{}\",\"max_retries\":0}}",
        refusing()
    ));
    let (acme, path) = (text("acme"), text("/a"));
    let (name, none) = (acme.as_ptr(), ptr::null_mut());
    // SAFETY: all is as the header says.
    unsafe {
        let (mut client, mut bearer, mut token) = (NULL, NULL, NULL);
        let (secret, before) = (
            API.text(),
            Given::json(
                "{\"type\":\"oauth2\",\"grant\":\"password\",\"token\":\"",
                BEARER,
                "\",",
            ),
        );
        let kept = Given::new(|text| {
            text.extend(before.0.iter().take_while(|byte| **byte != 0));
            let refresh = Given::json("\"refresh_token\":\"", REFRESH, "\"}");
            text.extend(refresh.0.iter().take_while(|byte| **byte != 0));
        });
        let made = uservoice_client_new(
            name,
            name,
            secret.as_ptr(),
            options.as_ptr(),
            &mut client,
            none,
        );
        assert_eq!(made, 0);
        assert_eq!(
            uservoice_token_from_json(kept.as_ptr(), &mut bearer, none),
            0
        );
        drop((secret, before, kept));

        const UNAUTHORIZED: i32 = 10;
        let status = uservoice_login_with_client_credentials(client, &mut token, none);
        assert_eq!(status, UNAUTHORIZED);
        let password = PASSWORD.text();
        let status =
            uservoice_login_with_password(client, name, password.as_ptr(), &mut token, none);
        assert_eq!(status, UNAUTHORIZED);
        drop(password);
        let verifier = VERIFIER.text();
        let status =
            uservoice_login_with_code(client, name, verifier.as_ptr(), name, &mut token, none);
        assert_eq!(status, UNAUTHORIZED);
        drop(verifier);
        let mut json = ptr::null_mut();
        let status = uservoice_get(client, bearer, path.as_ptr(), ptr::null(), &mut json, none);
        assert_eq!(status, UNAUTHORIZED);
        // The connection is there, and these two.
        assert_eq!(found(&ALL), [11, 14, 15]);
        uservoice_token_free(bearer);
        uservoice_client_free(client);
    }
    assert_eq!(found(&ALL), [0; 0]);
}

/// What is refused is not kept, nor told.
#[test]
fn nothing_is_left_of_what_was_refused() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    const TOKEN: Secret = Secret(21);
    const OPTIONS: Secret = Secret(22);
    const SSO: Secret = Secret(23);
    const ALL: [Secret; 3] = [TOKEN, OPTIONS, SSO];
    const INVALID_ARGUMENT: i32 = 1;
    let text = |text: &str| CString::new(text).unwrap();
    let (acme, user) = (text("acme"), text("{\"guid\":1,\"email\":\"e\"}"));
    let (name, none) = (acme.as_ptr(), ptr::null_mut());
    let jwt = text("e30.e30.e30");
    let mut errors = Vec::new();
    // SAFETY: all is as the header says.
    unsafe {
        let refused = |status: i32, error: *mut c_void, errors: &mut Vec<*mut c_void>| {
            assert_eq!(status, INVALID_ARGUMENT);
            errors.push(error);
        };
        for (before, after) in [
            ("\"", "\""),
            ("", ""),
            ("{\"token\":\"", "\","),
            ("{\"token\":\"", "\",\"secret\":1}"),
            ("{\"type\":\"", "\"}"),
            ("{\"type\":\"oauth2\",\"token\":\"", "\"}"),
            (
                "{\"type\":\"oauth2\",\"grant\":\"none\",\"token\":\"",
                "\"}",
            ),
        ] {
            let (mut token, mut error) = (NULL, NULL);
            let json = Given::json(before, TOKEN, after);
            let status = uservoice_token_from_json(json.as_ptr(), &mut token, &mut error);
            refused(status, error, &mut errors);
        }
        let (mut client, mut error) = (NULL, NULL);
        let json = Given::json("\"", OPTIONS, "\"");
        let status = uservoice_client_new(name, name, name, json.as_ptr(), &mut client, &mut error);
        refused(status, error, &mut errors);
        drop(json);
        let key = SSO.text();
        let (mut json, mut error) = (ptr::null_mut(), NULL);
        let status = uservoice_sso_decrypt(name, key.as_ptr(), name, &mut json, &mut error);
        refused(status, error, &mut errors);
        let status = uservoice_sso_jwt_verify(key.as_ptr(), jwt.as_ptr(), 0, &mut json, &mut error);
        refused(status, error, &mut errors);
        let status = uservoice_webhook_verify(key.as_ptr(), name, 4, name, &mut error);
        refused(status, error, &mut errors);
        assert_eq!(
            uservoice_sso_jwt(key.as_ptr(), user.as_ptr(), 0, &mut json, none),
            0
        );
        uservoice_string_free(json);
        drop(key);
    }
    // Also while the errors are there.
    assert_eq!(found(&ALL), [0; 0]);
    // SAFETY: as above.
    errors
        .into_iter()
        .for_each(|error| unsafe { uservoice_error_free(error) });
}
