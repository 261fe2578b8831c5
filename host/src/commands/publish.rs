//! `proctor publish`, and the end of a run that is published.

mod child;
mod files;

use std::time::{Duration, SystemTime};

use crate::{
    bindings::{
        exports::proctor::ci::{
            reports::Results,
            sink::{Publication, Tally},
        },
        proctor::ci::types::{Setting, Value, Verdict},
    },
    ci::Facts,
    cli::{FollowArgs, PublishArgs},
    config::{
        Catalogue, advice,
        file::Config,
        options::{Output, verdict_word},
        plan::{self, Planned, Wish, milliseconds},
        short_title,
    },
    failure::Failure,
    output,
    secret::Secret,
    stop::Stop,
};

use super::{
    credentials,
    ready::{named_variables, ready, validated},
    session::{GRACE, Session},
    settled::Settled,
    trace,
};
use files::{Files, Given};

/// Where what could not be sent is kept when nothing is said.
const DEFAULT_KEEP: &str = "proctor-unsent.jsonl";

/// `proctor publish`.
pub async fn publish(session: &Session, arguments: &PublishArgs) -> Result<u8, Failure> {
    let config = session.config(arguments.config.config.as_deref()).await?;
    let settled = settle(session, arguments, config.as_ref())?;
    let fail_on = settled.above_file.fail_on.as_ref();
    if arguments.fail_on.is_some() && fail_on.is_some_and(|it| it.flaky || it.new) {
        return Err(Failure::usage(
            "--fail-on: `flaky` and `new` can be told of runs alone, not of results that are published",
            "give verdicts, as `failed,errored`; nothing was published",
        ));
    }
    trace::apart_of_inputs(session, &settled, &arguments.files)?;
    let wish = Wish {
        names: arguments.to.iter().cloned().collect(),
        provider: arguments.provider.clone(),
        sets: arguments.set.clone(),
        api_url: session.api_url(arguments.api_url.as_deref()),
        timeout: settled.above_file.timeout,
        default_timeout: settled.of_file.timeout,
        ..Wish::default()
    };
    let planned = place(session, &wish, config, Asked::ByPublish).await?;
    let equipped = std::slice::from_ref(&planned);
    let keys = credentials::equip(session, equipped, settled.ci, settled.out_is_data(session))?;
    let place = Place {
        planned,
        key: keys.into_iter().next().flatten(),
        keep: arguments
            .keep
            .clone()
            .unwrap_or_else(|| DEFAULT_KEEP.to_owned()),
    };
    if arguments.files.is_empty() && !arguments.command.is_empty() {
        return Err(Failure::usage(
            "no file says where the command leaves its results",
            "name the files before `--`, for example `proctor publish 'target/*.xml' -- make test`",
        ));
    }
    place.probe(session, &settled)?;
    let began = SystemTime::now();
    let ran = match arguments.command.as_slice() {
        [] => None,
        command => Some(child::run(session, command, &place.variables()).await?),
    };
    if let Some(signal) = session.signals.seen() {
        return Ok(signal.exit_code());
    }
    let given = files::given(session, &arguments.files).await;
    if let (Some(_), Ok(given)) = (&ran, &given) {
        files::doubt(session, given, began);
    }
    let observed = ran.as_ref().map(|ran| ran.took);
    let sent = match given {
        Ok(given) => send(session, &place, given, observed).await,
        Err(failure) => Err(failure),
    };
    let gate = told(session, &place, &settled, sent);
    match (ran.map(|ran| ran.code), gate) {
        // The command's own end is what the job is about; what could not be published is said all the same.
        (Some(code @ 1..), Err(failure)) => {
            session.console.warn(&failure.problem.message);
            let details = failure.details.as_ref().map(|details| details.plain());
            for line in details.iter().flat_map(|details| details.lines()) {
                session.console.warn(line);
            }
            session.console.warn(&failure.problem.next);
            Ok(code)
        }
        (Some(code @ 1..), Ok(_)) => Ok(code),
        (_, Err(failure)) => Err(failure),
        (_, Ok(gate)) => Ok(gate.tell(session)),
    }
}

fn settle(
    session: &Session,
    arguments: &PublishArgs,
    config: Option<&Config>,
) -> Result<Settled, Failure> {
    let flags = FollowArgs {
        timeout: arguments.timeout.clone(),
        ci: arguments.ci.clone(),
        fail_on: arguments.fail_on.clone(),
        output: arguments.output.clone(),
        trace: arguments.trace.clone(),
        ..FollowArgs::default()
    };
    Settled::settle(session, &flags, arguments.network.options(), config)
}

