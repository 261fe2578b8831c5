//! Secrets in JSON, also in JSON inside of a string of JSON.

use super::{LONGEST_NAME, Masking, count, count_back, is_secret};
use crate::secret::MASK;

/// How many bytes behind a member the other half of a pair is looked for.
const PAIR: usize = 4096;

/// Masks the values of JSON's members whose names say that they are secret, and those of pairs such as
/// `{"name": "Authorization", "value": "…"}`.
///
/// A member's name is found from its end, a quotation mark before a colon, so that no text before it can get the count
/// of quotation marks wrong.
pub fn members(bytes: &[u8]) -> Vec<u8> {
    let mut masking = Masking::of(bytes);
    let mut at = 0;
    let mut opened = None;
    // Where the value begins that a pair's name has told of.
    let mut told = None;
    while let Some(quote) = find(bytes, at, b'"') {
        at = quote + 1;
        let name = opened
            .replace(quote)
            .map(|open: usize| unescaped(&bytes[open + 1..quote]));
        let (Some(value), Some(name)) = (behind_colon(bytes, at), name) else {
            continue;
        };
        if names_names(&name) && is_secret(&string_at(bytes, value)) {
            told = sibling(bytes, value, |name, _| names_values(name)).or(told);
        }
        let is_told = told == Some(value)
            || names_values(&name)
                && sibling(bytes, value, |name, value| {
                    names_names(name) && is_secret(&string_at(bytes, value))
                })
                .is_some();
        if !is_told && !is_secret(&name) {
            continue;
        }
        let Some(end) = end_of_value(bytes, value) else {
            continue;
        };
        let quotes = quote_of(&bytes[..=quote]);
        let mut instead = [quotes, MASK.as_bytes()].concat();
        if end.is_whole {
            instead.extend_from_slice(quotes);
        }
        masking.put(value, end.at, &instead);
        at = end.at;
        opened = None;
    }
    masking.end()
}

/// Whether a member of this name holds the name of its object.
fn names_names(name: &str) -> bool {
    ["name", "key", "header"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn names_values(name: &str) -> bool {
    name.eq_ignore_ascii_case("value")
}

/// Where the value of a later member of the same object begins, of the first that is wanted by its name and that place.
/// `value` is where the value of a member begins.
fn sibling(bytes: &[u8], value: usize, wanted: impl Fn(&str, usize) -> bool) -> Option<usize> {
    let bytes = &bytes[..bytes.len().min(value + PAIR)];
    let mut value = value;
    loop {
        let comma = skip_blanks(bytes, end_of_any(bytes, value)?);
        let begin = (bytes.get(comma) == Some(&b',')).then(|| skip_blanks(bytes, comma + 1))?;
        let name = string_at(bytes, begin);
        value = behind_colon(bytes, end_of_any(bytes, begin)?)?;
        if wanted(&name, value) {
            return Some(value);
        }
    }
}

/// The end of a value, also of one that hides nothing; none if the text ends before.
fn end_of_any(bytes: &[u8], begin: usize) -> Option<usize> {
    match end_of_value(bytes, begin) {
        Some(end) => end.is_whole.then_some(end.at),
        None => {
            let word = count(bytes.get(begin..)?, |byte| byte.is_ascii_alphabetic());
            (word > 0).then_some(begin + word)
        }
    }
}

/// The string that begins here, with the backslashes that its quotation marks have; nothing if it is none.
fn string_at(bytes: &[u8], begin: usize) -> String {
    let depth = count(bytes.get(begin..).unwrap_or_default(), |byte| byte == b'\\');
    let open = begin + depth;
    if bytes.get(open) != Some(&b'"') {
        return String::new();
    }
    let end = end_of_string(bytes, open + 1, depth);
    match end.is_whole {
        true => unescaped(&bytes[open + 1..end.at - 1]),
        false => String::new(),
    }
}

/// A name, without its escapes; nothing if it is too long for one.
fn unescaped(name: &[u8]) -> String {
    if name.len() > LONGEST_NAME {
        return String::new();
    }
    // Inside of a string the closing mark is escaped, and so may be the name's own characters.
    let name = String::from_utf8_lossy(&name[..name.len() - trailing_backslashes(name)]);
    let unescaped = serde_json::from_str::<String>(&format!("\"{name}\""));
    unescaped.unwrap_or_else(|_| name.into_owned())
}

/// The quotation mark that a text ends with, with the backslashes before it.
fn quote_of(bytes: &[u8]) -> &[u8] {
    let before = &bytes[..bytes.len() - 1];
    &bytes[before.len() - trailing_backslashes(before)..]
}

fn trailing_backslashes(bytes: &[u8]) -> usize {
    count_back(bytes, |byte| byte == b'\\')
}

/// Where the value begins, if a colon follows.
fn behind_colon(bytes: &[u8], at: usize) -> Option<usize> {
    let colon = skip_blanks(bytes, at);
    (bytes.get(colon) == Some(&b':')).then(|| skip_blanks(bytes, colon + 1))
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let blanks = bytes[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace());
    at + blanks.count()
}

fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let place = bytes.get(from..)?.iter().position(|byte| *byte == wanted)?;
    Some(from + place)
}

struct End {
    at: usize,
    /// Whether it ends there, or the text does.
    is_whole: bool,
}

/// The end of a value of JSON; none if there is nothing to hide in it.
fn end_of_value(bytes: &[u8], begin: usize) -> Option<End> {
    let backslashes = bytes[begin..].iter().take_while(|byte| **byte == b'\\');
    let depth = backslashes.count();
    match bytes.get(begin + depth)? {
        b'"' => Some(end_of_string(bytes, begin + depth + 1, depth)),
        b'{' | b'[' if depth == 0 => Some(end_of_group(bytes, begin)),
        _ => end_of_word(bytes, begin),
    }
}

/// The end of a string whose quotation marks have `depth` backslashes before them.
fn end_of_string(bytes: &[u8], begin: usize, depth: usize) -> End {
    let mut at = begin;
    while let Some(quote) = find(bytes, at, b'"') {
        let backslashes = trailing_backslashes(&bytes[begin..quote]);
        let closes = match depth {
            0 => backslashes.is_multiple_of(2),
            depth => backslashes <= depth,
        };
        if closes {
            return End {
                at: quote + 1,
                is_whole: true,
            };
        }
        at = quote + 1;
    }
    End {
        at: bytes.len(),
        is_whole: false,
    }
}

/// The end of an object or array, with all that is in it.
fn end_of_group(bytes: &[u8], begin: usize) -> End {
    let (mut at, mut depth) = (begin, 0_usize);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(bytes, at, 0).at,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return End { at, is_whole: true };
        }
    }
    End {
        at: bytes.len(),
        is_whole: false,
    }
}

/// The end of a number; `null`, `true` and `false` hide nothing.
fn end_of_word(bytes: &[u8], begin: usize) -> Option<End> {
    let word = bytes[begin..]
        .iter()
        .take_while(|byte| !b",}]\"\\".contains(byte) && !byte.is_ascii_whitespace());
    let at = begin + word.count();
    match &bytes[begin..at] {
        b"" | b"null" | b"true" | b"false" => None,
        _ => Some(End { at, is_whole: true }),
    }
}
