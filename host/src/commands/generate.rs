use std::{
    io::{ErrorKind, Read as _},
    path::Path,
};

use crate::{
    bindings::{
        exports::proctor::ci::generation::{Generated, Wishes},
        proctor::ci::types::Item,
    },
    cli::{FollowArgs, GenerateArgs},
    config::{
        options::{Options, Output},
        plan::Planned,
    },
    failure::Failure,
    stop::Stop,
};

use super::{
    credentials,
    ready::ready,
    run,
    session::{GRACE, Session},
    settled::Settled,
};

/// The largest file that is read, in bytes. Ours: no service takes nearly as much.
const LARGEST: u64 = 16 * 1024 * 1024;

/// `proctor generate`.
pub async fn generate(session: &Session, arguments: &GenerateArgs) -> Result<u8, Failure> {
    let config = session
        .config(arguments.target.config.config.as_deref())
        .await?;
    let more = Options {
        skip_preflight: arguments.skip_preflight.then_some(true),
        ..arguments.network.options()
    };
    let flags = FollowArgs {
        timeout: arguments.timeout.clone(),
        output: arguments.output.clone(),
        trace: arguments.trace.clone(),
        ..FollowArgs::default()
    };
    let settled = Settled::settle(session, &flags, more, config.as_ref())?;
    let wishes = wishes(session, arguments)?;
    let planned = one(run::targets(session, &arguments.target, &settled, config)?)?;
    session.doubt_filter(&planned);
    let planned = ready(session, planned).await?;
    let keys = credentials::equip(session, &planned, settled.ci, settled.out_is_data(session))?;
    let stop = Stop::new();
    if !settled.skip_preflight {
        run::look(session, &planned, &stop).await?;
    }
    let target = planned.iter().zip(keys).next();
    let (planned, key) = target.expect("there is exactly one target");
    let component = session.component_of(planned.plugin.as_deref());
    let call = component.generate(session.work(planned, key, &stop), wishes);
    tokio::pin!(call);
    let generated = tokio::select! {
        biased;
        generated = &mut call => generated,
        signal = session.signals.first() => {
            stop.tell(signal.name());
            // What was made until then is worth knowing, too.
            match tokio::time::timeout(GRACE, &mut call).await {
                Ok(generated) => generated,
                Err(_) => return Err(Failure::interrupted(signal.name())),
            }
        }
    };
    told(session, generated)
}

/// The one target that is meant.
fn one(planned: Vec<Planned>) -> Result<Vec<Planned>, Failure> {
    if planned.len() == 1 {
        return Ok(planned);
    }
    let names: Vec<&str> = planned
        .iter()
        .map(|planned| planned.target.name.as_str())
        .collect();
    Err(Failure::usage(
        format!("there are {} targets to generate for", names.len()),
        format!(
            "name one of them: {}; nothing was triggered",
            names.join(", ")
        ),
    ))
}

fn wishes(session: &Session, arguments: &GenerateArgs) -> Result<Wishes, Failure> {
    let text = |flag: &str, shown: &Option<String>| match shown {
        Some(shown) => read(&session.path(shown), flag, shown).map(Some),
        None => Ok(None),
    };
    Ok(Wishes {
        schema: text("--schema", &arguments.schema)?,
        docs: text("--docs", &arguments.docs)?,
        prompt: arguments.prompt.clone(),
        max_suites: arguments.max_suites,
    })
}

/// The text of a file that a flag names.
fn read(path: &Path, flag: &str, shown: &str) -> Result<String, Failure> {
    let refused = |why: String| {
        Failure::usage(
            format!("{flag}: {shown} {why}"),
            "name a text file; nothing was triggered",
        )
    };
    let unread = |error: std::io::Error| {
        refused(match error.kind() {
            ErrorKind::NotFound => "is not there".to_owned(),
            _ => format!("cannot be read: {error}"),
        })
    };
    let file = std::fs::File::open(path).map_err(unread)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unread)?;
    if bytes.len() as u64 > LARGEST {
        return Err(refused(format!("is larger than {} MiB", LARGEST >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|_| refused("is no text in UTF-8".to_owned()))?;
    match text.trim().is_empty() {
        true => Err(refused("is empty".to_owned())),
        false => Ok(text),
    }
}

/// Lists what is new, and says why it is not all, if it is not.
fn told(session: &Session, generated: Generated) -> Result<u8, Failure> {
    let Generated {
        items,
        job,
        problem,
        warnings: _,
    } = generated;
    if session.console.output() == Output::Ndjson {
        for item in &items {
            session.console.ndjson_item(item);
        }
    } else if !items.is_empty() {
        session.console.note(&line(&items, job.as_deref()));
        session
            .console
            .raw_out(&crate::console::table::of_items(&items));
    }
    match problem {
        Some(problem) => Err(Failure::from(problem)),
        None => Ok(0),
    }
}

fn line(items: &[Item], job: Option<&str>) -> String {
    let job = job.map_or_else(String::new, |job| format!(", made by job {job}"));
    match items.len() {
        1 => format!("one suite is new{job}"),
        many => format!("{many} suites are new{job}"),
    }
}
