//! Counts the memory that each thread and the process allocate.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, Ordering};

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static CURRENT: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

static PROCESS: AtomicIsize = AtomicIsize::new(0);
static PROCESS_PEAK: AtomicIsize = AtomicIsize::new(0);

/// Adds to what the process and this thread have allocated, unless the thread is ending.
fn add(bytes: isize) {
    let process = PROCESS.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PROCESS_PEAK.fetch_max(process, Ordering::Relaxed);
    let _ = CURRENT.try_with(|current| {
        current.set(current.get() + bytes);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(current.get())));
    });
}

fn size(bytes: usize) -> isize {
    bytes.try_into().unwrap_or(isize::MAX)
}

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(size(layout.size()));
        // SAFETY: by the contract of this function, here and below.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        add(-size(layout.size()));
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    /// A block that grows counts twice while it is copied.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if new_size > layout.size() {
            add(size(new_size));
            add(-size(layout.size()));
        } else {
            add(size(new_size) - size(layout.size()));
        }
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, new_size) }
    }
}

/// Returns what this thread has allocated.
pub fn allocated() -> isize {
    CURRENT.get()
}

/// Returns the result of `call`, and by how much the memory of this thread grew at most.
pub fn peak_of<T>(call: impl FnOnce() -> T) -> (T, usize) {
    let before = allocated();
    PEAK.set(before);
    let result = call();
    (result, (PEAK.get() - before).try_into().unwrap_or(0))
}

/// Returns the result of `call`, and by how much the memory of the process grew at most.
pub fn process_peak_of<T>(call: impl FnOnce() -> T) -> (T, usize) {
    let before = PROCESS.load(Ordering::Relaxed);
    PROCESS_PEAK.store(before, Ordering::Relaxed);
    let result = call();
    let peak = PROCESS_PEAK.load(Ordering::Relaxed);
    (result, (peak - before).try_into().unwrap_or(0))
}
