use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

use crate::{
    bindings::{exports::proctor::ci::reports::Results, proctor::ci::types::Target},
    ci::{Ci, Facts, Workspace, github},
    comment::{self, Body, Line, Marker, Platform, Request, Token, Trouble},
    config::options::{CiChoice, CommentChoice},
    environment::Environment,
};

use super::{
    conclude::nonce,
    credentials::{announce, held},
    session::Session,
};

/// What the requests of a comment are called where requests are written down.
const NAME: &str = "comment";

/// What is wanted of a comment.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub choice: CommentChoice,
    /// What names it, where somebody says so.
    pub key: Option<String>,
    /// The configuration file, as named.
    pub config: Option<String>,
}

/// What the results are of, beside the job.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// Names of targets, as given.
    pub targets: &'a [String],
    pub provider: Option<&'a str>,
    /// `KEY=VALUE`, as given.
    pub sets: &'a [String],
    pub api_url: Option<&'a str>,
}

/// A comment that is written as soon as there are results.
#[derive(Debug, Clone)]
pub struct Comment {
    request: Request,
    token: Token,
    marker: Marker,
    ci: Option<Ci>,
}

impl Comment {
    /// Finds out what is commented on, and with what token, which is hidden from now on. What is in the way is warned of, and
    /// ends nothing: the results matter more.
    pub fn prepare(
        session: &Session,
        wish: &Wish,
        of: &Subject<'_>,
        ci: Option<Ci>,
        out_is_data: bool,
    ) -> Option<Self> {
        let platform = platform(wish.choice, &session.environment)?;
        let found = Request::find(platform, &session.environment, &session.directory);
        let sought = match found {
            Ok(Some(request)) => token(session, platform).map(|token| (request, token)),
            Ok(None) => {
                if wish.choice != CommentChoice::Auto {
                    session.console.note(
                        "no comment is written, as this job is not about a pull or merge request",
                    );
                }
                return None;
            }
            Err(trouble) => Err(trouble),
        };
        match sought {
            Ok((request, token)) => {
                announce(session, &[&token.key], ci, out_is_data);
                session.console.hide(&[&token.key]);
                let marker = marker(session, platform, wish, of);
                Some(Self {
                    request,
                    token,
                    marker,
                    ci,
                })
            }
            Err(trouble) => {
                warn(
                    session,
                    ci,
                    &format!("no comment will be written: {trouble}"),
                );
                None
            }
        }
    }

    /// Writes it. Whatever comes of it changes no exit code.
    pub async fn write(&self, session: &Session, results: &Results) {
        let stopped = "no comment was written, as Proctor was told to stop";
        if session.signals.seen().is_some() {
            // There are seconds left, and what matters more has to be done in them.
            return session.console.warn(stopped);
        }
        let written = tokio::select! {
            biased;
            written = unharmed(self.written(session, results)) => written,
            _ = session.signals.first() => return session.console.warn(stopped),
        };
        match written {
            Ok(written) => self.tell(session, &written),
            Err(trouble) => warn(
                session,
                self.ci,
                &format!("no comment was written: {trouble}"),
            ),
        }
    }

    async fn written(
        &self,
        session: &Session,
        results: &Results,
    ) -> Result<comment::Written, Trouble> {
        let text = self.text(session, results).await?;
        let reach = session.reach().map_err(|failure| {
            let problem = failure.into_problem();
            Trouble::new(problem.message, problem.next)
        })?;
        let line = Line {
            reach: reach.clone(),
            watch: session
                .trace
                .get()
                .map(|trace| trace.watch(&self.watched(), None)),
        };
        comment::write(&self.request, &self.token, &line, &self.marker, &text).await
    }

    /// The comment around as much of a summary as fits into it.
    async fn text(&self, session: &Session, results: &Results) -> Result<String, Trouble> {
        let build = Facts::of(&session.environment).url;
        let body = Body::new(&self.marker, &self.request, build.as_deref());
        for room in body.rooms() {
            let summary = session.component.summary(results, room as u64).await;
            let summary = summary.map_err(|problem| Trouble::new(problem.message, problem.next))?;
            // Secrets first: what is made harmless may read differently.
            let text = body.around(&session.console.redact(&summary));
            if let Some(text) = text.filter(|_| !summary.is_empty()) {
                return Ok(text);
            }
        }
        Err(Trouble::new(
            "there is no summary that is short enough",
            "report it",
        ))
    }

    /// Whose requests they are, where requests are written down.
    fn watched(&self) -> Target {
        Target {
            name: NAME.to_owned(),
            provider: self.request.platform.name().to_lowercase(),
            api_url: self.request.api.to_string(),
            settings: Vec::new(),
            overrides: Vec::new(),
            timeout_ms: 0,
            location: None,
        }
    }

    /// Says where it can be read, to people and to later steps.
    fn tell(&self, session: &Session, written: &comment::Written) {
        let done = match written.is_new {
            true => "commented on",
            false => "brought the comment up to date on",
        };
        let at = written
            .url
            .as_ref()
            .map_or_else(String::new, |url| format!(": {url}"));
        session
            .console
            .say(&format!("{done} {}{at}", self.request.shown));
        let outputs = session
            .environment
            .get("GITHUB_OUTPUT")
            .filter(|_| self.ci == Some(Ci::Github));
        let (Some(path), Some(url)) = (outputs, &written.url) else {
            return;
        };
        let appended = nonce().map(|nonce| {
            let url = session.console.redact(url);
            github::append_outputs(&session.path(path), "", &[("comment-url", &url)], &nonce)
        });
        if !matches!(appended, Ok(Ok(()))) {
            session
                .console
                .warn("the step's output comment-url cannot be written");
        }
    }
}

