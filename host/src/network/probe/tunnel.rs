//! Having a proxy open a way to the service. Source: RFC 9110, 9.3.6.

use std::time::Instant;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{LIMIT, Probe, Taken, Trouble, host_and_port, trouble};
use crate::network::proxy::Server;

/// The largest head of an answer that the client library takes, in bytes.
const LARGEST_HEAD: usize = 8 << 10;

/// The most header fields that it takes.
const MOST_FIELDS: usize = 100;

/// What a proxy answered.
#[derive(Debug, Default)]
struct Answer {
    status: u16,
    reason: String,
    /// The schemes of `Proxy-Authenticate`.
    schemes: Vec<String>,
}

impl Probe<'_> {
    /// Asks the proxy for a way to the service.
    pub(super) async fn tunnel<S>(&mut self, mut stream: S, proxy: &Server) -> Taken<S>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let began = Instant::now();
        let (host, port) = host_and_port(self.url);
        let to = format!("{host}:{port}");
        let asked = tokio::time::timeout(LIMIT, ask(&mut stream, &to, proxy));
        let trouble = match asked.await {
            Ok(Ok(Answer { status: 200, .. })) => {
                let fact = format!("the proxy opens a way to {host}:{port}");
                self.done("tunnel", Some(began), vec![fact]);
                return Ok(stream);
            }
            Ok(Ok(answer)) => {
                let said = |text: &String| self.reach.conceal(text);
                let answer = Answer {
                    reason: said(&answer.reason),
                    schemes: answer.schemes.iter().map(said).collect(),
                    ..answer
                };
                refused(&answer, &host, port, proxy)
            }
            Ok(Err(why)) => Trouble::unavailable(
                trouble::PROXY,
                format!("the proxy {why} when it was asked for a way to {host}:{port}"),
                "look whether this is an HTTP proxy, and whether its URL has the right scheme and port",
            ),
            Err(_) => Trouble::unavailable(
                trouble::PROXY,
                format!("the proxy did not answer within {} s", LIMIT.as_secs()),
                format!(
                    "look whether the proxy reaches {host}, and whether it lets this machine in"
                ),
            ),
        };
        self.fail("tunnel", Some(began), Vec::new(), trouble)
    }
}

async fn ask<S>(stream: &mut S, to: &str, proxy: &Server) -> Result<Answer, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let agent = concat!("proctor/", env!("CARGO_PKG_VERSION"));
    let shown = proxy
        .credentials()
        .map_or_else(String::new, |(user, password)| {
            let pair = BASE64.encode(format!("{user}:{}", password.expose()));
            format!("Proxy-Authorization: Basic {pair}\r\n")
        });
    let request =
        format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\nUser-Agent: {agent}\r\n{shown}\r\n");
    let broken = |error: std::io::Error| format!("broke the connection off ({error})");
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let mut head = Vec::new();
    loop {
        let mut piece = [0; 1024];
        let size = stream.read(&mut piece).await.map_err(broken)?;
        if size == 0 {
            return Err("closed the connection".to_owned());
        }
        head.extend_from_slice(&piece[..size]);
        if let Some(answer) = read(&head)? {
            return Ok(answer);
        }
        if head.len() > LARGEST_HEAD {
            return Err("answered with endless header fields".to_owned());
        }
    }
}

/// The answer, once its head is whole.
fn read(head: &[u8]) -> Result<Option<Answer>, String> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    match response.parse(head) {
        Ok(httparse::Status::Partial) => Ok(None),
        Ok(httparse::Status::Complete(_)) => {
            let schemes = response
                .headers
                .iter()
                .filter(|field| field.name.eq_ignore_ascii_case("proxy-authenticate"))
                .filter_map(|field| {
                    let text = String::from_utf8_lossy(field.value).into_owned();
                    text.split_whitespace().next().map(str::to_owned)
                })
                .collect();
            Ok(Some(Answer {
                status: response.code.unwrap_or_default(),
                reason: response.reason.unwrap_or_default().to_owned(),
                schemes,
            }))
        }
        Err(_) => Err("did not answer in HTTP".to_owned()),
    }
}

fn refused(answer: &Answer, host: &str, port: u16, proxy: &Server) -> Trouble {
    let status = match answer.reason.as_str() {
        "" => answer.status.to_string(),
        reason => format!("{} {reason}", answer.status),
    };
    match answer.status {
        407 => unauthorized(answer, &status, proxy),
        403 | 405 => Trouble::unavailable(
            trouble::PROXY,
            format!("the proxy does not allow {host}:{port} ({status})"),
            format!(
                "have {host}, port {port}, allowed; if it is inside of your network, except it with NO_PROXY"
            ),
        ),
        502..=504 => Trouble::unavailable(
            trouble::PROXY,
            format!("the proxy cannot reach {host}:{port} ({status})"),
            format!(
                "look for a slip in the URL; if only this machine reaches {host}, except it with NO_PROXY"
            ),
        ),
        _ => Trouble::unavailable(
            trouble::PROXY,
            format!("the proxy opens no way to {host}:{port}: it answers {status}"),
            "look whether this is an HTTP proxy that allows CONNECT",
        ),
    }
}

fn unauthorized(answer: &Answer, status: &str, proxy: &Server) -> Trouble {
    let has_basic = answer
        .schemes
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case("basic"));
    if !has_basic && !answer.schemes.is_empty() {
        return Trouble::usage(
            format!(
                "the proxy wants to be signed in to by {}, which is not supported ({status})",
                answer.schemes.join(" or ")
            ),
            "have it take a user name and password (Basic), or let this machine in without; a local proxy such as cntlm \
             can sign in for it",
        );
    }
    let (message, next) = match (proxy.user(), proxy.credentials()) {
        (None, None) => (
            format!("the proxy wants a user name and password ({status})"),
            "put them into the variable, as http://USER:PASSWORD@HOST:PORT, from the CI system's store of secrets",
        ),
        (None, Some(_)) => (
            format!(
                "the proxy refuses the user name or the password, of which there is but one ({status})"
            ),
            "put both into the variable, as http://USER:PASSWORD@HOST:PORT",
        ),
        (Some(user), _) => (
            format!("the proxy refuses user `{user}` or the password ({status})"),
            "correct them in the variable; in a password, `@ : / ? #` are written `%40 %3A %2F %3F %23`",
        ),
    };
    Trouble::usage(message, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_once_its_head_is_whole() {
        assert!(read(b"HTTP/1.1 407 Proxy Auth").expect("fine").is_none());
        let answer = read(b"HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nproxy-authenticate: Negotiate x\r\n\r\n<html>")
            .expect("fine")
            .expect("whole");
        assert_eq!(
            (answer.status, answer.schemes.join(" ").as_str()),
            (407, "NTLM Negotiate")
        );
        assert_eq!(
            read(b"SSH-2.0-x\r\n\r\n").unwrap_err(),
            "did not answer in HTTP"
        );
    }
}
