//! The strings of JSON. Their length is decided by a response or a caller, so memory for
//! them is reserved fallibly and, since they may be secrets, in one piece.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};
use std::io;

use memchr::memchr;
use serde::Serializer as _;

/// Why a string was not decoded or quoted; follows the name of the string in a message.
#[derive(Debug, PartialEq)]
pub(crate) enum StringError {
    NotAString,
    TooLarge,
    NoMemory,
}

impl Display for StringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StringError::NotAString => "must be a valid string",
            StringError::TooLarge => "is too large",
            StringError::NoMemory => "is too large for the memory that is left",
        })
    }
}

/// Decodes a JSON string, which is valid JSON; borrowed unless it has escapes.
pub(crate) fn decode(json: &str) -> Result<Cow<'_, str>, StringError> {
    let mut rest = contents(json).ok_or(StringError::NotAString)?;
    let Some(mut escape) = memchr(b'\\', rest.as_bytes()) else {
        return Ok(Cow::Borrowed(rest));
    };
    let mut decoded = String::new();
    // An escape is longer than what it stands for.
    let reserved = decoded.try_reserve_exact(rest.len());
    reserved.map_err(|_| StringError::NoMemory)?;
    loop {
        decoded.push_str(&rest[..escape]);
        let mut characters = Characters(&rest[escape..]);
        let character = characters.next().flatten();
        decoded.push(character.ok_or(StringError::NotAString)?);
        rest = characters.0;
        match memchr(b'\\', rest.as_bytes()) {
            Some(at) => escape = at,
            None => break,
        }
    }
    decoded.push_str(rest);
    Ok(Cow::Owned(decoded))
}

/// Returns at most the first `max_chars` characters of a JSON string, or of the JSON of
/// another value.
pub(crate) fn decode_prefix(json: &str, max_chars: usize) -> String {
    match contents(json) {
        Some(contents) => Characters(contents).take(max_chars).flatten().collect(),
        None => json.chars().take(max_chars).collect(),
    }
}

/// Returns whether every escape in `contents`, a JSON string without its quotes, stands for
/// a character.
pub(crate) fn is_decodable(contents: &str) -> bool {
    memchr(b'\\', contents.as_bytes()).is_none() || Characters(contents).all(|c| c.is_some())
}

fn contents(json: &str) -> Option<&str> {
    json.strip_prefix('"')?.strip_suffix('"')
}

/// The characters of a JSON string; `None` for a surrogate without its other half.
struct Characters<'a>(&'a str);

impl Iterator for Characters<'_> {
    type Item = Option<char>;

    fn next(&mut self) -> Option<Option<char>> {
        let mut chars = self.0.chars();
        let first = chars.next()?;
        let escaped = match first {
            '\\' => chars.next()?,
            _ => first,
        };
        self.0 = chars.as_str();
        if first != '\\' {
            return Some(Some(first));
        }
        Some(match escaped {
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'u' => self.unicode_escape(),
            itself => Some(itself),
        })
    }
}

impl Characters<'_> {
    fn unicode_escape(&mut self) -> Option<char> {
        let unit = self.code_unit()?;
        if let Some(character) = char::from_u32(unit.into()) {
            return Some(character);
        }
        self.0 = self.0.strip_prefix("\\u")?;
        let pair = [unit, self.code_unit()?];
        char::decode_utf16(pair).next()?.ok()
    }

    fn code_unit(&mut self) -> Option<u16> {
        let (digits, rest) = self.0.split_at_checked(4)?;
        self.0 = rest;
        u16::from_str_radix(digits, 16).ok()
    }
}

/// Returns `text` as a JSON string, with its quotes. For strings whose length is bounded.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = Vec::with_capacity(quoted_len(text));
    write_quoted(&mut quoted, text);
    String::from_utf8(quoted).expect("JSON is UTF-8")
}

