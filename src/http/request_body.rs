//! Request bodies.

use std::io::Read;

/// A request body: bytes that stay where the caller has them, also for a retry.
#[derive(Clone, Copy, Default)]
pub(crate) struct RequestBody<'a> {
    /// They are sent one after the other.
    pieces: [&'a [u8]; 3],
}

impl<'a> RequestBody<'a> {
    /// Creates a body of `content` between what a media type puts around it.
    pub(crate) fn framed(head: &'a str, content: &'a [u8], tail: &'a str) -> Self {
        RequestBody {
            pieces: [head.as_bytes(), content, tail.as_bytes()],
        }
    }

    /// Returns what is between the frame.
    pub(crate) fn content(&self) -> &'a [u8] {
        self.pieces[1]
    }

    pub(crate) fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum()
    }

    pub(crate) fn reader(&self) -> impl Read + use<'a> {
        let [head, content, tail] = self.pieces;
        head.chain(content).chain(tail)
    }
}

impl<'a> From<&'a [u8]> for RequestBody<'a> {
    fn from(content: &'a [u8]) -> Self {
        RequestBody::framed("", content, "")
    }
}

impl<'a> From<&'a str> for RequestBody<'a> {
    fn from(content: &'a str) -> Self {
        RequestBody::from(content.as_bytes())
    }
}
