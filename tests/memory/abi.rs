//! The C ABI, so that the copies that it makes are counted too.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;

use uservoice as _;

type Chars = *const c_char;
type Handle = *mut c_void;
type Out = *mut Handle;

// The declarations of include/uservoice.h.
unsafe extern "C" {
    fn uservoice_client_new(_: Chars, _: Chars, _: Chars, _: Chars, _: Out, _: Out) -> i32;
    fn uservoice_client_free(_: Handle);
    fn uservoice_get(_: Handle, _: Handle, _: Chars, _: Chars, _: Out, _: Out) -> i32;
    fn uservoice_request(
        _: Handle,
        _: Handle,
        _: Chars,
        _: Chars,
        _: Chars,
        _: Chars,
        _: Out,
        _: Out,
    ) -> i32;
    fn uservoice_login_with_client_credentials(_: Handle, _: Out, _: Out) -> i32;
    fn uservoice_login_as_owner(_: Handle, _: Handle, _: Out, _: Out) -> i32;
    fn uservoice_token_free(_: Handle);
    fn uservoice_collection_new(
        _: Handle,
        _: Handle,
        _: Chars,
        _: Chars,
        _: i64,
        _: Out,
        _: Out,
    ) -> i32;
    fn uservoice_collection_next(_: Handle, _: Out, _: Out) -> i32;
    fn uservoice_collection_next_page(_: Handle, _: Out, _: Out) -> i32;
    fn uservoice_collection_get(_: Handle, _: usize, _: Out, _: Out) -> i32;
    fn uservoice_collection_info(_: Handle, _: Out, _: Out) -> i32;
    fn uservoice_collection_free(_: Handle);
    fn uservoice_error_message(_: Handle) -> Chars;
    fn uservoice_error_free(_: Handle);
    fn uservoice_string_free(_: Handle);
}

pub const OK: i32 = 0;
pub const API_ERROR: i32 = 14;
pub const BAD_RESPONSE: i32 = 23;

/// What a call returned: its status, and the message of its error.
pub type Outcome = (i32, String);

pub struct Client(Handle);

pub struct Collection(Handle);

/// The calls that read a response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Call {
    Get,
    Request,
    Next,
    NextPage,
    CollectionGet,
    Info,
    ClientCredentials,
    LoginAsOwner,
}

impl Client {
    pub fn new(options: &str) -> Self {
        let mut client = ptr::null_mut();
        let options = CString::new(options).unwrap();
        let name = c"acme".as_ptr();
        // SAFETY: follows the header, like all calls here.
        let status = unsafe {
            let none = ptr::null_mut();
            uservoice_client_new(name, name, name, options.as_ptr(), &mut client, none)
        };
        assert_eq!(status, OK);
        Client(client)
    }

    pub fn call(&self, call: Call) -> Outcome {
        let (client, none, null) = (self.0, ptr::null_mut(), ptr::null());
        let (get, path) = (c"GET".as_ptr(), c"/a".as_ptr());
        // SAFETY: see `new`.
        unsafe {
            match call {
                Call::Get => {
                    outcome(|out, error| uservoice_get(client, none, path, null, out, error))
                }
                Call::Request => outcome(|out, error| {
                    uservoice_request(client, none, get, path, null, null, out, error)
                }),
                Call::ClientCredentials => {
                    token(|out, error| uservoice_login_with_client_credentials(client, out, error))
                }
                Call::LoginAsOwner => {
                    token(|out, error| uservoice_login_as_owner(client, none, out, error))
                }
                _ => self.collection().call(call),
            }
        }
    }

    pub fn collection(&self) -> Collection {
        let mut collection = ptr::null_mut();
        let path = c"/api/v1/suggestions".as_ptr();
        let (null, none) = (ptr::null(), ptr::null_mut());
        // SAFETY: see `new`.
        let status = unsafe {
            uservoice_collection_new(self.0, none, path, null, -1, &mut collection, none.cast())
        };
        assert_eq!(status, OK);
        Collection(collection)
    }
}

impl Collection {
    pub fn call(&self, call: Call) -> Outcome {
        outcome(|out, error| {
            // SAFETY: see `Client::new`.
            unsafe {
                match call {
                    Call::Next => uservoice_collection_next(self.0, out, error),
                    Call::NextPage => uservoice_collection_next_page(self.0, out, error),
                    Call::CollectionGet => uservoice_collection_get(self.0, 0, out, error),
                    Call::Info => uservoice_collection_info(self.0, out, error),
                    _ => panic!("{call:?} is not a function of collections"),
                }
            }
        })
    }
}

fn outcome(call: impl FnOnce(Out, Out) -> i32) -> Outcome {
    let (mut out, mut error) = (ptr::null_mut(), ptr::null_mut());
    let status = call(&mut out, &mut error);
    // SAFETY: the string is the caller's, or NULL.
    unsafe { uservoice_string_free(out) };
    (status, message(error))
}

fn token(call: impl FnOnce(Out, Out) -> i32) -> Outcome {
    let (mut out, mut error) = (ptr::null_mut(), ptr::null_mut());
    let status = call(&mut out, &mut error);
    // SAFETY: the token is the caller's, or NULL.
    unsafe { uservoice_token_free(out) };
    (status, message(error))
}

/// Returns the message of an error or NULL, and frees it.
fn message(error: Handle) -> String {
    // SAFETY: a live error or NULL, whose message is "".
    unsafe {
        let message = CStr::from_ptr(uservoice_error_message(error));
        let message = message.to_string_lossy().into_owned();
        uservoice_error_free(error);
        message
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: freed once.
        unsafe { uservoice_client_free(self.0) };
    }
}

impl Drop for Collection {
    fn drop(&mut self) {
        // SAFETY: freed once.
        unsafe { uservoice_collection_free(self.0) };
    }
}
