//! Text formats: JSON whose values keep their bytes, percent-encoding, and forms.

pub(crate) mod base64;
pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod json_string;
pub(crate) mod percent;
