use tokio::task::JoinSet;

use crate::{
    bindings::proctor::ci::types::Problem,
    cli::{CheckArgs, FollowArgs},
    config::{
        options::{Options, Output},
        plan::Planned,
    },
    failure::{Failure, code_name},
    network::Origin,
    secret::Secret,
    stop::Stop,
};

mod network;

use super::{
    credentials::{self, Key},
    gating::Gating,
    ready::ready,
    rerun, run,
    session::Session,
    settled::Settled,
};

/// `proctor check`.
pub async fn check(session: &Session, arguments: &CheckArgs) -> Result<u8, Failure> {
    let config = session
        .config(arguments.target.config.config.as_deref())
        .await?;
    let more = Options {
        skip_preflight: arguments.skip_preflight.then_some(true),
        ..arguments.network.options()
    };
    let gating = Gating::of(config.as_ref());
    let flags = FollowArgs {
        on_missing_key: arguments.on_missing_key.clone(),
        trace: arguments.trace.clone(),
        ..FollowArgs::default()
    };
    let settled = Settled::settle(session, &flags, more, config.as_ref())?;
    let planned = run::targets(session, &arguments.target, &settled, config)?;
    session.doubt_filter(&planned);
    let planned = ready(session, planned).await?;
    rerun::settle(session, &settled, &planned).await?;
    let stop = Stop::new();
    let mut problems: Vec<(Planned, Problem)> = Vec::new();
    // Before the way is told: a CI system masks what comes after.
    let out_is_data = settled.out_is_data(session);
    let found = credentials::seek(session, &planned, settled.ci, out_is_data);
    let planned = match arguments.explain {
        false => planned,
        true => {
            // Before keys that are missing are told of: the way can be told without them.
            let systems = !settled.skip_preflight;
            let (open, closed) = network::explain(session, planned, systems, &stop).await?;
            problems = closed;
            open
        }
    };
    if planned.is_empty() {
        return session.judge(problems).await;
    }
    let keys = found.equip_those(session, &planned, settled.on_missing_key)?;
    gating.tell(session).await?;
    let (planned, keys) = apart(session, planned, keys);
    if !settled.skip_preflight && !arguments.explain {
        run::look(session, &planned, &stop).await?;
    }
    let mut checks = JoinSet::new();
    for (place, (planned, key)) in planned.iter().zip(keys).enumerate() {
        let work = session.work(planned, key, &stop);
        let component = session.component_of(planned.plugin.as_deref());
        checks.spawn(async move { (place, component.check(work).await) });
    }
    let mut answers = session.unless_stopped(&stop, checks.join_all()).await?;
    answers.sort_by_key(|(place, _)| *place);
    for ((_, answer), planned) in answers.into_iter().zip(planned) {
        match session.console.output() {
            Output::Human => {
                let told = answer
                    .as_ref()
                    .map(|facts| [about_plugin(&planned), facts.clone()].concat());
                session.console.facts(&described(&planned, told));
            }
            Output::Ndjson => session.console.ndjson_checked(&planned.target, &answer),
        }
        problems.extend(answer.err().map(|problem| (planned, problem)));
    }
    session.judge(problems).await
}

/// Says which targets would be left out, and gives the others with their keys.
fn apart(
    session: &Session,
    planned: Vec<Planned>,
    keys: Vec<Key>,
) -> (Vec<Planned>, Vec<Option<Secret>>) {
    let (mut others, mut theirs) = (Vec::new(), Vec::new());
    for (planned, key) in planned.into_iter().zip(keys) {
        match key {
            Key::There(key) => {
                others.push(planned);
                theirs.push(key);
            }
            Key::LeftOut(why) if session.console.output() == Output::Ndjson => {
                session.console.ndjson_not_checked(&planned.target, &why);
            }
            Key::LeftOut(why) => {
                let title = format!("{} ({})", planned.target.name, planned.provider.name);
                let line = format!("{title}: skipped\n  {why}\n");
                session.console.facts(&line);
            }
        }
    }
    (others, theirs)
}

/// What a plugin may reach, and with whose key: its own words are not asked.
fn about_plugin(planned: &Planned) -> Vec<String> {
    let Some(shown) = &planned.plugin else {
        return Vec::new();
    };
    let origin = Origin::parse(&planned.target.api_url)
        .map_or_else(|error| error.to_string(), |origin| origin.to_string());
    let key = match &planned.key_env {
        Some(variable) => format!("the key in {variable} is sent there and is not shown to it"),
        None => "no key is sent".to_owned(),
    };
    vec![
        format!("plugin {shown}: a component that others have built"),
        format!("it reaches {origin} and nothing else; {key}"),
    ]
}

fn described(planned: &Planned, answer: Result<Vec<String>, &Problem>) -> String {
    let title = format!("{} ({})", planned.target.name, planned.provider.name);
    match answer {
        Ok(facts) => {
            let facts: String = facts.iter().map(|fact| format!("  {fact}\n")).collect();
            format!("{title}: ready\n{facts}")
        }
        Err(problem) => format!(
            "{title}: {}\n  {}\n  who: {}\n  next: {}\n",
            code_name(problem.code),
            problem.message,
            problem.who,
            problem.next
        ),
    }
}
