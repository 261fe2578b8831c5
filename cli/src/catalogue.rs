//! What can be asked for, as the core says.

use crate::{
    bindings::exports::proctor::ci::reports::ReportKind, config::Catalogue, edge::convert,
};

/// All services and kinds of reports.
pub fn catalogue() -> Catalogue {
    let services = proctor::services::all();
    let providers = services
        .iter()
        .map(|service| convert::provider_out(service.description().published()));
    let kinds = proctor::report::kinds().iter().map(|kind| ReportKind {
        name: kind.name.to_owned(),
        help: kind.help.to_owned(),
        default_path: kind.default_path.to_owned(),
    });
    Catalogue {
        providers: providers.collect(),
        kinds: kinds.collect(),
        plugins: Vec::new(),
    }
}
