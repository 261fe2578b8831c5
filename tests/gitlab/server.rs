//! A place to download from: it gives files by path, and remembers what it was asked for.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is given for a path.
#[derive(Clone)]
pub enum Answer {
    File(Vec<u8>),
    /// Half of the file, then the end of the connection; nobody was told how long it is.
    Half(Vec<u8>),
    Status(u16),
    /// No answer, for as long as the test runs.
    Hang,
}

/// Serves until the test process ends.
pub struct Server {
    pub url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<HashMap<String, Answer>>,
    asked: Mutex<Vec<String>>,
    held: Mutex<Vec<TcpStream>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&own);
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { url, shared }
    }

    pub fn give(&self, path: &str, answer: Answer) {
        let mut answers = self.shared.answers.lock().expect("nobody panics");
        answers.insert(path.to_owned(), answer);
    }

    /// The paths that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().expect("nobody panics").clone()
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        let path = {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let first = head.first().cloned().unwrap_or_default();
            first.split(' ').nth(1).unwrap_or_default().to_owned()
        };
        self.asked.lock().expect("nobody panics").push(path.clone());
        let answer = self
            .answers
            .lock()
            .expect("nobody panics")
            .get(&path)
            .cloned();
        let (status, body) = match answer.unwrap_or(Answer::Status(404)) {
            Answer::File(body) => ("200 OK".to_owned(), body),
            Answer::Half(body) => ("200 OK".to_owned(), body[..body.len() / 2].to_vec()),
            Answer::Status(status) => (format!("{status} No"), Vec::new()),
            Answer::Hang => {
                self.held.lock().expect("nobody panics").push(stream);
                return;
            }
        };
        // Whoever asked may be gone by now.
        let _ = write!(stream, "HTTP/1.1 {status}\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(&body);
    }
}
