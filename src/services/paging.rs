//! Lists that come in pages.

use serde_json::Value;

use crate::api::json;
use crate::api::{Answer, Client, Failure, Fault, Phase};
use crate::error::{Code, Problem};

/// The most pages that are read of one list. A list without end would otherwise be read for ever.
const MOST_PAGES: usize = 500;

/// Reads a list page by page, each page named by the cursor that the one before gave; `take` sees each page's items.
///
/// `path` ends where `after=CURSOR` can be appended.
///
/// # Errors
/// What the page that could not be read failed of, or `Malformed` if there is no list or no end.
pub fn by_cursor(
    client: &mut Client,
    path: &str,
    places: &str,
    mut take: impl FnMut(&mut Client, Vec<Value>),
) -> Result<(), Failure> {
    pages(client, path, places, &mut take)
}

fn pages(
    client: &mut Client,
    path: &str,
    places: &str,
    take: &mut dyn FnMut(&mut Client, Vec<Value>),
) -> Result<(), Failure> {
    let mut after = String::new();
    let mut seen = Vec::new();
    for _ in 0..MOST_PAGES {
        let page = if after.is_empty() {
            path.to_owned()
        } else {
            format!("{path}&after={}", crate::api::encode(&after))
        };
        let (items, json) = read_page(client, &page, places)?;
        take(client, items);
        match next_cursor(client, &json).map_err(|why| malformed(path, why))? {
            None => return Ok(()),
            Some(cursor) if seen.contains(&cursor) => {
                return Err(malformed(path, "the list gives the same cursor twice"));
            }
            Some(cursor) => {
                seen.push(cursor.clone());
                after = cursor;
            }
        }
    }
    Err(malformed(path, "the list has no end"))
}

/// Reads a list page by page, each page named by how many items came before, up to `most` items.
///
/// `path` ends where `offset=N` can be appended.
///
/// # Errors
/// As [`by_cursor`].
pub fn by_offset(
    client: &mut Client,
    path: &str,
    places: &str,
    limit: usize,
    most: usize,
) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    for _ in 0..MOST_PAGES {
        let page = format!("{path}&limit={limit}&offset={}", all.len());
        let (items, json) = read_page(client, &page, places)?;
        let came = items.len();
        all.extend(items);
        let more = match json::text(&json, client.service().assumed("has_next_page")) {
            Some(told) => told == "true",
            None => came >= limit,
        };
        if came == 0 || !more || all.len() >= most {
            return Ok(all);
        }
    }
    Err(malformed(path, "the list has no end"))
}

/// What was read before a trigger, named by `what` for people. A list that cannot be understood, or that this server does not have, is done without:
/// the trigger itself will tell of an unknown id. A service that cannot be reached, or refuses the key, ends the run
/// before it begins.
///
/// # Errors
/// What the service failed of.
pub fn if_understood<T>(
    client: &mut Client,
    what: &str,
    read: Result<T, Failure>,
) -> Result<Option<T>, Problem> {
    let problem = match read {
        Ok(read) => return Ok(Some(read)),
        Err(failure) => failure.problem(Phase::BeforeTrigger),
    };
    match problem.code {
        Code::Usage | Code::Protocol => {
            client.warn(format!("{what} cannot be read: {problem}"));
            Ok(None)
        }
        _ => Err(problem),
    }
}

/// Reads a list page by page, each page named by the cursor in the headers of the one before.
///
/// `path` ends where `cursor=CURSOR` can be appended. The headers are `X-Next-Cursor` and `X-Has-More`.
///
/// # Errors
/// As [`by_cursor`].
pub fn by_header(
    client: &mut Client,
    path: &str,
    places: &str,
    most: usize,
) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..MOST_PAGES {
        let page = match seen.last() {
            None => path.to_owned(),
            Some(cursor) => format!("{path}&cursor={}", crate::api::encode(cursor)),
        };
        let (items, answer) = read_answer(client, &page, places)?;
        all.extend(items);
        let more = answer.head.header("x-has-more") == Some("true");
        let cursor = answer.head.header("x-next-cursor").unwrap_or_default();
        if !more || all.len() >= most {
            return Ok(all);
        }
        if cursor.is_empty() {
            return Err(malformed(path, "the list goes on, but gives no cursor"));
        }
        if seen.iter().any(|known| known == cursor) {
            return Err(malformed(path, "the list gives the same cursor twice"));
        }
        seen.push(cursor.to_owned());
    }
    Err(malformed(path, "the list has no end"))
}

/// Reads a list by numbered pages from 1. `page=N` is appended to `path` from the second page on. It goes on while `next_page` names a page, or where no answer does that, while `total` says that there is
/// more than came.
///
/// # Errors
/// As [`by_cursor`].
pub fn by_number(
    client: &mut Client,
    path: &str,
    places: &str,
    most: usize,
) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    let mut before = Vec::new();
    for number in 1..=MOST_PAGES {
        let page = match number {
            1 => path.to_owned(),
            _ => format!("{path}&page={number}"),
        };
        let (items, json) = read_page(client, &page, places)?;
        // A server without pages answers with the same list again and again.
        if items.is_empty() || items == before {
            return Ok(all);
        }
        before.clone_from(&items);
        all.extend(items);
        let service = client.service();
        let next = json::number(&json, service.assumed("next_page"));
        let total = json::number(&json, service.assumed("total"));
        let more = next.is_some() || total.is_some_and(|total| total > all.len() as f64);
        if !more || all.len() >= most {
            return Ok(all);
        }
    }
    Err(malformed(path, "the list has no end"))
}

fn read_page(
    client: &mut Client,
    page: &str,
    places: &str,
) -> Result<(Vec<Value>, Value), Failure> {
    let (items, answer) = read_answer(client, page, places)?;
    Ok((items, answer.json))
}

fn read_answer(
    client: &mut Client,
    page: &str,
    places: &str,
) -> Result<(Vec<Value>, Answer), Failure> {
    let answer = client.get(page)?;
    let items = json::list(&answer.json, client.service().assumed(places))
        .map(|items| items.into_iter().cloned().collect())
        // An empty list may come as nothing at all.
        .or_else(|| {
            answer
                .json
                .get("data")
                .is_some_and(Value::is_null)
                .then(Vec::new)
        });
    match items {
        Some(items) => Ok((items, answer)),
        None => Err(Failure {
            call: call(page),
            fault: Fault::Malformed {
                why: "there is no list in it".to_owned(),
                request_id: answer.request_id,
            },
        }),
    }
}

/// The cursor of the next page; none at the list's end. A list that goes on without saying where is not read to its
/// end, and must not be taken for whole.
fn next_cursor(client: &Client, json: &Value) -> Result<Option<String>, &'static str> {
    let service = client.service();
    let more = json::text(json, service.assumed("has_next_page"));
    let cursor = json::text(json, service.assumed("next_cursor"));
    match (more.as_deref(), cursor) {
        (Some("true"), None) => Err("the list goes on, but gives no cursor"),
        (Some("true") | None, cursor) => Ok(cursor),
        (Some(_), _) => Ok(None),
    }
}

fn malformed(path: &str, why: &str) -> Failure {
    Failure {
        call: call(path),
        fault: Fault::Malformed {
            why: why.to_owned(),
            request_id: None,
        },
    }
}

fn call(path: &str) -> String {
    format!("GET {}", path.split('?').next().unwrap_or(path))
}
