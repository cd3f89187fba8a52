//! Uploads: a file as `multipart/form-data` (RFC 7578).

use mime_guess::Mime;

use crate::error::{Error, Result};
use crate::http::request_body::RequestBody;
use crate::process::random;

/// The maximum length of a file name and of a content type.
const MAX_BYTES: usize = 4096;

/// What surrounds a file in a request body that uploads it as the field `file`.
pub(crate) struct Upload {
    /// The value of the header `Content-Type`.
    pub(crate) content_type: String,
    head: String,
    tail: String,
}

impl Upload {
    /// Validates the name of a file and its content type, which is that of files with such a
    /// name if it is `None`.
    pub(crate) fn new(filename: &str, content_type: Option<&str>) -> Result<Self> {
        check_filename(filename)?;
        let content_type = match content_type {
            Some(content_type) => check_content_type(content_type)?,
            None => content_type_of(filename),
        };
        // Random, so that no file contains it.
        let boundary = format!("uservoice-{:032x}", u128::from_ne_bytes(random::bytes()?));
        let filename = quote(filename);
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"{filename}\"\r\nContent-Type: {content_type}\r\n\r\n"
        );
        Ok(Upload {
            content_type: format!("multipart/form-data; boundary={boundary}"),
            head,
            tail: format!("\r\n--{boundary}--\r\n"),
        })
    }

    pub(crate) fn body<'a>(&'a self, data: &'a [u8]) -> RequestBody<'a> {
        RequestBody::framed(&self.head, data, &self.tail)
    }
}

fn check_filename(filename: &str) -> Result<()> {
    match filename.len() {
        1..=MAX_BYTES => Ok(()),
        _ => {
            let why = format_args!("must have 1 to {MAX_BYTES} bytes");
            Err(Error::invalid("filename", why))
        }
    }
}

/// Encodes what would end the quoted name or the line, as browsers and curl do (HTML, section
/// "Multipart form data"), and NUL.
fn quote(filename: &str) -> String {
    let mut quoted = filename.to_owned();
    for (character, encoded) in [('"', "%22"), ('\r', "%0D"), ('\n', "%0A"), ('\0', "%00")] {
        quoted = quoted.replace(character, encoded);
    }
    quoted
}

fn check_content_type(content_type: &str) -> Result<&str> {
    let is_printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if content_type.len() <= MAX_BYTES
        && content_type.bytes().all(is_printable)
        && content_type
            .parse::<Mime>()
            .is_ok_and(|media_type| !media_type.subtype().as_str().is_empty())
    {
        return Ok(content_type);
    }
    let why = "must be a media type, such as \"image/png\"";
    Err(Error::invalid("content_type", why))
}

/// Returns the content type of files with such a name.
fn content_type_of(filename: &str) -> &'static str {
    let guess = mime_guess::from_path(filename).first_raw();
    guess.unwrap_or("application/octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn sent(upload: &Upload, data: &[u8]) -> String {
        let mut sent = String::new();
        let mut reader = upload.body(data).reader();
        reader.read_to_string(&mut sent).unwrap();
        assert_eq!(sent.len(), upload.body(data).len());
        sent
    }

    #[test]
    fn a_file_is_one_part_between_two_boundaries() {
        let upload = Upload::new("note.txt", None).unwrap();
        let boundary = upload
            .content_type
            .strip_prefix("multipart/form-data; boundary=");
        let boundary = boundary.unwrap();
        assert!((1..=70).contains(&boundary.len()), "{boundary}");
        assert_eq!(
            sent(&upload, b"a\r\n--b"),
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
                 filename=\"note.txt\"\r\nContent-Type: text/plain\r\n\r\na\r\n--b\r\n\
                 --{boundary}--\r\n"
            )
        );
        let other = Upload::new("note.txt", None).unwrap();
        assert_ne!(upload.content_type, other.content_type);
    }

    /// As Firefox, Chrome and curl do: only what would end the string or the line.
    #[test]
    fn quotes_filenames_as_browsers_do() {
        for (filename, quoted) in [
            ("a b'é%22.png", "a b'é%22.png"),
            ("a\"; x=\"b", "a%22; x=%22b"),
            ("a\r\nX: y", "a%0D%0AX: y"),
            ("a\\b/c\0", "a\\b/c%00"),
        ] {
            let upload = Upload::new(filename, None).unwrap();
            let expected = format!("; filename=\"{quoted}\"\r\n");
            assert!(sent(&upload, b"").contains(&expected), "{filename:?}");
        }
    }

    #[test]
    fn content_type_follows_from_the_filename_unless_given() {
        for (filename, content_type, expected) in [
            ("a.PNG", None, "image/png"),
            ("a.tar.gz", None, "application/gzip"),
            ("a.csv", None, "text/csv"),
            ("README", None, "application/octet-stream"),
            ("a.unknown", None, "application/octet-stream"),
            (".png", None, "application/octet-stream"),
            ("a.png", Some("text/x; a=\"b c\""), "text/x; a=\"b c\""),
        ] {
            let upload = Upload::new(filename, content_type).unwrap();
            let expected = format!("\r\nContent-Type: {expected}\r\n\r\n");
            assert!(sent(&upload, b"").contains(&expected), "{filename}");
        }
    }

    #[test]
    fn rejects_what_is_not_a_filename_or_a_media_type() {
        for filename in ["", &"x".repeat(MAX_BYTES + 1)] {
            let error = Upload::new(filename, None).err().unwrap();
            assert_eq!(error.argument(), Some("filename"));
        }
        let long = format!("text/{}", "x".repeat(MAX_BYTES));
        for content_type in [
            "",
            "png",
            "image/",
            "a/b\r\nX: y",
            "a/b; c=\"\r\n\"",
            "a/b; c=é",
            &long,
        ] {
            let error = Upload::new("a", Some(content_type)).err().unwrap();
            assert_eq!(error.argument(), Some("content_type"), "{content_type:?}");
        }
    }
}
