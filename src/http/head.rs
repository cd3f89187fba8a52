//! The head of a response, as RFC 9112, section 5 asks a recipient to read it. ureq's parser
//! rejects folded lines, and more than 128 fields.

use memchr::{memchr, memchr_iter};
use ureq::Error;
use ureq::http::{HeaderName, HeaderValue};

/// The maximum size of the fields of a response, each of which counts as 32 bytes more than
/// it has, as in HTTP/2 (RFC 9113, section 6.5.2).
const MAX_FIELDS_BYTES: usize = 64 * 1024;
const FIELD_OVERHEAD: usize = 32;

/// The maximum size of a head, that of ureq.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// Fields that ureq's parser gets; it takes a few more.
const MAX_PARSED_FIELDS: usize = 100;

/// The fields that say where a response ends, which ureq needs.
const FRAMING: [&str; 3] = ["connection", "content-length", "transfer-encoding"];

/// A head in the form that ureq's parser accepts.
#[derive(Default)]
pub(crate) struct RewrittenHead {
    pub(crate) bytes: Vec<u8>,
    /// The fields that are not in `bytes`.
    pub(crate) other_fields: Vec<(HeaderName, HeaderValue)>,
}

/// Returns the length of the head that `input` begins with, if it is complete.
pub(crate) fn length(input: &[u8]) -> Option<usize> {
    memchr_iter(b'\n', input).find_map(|end| match &input[end + 1..] {
        [b'\r', b'\n', ..] => Some(end + 3),
        [b'\n', ..] => Some(end + 2),
        _ => None,
    })
}

/// Returns whether `input` begins as a response does, as far as it was received.
pub(crate) fn may_be_http(input: &[u8]) -> bool {
    const START: &[u8] = b"HTTP/1.";
    let compared = input.len().min(START.len());
    input[..compared] == START[..compared]
}

/// Returns whether `input` begins with the status line of an informational response, which
/// precedes another one. After 101, which no request asks for, there is none.
pub(crate) fn is_informational(input: &[u8]) -> bool {
    match input.get(8..13) {
        Some(&[b' ', b'1', tens, units, next]) => {
            let digits = [tens, units];
            digits.iter().all(u8::is_ascii_digit) && digits != *b"01" && !next.is_ascii_digit()
        }
        _ => false,
    }
}