/// A place of publishing, ready to be used.
pub struct Place {
    planned: Planned,
    key: Option<Secret>,
    /// The file for what cannot be sent, as named.
    keep: String,
}

impl Place {
    /// The place that the options of a run name, if they name one.
    ///
    /// # Errors
    /// A usage failure if there is no such place, or it is not described well enough.
    pub async fn of_run(
        session: &Session,
        settled: &Settled,
        config: Option<Config>,
    ) -> Result<Option<Planned>, Failure> {
        let Some(name) = &settled.publish else {
            return Ok(None);
        };
        let wish = Wish {
            names: vec![name.clone()],
            ..Wish::default()
        };
        place(session, &wish, config, Asked::ByRun).await.map(Some)
    }

    /// The place of a run, with its key.
    pub fn equipped(planned: Planned, key: Option<Secret>) -> Self {
        Self {
            planned,
            key,
            keep: DEFAULT_KEEP.to_owned(),
        }
    }

    /// Looks whether what cannot be sent could be kept.
    ///
    /// # Errors
    /// A usage failure that names the file.
    pub fn probe(&self, session: &Session, settled: &Settled) -> Result<(), Failure> {
        trace::apart(session, settled, &self.keep, trace::KEPT)?;
        output::probe(&session.path(&self.keep)).map_err(|error| {
            Failure::usage(
                format!("nothing can be kept in {}: {error}", self.keep),
                "choose another file with --keep; nothing was published",
            )
        })
    }

    /// The variables that may hold the place's key.
    fn variables(&self) -> Vec<String> {
        let own = self.planned.key_env.iter();
        let all = own.chain(&self.planned.provider.key_variables);
        all.flat_map(|variable| [variable.clone(), format!("{variable}_FILE")])
            .collect()
    }

    /// Publishes the results of a run and says what came of it. Returns the exit code of that alone.
    pub async fn publish(&self, session: &Session, results: &Results) -> u8 {
        let outcome = match session.component.render("junit", results).await {
            Ok(text) => {
                let text = session.console.redact(&text);
                let given = vec![Given::text("the results of this run", text)];
                send(session, self, given, None).await
            }
            Err(problem) => Err(Failure::from(problem)),
        };
        match outcome.and_then(|publication| self.said(session, &publication)) {
            Ok(line) => {
                session.console.note(&line);
                0
            }
            Err(failure) => {
                session.console.warn(&format!(
                    "the results were not published: {}",
                    failure.problem.message
                ));
                session.console.warn(&failure.problem.next);
                failure.exit_code()
            }
        }
    }

    /// One line about what was published.
    ///
    /// # Errors
    /// The publication's problem, with the file in which the rest is kept.
    fn said(&self, session: &Session, publication: &Publication) -> Result<String, Failure> {
        for warning in &publication.warnings {
            session.console.warn(warning);
        }
        let title = short_title(&self.planned.provider);
        let run = publication.run.as_ref();
        let run = run.map_or_else(String::new, |run| format!(", run {}", run.id));
        let line = format!("published {} to {title}{run}", tests(publication.sent));
        match &publication.problem {
            None => Ok(line),
            Some(problem) => Err(Failure::from(problem.clone())),
        }
    }
}

/// The place that `[defaults]` of a file names, for a command that publishes nothing: looked at as `run` does, but for its key
/// and the values of variables.
///
/// # Errors
/// A usage failure if there is no such place, or it is not described well enough.
pub async fn configured(
    session: &Session,
    config: Option<Config>,
) -> Result<Option<Planned>, Failure> {
    let name = config.as_ref().and_then(|it| it.defaults.publish.clone());
    let Some(name) = name else {
        return Ok(None);
    };
    let wish = Wish {
        names: vec![name],
        ..Wish::default()
    };
    let place = described(session, &wish, config, Asked::ByRun)?;
    if named_variables(&place).is_empty() {
        validated(session, std::slice::from_ref(&place)).await?;
    }
    Ok(Some(place))
}

