//! A server on loopback that answers as a test says, byte by byte if need be.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
    /// First line and headers.
    pub head: String,
    pub body: String,
}

/// A server that runs until the test's process ends.
pub struct Scripted {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scripted {
    /// Starts it. `script` writes the whole answer, head and all, and the connection is closed when it returns.
    pub fn start(script: impl Fn(&Asked, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (noted, script) = (Arc::clone(&asked), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (noted, script) = (Arc::clone(&noted), Arc::clone(&script));
                std::thread::spawn(move || {
                    if let Some((asked, mut stream)) = read(stream) {
                        noted.lock().expect("no panic").push(asked.clone());
                        script(&asked, &mut stream);
                    }
                });
            }
        });
        Self { url, asked }
    }

    /// Starts one that answers each request with a status and a body of JSON.
    pub fn answering(script: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::start(move |asked, stream| {
            let (status, body) = script(asked);
            // The other side may have gone.
            let _ = stream.write_all(answer(status, &body).as_bytes());
        })
    }

    /// The requests that arrived.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }
}

/// An answer of JSON.
#[must_use]
pub fn answer(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn read(stream: TcpStream) -> Option<(Asked, TcpStream)> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while reader.read_line(&mut head).ok()? > 2 {}
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = head.split(' ');
    let asked = Asked {
        method: words.next()?.to_owned(),
        path: words.next()?.to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
        head,
    };
    Some((asked, stream))
}
