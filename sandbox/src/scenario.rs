//! What the sandbox holds and how it behaves: a small TOML file.

use crate::Scenario;

/// A scenario file that cannot be used; the message has line, column and the line itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScenarioError(String);

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// If the text is not TOML, or holds something that a scenario does not have.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        toml::from_str(text).map_err(|error| ScenarioError(error.to_string().trim_end().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keploy::scenario::{Outcome, Suite};

    #[test]
    fn a_wrong_scenario_is_told_with_its_line() {
        let error = Scenario::from_toml("[keploy]\nqueue = 3\n")
            .expect_err("no such key")
            .to_string();
        assert!(
            error.contains("line 2") && error.contains("queue"),
            "{error}"
        );
        let error = Scenario::from_toml("[[faults]]\nkind = \"explode\"\n")
            .expect_err("no such kind")
            .to_string();
        assert!(error.contains("explode"), "{error}");
    }

    #[test]
    fn the_demo_shows_one_failure_in_about_three_seconds() {
        let scenario = Scenario::demo();
        let settings = &scenario.keploy;
        let suites = &settings.apps[0].suites;
        let failing = |suite: &&Suite| suite.outcome() == Outcome::Fail;
        assert_eq!(suites.iter().filter(failing).count(), 1);
        let steps: usize = suites.iter().map(|suite| suite.steps().len()).sum();
        assert!((12..=20).contains(&steps), "{steps}");
        let suites_ms: u64 = suites.iter().map(Suite::duration_ms).sum();
        let whole_ms = settings.queue_ms + suites_ms;
        assert!((2_000..=3_000).contains(&whole_ms), "{whole_ms}");
        assert!(settings.allow_private_targets);
    }

    #[test]
    fn words_in_ids_and_names_are_read_in_any_case() {
        assert_eq!(Suite::named("s-1", "Failing").outcome(), Outcome::Fail);
        assert_eq!(Suite::named("BUGGY-2", "").outcome(), Outcome::Buggy);
        assert_eq!(Suite::named("s-3", "Slow search").duration_ms(), 60_000);
        let told = Suite {
            outcome: Some(Outcome::Pass),
            ..Suite::named("fail", "")
        };
        assert_eq!(told.outcome(), Outcome::Pass, "what is said goes first");
    }

    #[test]
    fn a_scenario_is_read() {
        let scenario = Scenario::from_toml(
            r#"
            [keploy]
            link = "difference"
            spelling = "camel"
            [[keploy.apps]]
            id = "a"
            [[keploy.apps.suites]]
            id = "s"
            outcome = "buggy"
            [[faults]]
            method = "POST"
            path = "/apps/*/test-suites/run"
            kind = "reset_after"
            "#,
        )
        .expect("a scenario");
        assert_eq!(
            scenario.keploy.apps[0].suites[0].outcome,
            Some(Outcome::Buggy)
        );
        assert_eq!(scenario.faults.len(), 1);
    }
}
