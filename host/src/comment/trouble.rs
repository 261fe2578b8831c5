//! What keeps a comment from being written.

use std::time::Duration;

use super::{Platform, Request, Show, Token};

/// Why there is no comment, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {next}")]
pub struct Trouble {
    pub message: String,
    pub next: String,
}

impl Trouble {
    /// What was wrong, and what to do.
    pub fn new(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            next: next.into(),
        }
    }
}

/// Why a call had no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It may go well later, as soon as this time has passed if one is said.
    Passing {
        why: String,
        after: Option<Duration>,
    },
    /// The platform does not do it, and says why.
    Refused { status: u16, said: String },
    /// It will never go well.
    Lasting(Trouble),
}

/// Explains a refusal to whoever set up the job.
pub fn refused(request: &Request, token: &Token, status: u16, said: &str) -> Trouble {
    let name = request.platform.name();
    let shown = &request.shown;
    let said = match said {
        "" => String::new(),
        said => format!(", \"{said}\""),
    };
    let message = match status {
        401 => format!(
            "{name} refuses the token of {} ({status}{said})",
            token.from
        ),
        403 => format!(
            "{name} does not let the token of {} comment on {shown} ({status}{said})",
            token.from
        ),
        404 => format!(
            "{name} does not show {shown} to the token of {} ({status}{said})",
            token.from
        ),
        _ => format!("{name} refuses the comment on {shown} ({status}{said})"),
    };
    Trouble::new(message, advice(request.platform, token, status))
}

fn advice(platform: Platform, token: &Token, status: u16) -> &'static str {
    match (platform, token.show, status) {
        // Sources: docs.github.com, "Permissions required for GitHub Apps" and "Events that trigger workflows",
        // "Workflows in forked repositories".
        (Platform::Github, _, 401) => "give a token that is valid, such as ${{ github.token }}",
        (Platform::Github, _, 403 | 404) => {
            "give the job `permissions: pull-requests: write`; for pull requests from forks the token only reads, so comment \
             from a workflow of the event `workflow_run`"
        }
        (Platform::Gitlab, Show::Job, 401 | 403 | 404) => {
            "a job's own token may read notes and not write them: put a project access token with the scope `api` and at \
             least the role Reporter into the masked variable PROCTOR_GITLAB_TOKEN"
        }
        (Platform::Gitlab, _, 401 | 403 | 404) => {
            "give a token with the scope `api` and at least the role Reporter in the project of the merge request; \
             pipelines of forks do not have it"
        }
        _ => "see what it says, and report it if that makes no sense",
    }
}
