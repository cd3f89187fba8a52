//! Checks the URLs that a login redirects to.

/// Reports whether a browser can be redirected to `url`: an absolute URL of any scheme that
/// is valid in a header. The scheme of a native app has no host (RFC 8252, section 7.1).
pub fn is_absolute_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once(":/") else {
        return false;
    };
    let is_scheme_char = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    !scheme.is_empty()
        && scheme.chars().all(is_scheme_char)
        && !rest.trim_start_matches('/').is_empty()
        && !rest.contains(|c: char| c.is_control() || c.is_whitespace())
}
