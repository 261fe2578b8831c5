//! The options of a command, once flags, environment, file and defaults have had their say.

use proctor::assess::Circumstances;

use crate::{
    config::{
        file::Config,
        options::{CommentChoice, DEFAULT_HANDLE, OnMissingKey, Options, Output, ReportRequest},
    },
    edge::convert,
    failure::Failure,
    gating,
    model::Policy,
    session::Session,
};

/// The options of a command that count here.
pub struct Settled {
    pub reports: Vec<ReportRequest>,
    pub policy: Policy,
    /// What tests are looked at by before they are judged.
    pub circumstances: Circumstances,
    /// The handle file, as named.
    pub handle: String,
    /// What flags and environment alone say.
    pub above_file: Options,
    /// What `[defaults]` says.
    pub of_file: Options,
}

impl Settled {
    /// Settles the options. Warns of those that this program has not, where that makes a difference.
    ///
    /// # Errors
    /// A usage failure that tells of every flag and variable that cannot be understood.
    pub fn settle(
        session: &Session,
        flags: Result<Options, Vec<String>>,
        config: Option<&Config>,
    ) -> Result<Self, Failure> {
        let environment = Options::of_environment(&session.environment, &session.catalogue.kinds);
        let (flags, environment) = match (flags, environment) {
            (Ok(flags), Ok(environment)) => (flags, environment),
            (flags, environment) => {
                let wrong = [flags.err(), environment.err()];
                return Err(refuse(wrong.into_iter().flatten().flatten().collect()));
            }
        };
        let above_file = flags.or(environment);
        let of_file = config
            .map(|config| config.defaults.clone())
            .unwrap_or_default();
        let options = above_file.clone().or(of_file.clone());
        for name in without_effect(&options) {
            session.terminal.warn(&format!(
                "`{name}` is set, which only the native program knows"
            ));
        }
        let fail_on = options.fail_on.unwrap_or_default();
        let circumstances = gating::prepare(config, options.baseline.as_ref(), &fail_on)?;
        let policy = crate::bindings::exports::proctor::ci::reports::Policy {
            fail_on: fail_on.verdicts,
            flaky: fail_on.flaky,
            new_only: fail_on.new,
            allow_empty: options.allow_empty.unwrap_or_default(),
            exit_zero: options.exit_zero.unwrap_or_default(),
            signal: None,
        };
        Ok(Self {
            reports: options.reports.unwrap_or_default(),
            policy: convert::policy_in(policy),
            circumstances,
            handle: options.handle.unwrap_or_else(|| DEFAULT_HANDLE.to_owned()),
            above_file,
            of_file,
        })
    }

    /// Whether standard output is to hold nothing but a report.
    pub fn out_is_data(&self) -> bool {
        self.reports.iter().any(|report| report.path == "-")
    }
}

/// Options that change what becomes of a run, and that this program has not. The others only change how the native one goes
/// about it: how much at once, what a signal does, for which CI system it writes.
fn without_effect(options: &Options) -> Vec<&'static str> {
    let set = [
        (
            "comment",
            options
                .comment
                .is_some_and(|choice| choice != CommentChoice::Never),
        ),
        ("fail_fast", options.fail_fast == Some(true)),
        (
            "on_missing_key",
            options.on_missing_key == Some(OnMissingKey::Skip),
        ),
        ("publish", options.publish.is_some()),
        (
            "retry_failed",
            options.retry_failed.is_some_and(|times| times > 0),
        ),
        ("supersede", options.supersede == Some(true)),
        ("state", options.state.is_some()),
        ("trace", options.trace.is_some()),
        ("ca_file", options.ca_file.is_some()),
        ("client_cert", options.client_cert.is_some()),
        ("client_key", options.client_key.is_some()),
        ("output", options.output == Some(Output::Ndjson)),
    ];
    let set = set.into_iter().filter(|(_, is_set)| *is_set);
    set.map(|(name, _)| name).collect()
}

fn refuse(mut wrong: Vec<String>) -> Failure {
    const NEXT: &str = "correct it; nothing was triggered";
    match wrong.len() {
        1 => Failure::usage(wrong.remove(0), NEXT),
        many => Failure::usage(format!("{many} options cannot be understood"), NEXT)
            .details(wrong.join("\n")),
    }
}
