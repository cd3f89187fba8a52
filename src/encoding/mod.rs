//! Text encodings: JSON whose values keep their bytes.

pub(crate) mod json;
