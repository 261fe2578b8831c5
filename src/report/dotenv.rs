//! Variables for later jobs of a GitLab pipeline: the same values as a GitHub step's outputs.
//!
//! `KEY=VALUE` on each line, without quotes, comments or empty lines. GitLab refuses a file of 5 KB or more and one of
//! more than 20 variables, and takes `$NAME` in a value for a reference (`parse_dotenv_artifact_service.rb` of
//! gitlab-org/gitlab). So values are numbers, words of our own, and a URL whose other characters are percent-encoded.
//! None of the names is that of an option of Proctor, which would be read by it in a later job.

use super::outputs;
use crate::model::Results;

/// Renders the variables.
pub(super) fn render(results: &Results) -> String {
    let mut text = String::new();
    for (name, value) in outputs::values(results) {
        let name = name.to_uppercase().replace('-', "_");
        text.push_str(&format!("PROCTOR_{name}={value}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::render;
    use crate::report::sample::any_results;

    #[test]
    fn a_long_address_does_not_make_the_file_too_large() {
        for letter in ["x", "ü", "\u{202e}"] {
            for length in [600, 2_000, 100_000] {
                let mut results = crate::report::sample::usual();
                for report in &mut results.targets {
                    let url = format!("https://x.test/{}", letter.repeat(length));
                    report.run = Some(crate::model::Run {
                        id: "1".to_owned(),
                        url: Some(url),
                    });
                }
                assert!(render(&results).len() < 5 * 1024, "{letter} {length}");
            }
        }
    }

    proptest! {
        #[test]
        fn gitlab_takes_it(results in any_results()) {
            let text = render(&results);
            prop_assert!(text.len() < 5 * 1024 && text.lines().count() <= 20);
            for line in text.lines() {
                let (name, value) = line.split_once('=').unwrap();
                prop_assert!(name.chars().all(|c| c.is_ascii_uppercase() || c == '_'), "{name}");
                prop_assert!(value.chars().all(|c| c.is_ascii_graphic() && !"$\"'`\\".contains(c)), "{value}");
            }
        }
    }
}
