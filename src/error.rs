//! What can go wrong, sorted by who has to act. Each [`Code`] is one exit code.

use std::time::Duration;

/// Why something did not end in `passed`. Each case is acted on by somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A test failed.
    Failed,
    /// Wrong configuration, parameter or id; nothing was triggered.
    Usage,
    /// The run errored or was cancelled on the service's side, or its evidence is incomplete.
    ServiceErrored,
    /// The time limit passed before the run ended.
    TimedOut,
    /// The service refused the key, or the key lacks a permission.
    Authentication,
    /// A plan's or account's limit is reached.
    Quota,
    /// The service cannot be reached, keeps failing, or kept answering 429.
    Unavailable,
    /// The service answered in a way that cannot be understood.
    Protocol,
    /// No test ran.
    NoTests,
    /// A defect in Proctor or in a plugin.
    Internal,
    /// The host was told to stop.
    Interrupted,
}

impl Code {
    /// All codes, in the order of their exit codes.
    pub const ALL: [Self; 11] = [
        Self::Failed,
        Self::Usage,
        Self::ServiceErrored,
        Self::TimedOut,
        Self::Authentication,
        Self::Quota,
        Self::Unavailable,
        Self::Protocol,
        Self::NoTests,
        Self::Internal,
        Self::Interrupted,
    ];

    /// The name of the code in results and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::ServiceErrored => "service_errored",
            Self::TimedOut => "timed_out",
            Self::Authentication => "authentication",
            Self::Quota => "quota",
            Self::Unavailable => "unavailable",
            Self::Protocol => "protocol",
            Self::NoTests => "no_tests",
            Self::Internal => "internal",
            Self::Interrupted => "interrupted",
        }
    }

    /// The code of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }

    /// The exit code. For [`Code::Interrupted`] the number of SIGINT is taken; the real signal is the host's to know.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::ServiceErrored => 3,
            Self::TimedOut => 4,
            Self::Authentication => 5,
            Self::Quota => 6,
            Self::Unavailable => 7,
            Self::Protocol => 8,
            Self::NoTests => 9,
            Self::Internal => 70,
            Self::Interrupted => 130,
        }
    }

    /// Who can do something about it.
    #[must_use]
    pub const fn who(self) -> &'static str {
        match self {
            Self::Failed => "the author of the change",
            Self::Usage | Self::TimedOut | Self::NoTests => "the author of the pipeline",
            Self::ServiceErrored => "the owner of the tests at the service",
            Self::Authentication => "whoever holds the key",
            Self::Quota => "whoever pays for the service",
            Self::Unavailable => "nobody: wait",
            Self::Protocol | Self::Internal => "the maintainers of Proctor",
            Self::Interrupted => "whoever stopped the job",
        }
    }

    /// Whether the same command may succeed later without anything being changed.
    #[must_use]
    pub const fn retriable(self) -> bool {
        matches!(
            self,
            Self::ServiceErrored | Self::Unavailable | Self::Interrupted
        )
    }

    /// What to do now, unless the case at hand knows better.
    #[must_use]
    pub const fn next(self) -> &'static str {
        match self {
            Self::Failed => "look at the failed tests",
            Self::Usage => "correct the configuration; nothing was triggered",
            Self::ServiceErrored => {
                "look at the run at the service, then run once more; it costs another run"
            }
            Self::TimedOut => {
                "follow the run with `proctor wait`, or allow more time with --timeout"
            }
            Self::Authentication => {
                "check that the key is valid, belongs to this account and may start runs"
            }
            Self::Quota => "raise the limit of the plan or wait until it is reset",
            Self::Unavailable => "run again later; it is safe",
            Self::Protocol => "report it with the output of --verbose; the API may have changed",
            Self::NoTests => "choose tests that exist, or allow an empty run with --allow-empty",
            Self::Internal => "report it with the output of --verbose",
            Self::Interrupted => "run again when ready",
        }
    }
}

/// A failure, told so that the reader knows what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    pub code: Code,
    /// What happened and at which call: a lowercase fragment without a full stop.
    pub message: String,
    /// Who can do something about it.
    pub who: String,
    /// Whether the same command may succeed later without anything being changed.
    pub retriable: bool,
    /// What to do now.
    pub next: String,
    /// The service's own id of the request that failed, for its support.
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem with the usual advice for its code.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            who: code.who().to_owned(),
            retriable: code.retriable(),
            next: code.next().to_owned(),
            request_id: None,
        }
    }

    /// The same with advice of its own.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// The same to be acted on by somebody else than is usual.
    #[must_use]
    pub fn who(mut self, who: impl Into<String>) -> Self {
        self.who = who.into();
        self
    }

    /// The same with the service's id of the request.
    #[must_use]
    pub fn request(mut self, id: Option<String>) -> Self {
        self.request_id = id;
        self
    }

    /// The same, but not to be tried again unchanged.
    #[must_use]
    pub const fn lasting(mut self) -> Self {
        self.retriable = false;
        self
    }
}

