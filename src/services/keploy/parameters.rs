//! What users may set, and what hosts are told of the service.

use super::NAME;
use crate::model::{Abilities, Authentication, Parameter, ParameterKind, Provider, Rate};
use crate::services::description::parameter;

/// The description that users and hosts see. DOC: address, schemes, prefix, rate limit.
pub fn provider() -> Provider {
    Provider {
        name: NAME.to_owned(),
        title: "Keploy: hosted API test suites".to_owned(),
        api_url: "https://api.keploy.io/client/v1".to_owned(),
        documentation: "https://keploy.io/docs/running-keploy/public-api/".to_owned(),
        // The one form on which the guide and the OpenAPI file agree.
        authentication: Authentication::Header("X-API-Key".to_owned()),
        key_variables: vec!["KEPLOY_API_KEY".to_owned()],
        key_prefix: Some("kep_".to_owned()),
        parameters: parameters(),
        publishing: Vec::new(),
        overrides: Vec::new(),
        abilities: Abilities {
            stream: true,
            cancel: true,
            discover: true,
        },
        rate: Some(Rate {
            per_minute: 100,
            burst: 100,
        }),
    }
}

fn parameters() -> Vec<Parameter> {
    let mut all = of_runs();
    all.extend(of_load_tests());
    all.extend(of_branches());
    all
}

fn of_runs() -> Vec<Parameter> {
    use ParameterKind::{Boolean, Integer, SystemUrl, Text, Texts};
    vec![
        parameter("app", Text, "id of the app whose suites are run").required(),
        parameter(
            "base_url",
            SystemUrl,
            "the API under test, as Keploy's servers reach it; needed by whatever is run",
        ),
        parameter(
            "suites",
            Texts,
            "names or ids of suites; all of the app if left out",
        ),
        parameter(
            "buggy",
            Text,
            "what a suite amounts to in which Keploy thinks the API itself is wrong (default: fail)",
        )
        .one_of(&["fail", "warn"]),
        parameter(
            "trust_job_status",
            Boolean,
            "let COMPLETED pass even if the suites' results cannot be found (default: false)",
        ),
        parameter(
            "rate_limit",
            Integer,
            "requests a second that Keploy sends to the API under test; 0 is no limit",
        ),
        parameter(
            "request_timeout",
            Integer,
            "seconds that Keploy waits for one answer of the API under test; 0 is the app's own setting",
        ),
        parameter(
            "min_schema_coverage",
            Integer,
            "percent of the app's OpenAPI schema that its tests have to cover after the run",
        ),
        parameter(
            "test_report",
            Text,
            "id of a record/replay test report that is read; nothing is run then",
        ),
    ]
}

fn of_load_tests() -> Vec<Parameter> {
    use ParameterKind::{Integer, Text, Texts};
    vec![
        parameter(
            "load_test.virtual_users",
            Integer,
            "run a load test, in place of suites, with so many users at once",
        ),
        parameter(
            "load_test.duration_secs",
            Integer,
            "how many seconds the load test lasts",
        ),
        parameter(
            "load_test.profile",
            Text,
            "how the load test's users come and go (default: constant)",
        ),
        parameter(
            "load_test.limits",
            Texts,
            "what must hold of the load test's report, each a field, one of < <= > >= ==, and a number",
        ),
    ]
}

fn of_branches() -> Vec<Parameter> {
    use ParameterKind::{Integer, Text};
    vec![
        parameter(
            "branch",
            Text,
            "name or id of the app's branch whose suites are run",
        ),
        parameter(
            "ci_branch.name",
            Text,
            "name of the app's branch whose suites are run, which is created if there is none",
        ),
        parameter(
            "ci_branch.provider",
            Text,
            "where the repository is, for a branch that is created, such as github",
        ),
        parameter(
            "ci_branch.repo_full_name",
            Text,
            "the repository, such as acme/api",
        ),
        parameter("ci_branch.pr_number", Integer, "number of the pull request"),
        parameter(
            "ci_branch.source_branch",
            Text,
            "git branch that is to be merged",
        ),
        parameter(
            "ci_branch.target_branch",
            Text,
            "git branch that it is to be merged into",
        ),
        parameter(
            "ci_branch.installation_id",
            Integer,
            "number of the installation of Keploy's app for the repository",
        ),
    ]
}
