//! The body of a response: where it ends (RFC 9112, section 6), and its bytes.

use std::fmt;
use std::io::{self, Read};

use ureq::http::{HeaderMap, Method, Version, header};
use ureq::{Body, Error};

use crate::http::Response;
use crate::http::content_encoding::ContentCoding;

/// Reads the body of `response` into it.
pub(crate) fn read(
    response: &mut Response,
    body: Body,
    method: &Method,
    version: Version,
) -> Result<(), Error> {
    // There is no body, also if the headers describe one.
    if *method == Method::HEAD || matches!(response.status, 204 | 304) {
        return Ok(());
    }
    check_transfer_coding(version, &response.headers)?;
    let coding = ContentCoding::of(&response.headers);
    response.body = read_decoded(body, &coding, response.max_bytes)?;
    if coding == ContentCoding::Gzip {
        // They describe the body as it was sent.
        response.headers.remove(header::CONTENT_ENCODING);
        response.headers.remove(header::CONTENT_LENGTH);
    }
    Ok(())
}

/// Fails unless the body is chunked or sent as it is. No request accepts another transfer
/// coding, and where such a body ends is not certain; HTTP/1.0 has none (RFC 9112, section 6.1).
fn check_transfer_coding(version: Version, headers: &HeaderMap) -> Result<(), InvalidBody> {
    let values = headers.get_all(header::TRANSFER_ENCODING).iter();
    let values: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let names = values.iter().flat_map(|value| value.split(','));
    let names = names.map(str::trim).filter(|name| !name.is_empty());
    let codings: Vec<&str> = names.collect();
    match codings[..] {
        [] => Ok(()),
        _ if version == Version::HTTP_10 => Err(InvalidBody::TransferCodingInHttp10),
        [one] if one.eq_ignore_ascii_case("chunked") => Ok(()),
        _ => Err(InvalidBody::TransferCoding(codings.join(", "))),
    }
}

fn read_decoded(
    mut body: Body,
    coding: &ContentCoding,
    max_bytes: usize,
) -> Result<Vec<u8>, Error> {
    let length = body.content_length().unwrap_or(0);
    let mut bytes = Vec::new();
    let read = coding.decode(body.as_reader(), |reader| {
        read_up_to(reader, &mut bytes, length, max_bytes)
    });
    match read? {
        true => Ok(bytes),
        false => Err(Error::BodyExceedsLimit(max_bytes as u64)),
    }
}

/// Appends a body to `bytes`, and returns whether it has at most `max_len` bytes. The buffer
/// grows to twice its size each time, but not beyond the bound, and `length`, which a
/// Content-Length says, alone reserves little.
fn read_up_to(
    mut reader: &mut dyn Read,
    bytes: &mut Vec<u8>,
    length: u64,
    max_len: usize,
) -> io::Result<bool> {
    const MAX_FIRST_CAPACITY: u64 = 256 * 1024;

    // One more byte, which finds the end, and then is room for the NUL of the C ABI.
    let max_capacity = max_len.saturating_add(1);
    let mut capacity = max_capacity.min(length.min(MAX_FIRST_CAPACITY) as usize + 1);
    loop {
        let missing = capacity - bytes.len();
        bytes.try_reserve_exact(missing)?;
        let mut piece = Read::take(&mut reader, missing as u64);
        if piece.read_to_end(bytes)? < missing {
            return Ok(true);
        }
        if capacity == max_capacity {
            return Ok(false);
        }
        capacity = max_capacity.min(capacity.saturating_mul(2).max(1024));
    }
}

/// Why a response cannot be read.
#[derive(Debug)]
pub(crate) enum InvalidBody {
    OtherProtocol,
    ContentCoding(String),
    TransferCoding(String),
    TransferCodingInHttp10,
    ChunkSize,
    ChunkEnd,
    ChunkLineTooLong,
    Gzip(io::Error),
}

impl std::error::Error for InvalidBody {}

impl fmt::Display for InvalidBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut malformed = |reason| write!(f, "the response is not well-formed HTTP: {reason}");
        match self {
            InvalidBody::OtherProtocol => f.write_str(
                "the service switched to another protocol, which the request did not ask for",
            ),
            InvalidBody::ContentCoding(coding) => write!(
                f,
                "the response body has the content coding {coding:?}, but the request accepts \
                 only gzip"
            ),
            InvalidBody::TransferCoding(coding) => write!(
                f,
                "the response body has the transfer coding {coding:?}, but only chunked is \
                 supported"
            ),
            InvalidBody::TransferCodingInHttp10 => {
                f.write_str("the response body has a transfer coding, but HTTP/1.0 has none")
            }
            InvalidBody::ChunkSize => malformed("a chunk size is not a hexadecimal number"),
            InvalidBody::ChunkEnd => malformed("a chunk is longer than its size"),
            InvalidBody::ChunkLineTooLong => malformed("a line between chunks is too long"),
            InvalidBody::Gzip(error) => write!(f, "the response body is not valid gzip: {error}"),
        }
    }
}

impl From<InvalidBody> for Error {
    fn from(error: InvalidBody) -> Self {
        io::Error::other(error).into()
    }
}
