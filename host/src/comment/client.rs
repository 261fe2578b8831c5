//! Calls of a platform's API: to one origin, with a token, in little time.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use reqwest::Url;
use serde_json::json;

use super::{
    Platform, Request, Show, Token,
    answer::Answer,
    trouble::{Fault, Trouble},
};
use crate::network::{Entry, Origin, Watch, chain, platform, proxy::Route, reach::Reach};

/// How long one call may take, connecting and the whole answer included.
const CALL: Duration = Duration::from_secs(10);

/// The largest answer that is read, in bytes: a page of the longest comments there can be, of which GitHub takes 256 KiB
/// each, and GitLab a few more than that on average at most.
const LARGEST: usize = 64 << 20;

/// How often a call may be sent on to another path of the same origin, as GitHub does with repositories that have a new name.
const REDIRECTS: usize = 3;

/// How the network is reached, and who looks on.
#[derive(Clone)]
pub struct Line {
    pub reach: Reach,
    /// What writes the calls down, if they are.
    pub(crate) watch: Option<Watch>,
}

/// What calls an API.
pub struct Client {
    http: reqwest::Client,
    api: Url,
    origin: Origin,
    headers: HeaderMap,
    line: Line,
    name: &'static str,
}

impl Client {
    /// A client for the API of a request's platform.
    ///
    /// # Errors
    /// The token cannot stand in a header, or the network is not set up right.
    pub fn new(request: &Request, token: &Token, line: &Line) -> Result<Self, Trouble> {
        let wrong = |why: String| {
            Trouble::new(
                why,
                "correct it, and see `proctor check --network` for the network",
            )
        };
        let origin = Origin::of(&request.api).map_err(|error| wrong(error.to_string()))?;
        Ok(Self {
            http: platform(&line.reach, &origin).map_err(|why| wrong(line.reach.conceal(&why)))?,
            api: request.api.clone(),
            origin,
            headers: headers(request.platform, token)
                .ok_or_else(|| wrong(format!("the token of {} cannot be sent", token.from)))?,
            line: line.clone(),
            name: request.platform.name(),
        })
    }

    /// Makes a call, with the text of a comment if it takes one.
    ///
    /// # Errors
    /// Why there is no answer, or where it wants to be asked instead.
    pub async fn ask(
        &self,
        method: Method,
        path: &[String],
        query: &[(&str, &str)],
        text: Option<&str>,
    ) -> Result<Answer, Fault> {
        let mut url = self.url(path, query);
        let body = text.map(|text| json!({ "body": text }).to_string());
        let body = Bytes::from(body.unwrap_or_default());
        for _ in 0..=REDIRECTS {
            let answer = self.send(&method, &url, &body).await?;
            match self.sent_on(&method, &url, &answer)? {
                None => return Ok(answer),
                Some(next) => url = next,
            }
        }
        Err(Fault::Lasting(Trouble::new(
            format!(
                "{} sends its API's clients from one address to the next",
                self.name
            ),
            "see that the address of the API is right",
        )))
    }

    fn url(&self, path: &[String], query: &[(&str, &str)]) -> Url {
        let mut url = self.api.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(path);
        }
        url.set_query(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn send(&self, method: &Method, url: &Url, body: &Bytes) -> Result<Answer, Fault> {
        let mut headers = self.headers.clone();
        if !body.is_empty() {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
        }
        let mut entry = self
            .line
            .watch
            .as_ref()
            .and_then(|watch| begun(watch, method, url));
        if let Some(entry) = &mut entry {
            entry.sends(method, url, &headers, body);
        }
        let sent = self
            .http
            .request(method.clone(), url.clone())
            .headers(headers);
        let sent = sent.timeout(CALL).body(body.clone()).send().await;
        let answer = match sent {
            Ok(response) => self.whole(response, &mut entry).await,
            Err(error) => Err(self.broken(error)),
        };
        let told = match &answer {
            Ok(answer) => answer.status.to_string(),
            Err(Fault::Passing { why, .. }) => why.clone(),
            Err(_) => "unusable".to_owned(),
        };
        log::debug!(target: "proctor::network", "{method} {}: {told}", url.path());
        match (entry, &answer) {
            (Some(entry), Ok(_)) => entry.end(),
            (Some(entry), Err(_)) => entry.fail(&told),
            (None, _) => {}
        }
        answer
    }

    async fn whole(
        &self,
        mut response: reqwest::Response,
        entry: &mut Option<Entry>,
    ) -> Result<Answer, Fault> {
        if let Some(entry) = entry {
            let route = self.line.reach.route(&self.origin.url());
            entry.answers(&response, matches!(route, Ok(Route::Direct(_))));
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.broken(error))? {
            if let Some(entry) = entry {
                entry.counts(piece.len());
                entry.takes(&piece);
            }
            if body.len() + piece.len() > LARGEST {
                return Err(Fault::Lasting(Trouble::new(
                    format!(
                        "an answer of {} is larger than {} MiB",
                        self.name,
                        LARGEST >> 20
                    ),
                    "see that the address of the API is right",
                )));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    fn broken(&self, error: reqwest::Error) -> Fault {
        Fault::Passing {
            why: self.line.reach.conceal(&chain(&error.without_url())),
            after: None,
        }
    }

    /// Where an answer sends the client, if it does. Another origin would be shown the token.
    fn sent_on(&self, method: &Method, from: &Url, answer: &Answer) -> Result<Option<Url>, Fault> {
        // Source: RFC 9110, 15.4: with the others a client may change a POST into a GET.
        let may_follow = match answer.status {
            301 | 302 => *method == Method::GET,
            307 | 308 => true,
            _ => return Ok(None),
        };
        let to = answer.header("location").and_then(|to| from.join(to).ok());
        match to {
            Some(to) if may_follow && Origin::of(&to).as_ref() == Ok(&self.origin) => Ok(Some(to)),
            to => {
                let to = to.and_then(|to| Origin::of(&to).ok());
                let to = to.map_or_else(String::new, |to| format!(" to {to}"));
                Err(Fault::Lasting(Trouble::new(
                    format!(
                        "{} redirects its API{to} ({}), and the token goes nowhere but to {}",
                        self.name, answer.status, self.origin
                    ),
                    "have the CI system name the API by the address that it has",
                )))
            }
        }
    }
}

fn begun(watch: &Watch, method: &Method, url: &Url) -> Option<Entry> {
    let request = http::Request::builder()
        .method(method)
        .uri(url.as_str())
        .body(())
        .ok()?;
    Some(Entry::begin(watch, &request.into_parts().0))
}

/// Sources: docs.github.com, "Getting started with the REST API" and "API versions"; docs.gitlab.com, "REST API
/// authentication".
fn headers(platform: Platform, token: &Token) -> Option<HeaderMap> {
    let key = token.key.expose();
    let (name, value) = match token.show {
        Show::Bearer => (header::AUTHORIZATION, format!("Bearer {key}")),
        Show::Private => (HeaderName::from_static("private-token"), key.to_owned()),
        Show::Job => (HeaderName::from_static("job-token"), key.to_owned()),
    };
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    let mut headers = HeaderMap::from_iter([(name, value)]);
    let accept = match platform {
        Platform::Github => "application/vnd.github+json",
        Platform::Gitlab => "application/json",
    };
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    if platform == Platform::Github {
        headers.insert(
            "x-github-api-version",
            HeaderValue::from_static("2022-11-28"),
        );
    }
    Some(headers)
}
