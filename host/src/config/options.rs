//! The options that flags, the environment and `[defaults]` of a file share, and who wins.

use std::time::Duration;

use super::suggest;
use crate::bindings::exports::proctor::ci::reports::ReportKind;
use crate::bindings::proctor::ci::types::Verdict;
use crate::environment::Environment;

/// Time limit of a run when none is given: 30 minutes.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Where handles are kept when nothing is said.
pub const DEFAULT_HANDLE: &str = "proctor-handle.json";

/// Verdicts that fail the build when nothing is said.
pub const DEFAULT_FAIL_ON: [Verdict; 5] = [
    Verdict::Failed,
    Verdict::Errored,
    Verdict::Cancelled,
    Verdict::TimedOut,
    Verdict::Unknown,
];

/// The largest number that is accepted where something is counted.
pub const LARGEST_COUNT: usize = 1_000;

/// The most times that a target's failed tests are run again. Ours: each costs a run.
pub const MOST_RETRIES: u32 = 10;

/// The longest time limit that is accepted: seven days.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// The shape of an option's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Duration,
    Count,
    /// How often something is done again; 0 is never.
    Times,
    Reports,
    Verdicts,
    Truth,
    Path,
    Choice(&'static [&'static str]),
}

/// An option: the end of its environment variable and of its flag, which is also its key in `[defaults]`.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    /// The key in `[defaults]`, which is another where targets have it too.
    pub in_table: &'static str,
    pub shape: Shape,
    pub help: &'static str,
    /// Whether `[defaults]` may give it. What names one job is not the same for all that read one file.
    pub in_file: bool,
}

/// All options that can be given in three ways.
pub const KEYS: [Key; 29] = [
    key(
        "timeout",
        Shape::Duration,
        "How long a run may take, for example `20m`.",
    ),
    key(
        "queue_timeout",
        Shape::Duration,
        "How long a run may wait at its service to begin, for example `5m`.",
    ),
    key(
        "jobs",
        Shape::Count,
        "How many targets are followed at once.",
    ),
    key(
        "reports",
        Shape::Reports,
        "Reports to write, each `KIND=PATH` or `KIND`.",
    ),
    key(
        "fail_on",
        Shape::Verdicts,
        "Verdicts that make the exit code other than 0; `flaky` adds tests that passed only when run again, `new` lets a \
         test's trouble count only if it was not there at the baseline.",
    ),
    key(
        "baseline",
        Shape::Path,
        "Earlier results that failures are compared with: a results file, or `last` for what `state` keeps.",
    ),
    key(
        "on_missing_key",
        Shape::Choice(&["fail", "skip"]),
        "What becomes of a target for which there is no key.",
    ),
    Key {
        in_table: "retries",
        ..key(
            "retry_failed",
            Shape::Times,
            "How often what failed is run again, from 0 to 10; each time counts against the plan's quota.",
        )
    },
    key(
        "allow_empty",
        Shape::Truth,
        "Whether it is all right that no test ran.",
    ),
    key(
        "exit_zero",
        Shape::Truth,
        "Whether to report without failing the build.",
    ),
    key(
        "fail_fast",
        Shape::Truth,
        "Whether the other targets are stopped when one has failed.",
    ),
    key(
        "ci",
        Shape::Choice(&["auto", "github", "gitlab", "jenkins", "none"]),
        "The CI system to write for; `auto` looks at the environment.",
    ),
    key(
        "output",
        Shape::Choice(&["human", "ndjson"]),
        "What is written to standard output.",
    ),
    key(
        "on_interrupt",
        Shape::Choice(&["cancel", "detach"]),
        "What becomes of a run at the service when Proctor is stopped.",
    ),
    key(
        "handle",
        Shape::Path,
        "Where handles of runs that go on are kept.",
    ),
    key(
        "publish",
        Shape::Path,
        "Where results are published at the end: the NAME of a `[publish.NAME]`.",
    ),
    key(
        "comment",
        Shape::Choice(&COMMENT),
        "Where results become a comment on the pull or merge request; `auto` looks at the environment.",
    ),
    Key {
        in_file: false,
        ..key(
            "comment_key",
            Shape::Path,
            "What names the comment among those of a request: the one with the same name is brought up to date.",
        )
    },
    key(
        "skip_preflight",
        Shape::Truth,
        "Whether to start runs without looking whether the system under test answers.",
    ),
    key(
        "trace",
        Shape::Path,
        "Where every request and answer is written down, without keys, as an HTTP Archive.",
    ),
    key(
        "state",
        Shape::Path,
        "The directory where it is kept what a job has begun, for when it is run again.",
    ),
    key(
        "resume",
        Shape::Choice(&["auto", "never"]),
        "Whether a job that is run again goes on with what it has begun before.",
    ),
    Key {
        in_file: false,
        ..key(
            "state_key",
            Shape::Path,
            "What names this job in this run of the pipeline, on a CI system that Proctor does not know.",
        )
    },
    key(
        "supersede",
        Shape::Truth,
        "Whether runs that older builds of the same branch have begun are stopped first; needs `state`.",
    ),
    Key {
        in_file: false,
        ..key(
            "branch",
            Shape::Path,
            "The branch, or the request, that this build is of, where the CI system does not say it.",
        )
    },
    Key {
        in_file: false,
        ..key(
            "commit",
            Shape::Path,
            "The commit that this build is of, where the CI system does not say it.",
        )
    },
    key(
        "ca_file",
        Shape::Path,
        "A PEM file with authorities that are trusted beside the system's.",
    ),
    key(
        "client_cert",
        Shape::Path,
        "A PEM file with the certificate that services are shown, and its key if that has no file of its own.",
    ),
    key(
        "client_key",
        Shape::Path,
        "A PEM file with the key of the client certificate.",
    ),
];

