use crate::{
    cli::{FollowArgs, ListArgs},
    config::{
        options::Output,
        plan::{self, Wish},
    },
    console::table,
    failure::Failure,
    stop::Stop,
};

use super::{credentials, ready::with_variables, session::Session, settled::Settled};

/// `proctor list`.
pub async fn list(session: &Session, arguments: &ListArgs) -> Result<u8, Failure> {
    let flags = FollowArgs {
        output: arguments.output.clone(),
        trace: arguments.trace.clone(),
        ..FollowArgs::default()
    };
    let settled = Settled::settle(session, &flags, arguments.network.options(), None)?;
    let wish = Wish {
        provider: Some(arguments.provider.clone()),
        sets: arguments.set.clone(),
        api_url: session.api_url(arguments.api_url.as_deref()),
        timeout: settled.above_file.timeout,
        partial: true,
        ..Wish::default()
    };
    let planned = plan::plan(&wish, None, &session.catalogue, false)?;
    let planned = with_variables(session, planned)?;
    let keys = credentials::equip(session, &planned, settled.ci, settled.out_is_data(session))?;
    let stop = Stop::new();
    let target = planned.iter().zip(keys).next();
    let (planned, key) = target.expect("a provider makes exactly one target");
    let component = session.component_of(planned.plugin.as_deref());
    let call = component.discover(session.work(planned, key, &stop));
    let items = session.unless_stopped(&stop, call).await??;
    if session.console.output() == Output::Ndjson {
        for item in &items {
            session.console.ndjson_item(item);
        }
    } else if items.is_empty() {
        session.console.warn("there is nothing to run");
    } else {
        session.console.raw_out(&table::of_items(&items));
    }
    Ok(0)
}
