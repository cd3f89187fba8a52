//! Base64 as it arrives through URLs, forms and e-mails.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const PADDING_OPTIONAL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes base64 or base64url (RFC 4648, sections 4 and 5), with or without padding, broken
/// into lines or not, with each '+' or with the ' ' that decoding a form makes of it.
/// `has_length` says which lengths the bytes may have.
pub(crate) fn decode(text: &str, has_length: impl Fn(usize) -> bool) -> Option<Vec<u8>> {
    let lines = || text.split(['\r', '\n']);
    // A space at the end of a line is a '+', or was pasted: the length decides.
    let with_spaces: String = lines().collect();
    let trimmed: String = lines().map(str::trim).collect();
    [with_spaces, trimmed]
        .iter()
        .filter_map(|line| decode_line(line))
        .find(|bytes| has_length(bytes.len()))
}

fn decode_line(line: &str) -> Option<Vec<u8>> {
    let to_standard = |c| match c {
        ' ' | '-' => '+',
        '_' => '/',
        other => other,
    };
    let standard: String = line.chars().map(to_standard).collect();
    PADDING_OPTIONAL.decode(standard).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_urls_forms_and_emails_make_of_base64() {
        let bytes = [0xfb, 0xff, 0xbf, 0xfb];
        for text in [
            "+/+/+w==",
            "-_-_-w==",
            "-_-_-w",
            "+/+/+w",
            "+/+/+w=",
            " / / w==",
            "+/+\r\n/+w==\r\n",
            "+/+\n/+\nw=\n=",
            "  +/+/+w==\n",
            "\t+/+/\n\t+w==",
        ] {
            let decoded = decode(text, |len| len == 4);
            assert_eq!(decoded.as_deref(), Some(&bytes[..]), "{text:?}");
        }
        for text in [
            "",
            "+/+/",
            "+/+/+w===",
            "+/+/+",
            "+/+/+x",
            "+/=+/+w",
            "+/+/.w",
            "é",
        ] {
            assert_eq!(decode(text, |len| len == 4), None, "{text:?}");
        }
    }

    #[test]
    fn the_length_decides_whether_a_space_is_a_plus() {
        let three = |text| decode(text, |len| len == 3);
        assert_eq!(three(" /8A"), Some(vec![0xfb, 0xff, 0x00]));
        assert_eq!(three("AP  "), Some(vec![0x00, 0xff, 0xbe]));
        assert_eq!(three(" AP/ "), None);
        assert_eq!(three(" AP/7 "), Some(vec![0x00, 0xff, 0xfb]));
    }
}
