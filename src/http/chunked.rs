//! A chunked body, as RFC 9112, section 7.1 asks a recipient to read it. ureq's parser rejects
//! a chunk extension of more than 20 bytes, accepts a sign before a chunk size, and waits for
//! a carriage return before each line feed.

use std::io::Write;

use memchr::memchr;

use crate::http::response_body::InvalidBody;

/// The maximum length of a chunk size with its extensions, and of a trailer field.
const MAX_LINE: usize = 16 * 1024;

/// The data that is passed on at once.
const MAX_PIECE: usize = 16 * 1024;

/// What comes next in a chunked body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Chunked {
    Size,
    Data(u64),
    DataEnd,
    Trailer,
    End,
}

impl Chunked {
    /// Appends the chunks at the start of `input` to `output` in the form that ureq's parser
    /// accepts, without extensions and trailer fields, and returns the length of what it has
    /// read.
    pub(crate) fn rewrite(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<usize, InvalidBody> {
        let mut read = 0;
        while *self != Chunked::End && output.len() < MAX_PIECE {
            let rest = &input[read..];
            read += match *self {
                Chunked::Data(size) if !rest.is_empty() => self.read_data(rest, size, output),
                Chunked::Data(_) => break,
                _ => match memchr(b'\n', &rest[..rest.len().min(MAX_LINE)]) {
                    Some(end) => {
                        let line = &rest[..end];
                        self.read_line(line.strip_suffix(b"\r").unwrap_or(line), output)?;
                        end + 1
                    }
                    None if rest.len() >= MAX_LINE => return Err(InvalidBody::ChunkLineTooLong),
                    None => break,
                },
            };
        }
        Ok(read)
    }

    fn read_data(&mut self, input: &[u8], size: u64, output: &mut Vec<u8>) -> usize {
        let length = size.min(MAX_PIECE as u64) as usize;
        let data = &input[..length.min(input.len())];
        output.extend_from_slice(data);
        *self = match size - data.len() as u64 {
            0 => Chunked::DataEnd,
            left => Chunked::Data(left),
        };
        data.len()
    }

    fn read_line(&mut self, line: &[u8], output: &mut Vec<u8>) -> Result<(), InvalidBody> {
        *self = match *self {
            Chunked::Size => {
                let size = parse_size(line).ok_or(InvalidBody::ChunkSize)?;
                // Writing to a vector does not fail.
                let _ = write!(output, "{size:x}");
                match size {
                    0 => Chunked::Trailer,
                    size => Chunked::Data(size),
                }
            }
            Chunked::DataEnd if line.is_empty() => Chunked::Size,
            Chunked::DataEnd => return Err(InvalidBody::ChunkEnd),
            Chunked::Trailer if !line.is_empty() => return Ok(()),
            _ => Chunked::End,
        };
        output.extend_from_slice(b"\r\n");
        Ok(())
    }
}

/// Returns the size of a chunk. Some services pad it with spaces.
fn parse_size(line: &[u8]) -> Option<u64> {
    let end = memchr(b';', line).unwrap_or(line.len());
    let digits = str::from_utf8(line[..end].trim_ascii_end()).ok()?;
    // `from_str_radix` accepts a sign.
    let is_number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u64::from_str_radix(digits, 16).ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rewrites `input`, which arrives in pieces of `piece` bytes, and returns what was not
    /// read as well.
    fn rewrite(input: &[u8], piece: usize) -> Result<(Vec<u8>, Vec<u8>), InvalidBody> {
        let mut chunked = Chunked::Size;
        let (mut output, mut pending) = (Vec::new(), Vec::new());
        for piece in input.chunks(piece) {
            pending.extend(piece);
            loop {
                let mut rewritten = Vec::new();
                let read = chunked.rewrite(&pending, &mut rewritten)?;
                pending.drain(..read);
                output.extend(rewritten);
                if read == 0 {
                    break;
                }
            }
        }
        Ok((output, pending))
    }

    #[test]
    fn rewrites_what_the_parser_rejects() {
        let long = format!("2;a={};b=\"c d\"\r\nok\r\n0;e\r\n\r\n", "x".repeat(1000));
        for (input, expected) in [
            ("2\r\nok\r\n0\r\n\r\n", "2\r\nok\r\n0\r\n\r\n"),
            ("2\nok\n0\n\n", "2\r\nok\r\n0\r\n\r\n"),
            ("0002 \r\nok\r\n000\r\n\r\n", "2\r\nok\r\n0\r\n\r\n"),
            ("2\r\n\r\n\r\n0\r\n\r\n", "2\r\n\r\n\r\n0\r\n\r\n"),
            (
                "A\r\n0123456789\r\n0\r\n\r\n",
                "a\r\n0123456789\r\n0\r\n\r\n",
            ),
            (
                "2\r\nok\r\n0\r\nX: y\r\nZ: 1\r\n\r\n",
                "2\r\nok\r\n0\r\n\r\n",
            ),
            (&long, "2\r\nok\r\n0\r\n\r\n"),
        ] {
            for piece in [1, 3, input.len() + 4] {
                let (output, rest) =
                    rewrite(&[input, "HTTP"].concat().into_bytes(), piece).unwrap();
                assert_eq!(String::from_utf8(output).unwrap(), expected, "{input:?}");
                assert_eq!(rest, b"HTTP", "{input:?}");
            }
        }
    }

    #[test]
    fn rejects_invalid_framing() {
        let long = format!("2;{}", "x".repeat(MAX_LINE));
        for input in [
            "+3\r\nabc\r\n",
            "-1\r\n",
            "0x1\r\n",
            " 1\r\n",
            "\r\n",
            ";a\r\n",
            "zz\r\n",
            "1 2\r\n",
            "1\r\nabc\r\n",
            "10000000000000000\r\n",
            "1\rx\r\n",
            &long,
        ] {
            for piece in [1, input.len()] {
                assert!(rewrite(input.as_bytes(), piece).is_err(), "{input:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn reads_the_same_in_any_pieces(input in "([0-3];?a?\r?\n[a-c]{0,3}\r?\n){0,5}", piece in 1..9_usize) {
            let whole = rewrite(input.as_bytes(), input.len().max(1)).ok();
            prop_assert_eq!(rewrite(input.as_bytes(), piece).ok(), whole);
        }
    }

    #[test]
    fn passes_a_large_chunk_on_in_pieces() {
        let data = vec![b'a'; 5 * MAX_PIECE + 1];
        let size = format!("{:x}\r\n", data.len());
        let input = [size.as_bytes(), &data, b"\r\n0\r\n\r\n"].concat();
        let (mut chunked, mut output) = (Chunked::Size, Vec::new());
        let read = chunked.rewrite(&input, &mut output).unwrap();
        assert!(read < input.len() && output.len() <= 2 * MAX_PIECE);
        assert!(rewrite(&input, input.len()).unwrap().0 == input);
    }
}
