//! Formats JSON without reading its values: numbers and strings stay as they arrived.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Ansi};

#[derive(Clone, Copy, PartialEq)]
pub enum Style {
    /// One line, without spaces.
    Compact,
    Indented,
    /// Indented, with the colors of a terminal.
    Colored,
}

const KEY: Ansi = AnsiColor::Blue.on_default().bold();
const STRING: Ansi = AnsiColor::Green.on_default();
const LITERAL: Ansi = AnsiColor::Yellow.on_default();

/// Formats valid JSON.
pub fn format(json: &str, style: Style) -> String {
    let mut formatter = Formatter {
        out: String::with_capacity(json.len()),
        style,
        depth: 0,
    };
    let mut tokens = Tokens(json).peekable();
    while let Some(token) = tokens.next() {
        formatter.add(token, tokens.peek().copied());
    }
    formatter.out
}

struct Formatter {
    out: String,
    style: Style,
    depth: usize,
}

impl Formatter {
    fn add(&mut self, token: &str, next: Option<&str>) {
        match token {
            "{" | "[" => {
                self.out.push_str(token);
                self.depth += 1;
                if !matches!(next, Some("}" | "]")) {
                    self.break_line();
                }
            }
            "}" | "]" => {
                self.depth = self.depth.saturating_sub(1);
                if !self.out.ends_with(['{', '[']) {
                    self.break_line();
                }
                self.out.push_str(token);
            }
            "," => {
                self.out.push(',');
                self.break_line();
            }
            ":" if self.style == Style::Compact => self.out.push(':'),
            ":" => self.out.push_str(": "),
            value => self.value(value, next == Some(":")),
        }
    }

    fn break_line(&mut self) {
        if self.style != Style::Compact {
            let width = 2 * self.depth;
            let _ = write!(self.out, "\n{:width$}", "");
        }
    }

    fn value(&mut self, value: &str, is_key: bool) {
        if self.style == Style::Compact {
            self.out.push_str(value);
            return;
        }
        let ansi = match value.as_bytes().first() {
            _ if self.style != Style::Colored => Ansi::new(),
            _ if is_key => KEY,
            Some(b'"') => STRING,
            _ => LITERAL,
        };
        let _ = write!(self.out, "{ansi}");
        for c in value.chars() {
            match c.is_control() {
                // Those that JSON permits, such as U+009B, would be commands to a terminal.
                true => _ = write!(self.out, "\\u{:04x}", u32::from(c)),
                false => self.out.push(c),
            }
        }
        let _ = write!(self.out, "{ansi:#}");
    }
}

/// The tokens of valid JSON.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0 = self.0.trim_start();
        let length = match self.0.as_bytes().first()? {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => string_length(self.0.as_bytes()),
            _ => self
                .0
                .find(|c: char| c.is_ascii_whitespace() || "{}[],:".contains(c))
                .unwrap_or(self.0.len()),
        };
        let (token, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(token)
    }
}

/// Returns the length of the string at the beginning, with its quotes.
fn string_length(json: &[u8]) -> usize {
    let mut is_escaped = true;
    for (index, byte) in json.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str =
        "{ \"a\\\"\\\\\" : [1.50, -2e400 ,\"b, }\"], \"c\":{}, \"d\":[ ],\n\"e\":null}";

    #[test]
    fn compact_json_keeps_each_value() {
        let expected = "{\"a\\\"\\\\\":[1.50,-2e400,\"b, }\"],\"c\":{},\"d\":[],\"e\":null}";
        assert_eq!(format(JSON, Style::Compact), expected);
    }

    #[test]
    fn indented_json_has_one_member_per_line() {
        let expected = "{\n  \"a\\\"\\\\\": [\n    1.50,\n    -2e400,\n    \"b, }\"\n  ],\n  \
            \"c\": {},\n  \"d\": [],\n  \"e\": null\n}";
        assert_eq!(format(JSON, Style::Indented), expected);
        assert_eq!(format("12", Style::Indented), "12");
    }

    #[test]
    fn colors_distinguish_keys_strings_and_literals() {
        let colored = format("{\"a\":\"b\",\"c\":1}", Style::Colored);
        for (style, value) in [(KEY, "\"a\""), (STRING, "\"b\""), (LITERAL, "1")] {
            assert!(
                colored.contains(&format!("{style}{value}{style:#}")),
                "{colored:?}"
            );
        }
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(
            format("\"\u{9b}2J\u{7f}\"", Style::Indented),
            "\"\\u009b2J\\u007f\""
        );
        assert_eq!(format("\"\u{9b}\"", Style::Compact), "\"\u{9b}\"");
    }
}
