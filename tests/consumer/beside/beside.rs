//! Another static Rust library in the same program, with its own copy of the standard library.

/// Panics and catches the panic. Returns 1 on success.
#[unsafe(no_mangle)]
pub extern "C" fn beside_catches() -> i32 {
    std::panic::set_hook(Box::new(|_| {}));
    let caught = std::panic::catch_unwind(|| {
        let text = String::from("a panic in the other library");
        std::panic::panic_any(text);
    });
    i32::from(caught.is_err())
}
