//! Rejects faults that are invalid or have no effect.

use axum::http::{HeaderName, HeaderValue, Method};

use super::fault::{Close, Fault};

/// Returns the names of the fields that are set.
fn set_fields(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    let set = fields.iter().filter(|(_, is_set)| *is_set);
    set.map(|(name, _)| *name).collect()
}

impl Fault {
    /// Validates the fields, each and in combination.
    pub(super) fn validate(&self) -> Result<(), String> {
        if !self.path.starts_with('/') {
            return Err("path: must begin with '/'".into());
        }
        if self.path.contains('?') {
            return Err("path: must not have a query".into());
        }
        let method = self.method.as_ref();
        if method.is_some_and(|method| Method::try_from(method.as_str()).is_err()) {
            return Err("method: must be an HTTP method".into());
        }
        let star = self.path.find('*');
        if star.is_some_and(|index| index + 1 < self.path.len()) {
            return Err("path: must have '*' only at the end".into());
        }
        if self.path.starts_with("/_sandbox") {
            return Err("path: must not be below /_sandbox, where faults have no effect".into());
        }
        if self
            .status
            .is_some_and(|status| !(200..1000).contains(&status))
        {
            return Err("status: must be from 200 to 999".into());
        }
        if self.times == Some(0) {
            return Err("times: must be 1 or more".into());
        }
        if self
            .probability
            .is_some_and(|probability| !(0.0..=1.0).contains(&probability))
        {
            return Err("probability: must be from 0 to 1".into());
        }
        self.validate_headers()?;
        self.validate_combination()
    }

    fn validate_headers(&self) -> Result<(), String> {
        for (name, value) in &self.headers {
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                return Err(format!("headers: {name} is not a valid header"));
            }
            let name = name.to_ascii_lowercase();
            if ["content-length", "transfer-encoding"].contains(&name.as_str()) {
                return Err(format!("headers: {name} is set by the sandbox"));
            }
            let field = match name.as_str() {
                "retry-after" if self.retry_after.is_some() => "retry_after",
                "content-type" if self.content_type.is_some() => "content_type",
                "content-encoding" if self.gzip_bomb.is_some() => "gzip_bomb",
                _ => continue,
            };
            return Err(format!("headers: {name} has no effect beside {field}"));
        }
        for (name, value) in [
            ("retry_after", &self.retry_after),
            ("content_type", &self.content_type),
        ] {
            if value
                .as_ref()
                .is_some_and(|value| HeaderValue::try_from(value).is_err())
            {
                return Err(format!("{name}: must be a valid header value"));
            }
        }
        Ok(())
    }

    /// Rejects fields that would have no effect beside another one.
    fn validate_combination(&self) -> Result<(), String> {
        let bodies = set_fields(&[
            ("body", self.body.is_some()),
            ("not_json", self.not_json),
            ("oversize", self.oversize.is_some()),
            ("gzip_bomb", self.gzip_bomb.is_some()),
        ]);
        if let [one, other, ..] = bodies[..] {
            return Err(format!(
                "{one} and {other} cannot be combined: both set the body"
            ));
        }
        if self.oversize.is_some() || self.gzip_bomb.is_some() {
            let endings = set_fields(&[
                ("close", self.close.is_some()),
                ("truncate", self.truncate.is_some()),
                ("drip_ms", self.drip_ms.is_some()),
            ]);
            if let [ending, ..] = endings[..] {
                return Err(format!("{ending} has no effect beside {}", bodies[0]));
            }
        }
        if let Some(status @ (204 | 304)) = self.status {
            let has_body = self.body.as_ref().is_some_and(|body| !body.is_empty());
            let body_fields = set_fields(&[
                ("body", has_body),
                ("not_json", self.not_json),
                ("oversize", self.oversize.is_some()),
                ("gzip_bomb", self.gzip_bomb.is_some()),
                ("truncate", self.truncate.is_some()),
                ("drip_ms", self.drip_ms.is_some()),
            ]);
            if let [field, ..] = body_fields[..] {
                return Err(format!(
                    "{field} has no effect beside status={status}, which has no body"
                ));
            }
        }
        if self.close == Some(Close::Before) {
            let response_fields = set_fields(&[
                ("status", self.status.is_some()),
                ("content_type", self.content_type.is_some()),
                ("headers", !self.headers.is_empty()),
                ("retry_after", self.retry_after.is_some()),
                ("truncate", self.truncate.is_some()),
                ("drip_ms", self.drip_ms.is_some()),
            ]);
            if let [field, ..] = [bodies, response_fields].concat()[..] {
                return Err(format!(
                    "{field} has no effect beside close=before, which sends no response"
                ));
            }
        }
        Ok(())
    }
}