/// The one place of publishing that is meant, ready to be used.
async fn place(
    session: &Session,
    wish: &Wish,
    config: Option<Config>,
    asked: Asked,
) -> Result<Planned, Failure> {
    let place = described(session, wish, config, asked)?;
    let mut ready = ready(session, vec![place]).await?;
    Ok(ready.remove(0))
}

/// Who asks for a place. Options that describe one are about what is run where a run asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    ByPublish,
    ByRun,
}

/// The one place of publishing that is meant.
fn described(
    session: &Session,
    wish: &Wish,
    config: Option<Config>,
    asked: Asked,
) -> Result<Planned, Failure> {
    let sinks = session.catalogue.of_sinks();
    let colour = session.console.colours_diagnostics();
    if let Some(config) = &config {
        plan::refuse_general(config, colour)?;
    }
    let config = config.map(Config::of_publishing);
    if wish.provider.is_none()
        && config
            .as_ref()
            .is_none_or(|config| config.targets.is_empty())
    {
        return Err(no_place(wish, &sinks, asked));
    }
    refuse_unknown(session, wish, config.as_ref(), &sinks)?;
    let mut planned = plan::plan(wish, config, &sinks, colour)?;
    if planned.len() > 1 {
        let names: Vec<String> = planned
            .into_iter()
            .map(|planned| planned.target.name)
            .collect();
        return Err(Failure::usage(
            format!("there are {} places to publish at", names.len()),
            format!("name one with --to: {}", names.join(", ")),
        ));
    }
    let mut place = planned.remove(0);
    let facts = Facts::of(&session.environment);
    place.target.settings.extend(of_build(facts));
    Ok(place)
}

/// That no place is described at all.
fn no_place(wish: &Wish, sinks: &Catalogue, asked: Asked) -> Failure {
    let named = wish.names.first().map(String::as_str);
    let name = named.or_else(|| sinks.provider_names().next());
    let table = format!(
        "add a `[publish.{}]` to proctor.toml",
        name.unwrap_or("NAME")
    );
    let next = match asked {
        Asked::ByPublish => format!("{table}, or use --provider NAME --set KEY=VALUE"),
        Asked::ByRun => format!("{table}; nothing was triggered"),
    };
    Failure::usage("nothing says where to publish", next)
}