/// Where a comment goes, if there is to be one.
fn platform(choice: CommentChoice, environment: &Environment) -> Option<Platform> {
    match choice {
        CommentChoice::Github => Some(Platform::Github),
        CommentChoice::Gitlab => Some(Platform::Gitlab),
        CommentChoice::Never => None,
        CommentChoice::Auto => match Ci::find(CiChoice::Auto, environment) {
            Some(Ci::Github) => Some(Platform::Github),
            Some(Ci::Gitlab) => Some(Platform::Gitlab),
            Some(Ci::Jenkins) | None => None,
        },
    }
}

fn token(session: &Session, platform: Platform) -> Result<Token, Trouble> {
    let known = platform.tokens();
    let found = known.iter().find_map(|(variable, show)| {
        let held = held(variable, &session.environment, &session.directory)?;
        Some(held.map(|(key, from)| Token {
            key,
            show: *show,
            from,
        }))
    });
    let next = "put the token into the environment of this step";
    match found {
        Some(found) => found.map_err(|why| Trouble::new(why, next)),
        None => {
            let names: Vec<&str> = known.iter().map(|(variable, _)| *variable).collect();
            let message = format!(
                "there is no token for {}: none of {} is set",
                platform.name(),
                names.join(", ")
            );
            Err(Trouble::new(message, next))
        }
    }
}

/// What tells the comment from others on the same request: what the user says, or else what the job does.
fn marker(session: &Session, platform: Platform, wish: &Wish, of: &Subject<'_>) -> Marker {
    if let Some(key) = &wish.key {
        return Marker::of(&[key]);
    }
    // Attempts and numbers of runs are left out: the comment is to be found again by the next one. Sources:
    // docs.github.com, "Variables reference"; docs.gitlab.com, "Predefined CI/CD variables".
    let job: &[&str] = match platform {
        Platform::Github => &["GITHUB_WORKFLOW", "GITHUB_JOB"],
        Platform::Gitlab => &["CI_JOB_NAME"],
    };
    let job = job.iter().filter_map(|name| session.environment.get(name));
    let mut parts: Vec<String> = job.map(str::to_owned).collect();
    let workspace = Workspace::find(&session.environment, &session.directory);
    parts.extend(wish.config.as_deref().map(|config| match &workspace {
        Some(workspace) => workspace.path(config),
        None => config.to_owned(),
    }));
    parts.extend(of.targets.iter().cloned());
    parts.extend(of.provider.map(str::to_owned));
    parts.extend(of.changes());
    Marker::of(&parts)
}

impl Subject<'_> {
    /// What flags change about the targets, in whatever order they were given. Everybody can read a comment, and a value may be
    /// for few, so that nothing but a digest of it stands there.
    fn changes(&self) -> Option<String> {
        let mut parts: Vec<String> = self.sets.to_vec();
        parts.sort();
        parts.extend(self.api_url.map(|url| format!("--api-url {url}")));
        (!parts.is_empty()).then(|| format!("set-{}", comment::digest(&parts.join("\n"))))
    }
}

/// What comes of it, or that there is a defect in it: that must not take the results along.
async fn unharmed<T>(future: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let ended = AssertUnwindSafe(future).catch_unwind().await;
    ended.unwrap_or_else(|_| {
        Err(Trouble::new(
            "there is a defect in Proctor",
            "report it; the results are not touched by it",
        ))
    })
}

/// Warns in the log, and where GitHub shows it.
fn warn(session: &Session, ci: Option<Ci>, text: &str) {
    session.console.warn(text);
    if ci == Some(Ci::Github) {
        // To standard error, which the runner reads too: standard output may hold data.
        let text = session.console.redact(text);
        session.console.raw_err(&github::warning(&text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_defect_is_trouble_and_nothing_more() {
        async fn broken() -> Result<(), Trouble> {
            panic!("a defect")
        }
        let trouble = unharmed(broken()).await.expect_err("it panics");
        assert!(trouble.message.contains("defect"), "{trouble}");
        assert_eq!(unharmed(async { Ok(1) }).await, Ok(1));
    }

    #[test]
    fn what_flags_change_is_told_apart_and_not_told() {
        let changes = |sets: &[&str], api_url: Option<&str>| {
            let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
            let subject = Subject {
                sets: &sets,
                api_url,
                ..Subject::default()
            };
            subject.changes()
        };
        assert_eq!(changes(&[], None), None);
        let staging = changes(&["base_url=https://staging.test", "app=a"], None);
        let turned = changes(&["app=a", "base_url=https://staging.test"], None);
        assert_eq!(staging, turned);
        assert!(!staging.clone().unwrap_or_default().contains("staging"));
        let others = [
            changes(&["app=a", "base_url=https://eu.test"], None),
            changes(&["app=a"], None),
            changes(&["app=a"], Some("https://eu.test")),
            changes(&[], Some("https://eu.test")),
        ];
        for (at, other) in others.iter().enumerate() {
            assert!(*other != staging && !others[..at].contains(other), "{at}");
        }
    }
}
