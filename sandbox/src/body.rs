//! How answers are sent: whole, in drops, or broken off.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Response;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use tokio::sync::mpsc::Receiver;

use crate::call::{Body, Reply};
use crate::fault::FaultKind;
use crate::stream as events;

/// A body on its way.
pub type SentBody = UnsyncBoxBody<Bytes, io::Error>;

fn build(reply: &Reply, body: SentBody) -> Response<SentBody> {
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    for (name, value) in &reply.headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(*name, value);
        }
    }
    response
}

/// An answer as it is.
pub fn whole(mut reply: Reply) -> Response<SentBody> {
    let body = match std::mem::replace(&mut reply.body, Body::Whole(Bytes::new())) {
        Body::Whole(bytes) => Full::new(bytes).map_err(never).boxed_unsync(),
        Body::Pieces(pieces) => pieces_body(pieces, false),
    };
    build(&reply, body)
}

/// An answer whose stream goes wrong, if it has one.
pub fn stream_hit(mut reply: Reply, fault: &FaultKind) -> Response<SentBody> {
    match std::mem::replace(&mut reply.body, Body::Whole(Bytes::new())) {
        Body::Pieces(pieces) => {
            let (pieces, breaks) = events::hit(pieces, fault);
            build(&reply, pieces_body(pieces, breaks))
        }
        body => whole(Reply { body, ..reply }),
    }
}

fn pieces_body(pieces: Receiver<Bytes>, breaks: bool) -> SentBody {
    let frames = stream::unfold((pieces, breaks), |(mut pieces, breaks)| async move {
        match pieces.recv().await {
            Some(piece) => Some((Ok(Frame::data(piece)), (pieces, breaks))),
            None if breaks => Some((cut_off().await, (pieces, false))),
            None => None,
        }
    });
    BodyExt::boxed_unsync(StreamBody::new(frames))
}

/// The end of a body that breaks off. What came before it is sent first: that waits for the body to have no more
/// for the moment, and an error at once would discard it together with the head.
async fn cut_off() -> io::Result<Frame<Bytes>> {
    tokio::task::yield_now().await;
    Err(io::ErrorKind::ConnectionReset.into())
}

fn whole_bytes(reply: &mut Reply) -> Bytes {
    match std::mem::replace(&mut reply.body, Body::Whole(Bytes::new())) {
        Body::Whole(bytes) => bytes,
        Body::Pieces(_) => Bytes::from_static(b"{\"status\":\"RUNNING\"}\n"),
    }
}

/// An answer that ends before its length.
pub fn truncated(mut reply: Reply) -> Response<SentBody> {
    let bytes = whole_bytes(&mut reply);
    let length = bytes.len().to_string();
    let half = Ok(Frame::data(bytes.slice(..bytes.len() / 2)));
    let frames = stream::iter([half]).chain(stream::once(cut_off()));
    let reply = reply.with("content-length", length);
    build(&reply, BodyExt::boxed_unsync(StreamBody::new(frames)))
}

/// An answer in which halves of characters stand for U+FFFD, as JavaScript writes a text that was cut within one. A
/// stream stays as it is.
pub fn halved(mut reply: Reply) -> Response<SentBody> {
    if let Body::Whole(bytes) = &reply.body {
        let text = String::from_utf8_lossy(bytes).replace('\u{fffd}', "\\ud83d");
        reply.body = Body::Whole(text.into());
    }
    whole(reply)
}

/// An answer in drops of so many bytes.
pub fn slow(mut reply: Reply, bytes: usize, each: Duration) -> Response<SentBody> {
    let answer = whole_bytes(&mut reply);
    let frames = stream::unfold(answer, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(each).await;
        let drop = rest.split_to(rest.len().min(bytes));
        Some((Ok(Frame::data(drop)), rest))
    });
    build(&reply, BodyExt::boxed_unsync(StreamBody::new(frames)))
}

fn never(never: Infallible) -> io::Error {
    match never {}
}
