//! The component's outer edge: WIT bindings, and the real side of the ports. Compiled for wasm alone.

mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "proctor",
        generate_all,
    });
}

mod convert;
mod http;
mod ports;
mod remarks;
mod reruns;
mod stream;

use std::time::Duration;

use bindings::exports::proctor::ci::{generation, reports, resumption, service, sink};
use bindings::proctor::ci::types;

use crate::services;
use ports::{HostInput, WasiPorts};

struct Component;

#[expect(
    unsafe_code,
    reason = "written by wit-bindgen: what the host calls the component by"
)]
mod entry {
    use super::{Component, bindings};

    bindings::export!(Component with_types_in bindings);
}

impl service::Guest for Component {
    fn providers() -> Vec<types::Provider> {
        convert::each(services::all(), |service| {
            convert::provider_out(service.description().published())
        })
    }

    fn run(target: types::Target) -> types::Report {
        let target = convert::target_in(target);
        convert::report_out(services::run(&target, &mut WasiPorts))
    }

    fn start(target: types::Target) -> types::Started {
        let target = convert::target_in(target);
        convert::started_out(services::start(&target, &mut WasiPorts))
    }

    fn watch(target: types::Target, handle: types::Handle) -> types::Report {
        let target = convert::target_in(target);
        let handle = convert::handle_in(handle);
        convert::report_out(services::watch(&target, &handle, &mut WasiPorts))
    }

    fn cancel(target: types::Target, handle: types::Handle) -> Result<(), types::Problem> {
        let target = convert::target_in(target);
        let handle = convert::handle_in(handle);
        services::cancel(&target, &handle, &mut WasiPorts).map_err(convert::problem_out)
    }

    fn discover(target: types::Target) -> Result<Vec<types::Item>, types::Problem> {
        let target = convert::target_in(target);
        services::discover(&target, &mut WasiPorts)
            .map(|items| convert::each(items, convert::item_out))
            .map_err(convert::problem_out)
    }

    fn validate(target: types::Target) -> Vec<types::Mistake> {
        let target = convert::target_in(target);
        convert::each(services::validate(&target), convert::mistake_out)
    }

    fn check(target: types::Target) -> Result<Vec<String>, types::Problem> {
        let target = convert::target_in(target);
        services::check(&target, &mut WasiPorts).map_err(convert::problem_out)
    }
}

impl resumption::Guest for Component {
    fn resume(target: types::Target, handle: types::Handle) -> types::Report {
        let target = convert::target_in(target);
        let handle = convert::handle_in(handle);
        convert::report_out(services::resume(&target, &handle, &mut WasiPorts))
    }

    fn resume_start(target: types::Target, handle: types::Handle) -> types::Started {
        let target = convert::target_in(target);
        let handle = convert::handle_in(handle);
        convert::started_out(services::resume_start(&target, &handle, &mut WasiPorts))
    }
}

impl sink::Guest for Component {
    fn publish(target: types::Target, observed_ms: Option<u64>) -> sink::Publication {
        let target = convert::target_in(target);
        let observed = observed_ms.map(Duration::from_millis);
        convert::publication_out(services::publish(
            &target,
            &mut WasiPorts,
            &mut HostInput,
            observed,
        ))
    }
}

impl generation::Guest for Component {
    fn generate(target: types::Target, wishes: generation::Wishes) -> generation::Generated {
        let target = convert::target_in(target);
        let wishes = convert::wishes_in(wishes);
        convert::generated_out(services::generate(&target, wishes, &mut WasiPorts))
    }
}

impl reports::Guest for Component {
    fn assess(
        reports: Vec<types::Report>,
        remarks: reports::Remarks,
        circumstances: reports::Circumstances,
    ) -> reports::Assessment {
        let mut reports = convert::reports_in(reports, remarks);
        let circumstances = remarks::circumstances_in(circumstances);
        let told = crate::assess::assess(&mut reports, &circumstances);
        remarks::assessment_out(&mut reports, told)
    }

    fn conclude(
        reports: Vec<types::Report>,
        remarks: reports::Remarks,
        policy: reports::Policy,
    ) -> reports::Conclusion {
        let reports = convert::reports_in(reports, remarks);
        convert::conclusion_out(crate::verdict::conclude(
            &reports,
            &convert::policy_in(policy),
        ))
    }

    fn report_kinds() -> Vec<reports::ReportKind> {
        convert::each(crate::report::kinds().to_vec(), |kind| {
            reports::ReportKind {
                name: kind.name.to_owned(),
                help: kind.help.to_owned(),
                default_path: kind.default_path.to_owned(),
            }
        })
    }

    fn render(kind: String, results: reports::Results, nonce: String) -> Result<String, String> {
        crate::report::render(&kind, &convert::results_in(results), &nonce)
            .map_err(|error| error.to_string())
    }

    fn summary(results: reports::Results, room: u64) -> String {
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        crate::report::summary(&convert::results_in(results), room)
    }

    fn read(
        files: Vec<String>,
        expected: Vec<reports::Expected>,
    ) -> Result<reports::Results, reports::Unreadable> {
        let expected = convert::each(expected, convert::expected_in);
        crate::report::read_all(&files, expected)
            .map(convert::results_out)
            .map_err(|(file, error)| reports::Unreadable {
                file: u32::try_from(file).unwrap_or(u32::MAX),
                message: error.to_string(),
            })
    }
}