const fn key(name: &'static str, shape: Shape, help: &'static str) -> Key {
    Key {
        name,
        in_table: name,
        shape,
        help,
        in_file: true,
    }
}

/// The option of this key in `[defaults]`.
#[must_use]
pub fn in_table(key: &str) -> Option<&'static Key> {
    KEYS.iter().find(|known| known.in_table == key)
}

/// The option of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// A report that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRequest {
    pub kind: String,
    /// A path, or `-` for standard output.
    pub path: String,
}

/// Which CI system to write for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CiChoice {
    #[default]
    Auto,
    Github,
    Gitlab,
    Jenkins,
    None,
}

/// What is written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    #[default]
    Human,
    Ndjson,
}

/// What becomes of a remote run when the host is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnInterrupt {
    #[default]
    Cancel,
    Detach,
}

/// Where results become a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommentChoice {
    /// Where the environment shows that there is something to comment on.
    Auto,
    Github,
    Gitlab,
    #[default]
    Never,
}

/// The words for it.
const COMMENT: [&str; 4] = ["auto", "github", "gitlab", "never"];

/// How long the name of a comment may be, in characters.
const LONGEST_NAME: usize = 100;
/// What counts as a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailOn {
    pub verdicts: Vec<Verdict>,
    /// Whether tests do that passed only when they were run again.
    pub flaky: bool,
    /// Whether a test's trouble does only if it was not there at the baseline.
    pub new: bool,
}

impl Default for FailOn {
    fn default() -> Self {
        Self {
            verdicts: DEFAULT_FAIL_ON.to_vec(),
            flaky: false,
            new: false,
        }
    }
}

/// What failures are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Baseline {
    /// A results file, as named.
    File(String),
    /// What was kept last with `--state`.
    Last,
}

/// What becomes of a target for which there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnMissingKey {
    /// Nothing is triggered at all.
    #[default]
    Fail,
    /// It is left out, and the others run.
    Skip,
}

/// Whether a job that is run again goes on with what it has begun before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Resume {
    /// Go on with it, if there is something.
    #[default]
    Auto,
    /// Start anew, and forget what was begun.
    Never,
}

/// Options as far as one source gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    pub timeout: Option<Duration>,
    pub queue_timeout: Option<Duration>,
    pub jobs: Option<usize>,
    pub reports: Option<Vec<ReportRequest>>,
    pub fail_on: Option<FailOn>,
    pub baseline: Option<Baseline>,
    pub on_missing_key: Option<OnMissingKey>,
    pub retry_failed: Option<u32>,
    pub allow_empty: Option<bool>,
    pub exit_zero: Option<bool>,
    pub fail_fast: Option<bool>,
    pub ci: Option<CiChoice>,
    pub output: Option<Output>,
    pub on_interrupt: Option<OnInterrupt>,
    pub handle: Option<String>,
    pub publish: Option<String>,
    pub comment: Option<CommentChoice>,
    pub comment_key: Option<String>,
    pub skip_preflight: Option<bool>,
    pub trace: Option<String>,
    pub state: Option<String>,
    pub resume: Option<Resume>,
    pub state_key: Option<String>,
    pub supersede: Option<bool>,
    pub branch: Option<String>,
    pub commit: Option<String>,
    pub ca_file: Option<String>,
    pub client_cert: Option<String>,
    pub client_key: Option<String>,
}

