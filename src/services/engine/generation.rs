//! Making what can be run: a run like any other, at whose end there is more than before.

use super::{finish, report, trigger_all};
use crate::api::Client;
use crate::error::{Code, Problem};
use crate::model::{Generated, Item, Mistake, Target, Verdict, Wishes};
use crate::ports::Ports;
use crate::services::{Judged, Service};

/// Triggers the making of what can be run, follows it to its end, and tells what is new.
pub fn generate(target: &Target, wishes: Wishes, ports: &mut dyn Ports) -> Generated {
    let mut items = Vec::new();
    let mut job = None;
    let has_material = has_material(&wishes);
    let report = report(target, ports, |service, client, record| {
        let cannot = || {
            Problem::new(
                Code::Usage,
                format!("{} cannot generate anything", target.provider),
            )
            .next("name a target whose service can, such as keploy; nothing was triggered")
        };
        let generator = service.generator(wishes).ok_or_else(cannot)?;
        let generator = generator.as_ref();
        if let Some(problem) = refused(&generator.validate(target)) {
            return Err(problem);
        }
        let before = generator.discover(client, target)?;
        let mut triggers = Vec::new();
        let halted = trigger_all(generator, client, target, &mut triggers).err();
        job = triggers.iter().find_map(|trigger| trigger.job.clone());
        let was_started = job.is_some();
        let judged = finish(generator, client, target, triggers, halted, record);
        if was_started {
            items = new_since(generator, client, target, &before)?;
        }
        match judged {
            Ok(Judged {
                verdict: Verdict::Passed,
                ..
            }) if items.is_empty() => Ok(Judged::because(
                Verdict::Skipped,
                "the job completed, and nothing is new",
            )),
            other => other,
        }
    });
    let goes_on = report.handle.is_some();
    Generated {
        items,
        problem: report
            .problem
            .map(|problem| told(problem, goes_on, has_material, job.as_deref())),
        job,
        warnings: report.warnings,
    }
}

/// Whether there is something to generate from.
const fn has_material(wishes: &Wishes) -> bool {
    wishes.schema.is_some() || wishes.docs.is_some() || wishes.prompt.is_some()
}

/// What makes the target one that nothing is generated for, all of it.
fn refused(mistakes: &[Mistake]) -> Option<Problem> {
    let told: Vec<String> = mistakes
        .iter()
        .map(|mistake| match &mistake.parameter {
            Some(parameter) => format!("`{parameter}`: {}", mistake.message),
            None => mistake.message.clone(),
        })
        .collect();
    let next = "leave it out, or generate for another target; nothing was triggered";
    (!told.is_empty()).then(|| Problem::new(Code::Usage, told.join("; ")).next(next))
}

/// What is there and was not before. After a signal or at the deadline there may be no time left to look.
fn new_since(
    generator: &dyn Service,
    client: &mut Client,
    target: &Target,
    before: &[Item],
) -> Result<Vec<Item>, Problem> {
    let hurried = client.is_finishing() || client.interrupted().is_some();
    match generator.discover(client, target) {
        Ok(mut all) => {
            all.retain(|item| before.iter().all(|known| known.id != item.id));
            Ok(all)
        }
        Err(problem) if hurried => {
            client.warn(format!("what is new cannot be told: {problem}"));
            Ok(Vec::new())
        }
        Err(problem) => Err(problem),
    }
}

/// The problem in words that fit: there is no handle with which `proctor wait` could follow the job, and no test.
fn told(problem: Problem, goes_on: bool, has_material: bool, job: Option<&str>) -> Problem {
    let at_service = match job {
        Some(job) => format!("look at job {job} at the service"),
        None => "look at the service whether it generates anything".to_owned(),
    };
    match problem.code {
        Code::NoTests if has_material => problem.next(format!(
            "{at_service}, or give other material to generate from"
        )),
        Code::NoTests => problem.next("give a schema, docs or a prompt to generate from"),
        Code::TimedOut if !goes_on => problem.next("allow more time with --timeout"),
        _ if goes_on => problem.next(at_service),
        _ => problem,
    }
}
