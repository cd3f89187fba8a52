//! The notation of types in the table: `string`, `integer?`, `[forums.id]!`.

use serde::Deserialize;

#[derive(Clone, Debug, PartialEq)]
pub enum Base {
    Integer,
    Number,
    String,
    Boolean,
    Timestamp,
    Object,
    File,
    /// The id of a record of this resource.
    Id(String),
}

/// The type of a field or parameter.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Type {
    pub base: Base,
    pub array: bool,
    /// Of a parameter: it must be present.
    pub required: bool,
    /// Of a field: it may be null.
    pub nullable: bool,
}

impl Type {
    pub fn of(base: Base) -> Type {
        Type {
            base,
            array: false,
            required: false,
            nullable: false,
        }
    }

    fn parse(text: &str) -> Result<Type, String> {
        let (text, required) = strip(text, '!');
        let (text, nullable) = strip(text, '?');
        let item = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        let base = match item.unwrap_or(text) {
            "integer" => Base::Integer,
            "number" => Base::Number,
            "string" => Base::String,
            "boolean" => Base::Boolean,
            "timestamp" => Base::Timestamp,
            "object" => Base::Object,
            "file" => Base::File,
            other => match other.strip_suffix(".id") {
                Some(resource) => Base::Id(resource.into()),
                None => return Err(format!("{other:?} is not a type")),
            },
        };
        Ok(Type {
            base,
            array: item.is_some(),
            required,
            nullable,
        })
    }

    /// Returns the word that describes an invalid value in a response, as the service has it.
    pub fn error(&self) -> &'static str {
        match self.base {
            Base::Integer | Base::Id(_) => "int",
            Base::Number => "number",
            Base::String => "string",
            Base::Boolean => "boolean",
            Base::Timestamp => "datetime",
            Base::Object => "object",
            Base::File => "required",
        }
    }

    /// Returns the word that describes a missing value: UserVoice's public example names a
    /// link without a record by its type.
    pub fn missing(&self) -> &'static str {
        match self.base {
            Base::Id(_) => self.error(),
            _ => "required",
        }
    }
}

fn strip(text: &str, mark: char) -> (&str, bool) {
    match text.strip_suffix(mark) {
        Some(rest) => (rest, true),
        None => (text, false),
    }
}

impl TryFrom<String> for Type {
    type Error = String;

    fn try_from(text: String) -> Result<Type, String> {
        Type::parse(&text)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    /// The field is the value, or one of the values.
    Is,
    AtLeast,
    AtMost,
    Below,
    /// One of the fields contains the string.
    Contains,
}

/// A filter of a list: `[integer]` compares the field or link of its name, and
/// `timestamp >= created_at` another one.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Filter {
    pub kind: Type,
    pub comparison: Comparison,
    /// The fields to compare with; empty for the field or link of the filter's name.
    pub fields: Vec<String>,
}

impl TryFrom<String> for Filter {
    type Error = String;

    fn try_from(text: String) -> Result<Filter, String> {
        let mut words = text.split_whitespace();
        let kind = Type::parse(words.next().unwrap_or_default())?;
        let comparison = match words.next() {
            None | Some("=") => Comparison::Is,
            Some(">=") => Comparison::AtLeast,
            Some("<=") => Comparison::AtMost,
            Some("<") => Comparison::Below,
            Some("~") => Comparison::Contains,
            Some(other) => return Err(format!("{other:?} is not a comparison")),
        };
        Ok(Filter {
            kind,
            comparison,
            fields: words.map(String::from).collect(),
        })
    }
}
