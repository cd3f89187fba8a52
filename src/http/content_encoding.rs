//! The content coding of a response body (RFC 9110, section 8.4).

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use ureq::http::{HeaderMap, header};

use crate::http::response_body::InvalidBody;

/// How a response body is encoded.
#[derive(Debug, PartialEq)]
pub(crate) enum ContentCoding {
    Identity,
    Gzip,
    /// One that the request did not ask for, or several: the value of the header.
    Unsupported(String),
}

impl ContentCoding {
    /// Returns the coding that the headers name. Its names are case-insensitive, and x-gzip
    /// is gzip.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::CONTENT_ENCODING).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let is_coding = |name: &&str| !name.is_empty() && !name.eq_ignore_ascii_case("identity");
        let names = values.iter().flat_map(|value| value.split(','));
        let codings: Vec<&str> = names.map(str::trim).filter(is_coding).collect();
        match codings[..] {
            [] => ContentCoding::Identity,
            [one] if one.eq_ignore_ascii_case("gzip") || one.eq_ignore_ascii_case("x-gzip") => {
                ContentCoding::Gzip
            }
            _ => ContentCoding::Unsupported(codings.join(", ")),
        }
    }

    /// Passes a reader of the decoded body to `read`. An empty body is empty whatever its
    /// coding.
    pub(crate) fn decode<T>(
        &self,
        body: impl Read,
        read: impl FnOnce(&mut dyn Read) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut body = Source::new(body);
        if *self == ContentCoding::Identity {
            return read(&mut body);
        }
        let mut body = BufReader::new(body);
        if body.fill_buf()?.is_empty() {
            return read(&mut body);
        }
        if let ContentCoding::Unsupported(coding) = self {
            return Err(io::Error::other(InvalidBody::ContentCoding(coding.clone())));
        }
        let mut decoder = MultiGzDecoder::new(body);
        let result = read(&mut decoder);
        match decoder.get_ref().get_ref().failed {
            true => result,
            false => result.map_err(invalid_gzip),
        }
    }
}

/// Wraps the errors of the decoder, as opposed to those of what it reads or writes.
fn invalid_gzip(error: io::Error) -> io::Error {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};

    match error.kind() {
        InvalidData | InvalidInput | UnexpectedEof => io::Error::other(InvalidBody::Gzip(error)),
        _ => error,
    }
}

/// A reader that remembers whether it failed.
struct Source<R> {
    reader: R,
    failed: bool,
}

impl<R> Source<R> {
    fn new(reader: R) -> Self {
        let failed = false;
        Source { reader, failed }
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.reader.read(buffer);
        self.failed = result.is_err();
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::http::HeaderValue;

    #[test]
    fn reads_the_names_of_codings() {
        let unsupported = |names: &str| ContentCoding::Unsupported(names.to_owned());
        for (values, coding) in [
            (&[][..], ContentCoding::Identity),
            (&[""], ContentCoding::Identity),
            (&["identity"], ContentCoding::Identity),
            (&["gzip"], ContentCoding::Gzip),
            (&["GZip"], ContentCoding::Gzip),
            (&["X-GZIP"], ContentCoding::Gzip),
            (&[" gzip ,"], ContentCoding::Gzip),
            (&["Identity, gzip"], ContentCoding::Gzip),
            (&["identity", "gzip"], ContentCoding::Gzip),
            (&["br"], unsupported("br")),
            (&["deflate"], unsupported("deflate")),
            (&["gzip,gzip"], unsupported("gzip, gzip")),
            (&["gzip", "br"], unsupported("gzip, br")),
            (&["gzipped"], unsupported("gzipped")),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(
                    header::CONTENT_ENCODING,
                    HeaderValue::from_str(value).unwrap(),
                );
            }
            assert_eq!(ContentCoding::of(&headers), coding, "{values:?}");
        }
    }
}
