//! A small HTTP client that hides nothing, and the sandboxes that it talks to.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use proctor_sandbox::{Fault, FaultKind, Sandbox, Scenario};
use serde_json::{Value, json};

/// The sandbox's full key.
pub const KEY: &str = "kep_sandbox";

/// A key that may only read.
pub const READ_ONLY_KEY: &str = "kep_readonly";

/// A target that the real service could reach. Nothing is ever sent there.
pub const TARGET: &str = "https://staging.example.com";

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(30);

/// A sandbox with these lines in `[keploy]`.
pub fn sandbox(settings: &str) -> Sandbox {
    scenario(&format!("[keploy]\nqueue_ms = 5\n{settings}"))
}

/// A sandbox with this scenario.
pub fn scenario(text: &str) -> Sandbox {
    let scenario = Scenario::from_toml(text).unwrap_or_else(|error| panic!("{error}"));
    Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
}

/// Waits until something is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < LONG, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A fault that hits the next request to a path.
pub fn fault(method: &str, path: &str, kind: FaultKind) -> Fault {
    Fault {
        service: None,
        method: method.to_owned(),
        path: path.to_owned(),
        skip: 0,
        times: 1,
        kind,
    }
}

/// A request, yet to be sent.
pub struct Call {
    address: String,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// A call of Keploy's API with the full key.
pub fn call(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    bare(sandbox, method, &format!("/keploy/client/v1{path}")).header("x-api-key", KEY)
}

/// A request without a key, to any path.
pub fn bare(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    Call {
        address: sandbox.url().trim_start_matches("http://").to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    }
}

pub fn get(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, "GET", path).send()
}

pub fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Answer {
    call(sandbox, "POST", path).json(body).send()
}

impl Call {
    /// Sets a header, in the place of one with the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json")
            .body(body.to_string())
    }

    pub fn send(self) -> Answer {
        self.try_send().expect("an answer")
    }

    /// Sends it and reads the whole answer.
    pub fn try_send(self) -> io::Result<Answer> {
        self.open()?.whole()
    }

    /// Sends it and reads the head of the answer.
    pub fn open(self) -> io::Result<Open> {
        self.start()?.head()
    }

    /// Sends it and reads nothing.
    pub fn start(self) -> io::Result<Open> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(LONG))?;
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.method,
            self.path,
            self.address,
            self.body.len()
        );
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all((head + "\r\n").as_bytes())?;
        stream.write_all(&self.body)?;
        Ok(Open {
            status: 0,
            headers: Vec::new(),
            reader: BufReader::new(stream),
        })
    }
}

/// An answer that is being read.
pub struct Open {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    reader: BufReader<TcpStream>,
}

impl Open {
    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(ErrorKind::UnexpectedEof.into()),
        }
    }

    fn head(mut self) -> io::Result<Self> {
        let status = self.line()?;
        self.status = status[9..12].parse().expect("a status");
        loop {
            match self.line()?.split_once(": ") {
                Some((name, value)) => self.headers.push((name.to_owned(), value.to_owned())),
                None => return Ok(self),
            }
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }

    /// Whether nothing comes for a while.
    pub fn is_silent(&mut self) -> bool {
        let stream = self.reader.get_ref();
        stream
            .set_read_timeout(Some(Duration::from_millis(300)))
            .expect("a timeout");
        let read = self.reader.fill_buf();
        matches!(read, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }

    /// The next piece of a chunked body; none at its proper end.
    pub fn piece(&mut self) -> io::Result<Option<String>> {
        let length = usize::from_str_radix(&self.line()?, 16).expect("a chunk's length");
        let mut piece = vec![0; length];
        self.reader.read_exact(&mut piece)?;
        self.line()?;
        let piece = String::from_utf8(piece).expect("UTF-8");
        Ok((length > 0).then_some(piece))
    }

    /// The pieces up to the proper end.
    pub fn pieces(&mut self) -> io::Result<Vec<String>> {
        let mut pieces = Vec::new();
        while let Some(piece) = self.piece()? {
            pieces.push(piece);
        }
        Ok(pieces)
    }

    fn whole(mut self) -> io::Result<Answer> {
        let length = self.header("content-length").map(str::to_owned);
        let body = match length {
            // It has no body, and so says nothing of its length.
            _ if self.status == 204 => String::new(),
            Some(length) => {
                let mut body = vec![0; length.parse().expect("a length")];
                self.reader.read_exact(&mut body)?;
                String::from_utf8(body).expect("UTF-8")
            }
            None => self.pieces()?.concat(),
        };
        Ok(Answer {
            status: self.status,
            headers: self.headers,
            body,
        })
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// What a success holds.
    pub fn data(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.json()["data"].clone()
    }

    /// The objects of a list.
    pub fn list(&self) -> Vec<Value> {
        self.data().as_array().expect("a list").clone()
    }

    /// The ids of a list.
    pub fn ids(&self) -> Vec<String> {
        self.ids_of("id")
    }

    /// The ids of a list in which they have another name.
    pub fn ids_of(&self, name: &str) -> Vec<String> {
        self.list().iter().map(|item| text(&item[name])).collect()
    }

    pub fn pagination(&self) -> Value {
        self.json()["meta"]["pagination"].clone()
    }

    /// Status and code of an error.
    pub fn refusal(&self) -> (u16, String) {
        (self.status, text(&self.json()["error"]["code"]))
    }
}

/// A text as it is.
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// Starts all suites of an app and returns the job's id.
pub fn run(sandbox: &Sandbox, app: &str) -> String {
    run_with(sandbox, app, &json!({"base_url": TARGET}))
}

/// Starts what the body says and returns the job's id.
pub fn run_with(sandbox: &Sandbox, app: &str, body: &Value) -> String {
    let answer = post(sandbox, &format!("/apps/{app}/test-suites/run"), body);
    assert_eq!(answer.status, 202, "{answer:?}");
    text(&answer.data()["job_id"])
}

/// Follows a job to its end and returns its last state.
pub fn end(sandbox: &Sandbox, job: &str) -> Value {
    let mut state = Value::Null;
    until("the job ends", || {
        state = get(sandbox, &format!("/jobs/{job}")).data();
        !["QUEUED", "RUNNING"].contains(&state["job_status"].as_str().expect("a word"))
    });
    state
}
