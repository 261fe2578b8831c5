//! A server on loopback that takes down what arrives and misbehaves as its paths say.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the first byte of a TLS connection is.
const TLS_HANDSHAKE: u8 = 0x16;

/// A server that runs until the test ends.
pub struct Server {
    /// `http://127.0.0.1:PORT`
    pub origin: String,
    /// `127.0.0.1:PORT`
    pub address: String,
    seen: Arc<Mutex<Seen>>,
}

/// What answers instead of the paths: from a request's head to a whole response.
type Script = dyn Fn(&str) -> String + Send + Sync;

#[derive(Default)]
struct Seen {
    connections: usize,
    heads: Vec<String>,
}

impl Server {
    /// Starts it.
    pub async fn start() -> Self {
        Self::serving(None).await
    }

    /// Starts one that answers every request with the status and text that `script` makes of its first line.
    pub async fn answering(script: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let script = move |head: &str| {
            let (status, text) = script(head.lines().next().unwrap_or_default());
            let length = text.len();
            format!("HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\n\r\n{text}")
        };
        Self::serving(Some(Arc::new(script))).await
    }

    async fn serving(script: Option<Arc<Script>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound").to_string();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                kept.lock().expect("no panic").connections += 1;
                tokio::spawn(serve(stream, Arc::clone(&kept), script.clone()));
            }
        });
        Self {
            origin: format!("http://{address}"),
            address,
            seen,
        }
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.seen.lock().expect("no panic").connections
    }

    /// The heads of the requests that arrived, in small letters.
    pub fn heads(&self) -> Vec<String> {
        self.seen.lock().expect("no panic").heads.clone()
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Seen>>, script: Option<Arc<Script>>) {
    while let Some(head) = read_head(&mut stream).await {
        seen.lock()
            .expect("no panic")
            .heads
            .push(head.to_lowercase());
        if let Some(script) = &script {
            send(&mut stream, script(&head).as_bytes()).await;
            continue;
        }
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        if answer(&mut stream, &path, &head).await.is_none() {
            return;
        }
    }
}

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
        if head == [TLS_HANDSHAKE] {
            send(stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let length = head
        .lines()
        .find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length:")?
                .trim()
                .parse()
                .ok()
        })
        .unwrap_or(0);
    stream.read_exact(&mut vec![0; length]).await.ok()?;
    Some(head)
}

/// Answers by path; none if the connection is to be closed.
async fn answer(stream: &mut TcpStream, path: &str, head: &str) -> Option<()> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    match path {
        "/echo" => whole(stream, "", head.as_bytes()).await,
        "/redirect" => {
            let text =
                format!("HTTP/1.1 302 Found\r\nLocation: {query}\r\nContent-Length: 0\r\n\r\n");
            send(stream, text.as_bytes()).await
        }
        "/reset" => None,
        "/hang" => std::future::pending().await,
        "/cut" => {
            send(
                stream,
                b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
            )
            .await?;
            None
        }
        "/nonsense" => send(stream, b"NONSENSE\r\n\r\n").await,
        "/zipped" => whole(stream, "Content-Encoding: gzip\r\n", b"zipped").await,
        "/heads" => whole(stream, &format!("X-Long: {}\r\n", "x".repeat(60_000)), b"").await,
        "/large" => whole(stream, "", &vec![b'x'; (32 << 20) + 1]).await,
        "/split" => split(stream, head).await,
        "/chatty" => chatty(stream).await,
        "/pouring" => pouring(stream).await,
        "/stream" => {
            send(
                stream,
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nfirst ",
            )
            .await?;
            std::future::pending().await
        }
        _ => whole(stream, "", b"fine").await,
    }
}

async fn whole(stream: &mut TcpStream, headers: &str, body: &[u8]) -> Option<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    send(stream, head.as_bytes()).await?;
    send(stream, body).await
}

/// Echoes the head byte by byte.
async fn split(stream: &mut TcpStream, head: &str) -> Option<()> {
    send(
        stream,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    )
    .await?;
    for byte in head.bytes() {
        send(stream, &[b'1', b'\r', b'\n', byte, b'\r', b'\n']).await?;
        tokio::task::yield_now().await;
    }
    send(stream, b"0\r\n\r\n").await
}

/// Sends a piece every 5 ms for 12 s: longer than a component may compute.
async fn chatty(stream: &mut TcpStream) -> Option<()> {
    send(
        stream,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
    )
    .await?;
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(12);
    while tokio::time::Instant::now() < end {
        send(stream, b":\n\n").await?;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    None
}

/// Sends events as fast as they are read for 12 s: longer than a component may compute.
async fn pouring(stream: &mut TcpStream) -> Option<()> {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n";
    send(stream, head).await?;
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(12);
    while tokio::time::Instant::now() < end {
        send(stream, &[b'\n'; 16 << 10]).await?;
    }
    None
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) -> Option<()> {
    stream.write_all(bytes).await.ok()?;
    stream.flush().await.ok()
}
