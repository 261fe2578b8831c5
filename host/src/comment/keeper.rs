//! One comment for each key, whatever happens to a request: looked for, brought up to date, or else created.

use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::{
    Marker, Platform, Request, Show, Token,
    answer::{Answer, Comment},
    client::{Client, Line},
    trouble::{Fault, Trouble, refused},
};

/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(30);

/// How often it is begun anew where something is in the way that may pass.
const TRIES: u32 = 3;

/// How long is waited before it is begun anew, where nobody says how long; each time so much longer.
const PAUSE: Duration = Duration::from_secs(1);

/// The most pages that are looked through, of a hundred comments each.
const MOST_PAGES: u64 = 1_000;

/// What became of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Whether there was none before.
    pub is_new: bool,
    /// Where it can be read.
    pub url: Option<String>,
}

/// Writes a comment: in place of the one with this marker, if there is one of the token's own.
///
/// # Errors
/// Why there is none, after [`LIMIT`] at most.
pub async fn write(
    request: &Request,
    token: &Token,
    line: &Line,
    marker: &Marker,
    text: &str,
) -> Result<Written, Trouble> {
    let keeper = Keeper {
        client: Client::new(request, token, line)?,
        request,
        token,
        marker,
        text,
    };
    let name = request.platform.name();
    let late = || {
        let message = format!(
            "{name} has not taken the comment within {} s",
            LIMIT.as_secs()
        );
        Trouble::new(message, LATER)
    };
    let ended = tokio::time::timeout(LIMIT, keeper.patiently()).await;
    ended.unwrap_or_else(|_| Err(late()))
}

/// What to do about what passes by itself.
const LATER: &str = "the next run of this job writes it; nothing else is wrong";

struct Keeper<'a> {
    client: Client,
    request: &'a Request,
    token: &'a Token,
    marker: &'a Marker,
    text: &'a str,
}

