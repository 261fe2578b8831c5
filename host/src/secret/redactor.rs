//! Replaces secrets in whole texts and in streams of bytes.

use std::{borrow::Cow, sync::Arc};

use aho_corasick::{AhoCorasick, MatchKind};

use super::{MASK, Secret, forms};

/// Replaces every form of every secret. Cheap to clone.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Option<Arc<Known>>,
}

struct Known {
    patterns: Vec<String>,
    longest: usize,
    search: AhoCorasick,
}

impl Redactor {
    /// A redactor for these secrets. Those under four bytes are not looked for.
    #[must_use]
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        Self::default().with(secrets)
    }

    /// The same with more secrets.
    #[must_use]
    pub fn with<'s>(&self, secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        let mut patterns: Vec<String> = secrets
            .into_iter()
            .flat_map(|secret| forms::of(secret.expose()))
            .collect();
        if patterns.is_empty() {
            return self.clone();
        }
        patterns.extend(self.known.iter().flat_map(|known| known.patterns.clone()));
        patterns.sort();
        patterns.dedup();
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns)
            .expect("a few hundred bytes of patterns fit an automaton");
        let longest = patterns.iter().map(String::len).max().unwrap_or_default();
        let known = Known {
            patterns,
            longest,
            search,
        };
        Self {
            known: Some(Arc::new(known)),
        }
    }

    /// The text with every secret replaced by [`MASK`].
    #[must_use]
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match &self.known {
            Some(known) if known.search.is_match(text) => {
                let masks = vec![MASK; known.patterns.len()];
                Cow::Owned(known.search.replace_all(text, &masks))
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// The bytes with every secret replaced by [`MASK`].
    #[must_use]
    pub fn redact_bytes<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        match &self.known {
            Some(known) if known.search.is_match(bytes) => {
                let masks = vec![MASK; known.patterns.len()];
                Cow::Owned(known.search.replace_all_bytes(bytes, &masks))
            }
            _ => Cow::Borrowed(bytes),
        }
    }

    /// A filter for a stream of bytes that comes in pieces.
    #[must_use]
    pub fn filter(&self) -> Filter {
        Filter {
            redactor: self.clone(),
            held: Vec::new(),
        }
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

/// Redacts a stream, also where a secret lies across a boundary. Holds back no more than what may become a secret.
#[derive(Debug)]
pub struct Filter {
    redactor: Redactor,
    held: Vec<u8>,
}

impl Filter {
    /// Takes a piece and returns what can be passed on by now.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        let Some(known) = self.redactor.known.clone() else {
            return piece.to_vec();
        };
        self.held.extend_from_slice(piece);
        let mut out = Vec::with_capacity(self.held.len());
        let mut done = 0;
        for found in known.search.find_iter(&self.held) {
            out.extend_from_slice(&self.held[done..found.start()]);
            out.extend_from_slice(MASK.as_bytes());
            done = found.end();
        }
        let open = known.beginning_at_end(&self.held[done..]);
        let pass = self.held.len() - open;
        out.extend_from_slice(&self.held[done..pass]);
        self.held.drain(..pass);
        out
    }

    /// What was held back, once the stream has ended.
    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

impl Known {
    /// The length of the longest end of `bytes` that a secret may begin with.
    fn beginning_at_end(&self, bytes: &[u8]) -> usize {
        let most = bytes.len().min(self.longest - 1);
        (1..=most)
            .rev()
            .find(|&length| {
                let end = &bytes[bytes.len() - length..];
                self.patterns
                    .iter()
                    .any(|pattern| pattern.as_bytes().starts_with(end))
            })
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;

    const KEY: &str = "kep_a/b+c d\"é&0123456789";

    fn redactor() -> Redactor {
        Redactor::new([&Secret::new(KEY)])
    }

    #[test]
    fn every_form_is_replaced() {
        let forms = [
            KEY.to_owned(),
            "kep_a%2Fb%2Bc%20d%22%C3%A9%260123456789".to_owned(),
            "kep_a%2fb%2bc%20d%22%c3%a9%260123456789".to_owned(),
            "kep_a%2Fb%2Bc+d%22%C3%A9%260123456789".to_owned(),
            "kep_a/b+c d\\\"é&0123456789".to_owned(),
            "kep_a\\/b+c d\\\"é&0123456789".to_owned(),
        ];
        for form in forms {
            assert_eq!(redactor().redact(&format!("<{form}>")), "<***>", "{form}");
        }
    }

    #[test]
    fn what_markdown_escapes_is_replaced() {
        let token = Secret::new("ghp_Ab1_x");
        let user = Secret::new("u*r:p@s|w#<d>&[1]~$`\\\"://x");
        let redactor = Redactor::new([&token, &user]);
        for form in [
            "ghp\\_Ab1\\_x",
            "ghp&#95;Ab1&#95;x",
            "u\\*r:p@\u{200b}s\\|w\\#&lt;d&gt;&amp;\\[1\\]\\~\\$\\`\\\\&quot;://x",
            "u\\*r:p@\u{200b}s\\|w\\#&lt;d&gt;&amp;\\[1\\]\\~\\$\\`\\\\&quot;\\://x",
            "u&#42;r:p@\u{200b}s&#124;w&#35;&lt;d&gt;&amp;&#91;1&#93;&#126;&#36;&#96;&#92;&quot;://x",
            "u%2Ar:p@s%7Cw#%3Cd%3E&%5B1%5D~%24%60%5C%22://x",
        ] {
            assert_eq!(redactor.redact(&format!("({form})")), "(***)", "{form}");
        }
        let short = Redactor::new([&Secret::new("a_b_")]);
        assert_eq!(short.redact("a\\_b\\_"), "***");
    }

    #[test]
    fn base64_is_replaced_wherever_the_key_starts() {
        for before in ["", "u", "us", "use", "user:"] {
            let encoded = STANDARD.encode(format!("{before}{KEY}:end"));
            let redacted = redactor().redact(&encoded).into_owned();
            assert!(redacted.contains(MASK), "{before}: {redacted}");
            assert!(redacted.len() < 20, "{before}: {redacted}");
        }
    }

    #[test]
    fn a_secret_across_any_boundary_is_replaced() {
        let text = format!("before {KEY} between {KEY}{KEY} after kep_a/b");
        let whole = redactor().redact(&text).into_owned();
        for size in 1..text.len() {
            let mut filter = redactor().filter();
            let mut out: Vec<u8> = text
                .as_bytes()
                .chunks(size)
                .flat_map(|piece| filter.push(piece))
                .collect();
            out.extend(filter.finish());
            assert_eq!(
                String::from_utf8(out).expect("masks are text"),
                whole,
                "pieces of {size}"
            );
        }
    }

    #[test]
    fn nothing_harmless_is_held_back() {
        let mut filter = redactor().filter();
        assert_eq!(
            filter.push(b"{\"state\":\"running\"}\n"),
            b"{\"state\":\"running\"}\n"
        );
        assert_eq!(filter.push(b"ask"), b"as");
        assert_eq!(filter.push(b"!"), b"k!");
    }

    #[test]
    fn a_short_secret_does_not_tear_up_text() {
        let redactor = Redactor::new([&Secret::new("1")]);
        assert_eq!(redactor.redact("101"), "101");
        assert_eq!(Redactor::default().redact("101"), "101");
    }

    #[test]
    fn secrets_are_added() {
        let both = redactor().with([&Secret::new("another-key")]);
        assert_eq!(both.redact(&format!("{KEY} another-key")), "*** ***");
        let same = redactor().with([]);
        assert_eq!(
            same.redact(&format!("{KEY} another-key")),
            "*** another-key"
        );
    }

    #[test]
    fn a_secret_does_not_print_itself() {
        let secret = Secret::new(KEY);
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
    }
}
