//! Between the generated types and the model. Structs are taken apart by name, so that a new field breaks the build.

use std::time::Duration;

use super::bindings::exports::proctor::ci::{generation, reports, sink};
use super::bindings::proctor::ci::types;
use super::remarks;
use crate::error::{Code, Problem};
use crate::model::{
    Abilities, Attachment, Authentication, Baseline, Conclusion, Generated, Handle, Item, Location,
    Mistake, Parameter, ParameterKind, Policy, Provider, Publication, Rate, Report, Results, Run,
    Setting, Stage, Started, Tally, Target, TestCase, Trigger, Value, Verdict, Wishes,
};
use crate::ports::Event;
use crate::report::Expected;

macro_rules! both_ways {
    ($into:ident, $out:ident, $wit:path, $model:path { $($case:ident),+ $(,)? }) => {
        fn $into(from: $wit) -> $model {
            use $model as Model;
            use $wit as Wit;
            match from { $(Wit::$case => Model::$case),+ }
        }
        fn $out(from: $model) -> $wit {
            use $model as Model;
            use $wit as Wit;
            match from { $(Model::$case => Wit::$case),+ }
        }
    };
}

both_ways!(
    verdict_in,
    verdict_out,
    types::Verdict,
    Verdict {
        Passed,
        Failed,
        Errored,
        Cancelled,
        TimedOut,
        Skipped,
        Unknown,
    }
);
both_ways!(
    code_in,
    code_out,
    types::Code,
    Code {
        Failed,
        Usage,
        ServiceErrored,
        TimedOut,
        Authentication,
        Quota,
        Unavailable,
        Protocol,
        NoTests,
        Internal,
        Interrupted,
    }
);

/// Converts every item. A plain loop, as collecting an iterator brings code for each pair of types.
pub fn each<A, B>(items: Vec<A>, convert: fn(A) -> B) -> Vec<B> {
    let mut converted = Vec::with_capacity(items.len());
    for item in items {
        converted.push(convert(item));
    }
    converted
}

pub fn target_in(target: types::Target) -> Target {
    let types::Target {
        name,
        provider,
        api_url,
        settings,
        overrides,
        timeout_ms,
        location,
    } = target;
    Target {
        name,
        provider,
        api_url,
        settings: each(settings, setting_in),
        overrides: each(overrides, setting_in),
        timeout: Duration::from_millis(timeout_ms),
        location: location.map(location_in),
    }
}

fn setting_in(setting: types::Setting) -> Setting {
    let types::Setting { name, value } = setting;
    let value = match value {
        types::Value::Text(text) => Value::Text(text),
        types::Value::Integer(number) => Value::Integer(number),
        types::Value::Boolean(truth) => Value::Boolean(truth),
        types::Value::Texts(texts) => Value::Texts(texts),
    };
    Setting { name, value }
}

fn location_in(location: types::Location) -> Location {
    let types::Location { file, line } = location;
    Location { file, line }
}

fn location_out(location: Location) -> types::Location {
    let Location { file, line } = location;
    types::Location { file, line }
}

both_ways!(
    stage_in,
    stage_out,
    types::Stage,
    Stage {
        Planned,
        Sent,
        Accepted,
    }
);

pub fn handle_in(handle: types::Handle) -> Handle {
    let types::Handle { provider, triggers } = handle;
    Handle {
        provider,
        triggers: each(triggers, trigger_in),
    }
}

fn trigger_in(trigger: types::Trigger) -> Trigger {
    let types::Trigger {
        subject,
        title,
        stage,
        idempotency_key,
        job,
        runs,
        at_ms,
        baseline,
        last_state,
    } = trigger;
    let types::Baseline {
        jobs,
        runs: known,
        state,
    } = baseline;
    Trigger {
        subject,
        title,
        stage: stage_in(stage),
        idempotency_key,
        job,
        runs,
        at_ms,
        baseline: Baseline {
            jobs,
            runs: known,
            state,
        },
        last_state,
    }
}

pub fn handle_out(handle: Handle) -> types::Handle {
    let Handle { provider, triggers } = handle;
    types::Handle {
        provider,
        triggers: each(triggers, trigger_out),
    }
}

fn trigger_out(trigger: Trigger) -> types::Trigger {
    let Trigger {
        subject,
        title,
        stage,
        idempotency_key,
        job,
        runs,
        at_ms,
        baseline,
        last_state,
    } = trigger;
    let Baseline {
        jobs,
        runs: known,
        state,
    } = baseline;
    types::Trigger {
        subject,
        title,
        stage: stage_out(stage),
        idempotency_key,
        job,
        runs,
        at_ms,
        baseline: types::Baseline {
            jobs,
            runs: known,
            state,
        },
        last_state,
    }
}

pub fn started_out(started: Started) -> types::Started {
    let Started { handle, problem } = started;
    types::Started {
        handle: handle.map(handle_out),
        problem: problem.map(problem_out),
    }
}

