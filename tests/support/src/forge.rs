//! The comments of one pull or merge request, as the APIs of GitHub and GitLab have them: written from their documentation,
//! and as strict as they are.
//!
//! Sources: docs.github.com, "REST API endpoints for issue comments", "Using pagination in the REST API", "Getting started with
//! the REST API"; docs.gitlab.com, "Notes API", "REST API", "CI/CD job token".

mod github;
mod gitlab;

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::server::{Asked, Scripted};

/// What may be done with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Read, as with the tokens of forks.
    Read,
    /// Write comments, and change its own.
    Write,
    /// Change everybody's.
    Maintain,
}

/// Whose token it is.
#[derive(Debug, Clone)]
pub struct Account {
    pub token: &'static str,
    pub id: u64,
    /// `Bot` or `User`.
    pub kind: &'static str,
    pub may: May,
}

/// A comment that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub id: u64,
    pub author: u64,
    pub kind: &'static str,
    pub body: String,
}

/// An answer that a call gets in place of the usual one.
#[derive(Debug, Clone)]
pub struct Instead {
    pub method: &'static str,
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Value,
    /// Whether the call is carried out all the same, so that only its answer is lost.
    pub is_done: bool,
}

/// Something that happens once, just before a comment is created.
type Before = Box<dyn FnOnce(&mut State) + Send>;

/// What the server knows.
pub struct State {
    pub comments: Vec<Comment>,
    pub accounts: Vec<Account>,
    /// What is to be answered instead, the first one first.
    pub instead: Vec<Instead>,
    /// Lines that were carried out as commands.
    pub commands: Vec<String>,
    pub before_creating: Option<Before>,
    next: u64,
}

impl State {
    /// Adds a comment of somebody's.
    pub fn add(&mut self, author: u64, kind: &'static str, body: &str) -> u64 {
        self.next += 1;
        self.comments.push(Comment {
            id: self.next,
            author,
            kind,
            body: body.to_owned(),
        });
        self.next
    }
}

/// A platform with one request that can be commented on.
pub struct Forge {
    pub server: Scripted,
    state: Arc<Mutex<State>>,
}

/// What a call is answered.
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Value,
}

impl Reply {
    fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    fn message(status: u16, message: &str) -> Self {
        Self::new(status, json!({ "message": message }))
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn send(&self, stream: &mut TcpStream) {
        let body = match self.status {
            204 => String::new(),
            _ => self.body.to_string(),
        };
        let headers: String = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let length = body.len();
        // The other side may have gone.
        let _ = write!(
            stream,
            "HTTP/1.1 {} Said\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}",
            self.status
        );
    }
}

impl Forge {
    /// GitHub, with its API at [`Forge::api`], the repository `o/r` and the pull request 12.
    #[must_use]
    pub fn github(accounts: &[Account]) -> Self {
        Self::start(accounts, github::answer)
    }

    /// GitLab, with the project 7, which is `group/project`, and the merge request 12.
    #[must_use]
    pub fn gitlab(accounts: &[Account]) -> Self {
        Self::start(accounts, gitlab::answer)
    }

    fn start(accounts: &[Account], answer: fn(&Call, &mut State) -> Reply) -> Self {
        let state = Arc::new(Mutex::new(State {
            comments: Vec::new(),
            accounts: accounts.to_vec(),
            instead: Vec::new(),
            commands: Vec::new(),
            before_creating: None,
            next: 100,
        }));
        let shared = Arc::clone(&state);
        let server = Scripted::start(move |asked, stream| {
            let call = Call::of(asked);
            let mut state = shared.lock().expect("no panic");
            let at = state
                .instead
                .iter()
                .position(|instead| instead.method == call.method);
            let instead = at.map(|at| state.instead.remove(at));
            let usual = instead.as_ref().is_none_or(|instead| instead.is_done);
            let reply = usual.then(|| answer(&call, &mut state));
            match instead {
                Some(Instead {
                    status,
                    headers,
                    body,
                    ..
                }) => Reply {
                    status,
                    headers,
                    body,
                }
                .send(stream),
                None => reply.expect("the usual answer").send(stream),
            }
        });
        Self { server, state }
    }

    /// The base URL of the API.
    #[must_use]
    pub fn api(&self) -> String {
        format!("{}/api", self.server.url)
    }

    /// What is there.
    ///
    /// # Panics
    /// If the server has.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }

    /// The texts of all comments of this author.
    #[must_use]
    pub fn texts(&self, author: u64) -> Vec<String> {
        let state = self.state();
        let own = state
            .comments
            .iter()
            .filter(|comment| comment.author == author);
        own.map(|comment| comment.body.clone()).collect()
    }

    /// The calls of this method.
    #[must_use]
    pub fn calls(&self, method: &str) -> Vec<Asked> {
        let asked = self.server.asked();
        asked
            .into_iter()
            .filter(|asked| asked.method == method)
            .collect()
    }
}

/// A call, taken apart.
struct Call {
    method: String,
    /// Behind the API's own path, decoded piece by piece; none if it is elsewhere.
    path: Option<Vec<String>>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: String,
}

impl Call {
    fn of(asked: &Asked) -> Self {
        let decode = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let headers = asked
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'));
        Self {
            method: asked.method.clone(),
            path: path
                .strip_prefix("/api/")
                .map(|rest| rest.split('/').map(decode).collect()),
            query: pairs
                .map(|(name, value)| (decode(name), decode(value)))
                .collect(),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            body: asked.body.clone(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str, usual: usize) -> usize {
        let found = self.query.iter().find(|(known, _)| known == name);
        found
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(usual)
    }

    /// The comment's text; or what is wrong with what was sent.
    fn text(&self) -> Result<String, Reply> {
        let is_json = self
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/json"));
        let value: Value = match serde_json::from_str(&self.body) {
            Ok(value) if is_json => value,
            _ => return Err(Reply::message(400, "Problems parsing JSON")),
        };
        match value["body"].as_str() {
            Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
            _ => Err(Reply::message(422, "body is missing")),
        }
    }
}

/// One page of a list, and whether another one follows.
fn page<T: Clone>(all: &[T], page: usize, size: usize) -> (Vec<T>, bool) {
    let begin = size * (page.max(1) - 1);
    let piece: Vec<T> = all.iter().skip(begin).take(size).cloned().collect();
    (piece, begin + size < all.len())
}
