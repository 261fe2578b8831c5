//! Lists: what their queries may say, and their pages. Source: the API's page on pagination and expands.
//!
//! ASSUMED throughout: a parameter that the call does not have, that comes twice, or whose value is not one of those
//! documented is refused with 422.

use std::ops::RangeInclusive;
use std::time::SystemTime;

use super::answers::Wrongs;
use crate::call::Call;

/// How long pages may be.
pub enum Sizes {
    Of(&'static [usize]),
    Within(RangeInclusive<usize>),
}

/// The sizes of most lists.
pub const USUAL: Sizes = Sizes::Of(&[15, 25, 50, 100]);

/// Both kinds have pages of 100 unless told.
const PER_PAGE: usize = 100;

impl Sizes {
    fn allow(&self, size: usize) -> bool {
        match self {
            Self::Of(sizes) => sizes.contains(&size),
            Self::Within(range) => range.contains(&size),
        }
    }
}

/// A page of a list.
pub struct Page<T> {
    pub items: Vec<T>,
    /// From 1.
    pub number: usize,
    pub per_page: usize,
    /// How many there are on all pages.
    pub total: usize,
}

/// Which page is wanted.
#[derive(Clone, Copy)]
pub struct Paging {
    number: usize,
    per_page: usize,
}

impl Paging {
    pub fn cut<T>(self, items: Vec<T>) -> Page<T> {
        let Self { number, per_page } = self;
        let total = items.len();
        Page {
            items: items
                .into_iter()
                .skip((number - 1).saturating_mul(per_page))
                .take(per_page)
                .collect(),
            number,
            per_page,
            total,
        }
    }
}

/// A query that is being read.
pub struct Query<'c> {
    call: &'c Call,
    wrongs: Wrongs,
}

impl<'c> Query<'c> {
    /// Begins to read a query that may have these parameters.
    pub fn new(call: &'c Call, known: &[&str]) -> Self {
        let mut wrongs = Wrongs::default();
        let mut seen = Vec::new();
        for pair in call.query.split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap_or_default();
            if !known.contains(&name) {
                wrongs.add(name, "is not a parameter of this call");
            } else if seen.contains(&name) {
                wrongs.add(name, "is there twice");
            }
            seen.push(name);
        }
        Self { call, wrongs }
    }

    /// What is wrong with it.
    pub fn end(self) -> Result<(), Wrongs> {
        self.wrongs.or_fine()
    }

    fn read<T>(&mut self, name: &str, want: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.call.parameter(name)?;
        let value = read(&text);
        if value.is_none() {
            self.wrongs.add(name, format!("must be {want}"));
        }
        value
    }

    pub fn number(&mut self, name: &str) -> Option<u64> {
        self.read(name, "a whole number", |text| text.parse().ok())
    }

    /// A moment in UTC.
    pub fn moment(&mut self, name: &str) -> Option<SystemTime> {
        self.read(name, "a time in UTC, as ISO 8601 has it", |text| {
            humantime::parse_rfc3339(text).ok()
        })
    }

    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.read(name, "1 or 0", |text| match text {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        })
    }

    pub fn text(&mut self, name: &str) -> Option<String> {
        self.call.parameter(name)
    }

    /// One of these words.
    pub fn word(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        self.read(name, &format!("one of {}", words.join(", ")), |text| {
            words.iter().find(|word| **word == text).copied()
        })
    }

    /// A list of these words, with commas between.
    pub fn words(&mut self, name: &str, words: &[&'static str]) -> Option<Vec<&'static str>> {
        self.read(name, &format!("among {}", words.join(", ")), |text| {
            text.split(',')
                .map(|part| words.iter().find(|word| **word == part).copied())
                .collect()
        })
    }

    /// Whether the last is to come first, which it is unless told.
    pub fn descends(&mut self) -> bool {
        self.word("order", &["asc", "desc"]) != Some("asc")
    }

    pub fn paging(&mut self, sizes: &Sizes) -> Paging {
        let number = self.read("page", "1 or more", |text| {
            text.parse().ok().filter(|page| *page > 0)
        });
        let want = match sizes {
            Sizes::Of(sizes) => format!("one of {sizes:?}"),
            Sizes::Within(range) => format!("from {} to {}", range.start(), range.end()),
        };
        let per_page = self.read("per_page", &want, |text| {
            text.parse().ok().filter(|size| sizes.allow(*size))
        });
        Paging {
            number: number.unwrap_or(1),
            per_page: per_page.unwrap_or(PER_PAGE),
        }
    }
}