pub fn mistake_out(mistake: Mistake) -> types::Mistake {
    let Mistake { parameter, message } = mistake;
    types::Mistake { parameter, message }
}

fn problem_in(problem: types::Problem) -> Problem {
    let types::Problem {
        code,
        message,
        who,
        retriable,
        next,
        request_id,
    } = problem;
    Problem {
        code: code_in(code),
        message,
        who,
        retriable,
        next,
        request_id,
    }
}

pub fn problem_out(problem: Problem) -> types::Problem {
    let Problem {
        code,
        message,
        who,
        retriable,
        next,
        request_id,
    } = problem;
    types::Problem {
        code: code_out(code),
        message,
        who,
        retriable,
        next,
        request_id,
    }
}

pub fn test_in(test: types::TestCase) -> TestCase {
    let types::TestCase {
        suite,
        name,
        verdict,
        queued_ms,
        duration_ms,
        attempts,
        message,
        details,
        expected,
        actual,
        url,
        attachments,
    } = test;
    TestCase {
        suite,
        name,
        verdict: verdict_in(verdict),
        queued_ms,
        duration_ms,
        attempts,
        message,
        details,
        expected,
        actual,
        url,
        attachments: each(attachments, |types::Attachment { name, url }| Attachment {
            name,
            url,
        }),
        earlier: Vec::new(),
        standing: None,
        quarantine: None,
    }
}

/// Without what is remarked of it, which is taken out before.
pub fn test_out(test: TestCase) -> types::TestCase {
    let TestCase {
        suite,
        name,
        verdict,
        queued_ms,
        duration_ms,
        attempts,
        message,
        details,
        expected,
        actual,
        url,
        attachments,
        earlier: _,
        standing: _,
        quarantine: _,
    } = test;
    types::TestCase {
        suite,
        name,
        verdict: verdict_out(verdict),
        queued_ms,
        duration_ms,
        attempts,
        message,
        details,
        expected,
        actual,
        url,
        attachments: each(attachments, |Attachment { name, url }| types::Attachment {
            name,
            url,
        }),
    }
}

pub fn report_in(report: types::Report) -> Report {
    let types::Report {
        target,
        provider,
        verdict,
        reason,
        problem,
        run,
        handle,
        tests,
        warnings,
        started_at_ms,
        duration_ms,
        queued_ms,
        location,
    } = report;
    Report {
        target,
        provider,
        verdict: verdict_in(verdict),
        reason,
        problem: problem.map(problem_in),
        run: run.map(|types::Run { id, url }| Run { id, url }),
        handle: handle.map(handle_in),
        tests: each(tests, test_in),
        warnings,
        started_at_ms,
        duration_ms,
        queued_ms,
        location: location.map(location_in),
        set_aside: None,
    }
}

/// Without what is remarked of it, which is taken out before.
pub fn report_out(report: Report) -> types::Report {
    let Report {
        target,
        provider,
        verdict,
        reason,
        problem,
        run,
        handle,
        tests,
        warnings,
        started_at_ms,
        duration_ms,
        queued_ms,
        location,
        set_aside: _,
    } = report;
    types::Report {
        target,
        provider,
        verdict: verdict_out(verdict),
        reason,
        problem: problem.map(problem_out),
        run: run.map(|Run { id, url }| types::Run { id, url }),
        handle: handle.map(handle_out),
        tests: each(tests, test_out),
        warnings,
        started_at_ms,
        duration_ms,
        queued_ms,
        location: location.map(location_out),
    }
}

pub fn policy_in(policy: reports::Policy) -> Policy {
    let reports::Policy {
        fail_on,
        flaky,
        new_only,
        allow_empty,
        exit_zero,
        signal,
    } = policy;
    Policy {
        fail_on: each(fail_on, verdict_in),
        flaky,
        new_only,
        allow_empty,
        exit_zero,
        signal,
    }
}

pub fn conclusion_out(conclusion: Conclusion) -> reports::Conclusion {
    let Conclusion {
        verdict,
        exit_code,
        exit_codes,
    } = conclusion;
    reports::Conclusion {
        verdict: verdict_out(verdict),
        exit_code,
        exit_codes,
    }
}

/// Reports with what is remarked of them.
pub fn reports_in(reports: Vec<types::Report>, remarks: reports::Remarks) -> Vec<Report> {
    let mut reports = each(reports, report_in);
    remarks::put(&mut reports, remarks);
    reports
}

pub fn results_in(results: reports::Results) -> Results {
    let reports::Results {
        version,
        started_at_ms,
        duration_ms,
        conclusion,
        targets,
        remarks,
    } = results;
    let reports::Conclusion {
        verdict,
        exit_code,
        exit_codes,
    } = conclusion;
    Results {
        version,
        started_at_ms,
        duration_ms,
        conclusion: Conclusion {
            verdict: verdict_in(verdict),
            exit_code,
            exit_codes,
        },
        targets: reports_in(targets, remarks),
    }
}

