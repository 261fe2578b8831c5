//! `proctor check --network`: the way to every service and system under test, in words.

use reqwest::Url;
use tokio::task::JoinSet;

use super::described;
use crate::{
    bindings::proctor::ci::types::{Code, Problem},
    commands::session::Session,
    config::{options::Output, plan::Planned, url::shown},
    console::safe,
    failure::{Failure, code_name},
    network::{
        Network,
        probe::{Part, Step, examine},
    },
    preflight,
    stop::Stop,
};

/// Targets, and those of them that have a problem.
type Parted = (Vec<Planned>, Vec<(Planned, Problem)>);

/// Who uses a way, and what it leads to.
struct Way {
    url: Url,
    part: Part,
    targets: Vec<String>,
}

/// Goes the way to everything that the targets need, and tells of each. Returns the targets whose way is open, and
/// those whose way is not, with the problem.
///
/// # Errors
/// A usage failure if the settings of the network are wrong; a signal.
pub async fn explain(
    session: &Session,
    planned: Vec<Planned>,
    systems: bool,
    stop: &Stop,
) -> Result<Parted, Failure> {
    let reach = session.reach()?.clone();
    let network = Network::new();
    network.set_reach(reach.clone());
    let mut looks = JoinSet::new();
    for (place, way) in ways(&planned, systems).into_iter().enumerate() {
        let (reach, network) = (reach.clone(), network.clone());
        looks.spawn(async move {
            let steps = examine(&reach, &network, &way.url, way.part).await;
            (place, way, steps)
        });
    }
    let mut gone = session.unless_stopped(stop, looks.join_all()).await?;
    gone.sort_by_key(|(place, ..)| *place);
    let mut wrong: Vec<(String, Problem)> = Vec::new();
    for (_, way, steps) in gone {
        tell(session, &way, &steps);
        let last = steps.into_iter().last();
        let trouble = last.and_then(|step| Some((step.name, step.trouble?)));
        if let Some((step, trouble)) = trouble {
            let problem = trouble.problem(step, &shown(&way.url));
            // A system that this machine does not reach may be reached by the service; one that is down is not.
            let counts = way.part == Part::Service || problem.code == Code::Usage;
            let with_problem = way.targets.into_iter().filter(|_| counts);
            wrong.extend(with_problem.map(|target| (target, problem.clone())));
        }
    }
    Ok(parted(session, planned, &wrong))
}

fn parted(session: &Session, planned: Vec<Planned>, wrong: &[(String, Problem)]) -> Parted {
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for planned in planned {
        let mut problems = wrong.iter();
        match problems.find(|(target, _)| *target == planned.target.name) {
            None => open.push(planned),
            Some((_, problem)) => {
                match session.console.output() {
                    Output::Human => session
                        .console
                        .result(&described(&planned, Err(problem)), false),
                    Output::Ndjson => session
                        .console
                        .ndjson_checked(&planned.target, &Err(problem.clone())),
                }
                closed.push((planned, problem.clone()));
            }
        }
    }
    (open, closed)
}

/// What the targets need, each once: services first, in the order of the targets.
fn ways(planned: &[Planned], systems: bool) -> Vec<Way> {
    let services = planned.iter().map(|planned| {
        let url = planned.target.api_url.clone();
        (Part::Service, url, &planned.target.name)
    });
    let under_test = planned.iter().filter(|_| systems).flat_map(|planned| {
        preflight::urls(&planned.provider.parameters, &planned.target.settings)
            .map(|url| (Part::System, url, &planned.target.name))
    });
    let mut ways: Vec<Way> = Vec::new();
    for (part, url, target) in services.chain(under_test) {
        let Ok(url) = Url::parse(&url) else {
            continue;
        };
        let known = ways
            .iter_mut()
            .find(|way| way.part == part && way.url == url);
        match known {
            None => ways.push(Way {
                url,
                part,
                targets: vec![target.clone()],
            }),
            Some(way) if !way.targets.contains(target) => way.targets.push(target.clone()),
            Some(_) => {}
        }
    }
    ways
}

fn tell(session: &Session, way: &Way, steps: &[Step]) {
    if session.console.output() == Output::Ndjson {
        return session
            .console
            .ndjson_network(&shown(&way.url), &way.targets, steps);
    }
    session.console.facts(&told(way, steps));
}

/// The way in lines: a step each, and below it what more there is to it.
fn told(way: &Way, steps: &[Step]) -> String {
    let what = match way.part {
        Part::Service => "the service of",
        Part::System => "the system under test of",
    };
    let mut text = format!(
        "{}, {what} {}:\n",
        safe::line(&shown(&way.url)),
        safe::line(&way.targets.join(", "))
    );
    for step in steps {
        let took = step
            .took_ms
            .map_or_else(String::new, |ms| format!(" ({ms} ms)"));
        let mut lines: Vec<String> = step.facts.iter().map(|fact| safe::line(fact)).collect();
        if let Some(trouble) = &step.trouble {
            lines.insert(
                0,
                format!(
                    "{}: {}",
                    code_name(trouble.code),
                    safe::line(&trouble.message)
                ),
            );
            lines.push(format!("who: {}", trouble.who));
            lines.push(format!("next: {}", safe::line(&trouble.next)));
        }
        let (first, more) = lines
            .split_first()
            .map_or(("", [].as_slice()), |(first, more)| (first.as_str(), more));
        text.push_str(&format!("  {}: {first}{took}\n", step.name));
        for line in more {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}
