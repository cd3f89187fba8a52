//! Response bodies that are huge, compressed, slow or incomplete.

use std::io::{Error, Write};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{Stream, StreamExt, stream};

const CHUNK: usize = 64 * 1024;

type Chunk = Result<Bytes, Error>;

/// Returns a JSON string of `size` bytes in chunks.
pub fn long_json(size: u64) -> impl Iterator<Item = Chunk> {
    let inner = size.max(2) - 2;
    let chunks = (0..inner / CHUNK as u64).map(|_| Bytes::from_static(&[b'a'; CHUNK]));
    let rest = Bytes::from(vec![b'a'; (inner % CHUNK as u64) as usize]);
    let quote = || Bytes::from_static(b"\"");
    [quote()]
        .into_iter()
        .chain(chunks)
        .chain([rest, quote()])
        .map(Ok)
}

/// Returns the same string gzipped, chunk by chunk, so that it is never in memory as a whole.
pub fn gzipped(size: u64) -> impl Iterator<Item = Chunk> {
    let mut text = long_json(size);
    let mut encoder = Some(GzEncoder::new(Vec::new(), Compression::fast()));
    std::iter::from_fn(move || match text.next() {
        Some(chunk) => {
            let encoder = encoder.as_mut()?;
            let written = chunk.and_then(|chunk| encoder.write_all(&chunk));
            let compressed = std::mem::take(encoder.get_mut());
            Some(written.map(|()| compressed.into()))
        }
        None => Some(encoder.take()?.finish().map(Bytes::from)),
    })
}

/// Returns a stream that fails, which makes the server drop the connection.
pub fn failure() -> impl Stream<Item = Chunk> {
    stream::once(async {
        // Lets the server send the chunks before it.
        tokio::task::yield_now().await;
        Err(Error::other("closed in the middle of the body by a fault"))
    })
}

/// Calls a function when it is dropped.
struct CallOnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for CallOnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Calls `at_end` when the stream is dropped, which is immediately if the response has no body.
pub fn call_at_end(
    chunks: impl Stream<Item = Chunk>,
    at_end: impl Fn() + Send + 'static,
) -> impl Stream<Item = Chunk> {
    let guard = CallOnDrop(at_end);
    chunks.inspect(move |_| {
        let _ = &guard;
    })
}

pub fn drip(body: Bytes, pause: Duration) -> impl Stream<Item = Chunk> {
    stream::unfold(body, move |mut remaining| async move {
        if remaining.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let byte = remaining.split_to(1);
        Some((Ok(byte), remaining))
    })
}
