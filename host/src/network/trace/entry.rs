//! One request on its way, and its answer.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Method, request::Parts};
use reqwest::Url;
use serde_json::json;

use super::{
    Page, State, Watch,
    har::{self, Body, Request, Response},
    mask,
    timings::{Moments, Timings, milliseconds},
};
use crate::network::dialling::Probe;

/// An exchange that is written down when it ends, whatever ends it.
pub struct Entry {
    watch: Watch,
    began: Instant,
    probe: Probe,
    request: Request,
    answer: Option<Answer>,
    retry: Option<String>,
    error: Option<String>,
    is_whole: bool,
}

struct Answer {
    response: Response,
    came: Instant,
    address: Option<SocketAddr>,
    /// How long its body is to be, if it says so.
    length: Option<u64>,
}

impl Entry {
    /// Begins an entry for what a component wants to send.
    pub fn begin(watch: &Watch, wanted: &Parts) -> Self {
        watch.0.trace.state().open += 1;
        Self {
            watch: watch.clone(),
            began: Instant::now(),
            probe: Probe::default(),
            request: Request {
                method: wanted.method.to_string(),
                url: wanted.uri.to_string(),
                headers: wanted.headers.clone(),
                body: Body::default(),
            },
            answer: None,
            retry: watch.repeated(wanted.method.as_str(), wanted.uri.path()),
            error: None,
            is_whole: false,
        }
    }

    /// What takes the times of its connection.
    pub fn probe(&self) -> Probe {
        self.probe.clone()
    }

    /// Notes what is sent.
    pub fn sends(&mut self, method: &Method, url: &Url, headers: &HeaderMap, body: &Bytes) {
        self.request = Request {
            method: method.to_string(),
            url: url.to_string(),
            headers: headers.clone(),
            body: Body::whole(body),
        };
    }

    /// Notes the head of the answer, and whether it came from the server itself: a proxy's address is not the server's.
    pub fn answers(&mut self, answer: &reqwest::Response, is_direct: bool) {
        self.answer = Some(Answer {
            response: Response {
                status: answer.status().as_u16(),
                reason: answer.status().canonical_reason().unwrap_or_default(),
                version: answer.version(),
                headers: answer.headers().clone(),
                body: Body::default(),
            },
            came: Instant::now(),
            address: answer.remote_addr().filter(|_| is_direct),
            length: answer.content_length(),
        });
    }

    /// Counts bytes of the answer's body as they come.
    pub fn counts(&mut self, size: usize) {
        if let Some(answer) = &mut self.answer {
            answer.response.body.size += size as u64;
        }
    }

    /// Takes a piece of the answer's body, as its component sees it.
    pub fn takes(&mut self, piece: &[u8]) {
        if let Some(answer) = &mut self.answer {
            answer.response.body.push(piece);
        }
    }

    /// Ends it as it should.
    pub fn end(mut self) {
        self.is_whole = true;
    }

    /// Ends it with what went wrong.
    pub fn fail(mut self, why: &str) {
        let redactor = &self.watch.0.redactor;
        self.error = Some(redactor.redact(&mask::in_text(why)).into_owned());
    }

    /// Why there is less than there should be, if nobody has said so.
    fn close(&mut self) -> Option<&'static str> {
        match &self.answer {
            _ if self.is_whole || self.error.is_some() => None,
            None => {
                self.error = Some("it was given up before an answer came".to_owned());
                None
            }
            Some(answer) if answer.length == Some(answer.response.body.size) => None,
            Some(_) => Some("the answer was not read to its end"),
        }
    }

    fn text(&mut self) -> (Duration, String) {
        let ended = Instant::now();
        let unread = self.close();
        let watched = &self.watch.0;
        let trace = &watched.trace;
        let since = self.began.saturating_duration_since(trace.0.begun.1);
        let timings = Timings::of(&Moments {
            began: self.began,
            marks: self.probe.marks(),
            head: self.answer.as_ref().map(|answer| answer.came),
            ended,
        });
        let version = self.answer.as_ref().map(|answer| answer.response.version);
        let response = match &self.answer {
            Some(answer) => answer.response.object(&watched.redactor),
            None => har::no_response(),
        };
        let mut entry = json!({
            "pageref": watched.target,
            "startedDateTime": trace.shown(since),
            "time": milliseconds(timings.total),
            "request": self.request.object(version, &watched.redactor),
            "response": response,
            "cache": {},
            "timings": timings.object(),
            "_target": watched.target,
        });
        if let Some(address) = self.answer.as_ref().and_then(|answer| answer.address) {
            entry["serverIPAddress"] = json!(address.ip().to_string());
        }
        if let Some(plugin) = &watched.plugin {
            entry["_plugin"] = json!(plugin);
        }
        if let Some(error) = &self.error {
            entry["_error"] = json!(error);
        }
        let comments: Vec<&str> = self.retry.as_deref().into_iter().chain(unread).collect();
        if !comments.is_empty() {
            entry["comment"] = json!(comments.join("; "));
        }
        (since, entry.to_string())
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let (since, text) = self.text();
        let title = self.watch.title();
        let mut state = self.watch.0.trace.state();
        state.open -= 1;
        let State { spool, pages, .. } = &mut *state;
        let Some(spool) = spool else { return };
        if spool.push(since, text.as_bytes()) {
            let page = pages.entry(self.watch.0.target.clone()).or_insert(Page {
                title,
                began: since,
            });
            page.began = page.began.min(since);
        }
    }
}