/// Returns whether the body is chunked. One with another transfer coding is not read.
pub(crate) fn is_chunked(head: &[u8]) -> bool {
    let mut fields = lines(head)
        .skip(1)
        .filter_map(|line| Some((line, memchr(b':', line)?)));
    let chunked = fields.any(|(line, colon)| {
        line[..colon].eq_ignore_ascii_case(b"transfer-encoding")
            && line[colon + 1..]
                .split(|&byte| byte == b',')
                .any(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked"))
    });
    // HTTP/1.0 has no transfer coding.
    chunked && !head.starts_with(b"HTTP/1.0")
}

/// Rewrites a head; `None` if the parser accepts it as it is, and for a field without a colon,
/// which it rejects.
pub(crate) fn rewrite(head: &[u8]) -> Result<Option<RewrittenHead>, Error> {
    if is_accepted(head) {
        return Ok(None);
    }
    let mut lines = lines(head).peekable();
    let mut rewritten = RewrittenHead::default();
    push(&mut rewritten.bytes, lines.next().unwrap_or_default());
    // Whitespace before the first field (RFC 9112, section 2.2).
    while lines.next_if(|line| is_folded(line)).is_some() {}
    let (mut size, mut parsed) = (0, 0);
    while let Some(line) = lines.next() {
        let Some(colon) = memchr(b':', line) else {
            return Ok(None);
        };
        let name = &line[..colon];
        let mut value = line[colon + 1..].trim_ascii().to_vec();
        while let Some(folded) = lines.next_if(|line| is_folded(line)) {
            value.push(b' ');
            value.extend(folded.trim_ascii());
        }
        size += name.len() + value.len() + FIELD_OVERHEAD;
        if size > MAX_FIELDS_BYTES {
            return Err(Error::LargeResponseHeader(size, MAX_FIELDS_BYTES));
        }
        let is_framing = |framing: &&str| name.eq_ignore_ascii_case(framing.as_bytes());
        parsed += 1;
        let must_be_parsed = parsed <= MAX_PARSED_FIELDS || FRAMING.iter().any(is_framing);
        match (
            HeaderName::from_bytes(name),
            HeaderValue::from_bytes(&value),
        ) {
            (Ok(name), Ok(value)) if !must_be_parsed => rewritten.other_fields.push((name, value)),
            // The parser also rejects what is invalid.
            _ => push(&mut rewritten.bytes, &[name, b": ", &value].concat()),
        }
    }
    rewritten.bytes.extend(b"\r\n");
    Ok(Some(rewritten))
}

/// Returns whether ureq's parser accepts a head, as far as this module is concerned.
fn is_accepted(head: &[u8]) -> bool {
    // The status line and the empty one end too.
    const MAX_LINES: usize = MAX_PARSED_FIELDS + 2;
    let mut ends = memchr_iter(b'\n', head).enumerate();
    ends.all(|(index, end)| index < MAX_LINES && !is_folded(&head[end + 1..]))
}

/// Iterates over the lines before the empty one.
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = head.split(|&byte| byte == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.take_while(|line| !line.is_empty())
}

fn is_folded(line: &[u8]) -> bool {
    line.starts_with(b" ") || line.starts_with(b"\t")
}

fn push(bytes: &mut Vec<u8>, line: &[u8]) {
    bytes.extend(line);
    bytes.extend(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(head: &str) -> Option<String> {
        let rewritten = rewrite(head.as_bytes()).unwrap();
        rewritten.map(|head| String::from_utf8(head.bytes).unwrap())
    }

    #[test]
    fn finds_the_end_of_a_head() {
        assert_eq!(length(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody"), Some(25));
        assert_eq!(length(b"HTTP/1.1 200 OK\nA: b\n\nbody"), Some(22));
        assert_eq!(length(b"HTTP/1.1 200 OK\r\nA: b\r\n"), None);
        assert_eq!(length(b""), None);
    }

    #[test]
    fn recognizes_informational_responses() {
        for line in ["100 Continue", "102\r\n", "103 Early Hints", "199 "] {
            assert!(
                is_informational(format!("HTTP/1.1 {line}").as_bytes()),
                "{line}"
            );
        }
        for line in [
            "101 Switching Protocols",
            "200 OK",
            "1000 x",
            "1xx",
            "10",
            "1",
            "",
        ] {
            assert!(
                !is_informational(format!("HTTP/1.1 {line}").as_bytes()),
                "{line}"
            );
        }
        assert!(!is_informational(b"HTTP/1.11000 x"));
    }

    #[test]
    fn recognizes_chunked_bodies() {
        for (head, expected) in [
            (
                "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n",
                true,
            ),
            ("HTTP/1.1 200 OK\ntransfer-encoding:, Chunked ,\n\n", true),
            (
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                false,
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", false),
            (
                "HTTP/1.1 200 OK\r\nX-Transfer-Encoding: chunked\r\n\r\n",
                false,
            ),
            ("HTTP/1.1 200 Transfer-Encoding: chunked\r\n\r\n", false),
        ] {
            assert_eq!(is_chunked(head.as_bytes()), expected, "{head:?}");
        }
    }

    #[test]
    fn unfolds_lines() {
        let start = "HTTP/1.1 200 OK\r\n";
        for (fields, expected) in [
            ("A: b\r\n c\r\n\t\td \r\nE: f\r\n", "A: b c d\r\nE: f\r\n"),
            ("A:\r\n b\r\n", "A:  b\r\n"),
            ("A: b\r\n c\r\nD : e\r\n", "A: b c\r\nD : e\r\n"),
            (" ignored: a\r\n\tb\r\nA: b\r\n", "A: b\r\n"),
        ] {
            let head = rewritten(&format!("{start}{fields}\r\n"));
            assert_eq!(head, Some(format!("{start}{expected}\r\n")), "{fields:?}");
        }
        for usual in ["A: b\r\nC:\r\n", "", "no colon\r\n", "A : b\r\n"] {
            assert_eq!(rewritten(&format!("{start}{usual}\r\n")), None, "{usual:?}");
        }
    }

    #[test]
    fn takes_fields_out_that_are_too_many_for_the_parser() {
        let fields: String = (0..500)
            .map(|number| format!("X-{number}: {number}\r\n"))
            .collect();
        let head = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 2\r\n\r\n");
        let head = rewrite(head.as_bytes()).unwrap().unwrap();
        assert_eq!(head.other_fields.len(), 400);
        let most = "A: b\r\n".repeat(MAX_PARSED_FIELDS);
        assert_eq!(rewritten(&format!("HTTP/1.1 200 OK\r\n{most}\r\n")), None);
        let more = format!("HTTP/1.1 200 OK\r\n{most}A: b\r\n\r\n");
        assert!(rewritten(&more).is_some());
        assert_eq!(head.other_fields[0].0, "x-100");
        assert!(
            head.bytes
                .ends_with(b"X-99: 99\r\nContent-Length: 2\r\n\r\n")
        );
    }

    #[test]
    fn bounds_the_bytes_of_all_fields() {
        let head = |count| format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(count));
        let most = MAX_FIELDS_BYTES / (FIELD_OVERHEAD + 2);
        assert!(rewrite(head(most).as_bytes()).is_ok());
        assert!(rewrite(head(most + 1).as_bytes()).is_err());
    }
}
