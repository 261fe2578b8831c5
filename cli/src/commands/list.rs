use crate::{
    args::ListArgs,
    config::{
        options::Options,
        plan::{self, Wish},
    },
    console::table,
    edge::convert,
    failure::Failure,
    line::Line,
    ready::with_variables,
    session::Session,
    settled::Settled,
    work::Work,
};

/// `proctor-cli list`.
pub fn list(session: &Session, arguments: &ListArgs) -> Result<u8, Failure> {
    let settled = Settled::settle(session, Ok(Options::default()), None)?;
    let wish = Wish {
        provider: Some(arguments.provider.clone()),
        sets: arguments.set.clone(),
        api_url: session.api_url(arguments.api_url.as_deref()),
        timeout: settled.above_file.timeout,
        partial: true,
        ..Wish::default()
    };
    let planned = plan::plan(&wish, None, &session.catalogue, false)?;
    for work in Work::of_all(session, with_variables(session, planned)?)? {
        let line = &mut Line::new(session, &work, &|_| {});
        let items =
            proctor::services::discover(&work.target, line).map_err(convert::problem_out)?;
        match items.is_empty() {
            true => session.terminal.warn("there is nothing to run"),
            false => {
                let items = convert::each(items, convert::item_out);
                session.terminal.raw(&table::of_items(&items));
            }
        }
    }
    Ok(0)
}
