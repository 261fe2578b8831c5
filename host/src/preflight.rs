//! Looks whether the system under test answers, before a run costs anything.

use std::{collections::BTreeSet, error::Error, time::Duration};

use reqwest::{Client, Method, StatusCode, Url};
use tokio::task::JoinSet;

use crate::{
    bindings::proctor::ci::types::{Parameter, ParameterKind, Setting, Value},
    config::url::shown,
    network::{proxy::Route, reach::Reach, visitor},
};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);

/// What looking at a URL has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The system cannot be tested as it is: one sentence.
    Dead(String),
    /// Something looks odd, but a run may succeed: one sentence.
    Doubtful(String),
}

/// The URLs of systems under test among a target's settings.
pub fn urls<'a>(
    parameters: &'a [Parameter],
    settings: &'a [Setting],
) -> impl Iterator<Item = String> + 'a {
    let is_system = |name: &str| {
        parameters
            .iter()
            .any(|known| known.name == name && known.kind == ParameterKind::SystemUrl)
    };
    settings
        .iter()
        .filter_map(move |setting| match &setting.value {
            Value::Text(url) if is_system(&setting.name) => Some(url.clone()),
            _ => None,
        })
}

/// Looks at all URLs at once, at each one time. What answers as it should gives no finding.
pub async fn look(urls: BTreeSet<String>, reach: &Reach) -> Vec<Finding> {
    if urls.is_empty() {
        return Vec::new();
    }
    let client = match visitor(reach, CONNECT, ANSWER) {
        Ok(client) => client,
        Err(error) => {
            return vec![Finding::Doubtful(format!(
                "the systems under test were not looked at: {error}"
            ))];
        }
    };
    let mut looks = JoinSet::new();
    for url in urls {
        looks.spawn(look_at(client.clone(), reach.clone(), url));
    }
    let mut findings: Vec<Finding> = looks.join_all().await.into_iter().flatten().collect();
    findings.sort_by_key(|finding| match finding {
        Finding::Dead(text) | Finding::Doubtful(text) => text.clone(),
    });
    findings
}

async fn look_at(client: Client, reach: Reach, text: String) -> Option<Finding> {
    let Ok(url) = Url::parse(&text) else {
        return Some(Finding::Dead(format!("{text} is not a URL")));
    };
    // Behind a proxy a failure to connect may be the proxy's own.
    let behind_proxy = match reach.route(&url) {
        Ok(route) => matches!(route, Route::Proxy(..)),
        Err(error) => {
            let shown = shown(&url);
            return Some(Finding::Doubtful(format!(
                "{shown} was not looked at: {error}"
            )));
        }
    };
    let mut answer = ask(&client, Method::HEAD, &url).await;
    // Some servers do not know HEAD: what it says against a system has to be confirmed.
    if matches!(answer, Ok(status) if is_down(status)) {
        answer = ask(&client, Method::GET, &url).await;
    }
    let shown = shown(&url);
    match answer {
        Ok(status) if is_down(status) => Some(Finding::Dead(format!(
            "{shown} answers {}",
            status.as_u16()
        ))),
        Ok(_) => None,
        Err(error) => Some(judge(&shown, &error, behind_proxy)),
    }
}

async fn ask(client: &Client, method: Method, url: &Url) -> reqwest::Result<StatusCode> {
    let answer = client.request(method, url.clone()).send().await?;
    Ok(answer.status())
}

/// The answers of a gateway that has nothing behind it.
const fn is_down(status: StatusCode) -> bool {
    matches!(status.as_u16(), 502..=504)
}

/// A name that does not resolve and a connection that is refused are certain. Anything else may look different from
/// where the service stands.
fn judge(shown: &str, error: &reqwest::Error, behind_proxy: bool) -> Finding {
    let chain = chain(error);
    let refused = chain.iter().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|cause| cause.kind() == std::io::ErrorKind::ConnectionRefused)
    });
    let unresolved = chain.iter().any(|cause| cause.to_string() == "dns error");
    let last = chain.last().map(ToString::to_string).unwrap_or_default();
    match (error.is_connect() && !behind_proxy, refused, unresolved) {
        (true, true, _) => Finding::Dead(format!("{shown} refuses connections")),
        (true, _, true) => Finding::Dead(format!(
            "{shown} cannot be found: its name does not resolve"
        )),
        _ if error.is_timeout() => Finding::Doubtful(format!("{shown} did not answer in time")),
        _ => Finding::Doubtful(format!("{shown} could not be looked at: {last}")),
    }
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source()).collect()
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// Serves one status for ever and returns the URL.
    async fn serve(status: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 2048];
                let _ = stream.read(&mut request).await;
                let answer =
                    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        url
    }

    async fn look_one(url: &str) -> Vec<Finding> {
        look(BTreeSet::from([url.to_owned()]), &Reach::default()).await
    }

    #[tokio::test]
    async fn what_answers_is_alive_whatever_it_says() {
        for status in [
            "200 OK",
            "404 Not Found",
            "401 Unauthorized",
            "500 Oops",
            "302 Found",
        ] {
            assert_eq!(look_one(&serve(status).await).await, [], "{status}");
        }
    }

    #[tokio::test]
    async fn an_empty_gateway_is_dead() {
        let url = serve("503 Service Unavailable").await;
        assert_eq!(
            look_one(&url).await,
            [Finding::Dead(format!("{url} answers 503"))]
        );
    }

    #[tokio::test]
    async fn a_closed_port_is_dead() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://user:word@{}/", listener.local_addr().unwrap());
        drop(listener);
        let findings = look_one(&url).await;
        assert!(
            matches!(findings.as_slice(), [Finding::Dead(text)]
                if text.ends_with("refuses connections") && !text.contains("word")),
            "{findings:?}"
        );
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_is_dead() {
        let findings = look_one("http://nothing.invalid/").await;
        assert!(
            matches!(findings.as_slice(), [Finding::Dead(_)]),
            "{findings:?}"
        );
    }
}
