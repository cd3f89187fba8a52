//! Forms: `application/x-www-form-urlencoded`.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::encoding::percent::encode;

/// The value of the header `Content-Type`.
pub(crate) const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// Encodes fields. The form is allocated in its full length at once, because a string
/// that grows leaves copies of its secrets in memory.
pub(crate) fn encode_fields(fields: &[(&str, &str)]) -> Zeroizing<String> {
    let max_lengths = fields
        .iter()
        .map(|(name, value)| name.len() + 3 * value.len() + 2);
    let mut form = Zeroizing::new(String::with_capacity(max_lengths.sum()));
    for (name, value) in fields {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(name);
        form.push('=');
        form.extend(encode(value));
    }
    form
}

/// Returns whether more than one field is named `name`.
pub(crate) fn is_repeated(form: &str, name: &str) -> bool {
    let names = form.split('&').filter_map(|field| field.split('=').next());
    names.filter(|found| *found == name).nth(1).is_some()
}

/// Returns the decoded value of the first field `name`; `None` if there is none, if it is
/// not UTF-8, or if there is no memory for it.
pub(crate) fn field(form: &str, name: &str) -> Option<Zeroizing<String>> {
    let mut fields = form.split('&').filter_map(|field| field.split_once('='));
    let (_, value) = fields.find(|(key, _)| *key == name)?;
    let mut decoded = Zeroizing::new(Vec::new());
    decoded.try_reserve_exact(value.len()).ok()?;
    for (index, words) in value.split('+').enumerate() {
        if index > 0 {
            decoded.push(b' ');
        }
        decoded.extend(percent_decode_str(words));
    }
    std::str::from_utf8(&decoded).ok()?;
    let bytes = std::mem::take(&mut *decoded);
    String::from_utf8(bytes).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A string that grows leaves copies of its secrets in freed memory.
    #[test]
    fn a_form_is_allocated_once() {
        let form = encode_fields(&[("a", "&é"), ("bb", "++++++++")]);
        // The first field needs no separator.
        assert_eq!(form.capacity(), form.len() + 1);
    }

    #[test]
    fn encodes_and_decodes_fields() {
        let form = encode_fields(&[("a", "x y&="), ("b", "é+")]);
        assert_eq!(*form, "a=x%20y%26%3D&b=%C3%A9%2B");
        assert_eq!(*field(&form, "a").unwrap(), "x y&=");
        assert_eq!(*field(&form, "b").unwrap(), "é+");
        assert_eq!(*field("a=1+2&a=3", "a").unwrap(), "1 2");
        assert_eq!(field("a=%ff&b", "a"), None);
        assert_eq!(field("a=%ff&b", "b"), None);
    }

    #[test]
    fn finds_fields_that_are_repeated() {
        for (form, is_found) in [
            ("a=1&b=2&a=3", true),
            ("a&a=1", true),
            ("a=1&b=2&b=3", false),
            ("a=a&aa=1", false),
            ("", false),
        ] {
            assert_eq!(is_repeated(form, "a"), is_found, "{form}");
        }
    }
}
