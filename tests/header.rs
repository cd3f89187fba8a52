//! `include/uservoice.h` is what the sources give. `make header` writes it.

use std::path::Path;

#[test]
fn header_is_what_the_sources_give() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    config.after_includes = Some(preamble());
    let bindings = cbindgen::generate_with_config(root, config).unwrap();
    let mut generated = Vec::new();
    bindings.write(&mut generated);
    let generated = String::from_utf8(generated).unwrap();

    let path = root.join("include/uservoice.h");
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap();
    assert!(
        checked_in == generated,
        "include/uservoice.h is stale: run `make header` and commit it"
    );
}

/// What is not in the sources: the manual's first page and the macros.
fn preamble() -> String {
    format!(
        r#"
/*
 * libuservoice {version}: the client library for UserVoice.
 *
 * Conventions, for every function:
 *  - What can fail returns a uservoice_status; USERVOICE_OK is 0. Results come
 *    through out-parameters, which are NULL or 0 on failure.
 *  - The last argument receives a new error object on failure and NULL on
 *    success; give NULL when only the status matters.
 *  - Text is UTF-8 and ends with NUL. A `char *` that you receive is yours: give
 *    it to uservoice_string_free(), no shorter than it came. A `const char *` is borrowed from its handle.
 *  - Options, parameters and records are JSON text.
 *  - Handles may be used from any number of threads at once. Every _free()
 *    accepts NULL.
 *  - After fork() both processes may use the handles that they have, whatever
 *    other threads were doing: the child connects anew, learns limits anew, and
 *    a collection goes on where it was, a bearer token that was renewed starts
 *    over from what it was at first. An export stays its parent's.
 *  - Nothing is printed, nothing exits, and a NULL or invalid UTF-8 where it
 *    should not be is USERVOICE_INVALID_ARGUMENT.
 */

#include <stddef.h>
#include <stdint.h>

#define USERVOICE_VERSION "{version}"
#define USERVOICE_VERSION_MAJOR {major}
#define USERVOICE_VERSION_MINOR {minor}
#define USERVOICE_VERSION_PATCH {patch}

/* The shared library's CMake target and pkg-config file define USERVOICE_SHARED. */
#if defined(_WIN32) && defined(USERVOICE_SHARED)
#define USERVOICE_API __declspec(dllimport)
#else
#define USERVOICE_API
#endif

#if defined(__GNUC__) || defined(__clang__)
#define USERVOICE_MUST_USE __attribute__((warn_unused_result))
#else
#define USERVOICE_MUST_USE
#endif
"#,
        version = env!("CARGO_PKG_VERSION"),
        major = env!("CARGO_PKG_VERSION_MAJOR"),
        minor = env!("CARGO_PKG_VERSION_MINOR"),
        patch = env!("CARGO_PKG_VERSION_PATCH"),
    )
}
