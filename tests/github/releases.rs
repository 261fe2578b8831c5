//! A place to download releases from, on this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use sha2::{Digest, Sha256};

/// How a file is served.
#[derive(Debug, Clone)]
pub enum Answer {
    Whole(Vec<u8>),
    /// Half of it, though the header promises all.
    Truncated(Vec<u8>),
    Status(u16),
    /// The first half, and then nothing for as long as the client waits.
    Hang(Vec<u8>),
}

#[derive(Default)]
struct Shared {
    /// What is served below a path: one after the other, the last for ever.
    answers: BTreeMap<String, Vec<Answer>>,
    requests: Vec<String>,
}

/// The server. It stops with the tests.
pub struct Releases {
    address: std::net::SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl Releases {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Mutex::new(Shared::default()));
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&served);
                // A client that goes away in the middle is none of the server's trouble.
                thread::spawn(move || serve(stream, &shared).unwrap_or_default());
            }
        });
        Self { address, shared }
    }

    /// For `PROCTOR_DOWNLOAD`.
    pub fn url(&self) -> String {
        format!("http://{}/releases", self.address)
    }

    /// Serves an asset of a version.
    pub fn with(self, version: &str, asset: &str, answers: &[Answer]) -> Self {
        let path = format!("/releases/v{version}/{asset}");
        self.shared
            .lock()
            .expect("no panic")
            .answers
            .insert(path, answers.to_vec());
        self
    }

    /// The paths that were asked for, without `/releases/`.
    pub fn requests(&self) -> Vec<String> {
        let shared = self.shared.lock().expect("no panic");
        let all = shared.requests.iter();
        all.map(|path| path.trim_start_matches("/releases/").to_owned())
            .collect()
    }
}

fn serve(mut stream: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let answer = {
        let mut shared = shared.lock().expect("no panic");
        shared.requests.push(path.clone());
        match shared.answers.get_mut(&path) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) if !answers.is_empty() => answers[0].clone(),
            _ => Answer::Status(404),
        }
    };
    let mut head = |status: u16, length: u64| {
        write!(
            stream,
            "HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        )
    };
    match answer {
        Answer::Whole(bytes) => {
            head(200, bytes.len() as u64)?;
            stream.write_all(&bytes)
        }
        Answer::Truncated(bytes) => {
            head(200, bytes.len() as u64)?;
            stream.write_all(&bytes[..bytes.len() / 2])
        }
        Answer::Status(status) => head(status, 0),
        Answer::Hang(bytes) => {
            head(200, bytes.len() as u64)?;
            stream.write_all(&bytes[..bytes.len() / 2])?;
            // Ends when the client goes away.
            std::io::copy(&mut stream, &mut std::io::sink()).map(|_| ())
        }
    }
}

/// The SHA-256 of bytes, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What is released in these tests: a program that tells its version, and writes down what else it is called with.
pub fn program(version: &str) -> Vec<u8> {
    let script = "case $1 in --version) echo \"proctor VERSION\" ;; *) printf '%s\\n' \"$@\" >called ;; esac";
    format!("#!/bin/sh\n{script}\n")
        .replace("VERSION", version)
        .into_bytes()
}

/// The asset of the platform that [`crate::runner::Runner`] says it is.
pub const ASSET: &str = "proctor-x86_64-unknown-linux-musl";
