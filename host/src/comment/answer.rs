//! What platforms answer.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::trouble::{Fault, Trouble};

/// How long GitHub wants to be left alone where it limits writes and does not say for how long. Source: docs.github.com,
/// "Rate limits for the REST API": "wait for at least one minute".
const SECONDARY: Duration = Duration::from_secs(60);

/// How much of what a platform says is passed on, in characters.
const MOST_SAID: usize = 200;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A comment of GitHub's, or a note of GitLab's.
#[derive(Debug, Clone, Deserialize)]
pub struct Comment {
    pub id: u64,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default, alias = "author")]
    pub user: Option<Author>,
    #[serde(default)]
    pub html_url: Option<String>,
    /// Whether GitLab itself has written it.
    #[serde(default)]
    pub system: bool,
}

/// Who has written it.
#[derive(Debug, Clone, Deserialize)]
pub struct Author {
    pub id: u64,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
}

impl Answer {
    /// What it holds, if it is a success.
    ///
    /// # Errors
    /// What is in the way, sorted by whether it may pass.
    pub fn success(self) -> Result<Self, Fault> {
        match self.status {
            200..=299 => Ok(self),
            status if status == 429 || status == 408 || status >= 500 || self.is_limit() => {
                Err(Fault::Passing {
                    why: format!("{status}{}", self.quoted()),
                    after: self.after(),
                })
            }
            status => Err(Fault::Refused {
                status,
                said: self.said(),
            }),
        }
    }

    /// Its content.
    ///
    /// # Errors
    /// It is not what the API documents.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Fault::Lasting(Trouble::new(
                format!("the API's answer is not what is documented: {error}"),
                "see that the address of the API is right, and that nothing in between answers in its place",
            ))
        })
    }

    /// The number of the page that follows this one. Where an answer links it, only the number is gone by: the address may
    /// be anybody's.
    ///
    /// Sources: docs.github.com, "Using pagination in the REST API"; docs.gitlab.com, "REST API", "Pagination".
    pub fn next_page(&self, page: u64) -> Option<u64> {
        if let Some(next) = self.header("x-next-page") {
            return next.trim().parse().ok().filter(|next| *next > page);
        }
        let links = self.header("link")?;
        let is_next = |link: &str| {
            link.split(';')
                .skip(1)
                .any(|word| word.trim() == "rel=\"next\"")
        };
        links.split(',').any(is_next).then_some(page + 1)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether a 403 of GitHub's is about how much was asked, and not about who asks.
    fn is_limit(&self) -> bool {
        let is_spent = self.header("x-ratelimit-remaining") == Some("0");
        let said = || self.said().to_ascii_lowercase();
        self.status == 403
            && (is_spent || self.header("retry-after").is_some() || said().contains("rate limit"))
    }

    /// When to come again, if it says so. Source: docs.github.com, "Rate limits for the REST API"; docs.gitlab.com, "Rate
    /// limits", "Headers returned".
    fn after(&self) -> Option<Duration> {
        let number = |name: &str| {
            self.header(name)
                .and_then(|value| value.trim().parse::<u64>().ok())
        };
        let since = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
        };
        let reset = number("x-ratelimit-reset").or_else(|| number("ratelimit-reset"));
        let is_spent = self.status == 429 || self.header("x-ratelimit-remaining") == Some("0");
        let reset = reset
            .filter(|_| is_spent)
            .map(|at| Duration::from_secs(at).saturating_sub(since()));
        let after = number("retry-after").map(Duration::from_secs).or(reset);
        after.or_else(|| (self.status == 403).then_some(SECONDARY))
    }

    /// What it says of itself: GitHub has `message`, GitLab `message` or `error`, and puts lists into them.
    fn said(&self) -> String {
        let Ok(value) = serde_json::from_slice::<Value>(&self.body) else {
            return String::new();
        };
        let told = ["message", "error_description", "error"]
            .iter()
            .find_map(|name| value.get(name));
        let text = match told {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        text.chars().take(MOST_SAID).collect()
    }

    fn quoted(&self) -> String {
        match self.said() {
            said if said.is_empty() => said,
            said => format!(", \"{said}\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| {
            let value = http::HeaderValue::from_str(value).expect("a value");
            (http::HeaderName::from_static(name), value)
        });
        Answer {
            status,
            headers: headers.collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_refusal_is_told_from_a_limit() {
        let forbidden = r#"{"message":"Resource not accessible by integration"}"#;
        let refused = answer(403, &[("x-ratelimit-remaining", "4999")], forbidden);
        assert!(matches!(
            refused.success(),
            Err(Fault::Refused { status: 403, .. })
        ));
        let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
        let cases = [
            (answer(403, &[], secondary), Some(60)),
            (answer(403, &[("retry-after", "7")], forbidden), Some(7)),
            (answer(429, &[("retry-after", "0")], ""), Some(0)),
            (answer(429, &[("ratelimit-reset", "1")], ""), Some(0)),
            (
                answer(
                    403,
                    &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")],
                    "",
                ),
                Some(0),
            ),
            (answer(503, &[], "down"), None),
        ];
        for (answer, seconds) in cases {
            let shown = format!("{answer:?}");
            let Err(Fault::Passing { after, .. }) = answer.success() else {
                panic!("{shown} passes");
            };
            assert_eq!(after.map(|after| after.as_secs()), seconds, "{shown}");
        }
    }

    #[test]
    fn pages_follow_each_other_by_number() {
        let next =
            |name: &'static str, value: &str| answer(200, &[(name, value)], "[]").next_page(3);
        assert_eq!(next("x-next-page", "4"), Some(4));
        assert_eq!(next("x-next-page", ""), None);
        assert_eq!(next("x-next-page", "3"), None);
        let links = "<https://elsewhere.test/?page=9>; rel=\"next\", <https://a.test/?page=9>; rel=\"last\"";
        assert_eq!(next("link", links), Some(4));
        assert_eq!(
            next("link", "<https://a.test/?page=1>; rel=\"first\""),
            None
        );
        assert_eq!(answer(200, &[], "[]").next_page(1), None);
    }

    #[test]
    fn what_it_says_is_short_and_from_anywhere() {
        let said = |body: &str| answer(400, &[], body).said();
        assert_eq!(
            said(r#"{"message":{"note":["is too long"]}}"#),
            r#"{"note":["is too long"]}"#
        );
        assert_eq!(
            said(r#"{"error":"insufficient_scope"}"#),
            "insufficient_scope"
        );
        assert_eq!(said("<html>"), "");
        assert_eq!(
            said(&format!("{{\"message\":\"{}\"}}", "x".repeat(999))).len(),
            MOST_SAID
        );
    }
}
