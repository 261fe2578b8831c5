//! How names of members are spelt, which no vendor documents.

use serde::Deserialize;

/// A way of spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spelling {
    Snake,
    Camel,
}

impl Spelling {
    /// A name of words with `_` between them, spelt this way.
    pub fn spell(self, name: &str) -> String {
        match self {
            Self::Snake => name.to_owned(),
            Self::Camel => {
                let mut parts = name.split('_');
                let first = parts.next().unwrap_or_default().to_owned();
                parts.fold(first, |word, part| {
                    let (head, tail) = part.split_at(part.len().min(1));
                    word + &head.to_uppercase() + tail
                })
            }
        }
    }
}