impl Options {
    /// These options, and where they are silent those of a source that counts less.
    #[must_use]
    pub fn or(self, lower: Self) -> Self {
        Self {
            timeout: self.timeout.or(lower.timeout),
            queue_timeout: self.queue_timeout.or(lower.queue_timeout),
            jobs: self.jobs.or(lower.jobs),
            reports: self.reports.or(lower.reports),
            fail_on: self.fail_on.or(lower.fail_on),
            retry_failed: self.retry_failed.or(lower.retry_failed),
            baseline: self.baseline.or(lower.baseline),
            on_missing_key: self.on_missing_key.or(lower.on_missing_key),
            allow_empty: self.allow_empty.or(lower.allow_empty),
            exit_zero: self.exit_zero.or(lower.exit_zero),
            fail_fast: self.fail_fast.or(lower.fail_fast),
            ci: self.ci.or(lower.ci),
            output: self.output.or(lower.output),
            on_interrupt: self.on_interrupt.or(lower.on_interrupt),
            handle: self.handle.or(lower.handle),
            publish: self.publish.or(lower.publish),
            comment: self.comment.or(lower.comment),
            comment_key: self.comment_key.or(lower.comment_key),
            skip_preflight: self.skip_preflight.or(lower.skip_preflight),
            trace: self.trace.or(lower.trace),
            state: self.state.or(lower.state),
            resume: self.resume.or(lower.resume),
            state_key: self.state_key.or(lower.state_key),
            supersede: self.supersede.or(lower.supersede),
            branch: self.branch.or(lower.branch),
            commit: self.commit.or(lower.commit),
            ca_file: self.ca_file.or(lower.ca_file),
            client_cert: self.client_cert.or(lower.client_cert),
            client_key: self.client_key.or(lower.client_key),
        }
    }

    /// Reads `PROCTOR_TIMEOUT`, `PROCTOR_JOBS` and so on: one variable for each of [`KEYS`].
    ///
    /// # Errors
    /// One sentence for each variable that cannot be understood.
    pub fn of_environment(
        environment: &Environment,
        kinds: &[ReportKind],
    ) -> Result<Self, Vec<String>> {
        let mut options = Self::default();
        let mut errors = Vec::new();
        for key in &KEYS {
            let variable = variable(key.name);
            let Some(text) = environment.get(&variable) else {
                continue;
            };
            if let Err(error) = options.set(key, text, kinds) {
                errors.push(format!("the environment variable {variable}: {error}"));
            }
        }
        if errors.is_empty() {
            Ok(options)
        } else {
            Err(errors)
        }
    }

    /// Sets an option from text. Lists are separated by commas.
    ///
    /// # Errors
    /// One sentence if the text is not a value of the option's shape.
    pub fn set(&mut self, key: &Key, text: &str, kinds: &[ReportKind]) -> Result<(), String> {
        let text = text.trim();
        match key.name {
            "timeout" => self.timeout = Some(duration(text)?),
            "queue_timeout" => self.queue_timeout = Some(duration(text)?),
            "jobs" => self.jobs = Some(count(text)?),
            "reports" => self.reports = Some(list(text, |part| report(part, kinds))?),
            "fail_on" => self.fail_on = Some(fail_on(text)?),
            "baseline" => self.baseline = Some(baseline(text)?),
            "on_missing_key" => self.on_missing_key = Some(on_missing_key(text)?),
            "retry_failed" => self.retry_failed = Some(times(text)?),
            "allow_empty" => self.allow_empty = Some(truth(text)?),
            "exit_zero" => self.exit_zero = Some(truth(text)?),
            "fail_fast" => self.fail_fast = Some(truth(text)?),
            "ci" => self.ci = Some(ci(text)?),
            "output" => self.output = Some(output(text)?),
            "on_interrupt" => self.on_interrupt = Some(on_interrupt(text)?),
            "handle" => self.handle = Some(path(text)?),
            "publish" => self.publish = Some(path(text)?),
            "comment" => self.comment = Some(comment(text)?),
            "comment_key" => self.comment_key = Some(comment_name(text)?),
            "skip_preflight" => self.skip_preflight = Some(truth(text)?),
            "trace" => self.trace = Some(path(text)?),
            "state" => self.state = Some(path(text)?),
            "resume" => self.resume = Some(resume(text)?),
            "state_key" => self.state_key = Some(job_name(text)?),
            "supersede" => self.supersede = Some(truth(text)?),
            "branch" => self.branch = Some(branch(text)?),
            "commit" => self.commit = Some(commit(text)?),
            "ca_file" => self.ca_file = Some(path(text)?),
            "client_cert" => self.client_cert = Some(path(text)?),
            "client_key" => self.client_key = Some(path(text)?),
            other => return Err(format!("there is no option `{other}`")),
        }
        Ok(())
    }
}

