//! The version, and the function that frees returned strings.

use std::ffi::{CStr, CString, c_char};

use zeroize::Zeroize as _;

/// Returns the version of the library that was loaded, a static string: "0.1.0".
#[unsafe(no_mangle)]
pub extern "C" fn uservoice_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => panic!("a version contains no NUL"),
        };
    VERSION.as_ptr()
}

/// Overwrites and frees a string that was returned as `char *`. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_string_free(string: *mut c_char) {
    if string.is_null() {
        return;
    }
    // SAFETY: by contract it came from a `CString` of `pointer`, and was not freed.
    let mut bytes = unsafe { CString::from_raw(string) }.into_bytes();
    // SAFETY: any bytes are a valid u64. Overwriting by words takes an eighth of the
    // time.
    let (before, words, after) = unsafe { bytes.align_to_mut::<u64>() };
    before.zeroize();
    words.zeroize();
    after.zeroize();
}