/// Appends `text` to `json` as a JSON string of at most `max_len` bytes, with its quotes, and
/// reserves memory for two bytes after it.
pub(crate) fn push_quoted(
    json: &mut String,
    text: impl Display,
    max_len: usize,
) -> Result<(), StringError> {
    let len = quoted_len(&text);
    if len > max_len {
        return Err(StringError::TooLarge);
    }
    let reserved = json.try_reserve_exact(len + 2);
    reserved.map_err(|_| StringError::NoMemory)?;
    let mut bytes = std::mem::take(json).into_bytes();
    write_quoted(&mut bytes, text);
    *json = String::from_utf8(bytes).expect("JSON is UTF-8");
    Ok(())
}

fn quoted_len(text: impl Display) -> usize {
    let mut count = Count(0);
    write_quoted(&mut count, text);
    count.0
}

fn write_quoted(writer: impl io::Write, text: impl Display) {
    serde_json::Serializer::new(writer)
        .collect_str(&text)
        .expect("writing to memory cannot fail");
}

/// Counts the bytes that are written.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Displays bytes as text in which U+FFFD replaces what is not UTF-8.
pub(crate) struct Lossy<'a>(pub(crate) &'a [u8]);

impl Display for Lossy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

impl Lossy<'_> {
    /// Returns the text; `None` if it is longer than `max_len` or there is no memory for it.
    pub(crate) fn to_text(&self, max_len: usize) -> Option<String> {
        let replacement = char::REPLACEMENT_CHARACTER.len_utf8();
        let lengths = self.0.utf8_chunks().map(|chunk| {
            let is_replaced = !chunk.invalid().is_empty();
            chunk.valid().len() + if is_replaced { replacement } else { 0 }
        });
        let len = lengths.sum();
        let mut text = String::new();
        if len > max_len || text.try_reserve_exact(len).is_err() {
            return None;
        }
        write!(text, "{self}").ok()?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decodes_every_escape() {
        let json = r#""\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00é""#;
        assert_eq!(decode(json).unwrap(), "\"\\/\u{8}\u{c}\n\r\té😀é");
        assert!(matches!(decode("\"plain\""), Ok(Cow::Borrowed("plain"))));
        for lone in [
            r#""\ud800""#,
            r#""\ud800x""#,
            r#""\ud800\n""#,
            r#""\udc00\ud800""#,
            r#""\ud800\ud800""#,
        ] {
            assert_eq!(decode(lone), Err(StringError::NotAString), "{lone}");
        }
        for other in ["1", "\"", "null"] {
            assert_eq!(decode(other), Err(StringError::NotAString), "{other}");
        }
    }

    #[test]
    fn decodes_the_beginning_of_a_string() {
        assert_eq!(decode_prefix(r#""a\u00e9bc""#, 2), "aé");
        assert_eq!(decode_prefix(r#""\ud800b""#, 2), "b");
        assert_eq!(decode_prefix("[1,2]", 3), "[1,");
    }

    #[test]
    fn quotes_strings() {
        assert_eq!(quote("a\"b\\\n"), r#""a\"b\\\n""#);
        let mut json = "[".to_owned();
        push_quoted(&mut json, Lossy(b"\x01\xff"), 11).unwrap();
        assert_eq!(json, "[\"\\u0001\u{fffd}\"");
        let too_large = push_quoted(&mut json, "abc", 4);
        assert_eq!(too_large, Err(StringError::TooLarge));
    }

    #[test]
    fn replaces_what_is_not_utf8() {
        let bytes = b"a\xff\xe9\x80b\xf0\x9f";
        let text = Lossy(bytes).to_text(100).unwrap();
        assert_eq!(text, String::from_utf8_lossy(bytes));
        assert_eq!(Lossy(bytes).to_text(text.len() - 1), None);
    }

    proptest! {
        #[test]
        fn decodes_as_serde_json_does(text in any::<String>(), units in any::<Vec<u16>>()) {
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = format!("\"{escaped}{}", &quote(&text)[1..]);
            let theirs = serde_json::from_str::<String>(&json).ok();
            prop_assert_eq!(decode(&json).ok().map(Cow::into_owned), theirs);
            prop_assert_eq!(quote(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