/// A duration as people say it: `350ms`, `12s`, `4m 05s`, `2h 03m`.
#[must_use]
pub fn spoken(duration: Duration) -> String {
    let ms = duration.as_millis();
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{ms}ms"),
        1..60 if ms.is_multiple_of(1000) => format!("{seconds}s"),
        1..60 => format!("{}.{}s", seconds, ms % 1000 / 100),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_tells_every_exit_code() {
        let readme = include_str!("../README.md");
        for code in Code::ALL
            .into_iter()
            .filter(|&code| code != Code::Interrupted)
        {
            let row = readme
                .lines()
                .find(|line| {
                    line.starts_with(&format!("| {} | `{}` |", code.exit_code(), code.name()))
                })
                .unwrap_or_else(|| panic!("README has no row for {}", code.name()));
            assert!(row.contains(code.who()), "{row}: {}", code.who());
        }
        assert!(readme.contains("| 129 · 130 · 143 | `interrupted` |"));
    }

    /// What stands in the page before and after what is made from the codes.
    const MADE: [&str; 2] = [
        "<!-- Made from src/error.rs by a test; PROCTOR_BLESS=1 cargo test -p proctor error:: writes it anew. -->\n",
        "<!-- The end of what is made. -->\n",
    ];

    /// The parts of the page on troubleshooting that explain each code, by the words of their headings.
    const EXPLAINED: [(Code, &str); 10] = [
        (Code::Failed, ""),
        (Code::Usage, "2-the-pipeline-is-wrong"),
        (
            Code::ServiceErrored,
            "3-the-service-did-not-bring-it-to-an-end",
        ),
        (Code::TimedOut, "4-the-time-limit-passed"),
        (Code::Authentication, "5-the-key-is-refused"),
        (Code::Quota, "6-the-plans-limit-is-reached"),
        (Code::Unavailable, "7-the-service-is-out-of-reach"),
        (Code::Protocol, "8-the-answer-cannot-be-understood"),
        (Code::NoTests, "9-no-test-ran"),
        (Code::Internal, "70-a-defect"),
    ];

    fn at_a_glance() -> String {
        let mut table = "| exit code | name | who acts | the same again? | what to do, if the message knows no better |\n\
                         | --- | --- | --- | --- | --- |\n"
            .to_owned();
        for (code, part) in EXPLAINED {
            let number = match part {
                "" => code.exit_code().to_string(),
                part => format!("[{}](#{part})", code.exit_code()),
            };
            let again = if code.retriable() { "may help" } else { "no" };
            let (name, who, next) = (code.name(), code.who(), code.next());
            table.push_str(&format!(
                "| {number} | `{name}` | {who} | {again} | {next} |\n"
            ));
        }
        table
    }

    #[test]
    fn the_page_on_troubleshooting_says_what_the_codes_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/troubleshooting.md");
        let kept = std::fs::read_to_string(path).expect("the page is there");
        let (before, rest) = kept.split_once(MADE[0]).expect("it says where to");
        let (_, after) = rest.split_once(MADE[1]).expect("it says up to where");
        let made = [before, MADE[0], &at_a_glance(), MADE[1], after].concat();
        if std::env::var_os("PROCTOR_BLESS").is_some() {
            std::fs::write(path, &made).expect("docs can be written");
            return;
        }
        assert!(
            kept == made,
            "docs/troubleshooting.md is not what the codes say: PROCTOR_BLESS=1 writes it anew"
        );
    }

    #[test]
    fn every_code_but_a_signal_is_explained() {
        let explained = EXPLAINED.map(|(code, _)| code);
        let all = Code::ALL.into_iter();
        let unexplained: Vec<Code> = all.filter(|code| !explained.contains(code)).collect();
        assert_eq!(unexplained, [Code::Interrupted]);
    }

    #[test]
    fn names_are_read_back() {
        for code in Code::ALL {
            assert_eq!(Code::from_name(code.name()), Some(code));
        }
        assert_eq!(Code::from_name("fine"), None);
    }

    #[test]
    fn durations_are_said_as_people_say_them() {
        let table = [
            (0, "0ms"),
            (350, "350ms"),
            (12_000, "12s"),
            (1_250, "1.2s"),
            (245_000, "4m 05s"),
            (7_380_000, "2h 03m"),
        ];
        for (ms, said) in table {
            assert_eq!(spoken(Duration::from_millis(ms)), said);
        }
    }
}