pub fn results_out(results: Results) -> reports::Results {
    let Results {
        version,
        started_at_ms,
        duration_ms,
        conclusion,
        mut targets,
    } = results;
    let remarks = remarks::take(&mut targets);
    reports::Results {
        version,
        started_at_ms,
        duration_ms,
        conclusion: conclusion_out(conclusion),
        targets: each(targets, report_out),
        remarks,
    }
}

pub fn expected_in(expected: reports::Expected) -> Expected {
    let reports::Expected {
        target,
        provider,
        location,
    } = expected;
    Expected {
        target,
        provider,
        location: location.map(location_in),
    }
}

pub fn publication_out(publication: Publication) -> sink::Publication {
    let Publication {
        run,
        read,
        sent,
        kept,
        problem,
        warnings,
    } = publication;
    let Tally {
        passed,
        failed,
        errored,
        skipped,
    } = read;
    sink::Publication {
        run: run.map(|Run { id, url }| types::Run { id, url }),
        read: sink::Tally {
            passed,
            failed,
            errored,
            skipped,
        },
        sent,
        kept,
        problem: problem.map(problem_out),
        warnings,
    }
}

pub fn wishes_in(wishes: generation::Wishes) -> Wishes {
    let generation::Wishes {
        schema,
        docs,
        prompt,
        max_suites,
    } = wishes;
    Wishes {
        schema,
        docs,
        prompt,
        max_suites,
    }
}

pub fn generated_out(generated: Generated) -> generation::Generated {
    let Generated {
        items,
        job,
        problem,
        warnings,
    } = generated;
    generation::Generated {
        items: each(items, item_out),
        job,
        problem: problem.map(problem_out),
        warnings,
    }
}

fn parameter_out(parameter: Parameter) -> types::Parameter {
    let Parameter {
        name,
        kind,
        required,
        choices,
        exclusive,
        help,
    } = parameter;
    types::Parameter {
        name,
        kind: match kind {
            ParameterKind::Text => types::ParameterKind::Text,
            ParameterKind::Texts => types::ParameterKind::Texts,
            ParameterKind::Integer => types::ParameterKind::Integer,
            ParameterKind::Boolean => types::ParameterKind::Boolean,
            ParameterKind::SystemUrl => types::ParameterKind::SystemUrl,
            ParameterKind::Variables => types::ParameterKind::Variables,
        },
        required,
        choices,
        exclusive,
        help,
    }
}

pub fn provider_out(provider: Provider) -> types::Provider {
    let Provider {
        name,
        title,
        api_url,
        documentation,
        authentication,
        key_variables,
        key_prefix,
        parameters,
        publishing,
        overrides,
        abilities,
        rate,
    } = provider;
    types::Provider {
        name,
        title,
        api_url,
        documentation,
        authentication: match authentication {
            Authentication::Bearer => types::Authentication::Bearer,
            Authentication::Header(name) => types::Authentication::Header(name),
            Authentication::Chosen(parameter) => types::Authentication::Chosen(parameter),
        },
        key_variables,
        key_prefix,
        parameters: each(parameters, parameter_out),
        publishing: each(publishing, parameter_out),
        overrides: each(overrides, parameter_out),
        abilities: abilities_out(abilities),
        rate: rate.map(|Rate { per_minute, burst }| types::Rate { per_minute, burst }),
    }
}

fn abilities_out(abilities: Abilities) -> Vec<types::Ability> {
    let Abilities {
        stream,
        cancel,
        discover,
    } = abilities;
    let mut list = Vec::new();
    for (has, ability) in [
        (stream, types::Ability::Stream),
        (cancel, types::Ability::Cancel),
        (discover, types::Ability::Discover),
    ] {
        if has {
            list.push(ability);
        }
    }
    list
}

pub fn item_out(item: Item) -> types::Item {
    let Item {
        kind,
        id,
        name,
        parent,
        note,
    } = item;
    types::Item {
        kind,
        id,
        name,
        parent,
        note,
    }
}

pub fn event_out(event: Event) -> types::Event {
    match event {
        Event::Triggering(handle) => types::Event::Triggering(handle_out(handle)),
        Event::Triggered(handle) => types::Event::Triggered(handle_out(handle)),
        Event::StateChanged { word, done, total } => {
            types::Event::StateChanged(types::State { word, done, total })
        }
        Event::TestFinished(test) => types::Event::TestFinished(test_out(test)),
        Event::Retrying {
            call,
            attempt,
            wait,
            reason,
        } => types::Event::Retrying(types::Retry {
            call,
            attempt,
            in_ms: ms(wait),
            reason,
        }),
        Event::Throttled(wait) => types::Event::Throttled(ms(wait)),
        Event::Warning(text) => types::Event::Warning(text),
        Event::Debug(text) => types::Event::Debug(text),
    }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
