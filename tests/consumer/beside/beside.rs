//! Another Rust library in the same program, with a standard library of its own.
//! `beside_catches` panics and catches it: 1 when that works.

#[unsafe(no_mangle)]
pub extern "C" fn beside_catches() -> i32 {
    std::panic::set_hook(Box::new(|_| {}));
    let caught = std::panic::catch_unwind(|| {
        let text = String::from("a panic of the other library");
        std::panic::panic_any(text);
    });
    i32::from(caught.is_err())
}
