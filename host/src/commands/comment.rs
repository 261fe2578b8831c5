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
    pub fn prepare<'n>(
        session: &Session,
        wish: &Wish,
        names: impl Iterator<Item = &'n String>,
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
                let marker = marker(session, platform, wish, names);
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
            written = self.written(session, results) => written,
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
fn marker<'n>(
    session: &Session,
    platform: Platform,
    wish: &Wish,
    names: impl Iterator<Item = &'n String>,
) -> Marker {
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
    parts.extend(names.cloned());
    Marker::of(&parts)
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
