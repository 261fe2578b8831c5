use crate::{
    bindings::exports::proctor::ci::reports::{Expected, Policy, Results},
    ci::{Ci, Workspace},
    cli::RenderArgs,
    config::{
        advice,
        options::{Options, Output, ReportRequest, find, report, verdict_word},
        plan,
    },
    failure::Failure,
    network::reach::Files,
};

use super::{
    comment::{Comment, Subject, Wish},
    conclude::{located, tell_github},
    configured, destinations,
    gating::{self, Gating},
    results_files,
    session::Session,
};

/// `proctor render`.
pub async fn render(session: &Session, arguments: &RenderArgs) -> Result<u8, Failure> {
    let requests = requests(session, arguments)?;
    let options = options(session, arguments)?;
    let ci = options
        .ci
        .and_then(|choice| Ci::find(choice, &session.environment));
    session.way.choose(Files {
        ca_file: options.ca_file.clone(),
        ..Files::default()
    });
    let out_is_data = requests.iter().any(|request| request.path == "-");
    let wish = Wish {
        choice: options.comment.unwrap_or_default(),
        key: options.comment_key,
        config: arguments.config.config.clone(),
    };
    // Before anything of the results is shown or written: they may hold the token.
    let comment = Comment::prepare(session, &wish, &Subject::default(), ci, out_is_data);
    let expected = expected(session, arguments).await?;
    let results = match is_judged_anew(arguments) {
        false => results_files::read(session, &arguments.from, expected).await?,
        true => judged_anew(session, arguments, expected).await?,
    };
    let other_path = "choose another path with KIND=PATH";
    let destinations = destinations::probe(session, requests, other_path)?;
    let mut errors = destinations::write(session, &destinations, &results).await;
    say(session, &results, out_is_data, arguments.exit_zero).await?;
    if ci == Some(Ci::Github) {
        errors.extend(tell_github(session, out_is_data, &destinations, &results).await?);
    }
    if let Some(comment) = comment {
        comment.write(session, &results).await;
    }
    let exit_code = results.conclusion.exit_code;
    if !errors.is_empty() {
        let message =
            format!("the results have exit code {exit_code}, but not all of it could be written");
        let next = "see that the paths are writable, or choose others";
        return Err(Failure::internal(message, next).details(errors.join("\n")));
    }
    Ok(match exit_code {
        // As for `run`: wrong usage, a defect or a signal is nothing that the tests did.
        1 | 3..=9 if arguments.exit_zero => 0,
        exit_code => exit_code,
    })
}

/// Whether the results are to be judged by a policy of this command, and not by the one that each file was judged by. Flags
/// alone ask for it: what the environment says is meant for runs.
const fn is_judged_anew(arguments: &RenderArgs) -> bool {
    arguments.fail_on.is_some() || arguments.baseline.is_some() || arguments.allow_empty
}

/// The results of all files, judged as those of one run would be today. Targets that are missing fail whatever counts.
async fn judged_anew(
    session: &Session,
    arguments: &RenderArgs,
    expected: Vec<Expected>,
) -> Result<Results, Failure> {
    let fail_on = gating::fail_on(arguments.fail_on.as_deref())?;
    if fail_on.new && arguments.baseline.is_none() {
        return Err(gating::without_baseline("nothing was written"));
    }
    let config = session.config(arguments.config.config.as_deref()).await?;
    if let Some(config) = &config {
        plan::refuse_general(config, session.console.colours_diagnostics())?;
    }
    let mut gating = Gating::of(config.as_ref());
    if let Some(file) = &arguments.baseline {
        gating = gating.compared_with(session, file).await?;
    }
    let mut results = results_files::read(session, &arguments.from, Vec::new()).await?;
    let (targets, flaky) = (&results.targets, fail_on.flaky);
    let remarks = gating.assess_again(session, targets, results.remarks, flaky);
    results.remarks = remarks.await?;
    let policy = Policy {
        fail_on: fail_on.verdicts,
        flaky,
        new_only: fail_on.new,
        allow_empty: arguments.allow_empty,
        exit_zero: false,
        signal: results.conclusion.exit_code.checked_sub(128),
    };
    let component = &session.component;
    let conclusion = component.conclude(&results.targets, &results.remarks, &policy);
    results.conclusion = conclusion.await?;
    if expected.is_empty() {
        return Ok(results);
    }
    let text = component.render("json", &results).await?;
    let whole = component.read(vec![text], expected).await?;
    whole.map_err(|wrong| {
        let message = format!("what was judged cannot be read back: {}", wrong.message);
        Failure::internal(message, "report it")
    })
}

