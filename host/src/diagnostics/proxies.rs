//! Passwords of proxies, which libraries may tell of.

use percent_encoding::percent_decode_str;
use reqwest::Url;

use crate::{environment::Environment, secret::Secret};

/// Where proxies are named. Source: curl's manual; the HTTP client reads the same.
const VARIABLES: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

/// The passwords in the URLs of proxies, and what is sent of them: with the user's name, of which Base64 is made.
#[must_use]
pub fn passwords(environment: &Environment) -> Vec<Secret> {
    let names = VARIABLES
        .iter()
        .flat_map(|name| [(*name).to_owned(), name.to_lowercase()]);
    let urls = names.filter_map(|name| environment.get(&name).and_then(parsed));
    urls.flat_map(|url| {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let password = url.password().unwrap_or_default();
        [
            Secret::new(password),
            Secret::new(decoded(password)),
            Secret::new(format!("{}:{}", decoded(url.username()), decoded(password))),
        ]
    })
    .filter(|secret| !secret.expose().is_empty() && secret.expose() != ":")
    .collect()
}

/// A proxy may be named without a scheme.
fn parsed(text: &str) -> Option<Url> {
    let url = match text.contains("://") {
        true => Url::parse(text),
        false => Url::parse(&format!("http://{text}")),
    };
    url.ok()
        .filter(|url| url.password().is_some() || !url.username().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Redactor;

    #[test]
    fn a_password_is_found_with_and_without_a_scheme() {
        for text in [
            "http://us%65r:p%40ssword@proxy:3128",
            "us%65r:p%40ssword@proxy:3128",
        ] {
            let environment = Environment::default().with("https_proxy", text);
            let redactor = Redactor::new(&passwords(&environment));
            for shown in ["p%40ssword", "p@ssword", "dXNlcjpwQHNzd29yZA=="] {
                let redacted = redactor.redact(shown).into_owned();
                assert!(redacted.len() < 8, "{text}: {shown}: {redacted}");
            }
        }
        let plain = Environment::default().with("HTTPS_PROXY", "http://proxy:3128");
        assert!(passwords(&plain).is_empty());
    }
}
