//! The links of the summary.

use reqwest::Url;

/// Parts of addresses of the platforms' own pages at which it is noted who refers to them.
const NOTICED: [&str; 10] = [
    "issues",
    "pull",
    "pulls",
    "discussions",
    "commit",
    "commits",
    "merge_requests",
    "work_items",
    "epics",
    "milestones",
];

/// A link as our own component writes it: neither its label nor its address has brackets that are not escaped.
#[derive(Debug, PartialEq, Eq)]
pub struct Link<'t> {
    pub before: &'t str,
    pub label: &'t str,
    /// All of it, brackets included.
    pub whole: &'t str,
    pub behind: &'t str,
    address: &'t str,
}

impl<'t> Link<'t> {
    /// The first one of a line.
    pub fn first(line: &'t str) -> Option<Self> {
        let bare = |at: &usize| !line[..*at].ends_with('\\');
        let middle = line.match_indices("](").map(|(at, _)| at).find(bare)?;
        let begin = line[..middle]
            .rmatch_indices('[')
            .map(|(at, _)| at)
            .find(bare)?;
        let end = middle + line[middle..].find(')')?;
        Some(Self {
            before: &line[..begin],
            label: &line[begin + 1..middle],
            address: &line[middle + 2..end],
            whole: &line[begin..=end],
            behind: &line[end + 1..],
        })
    }

    /// Whether the page that it leads to would note that it is referred to. An address that cannot be read may.
    pub fn refers(&self, host: &str) -> bool {
        let Ok(url) = Url::parse(self.address) else {
            return true;
        };
        let of_url = url.host_str().unwrap_or_default();
        if of_url.strip_prefix("www.").unwrap_or(of_url) != host {
            return false;
        }
        let mut parts = url.path().split('/');
        parts.any(|part| {
            NOTICED
                .iter()
                .any(|noticed| part.eq_ignore_ascii_case(noticed))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_told_from_text_that_looks_like_one() {
        let link = Link::first("| a [b \\[c\\]](https://x.test/) | [d](e)").expect("a link");
        assert_eq!(
            (link.before, link.label, link.behind),
            ("| a ", "b \\[c\\]", " | [d](e)")
        );
        assert_eq!(
            (link.address, link.whole),
            ("https://x.test/", "[b \\[c\\]](https://x.test/)")
        );
        for text in ["\\[a\\](b)", "[a](b", "a](b)", "[a] (b)"] {
            assert_eq!(Link::first(text), None, "{text}");
        }
    }
}
