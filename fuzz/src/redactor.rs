//! A key in a text, in the forms in which it is sent about: however the text comes in pieces, the key never goes out.

use proctor_host::secret::{MASK, Redactor, Secret};

/// Keys shorter than this are not looked for, as the redactor documents it.
const SHORTEST: usize = 4;

/// The first byte says how the text is cut, the first line behind it is the key, and the rest is a text in which `{}`
/// stands for the key, `{%}`, `{\}` and `{64}` for forms of it.
pub fn run(data: &[u8]) {
    let Some((&how, rest)) = data.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    let (key, text) = text.split_once('\n').unwrap_or((&text, "{}"));
    if key.len() < SHORTEST {
        return;
    }
    let secret = Secret::new(key);
    let redactor = Redactor::new([&secret]);
    let text = filled(text, key);
    let whole = redactor.redact(&text).into_owned();
    is_gone(key, &whole);
    let bytes = redactor.redact_bytes(text.as_bytes()).into_owned();
    assert_eq!(String::from_utf8_lossy(&bytes), whole);
    let cut = filtered(&redactor, text.as_bytes(), usize::from(how % 48) + 1);
    is_gone(key, &String::from_utf8_lossy(&cut));
    // Where one form of the key begins with another, such as `a%` and `a%25`, a whole text lets the longer one count and
    // a stream the one that is there first.
    if key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let pieces = how % 48 + 1;
        assert_eq!(
            String::from_utf8_lossy(&cut),
            whole,
            "in pieces of {pieces}"
        );
    }
    assert!(!format!("{secret} {secret:?} {redactor:?}").contains(key) || MASK.contains(key));
}

/// Puts the key into the text.
fn filled(text: &str, key: &str) -> String {
    let quoted = serde_json::to_string(key).expect("a text can be quoted");
    let percent: String = key.bytes().map(percent_encoded).collect();
    text.replace("{%}", &percent)
        .replace("{\\}", &quoted[1..quoted.len() - 1])
        .replace("{64}", &base64(key.as_bytes()))
        .replace("{}", key)
}

fn percent_encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    }
}

/// Base64 as RFC 4648 has it.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            text.push(match place <= group.len() {
                true => char::from(ALPHABET[digit as usize]),
                false => '=',
            });
        }
    }
    text
}

fn filtered(redactor: &Redactor, bytes: &[u8], piece: usize) -> Vec<u8> {
    let mut filter = redactor.filter();
    let mut out: Vec<u8> = bytes
        .chunks(piece)
        .flat_map(|piece| filter.push(piece))
        .collect();
    out.extend(filter.finish());
    out
}

/// Neither the key itself nor a form of it that nothing else could be is left.
fn is_gone(key: &str, text: &str) {
    // A mask may stand beside what makes a key of it again, such as that of three stars.
    let could_be_a_mask = key.contains('*');
    assert!(
        could_be_a_mask || !text.contains(key),
        "{key:?} in {text:?}"
    );
    let percent: String = key.bytes().map(percent_encoded).collect();
    assert!(
        could_be_a_mask || percent.len() < 8 || !text.contains(&percent),
        "{percent:?} in {text:?}"
    );
    let encoded = base64(key.as_bytes());
    assert!(
        could_be_a_mask || encoded.len() < 12 || !text.contains(&encoded),
        "{encoded:?} in {text:?}"
    );
}
