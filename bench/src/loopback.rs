//! A server that notes when something arrives, and knows nothing.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use crate::{Result, command::now};

/// How long a request is waited for.
const LONGEST: Duration = Duration::from_secs(60);

/// Answers 404 to everything.
pub struct Loopback {
    address: SocketAddr,
    arrived: Receiver<Duration>,
}

impl Loopback {
    /// Begins to serve.
    ///
    /// # Errors
    /// If no port is free.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (tell, arrived) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(at) = serve(stream) else { continue };
                if tell.send(at).is_err() {
                    return;
                }
            }
        });
        Ok(Self { address, arrived })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// When the next request came.
    ///
    /// # Errors
    /// If none came within a minute.
    pub fn arrival(&self) -> Result<Duration> {
        Ok(self.arrived.recv_timeout(LONGEST)?)
    }

    /// Forgets what came after the first request of a contender.
    pub fn forget(&self) {
        while self.arrived.try_recv().is_ok() {}
    }
}

/// Reads a request's head, and says when its first bytes came.
fn serve(mut stream: TcpStream) -> Option<Duration> {
    let mut head = [0; 8_192];
    let read = stream.read(&mut head).ok().filter(|read| *read > 0)?;
    let at = now();
    let mut seen = head[..read].to_vec();
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut head) {
            Ok(read) if read > 0 => seen.extend_from_slice(&head[..read]),
            _ => return Some(at),
        }
    }
    // Whoever asked may be gone already.
    let _ = stream.write_all(
        b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
    );
    Some(at)
}
