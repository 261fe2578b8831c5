//! A connection that can be reset, closed so that the other side gets an error instead of an end, and the answers on it
//! that no HTTP server writes.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use crate::lock;

/// Says that a connection is to be reset.
#[derive(Clone, Default)]
pub struct Reset(Arc<AtomicBool>);

impl Reset {
    pub fn order(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_ordered(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A TCP connection that is reset when dropped, if that was ordered.
pub struct Connection {
    stream: TcpStream,
    reset: Reset,
}

impl Connection {
    pub fn new(stream: TcpStream, reset: Reset) -> Self {
        Self { stream, reset }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.reset.is_ordered() {
            // With no time to linger, closing sends RST. If that fails the connection is closed in the usual way.
            let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.reset.is_ordered() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.is_ordered() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// How what is written next on a connection goes wrong.
pub enum Wrong {
    /// It goes out so many bytes at a time, each after a while.
    Drops { bytes: usize, each: Duration },
    /// These bytes go out in its place, then the connection is closed.
    Instead(Bytes),
    /// The same, and after them others for ever.
    Endless { first: Bytes, then: Bytes },
}

/// Says how what is written next on a connection goes wrong.
#[derive(Clone, Default)]
pub struct Orders(Arc<Mutex<Option<Wrong>>>);

impl Orders {
    pub fn give(&self, wrong: Wrong) {
        *lock(&self.0) = Some(wrong);
    }
}

/// What answers are written to, above TLS.
pub struct Outgoing<S> {
    inner: S,
    orders: Orders,
    pause: Option<Pin<Box<Sleep>>>,
}

impl<S> Outgoing<S> {
    pub fn new(inner: S, orders: Orders) -> Self {
        Self {
            inner,
            orders,
            pause: None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Outgoing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Outgoing<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self {
            inner,
            orders,
            pause,
        } = self.get_mut();
        let mut orders = lock(&orders.0);
        match orders.as_mut() {
            None => Pin::new(inner).poll_write(cx, buf),
            Some(Wrong::Drops { bytes, each }) => {
                let rest = pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(*each)));
                ready!(rest.as_mut().poll(cx));
                *pause = None;
                Pin::new(inner).poll_write(cx, &buf[..buf.len().min(*bytes)])
            }
            Some(Wrong::Instead(rest)) => {
                ready!(write_all(inner, cx, rest))?;
                Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
            }
            Some(Wrong::Endless { first, then }) => loop {
                ready!(write_all(inner, cx, first))?;
                *first = then.clone();
            },
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

fn write_all(
    inner: &mut (impl AsyncWrite + Unpin),
    cx: &mut Context<'_>,
    rest: &mut Bytes,
) -> Poll<io::Result<()>> {
    while rest.has_remaining() {
        let written = ready!(Pin::new(&mut *inner).poll_write(cx, rest))?;
        rest.advance(written);
    }
    Pin::new(inner).poll_flush(cx)
}
