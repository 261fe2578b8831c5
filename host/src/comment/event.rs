//! What GitHub tells of the event that a workflow runs for.

use std::path::Path;

use serde_json::Value;

use crate::environment::Environment;

/// The longest file that is read, in bytes. Source: docs.github.com, "Webhook events and payloads": payloads are capped at
/// 25 MB.
const LARGEST: u64 = 32 << 20;

/// An event, as far as it is about a pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The pull request's number.
    pub number: Option<u64>,
    /// The commit that was tested.
    pub commit: Option<String>,
}

impl Event {
    /// Reads the file that `GITHUB_EVENT_PATH` names. One that cannot be read tells nothing.
    pub fn read(environment: &Environment, directory: &Path) -> Self {
        let Some(path) = environment.get("GITHUB_EVENT_PATH") else {
            return Self::default();
        };
        let path = directory.join(path);
        let is_usual = std::fs::metadata(&path).is_ok_and(|file| file.len() <= LARGEST);
        let text = match is_usual {
            true => std::fs::read(&path).unwrap_or_default(),
            false => Vec::new(),
        };
        serde_json::from_slice(&text).map_or_else(|_| Self::default(), |event| Self::of(&event))
    }

    /// Sources: docs.github.com, "Webhook events and payloads", `pull_request`, `issue_comment` (an issue is a pull request
    /// if it has the member `pull_request`) and `workflow_run`.
    fn of(event: &Value) -> Self {
        let number = |place: &str| event.pointer(place).and_then(Value::as_u64);
        let text = |place: &str| {
            event
                .pointer(place)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let is_request = event
            .pointer("/issue/pull_request")
            .is_some_and(Value::is_object);
        Self {
            number: number("/pull_request/number")
                .or_else(|| number("/issue/number").filter(|_| is_request))
                .or_else(|| of_workflow(event)),
            commit: text("/pull_request/head/sha").or_else(|| text("/workflow_run/head_sha")),
        }
    }
}

/// The first pull request of another workflow's run that is one of this repository: a commit may be the head of others'.
fn of_workflow(event: &Value) -> Option<u64> {
    let requests = event.pointer("/workflow_run/pull_requests")?.as_array()?;
    let own = event.pointer("/repository/id");
    let is_own = |request: &&Value| match (request.pointer("/base/repo/id"), own) {
        (Some(of), Some(own)) => of == own,
        _ => true,
    };
    requests.iter().find(is_own)?.get("number")?.as_u64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_name_their_pull_request() {
        let cases = [
            (
                json!({"number": 3, "pull_request": {"number": 12, "head": {"sha": "abc"}}}),
                Some(12),
            ),
            (
                json!({"issue": {"number": 13, "pull_request": {"url": "x"}}}),
                Some(13),
            ),
            (json!({"issue": {"number": 13}}), None),
            (json!({"workflow_run": {"pull_requests": []}}), None),
            (
                json!({
                    "repository": {"id": 1},
                    "workflow_run": {"pull_requests": [
                        {"number": 7, "base": {"repo": {"id": 2}}},
                        {"number": 8, "base": {"repo": {"id": 1}}},
                    ]},
                }),
                Some(8),
            ),
            (json!({"ref": "refs/heads/main"}), None),
            (json!({"pull_request": {"number": "12"}}), None),
            (json!([1]), None),
        ];
        for (event, number) in cases {
            assert_eq!(Event::of(&event).number, number, "{event}");
        }
        let event = json!({"pull_request": {"number": 12, "head": {"sha": "abc"}}});
        assert_eq!(Event::of(&event).commit.as_deref(), Some("abc"));
    }

    #[test]
    fn a_file_that_says_nothing_is_no_event() {
        let directory = tempfile::tempdir().expect("a folder");
        std::fs::write(directory.path().join("broken"), "{").expect("written");
        for path in ["", "missing", "broken", "."] {
            let environment: Environment = [("GITHUB_EVENT_PATH", path)].into_iter().collect();
            assert_eq!(
                Event::read(&environment, directory.path()),
                Event::default(),
                "{path}"
            );
        }
    }
}
