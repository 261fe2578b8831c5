//! The words of a service, as its target lists them.

use crate::model::Target;
use crate::services::description::{ASSUMED, Assumed, is_same};

/// The parameters that list words, and under which names the engine and the helpers look for them.
pub const LISTS: [(&str, &[&str]); 7] = [
    ("passed", &["states_passed", "words_passed"]),
    ("failed", &["states_failed", "words_failed"]),
    ("errored", &["states_errored", "words_errored"]),
    ("cancelled", &["states_cancelled", "words_cancelled"]),
    ("skipped", &["states_skipped", "words_skipped"]),
    ("queued", &["states_queued"]),
    ("running", &["states_running"]),
];

/// The lists of a target as rows of a description.
pub fn rows(target: &Target) -> Vec<Assumed> {
    let mut rows = Vec::new();
    for (list, names) in LISTS {
        for name in names {
            rows.push(row(name, target.texts(list).to_vec()));
        }
    }
    let going = ["queued", "running"].map(|list| target.texts(list));
    rows.push(row("words_unfinished", going.concat()));
    rows.push(row(
        "quota_messages",
        target.texts("quota_messages").to_vec(),
    ));
    rows
}

fn row(name: &'static str, values: Vec<String>) -> Assumed {
    Assumed {
        name,
        documented: ASSUMED,
        help: "as the target says",
        values,
    }
}

/// What cannot be right about the lists, each with its parameter.
pub fn mistakes(target: &Target) -> Vec<(&'static str, String)> {
    let mut mistakes = Vec::new();
    for list in ["passed", "failed"] {
        if target.texts(list).is_empty() {
            mistakes.push((list, "it names no word".to_owned()));
        }
    }
    for (at, (list, _)) in LISTS.iter().enumerate() {
        for word in target.texts(list) {
            if word.trim().is_empty() {
                mistakes.push((list, "it has an empty word".to_owned()));
            }
            let earlier = LISTS[..at].iter().find(|(other, _)| {
                let mut words = target.texts(other).iter();
                words.any(|known| is_same(known, word))
            });
            if let Some((other, _)) = earlier {
                mistakes.push((list, format!("{word:?} is in `{other}` too")));
            }
        }
    }
    mistakes
}