impl Keeper<'_> {
    /// Begins anew while what is in the way may pass. As each time begins with a look, nothing is created twice that was
    /// created without an answer.
    async fn patiently(&self) -> Result<Written, Trouble> {
        let end = Instant::now() + LIMIT;
        let mut tried = 1;
        loop {
            let (why, after) = match self.once().await {
                Ok(written) => return Ok(written),
                Err(Fault::Lasting(trouble)) => return Err(trouble),
                Err(Fault::Refused { status, said }) => {
                    return Err(refused(self.request, self.token, status, &said));
                }
                Err(Fault::Passing { why, after }) => (why, after),
            };
            let pause = after.unwrap_or(PAUSE * tried);
            // What is asked for may be longer than time itself can tell.
            let next = Instant::now().checked_add(pause);
            if tried == TRIES || next.is_none_or(|next| next >= end) {
                return Err(self.given_up(&why, after));
            }
            tokio::time::sleep(pause).await;
            tried += 1;
        }
    }

    fn given_up(&self, why: &str, after: Option<Duration>) -> Trouble {
        let name = self.request.platform.name();
        let wait = match after {
            Some(after) if after > LIMIT => format!(", to be asked again in {} s", after.as_secs()),
            _ => String::new(),
        };
        Trouble::new(format!("{name} cannot be asked now: {why}{wait}"), LATER)
    }

    async fn once(&self) -> Result<Written, Fault> {
        let found = self.marked().await?;
        let own = match found.is_empty() {
            true => found,
            false => self.own(found).await?,
        };
        for comment in &own {
            match self.update(comment.id).await {
                // It is somebody else's after all, or gone.
                Err(Fault::Refused {
                    status: 403 | 404, ..
                }) => {}
                ended => return ended,
            }
        }
        let created: Comment = self
            .call(Method::POST, &self.request.comments, &[])
            .await?
            .read()?;
        // Those that could not be changed before would not be changed now.
        if own.is_empty()
            && let Some(written) = self.gave_way(&created).await
        {
            return Ok(written);
        }
        Ok(Written {
            is_new: true,
            url: self.url(&created),
        })
    }

    /// Gives way to a comment that another job has created since the look: that one is brought up to date, and the new one
    /// taken away. Whoever comes later sees both, so one is left, with what was written last. Best effort, as there is a
    /// comment in any case.
    async fn gave_way(&self, created: &Comment) -> Option<Written> {
        let author = created.user.as_ref()?.id;
        let is_own =
            |comment: &&Comment| comment.user.as_ref().is_some_and(|user| user.id == author);
        let found = self.marked().await.ok()?;
        let older = found
            .iter()
            .filter(is_own)
            .find(|comment| comment.id < created.id)?;
        let written = self.update(older.id).await.ok()?;
        // What cannot be taken away stays beside it.
        let _ = self.call(Method::DELETE, &self.each(created.id), &[]).await;
        Some(written)
    }

    /// All comments with the marker, the oldest first.
    async fn marked(&self) -> Result<Vec<Comment>, Fault> {
        let mut found: Vec<Comment> = Vec::new();
        let mut page = 1;
        while page <= MOST_PAGES {
            let number = page.to_string();
            let query = [
                ("per_page", "100"),
                ("page", &number),
                ("sort", "asc"),
                // Unknown to GitHub, which sorts in this way by itself.
                ("order_by", "created_at"),
            ];
            let query = match self.request.platform {
                Platform::Github => &query[..2],
                Platform::Gitlab => &query,
            };
            let answer = self
                .call(Method::GET, &self.request.comments, query)
                .await?;
            let listed: Vec<Comment> = answer.read()?;
            found.extend(listed.into_iter().filter(|comment| self.is_marked(comment)));
            match answer.next_page(page) {
                Some(next) => page = next,
                None => break,
            }
        }
        found.sort_by_key(|comment| comment.id);
        Ok(found)
    }

    fn is_marked(&self, comment: &Comment) -> bool {
        let body = comment.body.as_deref().unwrap_or_default();
        !comment.system && self.marker.heads(body)
    }

    /// Those that the token's owner has written. Anybody can write a marker, and change the text below it later.
    async fn own(&self, found: Vec<Comment>) -> Result<Vec<Comment>, Fault> {
        let id = self.owner().await?;
        let is_own = |comment: &Comment| match (id, self.request.platform) {
            (Some(id), _) => comment.user.as_ref().is_some_and(|user| user.id == id),
            // An app does not learn who it is. What it writes is a bot's at least, which no person's comment is.
            (None, Platform::Github) => {
                let kind = comment.user.as_ref().and_then(|user| user.kind.as_deref());
                kind == Some("Bot")
            }
            // Nobody's, then. If the one that is created instead turns out to be of the same author, that one gives way.
            (None, Platform::Gitlab) => false,
        };
        Ok(found.into_iter().filter(is_own).collect())
    }

    /// Whose token it is, if that can be known.
    ///
    /// Sources: docs.github.com, "REST API endpoints for users": `GET /user` does not work with tokens of an app's
    /// installation (`ghs_…`), as those of GitHub Actions are; docs.gitlab.com, "CI/CD job token": it can access `GET /job`,
    /// which has the user that its notes are of.
    async fn owner(&self) -> Result<Option<u64>, Fault> {
        let (path, place) = match self.token.show {
            Show::Bearer if self.token.key.expose().starts_with("ghs_") => return Ok(None),
            Show::Bearer | Show::Private => ("user", "/id"),
            Show::Job => ("job", "/user/id"),
        };
        match self.call(Method::GET, &[path.to_owned()], &[]).await {
            Ok(answer) => Ok(answer
                .read::<Value>()?
                .pointer(place)
                .and_then(Value::as_u64)),
            Err(Fault::Refused { .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, id: u64) -> Result<Written, Fault> {
        let method = match self.request.platform {
            Platform::Github => Method::PATCH,
            Platform::Gitlab => Method::PUT,
        };
        let answer = self.call(method, &self.each(id), &[]).await?;
        Ok(Written {
            is_new: false,
            url: self.url(&answer.read()?),
        })
    }

    fn each(&self, id: u64) -> Vec<String> {
        let mut path = self.request.each.clone();
        path.push(id.to_string());
        path
    }

    fn url(&self, comment: &Comment) -> Option<String> {
        let page = self
            .request
            .page
            .as_ref()
            .map(|page| format!("{page}#note_{}", comment.id));
        comment.html_url.clone().or(page)
    }

    async fn call(
        &self,
        method: Method,
        path: &[String],
        query: &[(&str, &str)],
    ) -> Result<Answer, Fault> {
        let writes = matches!(method, Method::POST | Method::PATCH | Method::PUT);
        let text = writes.then_some(self.text);
        self.client.ask(method, path, query, text).await?.success()
    }
}
