use crate::{
    bindings::exports::proctor::ci::reports::Policy,
    ci::{Ci, Lineage},
    cli::FollowArgs,
    config::{
        file::Config,
        options::{
            Baseline, DEFAULT_HANDLE, OnInterrupt, OnMissingKey, Options, Output, ReportRequest,
            Resume,
        },
    },
    failure::Failure,
    network::reach::Files,
};

use super::{
    comment::{self, Comment, Subject},
    gating::Gating,
    last::Last,
    session::Session,
    trace,
};

/// The options of a command, once flags, environment, file and defaults have had their say.
#[derive(Debug, Clone)]
pub struct Settled {
    /// None if nobody said how many.
    pub jobs: Option<usize>,
    /// None if nobody asked for any.
    pub reports: Option<Vec<ReportRequest>>,
    pub policy: Policy,
    /// What failures are compared with, if they are.
    pub baseline: Option<Baseline>,
    pub on_missing_key: OnMissingKey,
    /// What tests are looked at by; nothing unless a command that judges has read it.
    pub gating: Gating,
    pub ci: Option<Ci>,
    pub on_interrupt: OnInterrupt,
    /// The handle file, as named.
    pub handle: String,
    /// The name of the place where results are published, if they are.
    pub publish: Option<String>,
    /// What is wanted of a comment.
    pub comment: comment::Wish,
    /// The comment, if there is to be one.
    pub commenter: Option<Comment>,
    pub skip_preflight: bool,
    /// The file of requests, as named, if there is one.
    pub trace: Option<String>,
    /// The directory of what was begun, as named, if there is one.
    pub state: Option<String>,
    /// Whether to go on with it, where somebody says so.
    pub resume: Option<Resume>,
    pub state_key: Option<String>,
    /// Whether runs of older builds of the same branch are stopped first.
    pub supersede: bool,
    /// What the user says the build is of.
    pub branch: Option<String>,
    /// The commit that the user says it is of.
    pub commit: Option<String>,
    /// Whether the other targets are stopped when one has failed.
    pub fail_fast: bool,
    /// Where the last results are kept, once it is known of which targets.
    pub last: Option<Last>,
    /// What flags and environment alone say.
    pub above_file: Options,
    /// What `[defaults]` says.
    pub of_file: Options,
}

impl Settled {
    /// Settles the options of a command that follows runs; sets the console's form of output.
    ///
    /// # Errors
    /// A usage failure that tells of every flag and variable that cannot be understood.
    pub fn settle(
        session: &Session,
        flags: &FollowArgs,
        more: Options,
        config: Option<&Config>,
    ) -> Result<Self, Failure> {
        let kinds = &session.catalogue.kinds;
        let (flags, environment) = match (
            flags.options(kinds),
            Options::of_environment(&session.environment, kinds),
        ) {
            (Ok(flags), Ok(environment)) => (flags, environment),
            (flags, environment) => {
                let wrong = [flags.err(), environment.err()]
                    .into_iter()
                    .flatten()
                    .flatten()
                    .collect();
                return Err(refuse(wrong));
            }
        };
        let above_file = more.or(flags).or(environment);
        let of_file = config
            .map(|config| config.defaults.clone())
            .unwrap_or_default();
        let options = above_file.clone().or(of_file.clone());
        session
            .console
            .set_output(options.output.unwrap_or_default());
        let handle = options
            .handle
            .clone()
            .unwrap_or_else(|| DEFAULT_HANDLE.to_owned());
        let source = config.map(|config| config.source.path.as_str());
        trace::begin(session, &options, &handle, source)?;
        session.way.choose(Files {
            ca_file: options.ca_file,
            client_cert: options.client_cert,
            client_key: options.client_key,
        });
        let fail_on = options.fail_on.unwrap_or_default();
        Ok(Self {
            jobs: options.jobs,
            reports: options.reports,
            baseline: options.baseline,
            on_missing_key: options.on_missing_key.unwrap_or_default(),
            gating: Gating::default(),
            policy: Policy {
                fail_on: fail_on.verdicts,
                flaky: fail_on.flaky,
                new_only: fail_on.new,
                allow_empty: options.allow_empty.unwrap_or_default(),
                exit_zero: options.exit_zero.unwrap_or_default(),
                signal: None,
            },
            ci: Ci::find(options.ci.unwrap_or_default(), &session.environment),
            on_interrupt: options.on_interrupt.unwrap_or_default(),
            handle,
            trace: options.trace,
            publish: options.publish,
            comment: comment::Wish {
                choice: options.comment.unwrap_or_default(),
                key: options.comment_key,
                config: config.map(|config| config.source.path.clone()),
            },
            commenter: None,
            skip_preflight: options.skip_preflight.unwrap_or_default(),
            state: options.state,
            resume: options.resume,
            state_key: options.state_key,
            supersede: options.supersede.unwrap_or_default(),
            branch: options.branch,
            commit: options.commit,
            fail_fast: options.fail_fast.unwrap_or_default(),
            last: None,
            above_file,
            of_file,
        })
    }

    /// Prepares the comment that is wanted, if one is.
    pub fn prepare_comment(&mut self, session: &Session, of: &Subject<'_>) {
        let out_is_data = self.out_is_data(session);
        self.commenter = Comment::prepare(session, &self.comment, of, self.ci, out_is_data);
    }

    /// What the build is of, and where it stands among others.
    pub fn lineage(&self, session: &Session) -> Lineage {
        let (branch, commit) = (self.branch.as_deref(), self.commit.as_deref());
        Lineage::of(&session.environment, branch, commit)
    }

    /// Whether standard output is to hold nothing but data: a stream of events, or a report.
    pub fn out_is_data(&self, session: &Session) -> bool {
        session.console.output() == Output::Ndjson
            || self
                .reports
                .iter()
                .flatten()
                .any(|report| report.path == "-")
    }
}

fn refuse(mut wrong: Vec<String>) -> Failure {
    const NEXT: &str = "correct it; nothing was triggered";
    match wrong.len() {
        1 => Failure::usage(wrong.remove(0), NEXT),
        many => Failure::usage(format!("{many} options cannot be understood"), NEXT)
            .details(wrong.join("\n")),
    }
}
