//! What a service must have said before a run may pass. Written without a look at how answers are read.

use proctor::model::{Target, Value as Setting};
use serde_json::Value;

/// The words that say of a run or a test that all is well.
const GOOD: [&str; 9] = [
    "pass",
    "passed",
    "success",
    "succeeded",
    "successful",
    "ok",
    "true",
    "up",
    "valid",
];

/// Whether one of the documents says in any place of it that something went well.
pub fn of_a_pass<'d>(target: &Target, documents: impl IntoIterator<Item = &'d [u8]>) -> bool {
    let words = words(target);
    documents
        .into_iter()
        .flat_map(values)
        .any(|value| says(&value, &words))
}

/// The values in a document: one, or one on each line, with or without the name of a field before it.
fn values(document: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(document);
    let text = proctor::api::mended(&text);
    if let Ok(value) = serde_json::from_str(&text) {
        return vec![value];
    }
    text.lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data:").unwrap_or(line)).ok())
        .collect()
}

fn words(target: &Target) -> Vec<String> {
    let mut words: Vec<String> = GOOD.map(str::to_owned).to_vec();
    // Where the target itself says what counts as a pass, that counts here, too.
    words.extend(target.texts("passed").iter().map(|word| plain(word)));
    for setting in &target.settings {
        match &setting.value {
            Setting::Text(text) if text == "pass" => {
                words.extend(["degraded", "acknowledged", "valid"].map(str::to_owned));
            }
            Setting::Boolean(true) => words.extend(["completed", "complete"].map(str::to_owned)),
            _ => {}
        }
    }
    words
}

fn plain(word: &str) -> String {
    word.trim()
        .chars()
        .map(|c| if c == '-' || c == ' ' { '_' } else { c })
        .collect::<String>()
        .to_ascii_lowercase()
}

fn says(value: &Value, words: &[String]) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => words.contains(&plain(&value.to_string())),
        Value::String(text) => words.contains(&plain(text)),
        Value::Array(items) => items.iter().any(|item| says(item, words)),
        Value::Object(members) => members.values().any(|member| says(member, words)),
    }
}
