//! A comment with the results on a pull or merge request: created once, and brought up to date in place from then on.
//!
//! Everything of the platforms' APIs is in here. Nothing of it may end a job in another way than its runs did, so each
//! function says in a [`Trouble`] what is wrong and what to do, for whoever has a console to warn on.

mod answer;
mod client;
mod event;
mod harmless;
mod keeper;
mod link;
mod marker;
mod request;
mod text;
mod trouble;

pub use client::Line;
pub use keeper::{Written, write};
pub use marker::{Marker, digest};
pub use request::{Platform, Request};
pub use text::Body;
pub use trouble::Trouble;

use crate::secret::Secret;

/// How a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// `Authorization: Bearer`, at GitHub.
    Bearer,
    /// `PRIVATE-TOKEN`: a personal, group or project access token of GitLab's.
    Private,
    /// `JOB-TOKEN`: what GitLab gives each job.
    Job,
}

/// A token, and the variable that it was found in.
#[derive(Debug, Clone)]
pub struct Token {
    pub key: Secret,
    pub show: Show,
    pub from: String,
}

impl Platform {
    /// Where tokens are looked for, the first one first.
    ///
    /// A job's own token at GitLab comes last: by its documentation ("CI/CD job token", "Job token access") it may read the
    /// notes of a merge request and not write them.
    #[must_use]
    pub const fn tokens(self) -> &'static [(&'static str, Show)] {
        match self {
            Self::Github => &[("GITHUB_TOKEN", Show::Bearer), ("GH_TOKEN", Show::Bearer)],
            Self::Gitlab => &[
                ("PROCTOR_GITLAB_TOKEN", Show::Private),
                ("GITLAB_TOKEN", Show::Private),
                ("CI_JOB_TOKEN", Show::Job),
            ],
        }
    }

    /// How long a comment may be, in bytes.
    ///
    /// Both count characters, of which there are never more than bytes. Sources: the answer of GitHub's API, "Body is too
    /// long (maximum is 65536 characters)"; GitLab, "Notes API": "Limited to 1,000,000 characters".
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Self::Github => 65_536,
            Self::Gitlab => 1_000_000,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Gitlab => "GitLab",
        }
    }
}