/// The reports that are asked for. Those without a path go to standard output, as that is where one looks for what one
/// has just asked for.
fn requests(session: &Session, arguments: &RenderArgs) -> Result<Vec<ReportRequest>, Failure> {
    let kinds = &session.catalogue.kinds;
    let mut requests = Vec::new();
    for text in &arguments.reports {
        let request = report(text, kinds).map_err(|error| no_report(session, text, error))?;
        requests.push(match text.contains('=') {
            true => request,
            false => ReportRequest {
                path: "-".to_owned(),
                ..request
            },
        });
    }
    Ok(requests)
}

/// An argument that is no report. An unquoted pattern of `--from` leaves the shell's further matches here.
fn no_report(session: &Session, text: &str, error: String) -> Failure {
    let name = text.split('=').next().unwrap_or_default();
    let kinds = session.catalogue.kinds.iter();
    let kinds: Vec<&str> = kinds.map(|kind| kind.name.as_str()).collect();
    if session.path(text).is_file() {
        return Failure::usage(
            format!("{text} is a file and no kind of report"),
            "write --from before each file, or a pattern in quotes: --from 'results-*.json'",
        );
    }
    match kinds.contains(&name) {
        true => Failure::usage(error, "write KIND, or KIND=PATH"),
        false => Failure::usage(
            format!("there is no report kind `{name}`"),
            advice(name, kinds),
        ),
    }
}

/// What the flags say, and of the environment what the network needs: who is told of results that are put together, this
/// command is told itself, as the jobs that they come from have told of theirs.
fn options(session: &Session, arguments: &RenderArgs) -> Result<Options, Failure> {
    let mut options = Options {
        ca_file: session
            .environment
            .get("PROCTOR_CA_FILE")
            .map(str::to_owned),
        ..Options::default()
    };
    let flags = [
        ("ci", &arguments.ci),
        ("comment", &arguments.comment),
        ("comment_key", &arguments.comment_key),
        ("ca_file", &arguments.ca_file),
    ];
    for (name, text) in flags {
        let Some(text) = text else { continue };
        let key = find(name).expect("it is an option");
        let set = options.set(key, text, &session.catalogue.kinds);
        set.map_err(|error| {
            Failure::usage(
                format!("--{}: {error}", name.replace('_', "-")),
                "correct it",
            )
        })?;
    }
    Ok(options)
}

/// The targets whose results have to be there.
async fn expected(session: &Session, arguments: &RenderArgs) -> Result<Vec<Expected>, Failure> {
    let config = arguments.config.config.as_deref();
    if !arguments.all_targets && arguments.expect.is_empty() {
        return match config {
            None => Ok(Vec::new()),
            Some(_) if is_judged_anew(arguments) => Ok(Vec::new()),
            Some(_) => Err(Failure::usage(
                "--config alone changes nothing here",
                "add --all-targets, or --expect TARGET, to fail for targets whose results are missing",
            )),
        };
    }
    let planned = configured::targets(session, config, &arguments.expect).await?;
    let workspace = Workspace::find(&session.environment, &session.directory);
    let expected = planned.into_iter().map(|planned| {
        let mut location = planned.target.location;
        if let Some(location) = &mut location {
            located(location, workspace.as_ref());
        }
        Expected {
            target: planned.target.name,
            provider: planned.target.provider,
            location,
        }
    });
    Ok(expected.collect())
}

/// Says what the results amount to: all of it where standard output has nothing else to hold, else only what would
/// leave somebody wondering about the exit code.
async fn say(
    session: &Session,
    results: &Results,
    out_is_data: bool,
    exit_zero: bool,
) -> Result<(), Failure> {
    let conclusion = &results.conclusion;
    match (out_is_data, session.console.output()) {
        (false, Output::Human) => {
            let text = session.component.render("text", results).await?;
            session.console.result(&text, false);
        }
        (false, Output::Ndjson) => session.console.ndjson_result(results, &[]),
        (true, Output::Human) if conclusion.exit_code != 0 && !exit_zero => {
            let verdict = verdict_word(conclusion.verdict);
            let code = conclusion.exit_code;
            session.console.note(&format!(
                "the results are {verdict}, exit code {code}; with --exit-zero that does not count"
            ));
        }
        (true, _) => {}
    }
    Ok(())
}