/// The environment variable of an option.
#[must_use]
pub fn variable(name: &str) -> String {
    format!("PROCTOR_{}", name.to_uppercase())
}

/// Reads a time limit: a number with a unit, `90s`, `20m`, `1h 30m`.
///
/// # Errors
/// One sentence if it is not a duration, is zero, or is longer than seven days.
pub fn duration(text: &str) -> Result<Duration, String> {
    let parsed = humantime::parse_duration(text).map_err(|_| {
        format!("`{text}` is not a duration; write it like `90s`, `20m` or `1h 30m`")
    })?;
    match parsed {
        Duration::ZERO => Err("a duration of zero leaves no time for the run".to_owned()),
        parsed if parsed > LONGEST => Err(format!("`{text}` is longer than the limit of 7 days")),
        parsed => Ok(parsed),
    }
}

/// Reads `KIND=PATH`, or `KIND` for the path that is usual for it.
///
/// # Errors
/// One sentence if the kind is unknown or the path is missing.
pub fn report(text: &str, kinds: &[ReportKind]) -> Result<ReportRequest, String> {
    let (name, path) = match text.split_once('=') {
        Some((name, path)) => (name.trim(), Some(path.trim())),
        None => (text.trim(), None),
    };
    let Some(kind) = kinds.iter().find(|kind| kind.name == name) else {
        let known: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
        let advice = suggest::advice(name, known);
        return Err(format!("there is no report kind `{name}`; {advice}"));
    };
    if path == Some("") {
        return Err(format!("the path is missing after `{name}=`"));
    }
    Ok(ReportRequest {
        kind: kind.name.clone(),
        path: path.unwrap_or(&kind.default_path).to_owned(),
    })
}

/// Why an empty list is no answer to what fails the build.
const NOTHING_COUNTS: &str = "the list is empty, so nothing would count; to report without failing the build is what \
                              `--exit-zero` is for, or `exit_zero = true` in a file";

/// Words that `fail_on` knows beside those of verdicts.
pub const FAIL_ON_WORDS: [&str; 2] = ["flaky", "new"];

/// Reads what counts as a failure: words of verdicts, `flaky` and `new`, separated by commas. Without a verdict, the usual
/// ones count.
///
/// # Errors
/// One sentence if there is no such word, or none at all: a variable that is not set must not let everything pass.
pub fn fail_on(text: &str) -> Result<FailOn, String> {
    let words = list(text, |word| Ok(word.to_owned()))?;
    if words.is_empty() {
        return Err(NOTHING_COUNTS.to_owned());
    }
    let (more, verdicts): (Vec<String>, Vec<String>) = words
        .into_iter()
        .partition(|word| FAIL_ON_WORDS.contains(&word.as_str()));
    let verdicts: Vec<Verdict> = verdicts
        .iter()
        .map(|word| verdict(word))
        .collect::<Result<_, _>>()?;
    let is_there = |wanted: &str| more.iter().any(|word| word == wanted);
    Ok(FailOn {
        flaky: is_there("flaky"),
        new: is_there("new"),
        verdicts: match verdicts.is_empty() && !more.is_empty() {
            true => DEFAULT_FAIL_ON.to_vec(),
            false => verdicts,
        },
    })
}

/// Reads a verdict's word.
fn verdict(word: &str) -> Result<Verdict, String> {
    let words = || verdict_words().map(|(_, known)| known);
    verdict_words()
        .find(|(_, known)| *known == word)
        .map(|(verdict, _)| verdict)
        .ok_or_else(|| {
            let advice = suggest::advice(word, words().chain(FAIL_ON_WORDS));
            format!("there is no verdict `{word}`; {advice}")
        })
}

/// Reads what failures are compared with: `last`, or else a path.
///
/// # Errors
/// One sentence if it is empty.
pub fn baseline(text: &str) -> Result<Baseline, String> {
    match text {
        "last" => Ok(Baseline::Last),
        text => path(text).map(Baseline::File),
    }
}