/// Refuses a place that the file does not define, and a service that keeps no results.
fn refuse_unknown(
    session: &Session,
    wish: &Wish,
    config: Option<&Config>,
    sinks: &Catalogue,
) -> Result<(), Failure> {
    match (&wish.provider, config) {
        (Some(name), _) if sinks.provider(name).is_none() => {
            let Some(provider) = session.catalogue.provider(name) else {
                return Ok(());
            };
            let names: Vec<&str> = sinks.provider_names().collect();
            Err(Failure::usage(
                format!("{} keeps no results of other tests", short_title(provider)),
                format!("name a service that does: {}", names.join(", ")),
            ))
        }
        (None, Some(config)) => {
            let known = config.targets.iter().map(|entry| entry.name.as_str());
            let is_known = |name: &&String| known.clone().any(|known| known == name.as_str());
            match wish.names.iter().find(|name| !is_known(name)) {
                Some(name) => Err(Failure::usage(
                    format!(
                        "{} defines no place `{name}` to publish at",
                        config.source.path
                    ),
                    advice(name, known),
                )),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// What the CI system says of the build, as settings.
fn of_build(facts: Facts) -> impl Iterator<Item = Setting> {
    let Facts {
        build,
        url,
        branch,
        commit,
    } = facts;
    [
        ("ci.build", build),
        ("ci.url", url),
        ("ci.branch", branch),
        ("ci.commit", commit),
    ]
    .into_iter()
    .filter_map(|(name, value)| {
        Some(Setting {
            name: name.to_owned(),
            value: Value::Text(value?),
        })
    })
}

/// Sends what is given. What cannot be sent is kept in the place's file.
async fn send(
    session: &Session,
    place: &Place,
    given: Vec<Given>,
    observed: Option<Duration>,
) -> Result<Publication, Failure> {
    let keep = files::vacant(session, &place.keep);
    let sent_before = files::kept(&given);
    let (files, outcome) = Files::new(given, session.path(&keep));
    let stop = Stop::new();
    let work = session.work(&place.planned, place.key.clone(), &stop);
    let call = session
        .component
        .publish(work, Box::new(files), observed.map(milliseconds));
    tokio::pin!(call);
    let publication = tokio::select! {
        biased;
        publication = &mut call => Some(publication),
        signal = session.signals.first() => {
            stop.tell(signal.name());
            tokio::time::timeout(GRACE, &mut call).await.ok()
        }
    };
    let mut publication = publication.ok_or_else(|| {
        let by = session
            .signals
            .seen()
            .map_or("a signal", crate::signals::Signal::name);
        Failure::interrupted(by)
    })?;
    let kept = match (outcome.finish(), &publication.problem) {
        (Ok(kept), _) => kept,
        (Err(failure), None) => return Err(failure),
        // What made it necessary to keep something comes first.
        (Err(failure), Some(problem)) => {
            let details = failure.details.map(|details| details.plain());
            return Err(Failure::from(problem.clone()).details(details.unwrap_or_default()));
        }
    };
    // What an earlier file held was sent, or stands in the new one.
    if kept || publication.problem.is_none() {
        files::forget(session, &sent_before);
    }
    if let Some(problem) = publication.problem.as_mut()
        && kept
    {
        problem.next = format!(
            "{}; what was not sent is kept: `proctor publish … {keep}` sends it",
            problem.next
        );
    }
    Ok(publication)
}

fn told(
    session: &Session,
    place: &Place,
    settled: &Settled,
    sent: Result<Publication, Failure>,
) -> Result<Gate, Failure> {
    let publication = sent?;
    if session.console.output() == Output::Ndjson {
        session.console.ndjson_published(&publication);
    }
    let line = place.said(session, &publication)?;
    if session.console.output() == Output::Human {
        session
            .console
            .result(&format!("{line}\n"), settled.out_is_data(session));
    }
    let fail_on = settled.above_file.fail_on.as_ref();
    let verdicts = fail_on.map_or(&[][..], |fail_on| &fail_on.verdicts);
    Ok(gate(verdicts, publication.read))
}

/// What the results amount to, where it was asked that they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    /// Nothing that counts, or nobody asked.
    Passed,
    /// There are tests with this verdict, which counts.
    Counts(Verdict),
    /// There is no test at all.
    NoTests,
}

impl Gate {
    const fn exit_code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Counts(Verdict::Errored) => 3,
            Self::Counts(_) => 1,
            Self::NoTests => 9,
        }
    }

    /// Says why the exit code is another than 0, which would leave somebody wondering, and returns it.
    fn tell(self, session: &Session) -> u8 {
        let code = self.exit_code();
        let what = match self {
            Self::Passed => return code,
            Self::Counts(verdict) => format!("the tests are {}", verdict_word(verdict)),
            Self::NoTests => "there are no tests".to_owned(),
        };
        if session.console.output() == Output::Human {
            let line = format!("{what}, exit code {code} (--fail-on)");
            session.console.note(&line);
        }
        code
    }
}

fn gate(fail_on: &[Verdict], read: Tally) -> Gate {
    let Tally {
        passed,
        failed,
        errored,
        skipped,
    } = read;
    if !fail_on.is_empty() && passed + failed + errored + skipped == 0 {
        return Gate::NoTests;
    }
    let counted = [
        (Verdict::Errored, errored),
        (Verdict::Failed, failed),
        (Verdict::Skipped, skipped),
    ];
    let counts = |(verdict, count): &(Verdict, u64)| *count > 0 && fail_on.contains(verdict);
    let first = counted.into_iter().find(counts);
    first.map_or(Gate::Passed, |(verdict, _)| Gate::Counts(verdict))
}

fn tests(count: u64) -> String {
    match count {
        1 => "1 test".to_owned(),
        many => format!("{many} tests"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_count_only_if_that_was_asked_for() {
        let read = |passed, failed, errored| Tally {
            passed,
            failed,
            errored,
            skipped: 0,
        };
        let all = [Verdict::Failed, Verdict::Errored];
        let gate = |fail_on: &[Verdict], read| gate(fail_on, read).exit_code();
        assert_eq!(gate(&[], read(0, 1, 1)), 0);
        assert_eq!(gate(&all, read(1, 0, 0)), 0);
        assert_eq!(gate(&all, read(1, 1, 0)), 1);
        assert_eq!(gate(&all, read(1, 1, 1)), 3);
        assert_eq!(gate(&all, read(0, 0, 0)), 9);
        assert_eq!(gate(&all[..1], read(1, 0, 1)), 0);
    }
}
