//! A connection that can be closed after a response without announcing it, as a crashing
//! server does.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Disconnects a `DisconnectableStream`.
#[derive(Clone, Default)]
pub struct Disconnector(Arc<State>);

#[derive(Default)]
struct State {
    disconnected: AtomicBool,
    reader: AtomicWaker,
}

impl Disconnector {
    /// Makes the stream report its end. The server closes the connection once it has sent the
    /// current response.
    pub fn disconnect(&self) {
        self.0.disconnected.store(true, Ordering::SeqCst);
        self.0.reader.wake();
    }
}

pub struct DisconnectableStream<S> {
    stream: S,
    disconnector: Disconnector,
}

impl<S> DisconnectableStream<S> {
    pub fn new(stream: S, disconnector: Disconnector) -> Self {
        DisconnectableStream {
            stream,
            disconnector,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for DisconnectableStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let state = &self.disconnector.0;
        state.reader.register(context.waker());
        match state.disconnected.load(Ordering::SeqCst) {
            true => Poll::Ready(Ok(())),
            false => Pin::new(&mut self.get_mut().stream).poll_read(context, buffer),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for DisconnectableStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