fn on_missing_key(text: &str) -> Result<OnMissingKey, String> {
    match text {
        "fail" => Ok(OnMissingKey::Fail),
        "skip" => Ok(OnMissingKey::Skip),
        _ => Err(not_a_choice(text, &["fail", "skip"])),
    }
}

/// Verdicts with their words, as users write and read them.
pub fn verdict_words() -> impl Iterator<Item = (Verdict, &'static str)> + Clone {
    [
        Verdict::Passed,
        Verdict::Failed,
        Verdict::Errored,
        Verdict::Cancelled,
        Verdict::TimedOut,
        Verdict::Skipped,
        Verdict::Unknown,
    ]
    .into_iter()
    .map(|verdict| (verdict, verdict_word(verdict)))
}

/// The word for a verdict.
#[must_use]
pub const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Errored => "errored",
        Verdict::Cancelled => "cancelled",
        Verdict::TimedOut => "timed-out",
        Verdict::Skipped => "skipped",
        Verdict::Unknown => "unknown",
    }
}

fn list<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(read)
        .collect()
}

fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=LARGEST_COUNT) => Ok(count),
        _ => Err(format!(
            "`{text}` is not a whole number from 1 to {LARGEST_COUNT}"
        )),
    }
}

/// Reads how often something is done again.
///
/// # Errors
/// One sentence if it is no such number.
pub fn times(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(times @ 0..=MOST_RETRIES) => Ok(times),
        _ => Err(format!(
            "`{text}` is not a whole number from 0 to {MOST_RETRIES}"
        )),
    }
}

fn truth(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err(format!("`{text}` is neither `true` nor `false`")),
    }
}

fn path(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("the path is empty".to_owned());
    }
    Ok(text.to_owned())
}

fn job_name(text: &str) -> Result<String, String> {
    match text {
        "" => Err("the text is empty, so it names no job".to_owned()),
        text => Ok(text.to_owned()),
    }
}

fn branch(text: &str) -> Result<String, String> {
    match text {
        "" => Err("the text is empty, so it names no branch".to_owned()),
        text if text.chars().any(char::is_control) => {
            Err("a branch's name has no control characters".to_owned())
        }
        text => Ok(text.to_owned()),
    }
}

fn commit(text: &str) -> Result<String, String> {
    match text {
        "" => Err("the text is empty, so it names no commit".to_owned()),
        text => Ok(text.to_owned()),
    }
}

fn ci(text: &str) -> Result<CiChoice, String> {
    match text {
        "auto" => Ok(CiChoice::Auto),
        "github" => Ok(CiChoice::Github),
        "gitlab" => Ok(CiChoice::Gitlab),
        "jenkins" => Ok(CiChoice::Jenkins),
        "none" => Ok(CiChoice::None),
        _ => Err(not_a_choice(
            text,
            &["auto", "github", "gitlab", "jenkins", "none"],
        )),
    }
}

fn output(text: &str) -> Result<Output, String> {
    match text {
        "human" => Ok(Output::Human),
        "ndjson" => Ok(Output::Ndjson),
        _ => Err(not_a_choice(text, &["human", "ndjson"])),
    }
}

fn on_interrupt(text: &str) -> Result<OnInterrupt, String> {
    match text {
        "cancel" => Ok(OnInterrupt::Cancel),
        "detach" => Ok(OnInterrupt::Detach),
        _ => Err(not_a_choice(text, &["cancel", "detach"])),
    }
}

fn comment(text: &str) -> Result<CommentChoice, String> {
    match text {
        "auto" => Ok(CommentChoice::Auto),
        "github" => Ok(CommentChoice::Github),
        "gitlab" => Ok(CommentChoice::Gitlab),
        "never" => Ok(CommentChoice::Never),
        _ => Err(not_a_choice(text, &COMMENT)),
    }
}

fn comment_name(text: &str) -> Result<String, String> {
    match text.chars().count() {
        0 => Err("the text is empty, so it names no comment".to_owned()),
        1..=LONGEST_NAME => Ok(text.to_owned()),
        count => Err(format!(
            "the name of a comment has at most {LONGEST_NAME} characters, not {count}"
        )),
    }
}

fn resume(text: &str) -> Result<Resume, String> {
    match text {
        "auto" => Ok(Resume::Auto),
        "never" => Ok(Resume::Never),
        _ => Err(not_a_choice(text, &["auto", "never"])),
    }
}

/// The sentence for a value that is none of the choices.
#[must_use]
pub fn not_a_choice(text: &str, choices: &[&str]) -> String {
    let advice = suggest::advice(text, choices.iter().copied());
    format!("`{text}` is not allowed here; {advice}")
}
