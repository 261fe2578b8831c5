//! What a target says to describe its service.

use crate::model::{Abilities, Authentication, Parameter, ParameterKind, Provider};
use crate::services::description::parameter;

/// The description that users and hosts see.
pub fn provider() -> Provider {
    Provider {
        name: super::NAME.to_owned(),
        title: "HTTP: any service with a trigger and a poll".to_owned(),
        // There is no address to fall back on.
        api_url: String::new(),
        documentation: "https://github.com/proctor-ci/proctor/blob/main/docs/http-provider.md"
            .to_owned(),
        authentication: Authentication::Chosen("auth".to_owned()),
        key_variables: vec!["PROCTOR_HTTP_KEY".to_owned()],
        key_prefix: None,
        parameters: parameters(),
        publishing: Vec::new(),
        overrides: Vec::new(),
        abilities: Abilities {
            stream: false,
            cancel: true,
            discover: false,
        },
        rate: None,
    }
}

/// In the order in which they are explained.
fn parameters() -> Vec<Parameter> {
    let mut all = requests();
    all.extend(words());
    all.extend(results());
    all
}

fn requests() -> Vec<Parameter> {
    use ParameterKind::{Integer, Text, Texts, Variables};
    vec![
        parameter(
            "auth",
            Text,
            "how the key is sent: bearer, basic (the key is USER:PASSWORD), none, or the name of a header",
        )
        .required(),
        parameter(
            "env",
            Variables,
            "environment variables that the requests may use as {env.NAME}; not for secrets",
        ),
        parameter(
            "trigger",
            Text,
            "the request that starts a run, below api_url: \"POST /projects/{env.PROJECT}/runs\"",
        )
        .required(),
        parameter(
            "trigger_body",
            Text,
            "the trigger's JSON body; {env.NAME} may stand inside its texts",
        ),
        parameter(
            "run_id",
            Text,
            "JSONPath to the run's id in the trigger's answer, then used as {run_id}",
        ),
        parameter("poll", Text, "the request that tells the run's state").required(),
        parameter(
            "state",
            Texts,
            "JSONPath to the word for the run's state in the poll's answer; of several the first that leads to one",
        )
        .required(),
        parameter("cancel", Text, "the request that stops a run"),
        parameter(
            "run_url",
            Text,
            "JSONPath to the run's page for people in the poll's answer",
        ),
        parameter(
            "poll_every",
            Integer,
            "seconds between two polls (default: 1, growing to 15)",
        ),
        parameter(
            "quota_messages",
            Texts,
            "parts of the message of a 402 or 403 that mean a used-up plan",
        ),
    ]
}

fn words() -> Vec<Parameter> {
    use ParameterKind::Texts;
    vec![
        parameter("passed", Texts, "words for a run or test that passed").required(),
        parameter("failed", Texts, "words for one that failed").required(),
        parameter("errored", Texts, "words for one that could not be judged"),
        parameter("cancelled", Texts, "words for one that was stopped"),
        parameter(
            "skipped",
            Texts,
            "words for one that was not run on purpose",
        ),
        parameter("queued", Texts, "words for one that has not begun"),
        parameter("running", Texts, "words for one that is going on"),
    ]
}

fn results() -> Vec<Parameter> {
    use ParameterKind::Text;
    vec![
        parameter(
            "results",
            Text,
            "the request that tells the results (default: the last poll's answer)",
        ),
        parameter(
            "results_next",
            Text,
            "JSONPath to the path, URL or cursor of the next page; or link, for a Link header",
        ),
        parameter(
            "results_page",
            Text,
            "the request for a next page that is named by a cursor, put in as {next}",
        ),
        parameter(
            "tests",
            Text,
            "JSONPath to the results, one for each test; without it the run is one test",
        ),
        parameter(
            "test_name",
            Text,
            "JSONPath to a result's name, from the result",
        ),
        parameter(
            "test_suite",
            Text,
            "JSONPath to a result's suite, from the result",
        ),
        parameter(
            "test_verdict",
            Text,
            "JSONPath to a result's word, from the result",
        ),
        parameter(
            "test_duration",
            Text,
            "JSONPath to a result's duration, from the result",
        ),
        parameter("duration_unit", Text, "what a duration counts").one_of(&["ms", "s"]),
        parameter(
            "test_message",
            Text,
            "JSONPath to why a result did not pass, from the result",
        ),
        parameter(
            "test_url",
            Text,
            "JSONPath to a result's page for people, from the result",
        ),
    ]
}
