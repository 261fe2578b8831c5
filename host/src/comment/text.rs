//! The comment's text.

use reqwest::Url;

use super::{Marker, Request, harmless::harmless};

/// What stands around the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    head: String,
    foot: String,
    host: String,
    limit: usize,
}

impl Body {
    /// A comment on this request, which says at its end which build of which commit it tells of: several may be on their way
    /// at once, and the last one stays.
    #[must_use]
    pub fn new(marker: &Marker, request: &Request, build: Option<&str>) -> Self {
        let commit = request.commit.as_deref().filter(|commit| is_commit(commit));
        let told: Vec<String> = [
            commit.map(|commit| format!("Commit {commit}")),
            build.and_then(address).map(|url| format!("[build]({url})")),
        ]
        .into_iter()
        .flatten()
        .collect();
        Self {
            head: format!("{}\n", marker.line()),
            foot: match told.is_empty() {
                true => String::new(),
                false => format!("\n<sub>{}</sub>\n", told.join(", ")),
            },
            host: request.host.clone(),
            limit: request.platform.limit(),
        }
    }

    /// How long a summary may be, in bytes: at most, and so that it fits whatever is in it. No character becomes more than
    /// itself and three bytes.
    #[must_use]
    pub const fn rooms(&self) -> [usize; 4] {
        let all = self.room();
        [all, all / 4 * 3, all / 2, all / 4]
    }

    const fn room(&self) -> usize {
        let frame = self.head.len() + self.foot.len();
        self.limit.saturating_sub(frame)
    }

    /// The comment around a summary; none if it is too long then: what is harmless is longer than what was not.
    #[must_use]
    pub fn around(&self, summary: &str) -> Option<String> {
        let summary = harmless(summary, &self.host);
        let fits = summary.len() <= self.room();
        fits.then(|| format!("{}{summary}{}", self.head, self.foot))
    }
}

fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The longest address that is made a link, in bytes.
const LONGEST: usize = 2_048;

/// An address fit for a link.
fn address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none();
    let text = url
        .as_str()
        .replace('(', "%28")
        .replace(')', "%29")
        .replace(['<', '>'], "");
    (is_web && text.len() <= LONGEST).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{comment::Platform, environment::Environment};

    fn request() -> Request {
        let environment: Environment = [
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_REF", "refs/pull/1/merge"),
        ]
        .into_iter()
        .collect();
        let found =
            Request::find(Platform::Github, &environment, Path::new("/")).expect("told rightly");
        found.expect("a request")
    }

    #[test]
    fn it_says_what_it_tells_of() {
        let request = Request {
            commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
            ..request()
        };
        let body = Body::new(
            &Marker::of(&["a"]),
            &request,
            Some("https://ci.test/a b?(c)"),
        );
        assert_eq!(
            body.around("## x\n").as_deref(),
            Some(
                "<!-- proctor:a -->\n## x\n\n<sub>Commit 0123456789abcdef0123456789abcdef01234567, \
                [build](https://ci.test/a%20b?%28c%29)</sub>\n"
            )
        );
        let hostile = Request {
            commit: Some("main\n/close".to_owned()),
            ..request
        };
        let body = Body::new(&Marker::of(&["a"]), &hostile, Some("javascript:alert(1)"));
        assert_eq!(
            body.around("## x\n").as_deref(),
            Some("<!-- proctor:a -->\n## x\n")
        );
    }

    #[test]
    fn it_never_gets_too_long() {
        let body = Body::new(&Marker::of(&["a"]), &request(), None);
        let [all, .., sure] = body.rooms();
        let longest = body.around(&"x".repeat(all - 1)).map(|text| text.len());
        assert_eq!(longest, Some(Platform::Github.limit()));
        // A summary of nothing but references.
        let grows = |room: usize| body.around(&"!1".repeat(room / 2 - 1));
        assert_eq!(grows(all), None);
        let text = grows(sure).expect("it fits");
        assert!(text.len() > sure * 2 && text.len() <= Platform::Github.limit());
    }
}
