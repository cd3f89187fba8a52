//! Link options of the shared library that rustc does not set by itself.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => linux(),
        Ok("macos") => macos(),
        _ => (),
    }
}

fn linux() {
    // Before 1.0 the major number of the ABI is 0 whatever the version is.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libuservoice.so.0");
    // Gives each symbol the SONAME as its version, so that programs keep to this library if
    // the process also loads one with another SONAME. rustc passes a version script without
    // versions, beside which only GNU ld can add them.
    println!("cargo::rustc-cdylib-link-arg=-fuse-ld=bfd");
    println!("cargo::rustc-cdylib-link-arg=-Wl,--default-symver");
    // A thread of ours, or a thread-local of a caller's thread, may outlive
    // dlclose: the code must stay where it is.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
}

/// Written without a Mac: nobody has linked it.
fn macos() {
    println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libuservoice.0.dylib");
    let version = env!("CARGO_PKG_VERSION");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-current_version,{version}");
    // What a later version adds is missing in an earlier one.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-compatibility_version,{version}");
}
