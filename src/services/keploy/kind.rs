use crate::model::Target;

/// The name that all settings of a load test begin with.
pub const LOAD_TEST: &str = "load_test.";

/// What a target is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A run of suites.
    Suites,
    LoadTest,
    /// A record/replay test report that somebody else makes, and that is only read.
    TestReport,
}

impl Kind {
    /// By the settings that only one of them has.
    pub fn of(target: &Target) -> Self {
        let is_load_test = |name: &str| name.starts_with(LOAD_TEST);
        if target.text("test_report").is_some() {
            Self::TestReport
        } else if target
            .settings
            .iter()
            .any(|setting| is_load_test(&setting.name))
        {
            Self::LoadTest
        } else {
            Self::Suites
        }
    }
}
