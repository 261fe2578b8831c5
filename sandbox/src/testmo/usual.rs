//! What is there, and how it behaves, without a scenario file.

use super::scenario::{
    DuplicateKeys, ExpandedStatuses, OldRun, OldSource, OldState, Outcome, Project, Settings,
    Status, StatusWhileRunning, TestEntries, UnknownMembers, UnknownStatus,
};

impl Default for Settings {
    fn default() -> Self {
        Self {
            projects: projects(),
            sources: vec![OldSource {
                name: "old-suite".to_owned(),
                project: 1,
                retired: true,
            }],
            runs: runs(),
            statuses: statuses(),
            keys: Vec::new(),
            requests_per_minute: 0,
            burst: 10,
            block_ms: 60_000,
            tell_wait: true,
            max_tests: 0,
            totals_lag_ms: 0,
            finish_ms: 300,
            unknown_status: UnknownStatus::Refuse,
            unknown_members: UnknownMembers::Refuse,
            duplicate_keys: DuplicateKeys::Keep,
            client_limits: true,
            created_status: 201,
            done_status: 204,
            complete_again_status: 204,
            status_while_running: StatusWhileRunning::Running,
            expanded_statuses: ExpandedStatuses::Referred,
            test_entries: TestEntries::Numbers,
        }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn projects() -> Vec<Project> {
    vec![
        Project {
            id: 1,
            name: "Web shop".to_owned(),
            configs: owned(&["Chrome", "Firefox"]),
            milestones: owned(&["v2.0", "v2.1"]),
        },
        Project {
            id: 2,
            name: "Back office".to_owned(),
            configs: owned(&["Edge"]),
            milestones: Vec::new(),
        },
    ]
}

fn runs() -> Vec<OldRun> {
    let run = |id, source: &str, state, (passed, failed, skipped)| OldRun {
        id,
        project: 1,
        name: format!("{source} #{id}"),
        source: source.to_owned(),
        tags: owned(&["main"]),
        state,
        passed,
        failed,
        skipped,
    };
    vec![
        run(101, "backend-api", OldState::Completed, (12, 0, 1)),
        run(102, "e2e-web", OldState::Completed, (225, 7, 3)),
        run(103, "backend-api", OldState::Finishing, (6, 0, 0)),
        run(104, "e2e-web", OldState::Running, (3, 0, 0)),
        run(105, "smoke", OldState::Completed, (0, 0, 0)),
    ]
}

/// ASSUMED: what an instance has before its administrators change it. The aliases are those of the vendor's samples and
/// of the vendor's client.
fn statuses() -> Vec<Status> {
    let status = |id, name: &str, aliases: &[&str], outcome| Status {
        id,
        name: name.to_owned(),
        aliases: owned(aliases),
        outcome,
    };
    vec![
        status(1, "Passed", &["passed"], Outcome::Success),
        status(2, "Failed", &["failed", "failure"], Outcome::Failure),
        status(3, "Retest", &["retest"], Outcome::Neutral),
        status(4, "Blocked", &["blocked"], Outcome::Neutral),
        status(5, "Skipped", &["skipped"], Outcome::Neutral),
        status(6, "Error", &["error"], Outcome::Failure),
    ]
}
