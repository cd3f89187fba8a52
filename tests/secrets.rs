//! No secret is left on the heap once all is freed. In a process of its own,
//! whose heap the test may search.
#![cfg(target_os = "linux")]

use std::ffi::{CString, c_char, c_void};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::ptr;

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
    fn uservoice_error_free(error: *mut c_void);
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
        let mut text = Zeroizing::new(Vec::with_capacity(4 * LENGTH));
        fill(&mut text);
        text.push(0);
        Given(text)
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
        let kept = Given::new(|text| {
            text.extend(b"{\"token\":\"t\",\"secret\":\"");
            text.extend((0..LENGTH).map(|index| RESTORED.byte(index)));
            text.extend(b"\"}");
        });
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
