//! An answer that is changed without a new word of passing in it: what is there goes, moves or becomes something else.

use serde_json::{Map, Number, Value};

use super::chance::Chance;
use crate::ports::Response;

/// What is done to one place of an answer, or to all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Null,
    /// A text becomes a list, a number or truth value its own text, a list an object, an object a list.
    Retype,
    /// A member goes. Never an entry of a list: a list that keeps back what failed is a lie that nobody can see.
    Drop,
    Nest,
    Duplicate,
    Reorder,
    /// A number becomes one that is too large for any use.
    Huge,
    /// A number becomes a text such as `NaN`.
    NotANumber,
    /// A text ends in half a character.
    Surrogate,
    /// Every value that is neither a list nor an object is null.
    AllNull,
    /// Every value that is neither a list nor an object is of another type.
    AllRetyped,
    /// All members go.
    NoMembers,
    /// Two ids change places. Not among [`Self::ALL`], as it says something new, which not every service lets one see.
    Swap,
}

impl Change {
    pub const ALL: [Self; 12] = [
        Self::Null,
        Self::Retype,
        Self::Drop,
        Self::Nest,
        Self::Duplicate,
        Self::Reorder,
        Self::Huge,
        Self::NotANumber,
        Self::Surrogate,
        Self::AllNull,
        Self::AllRetyped,
        Self::NoMembers,
    ];

    /// Whether nothing of the answer is left.
    pub const fn keeps_nothing(self) -> bool {
        matches!(self, Self::AllNull | Self::NoMembers)
    }
}

/// Stands for half a character until the answer is written.
const MARK: char = '\u{e000}';

/// The answer after a change at a place that is drawn. What is no JSON stays as it is.
pub fn changed(response: &Response, change: Change, chance: &mut Chance) -> Response {
    let Ok(mut value) = serde_json::from_slice::<Value>(&response.body) else {
        return response.clone();
    };
    change_value(&mut value, change, chance);
    let body = value.to_string().replace(MARK, "\\ud83d");
    Response {
        head: response.head.clone(),
        body: body.into_bytes(),
    }
}

/// The value after a change at a place that is drawn.
pub fn change_value(value: &mut Value, change: Change, chance: &mut Chance) {
    match change {
        Change::AllNull => every(value, &mut |leaf| *leaf = Value::Null),
        Change::AllRetyped => every(value, &mut retype),
        Change::NoMembers => *value = Value::Object(Map::new()),
        Change::Swap => swap(value, chance),
        _ => {
            let fits = |value: &Value| fits(change, value);
            let count = count(value, &fits);
            if count > 0 {
                let mut at = chance.below(count);
                let more = chance.next();
                visit(value, &fits, &mut at, &mut |found| act(found, change, more));
            }
        }
    }
}

/// Whether a change can be made to a value.
fn fits(change: Change, value: &Value) -> bool {
    match change {
        Change::Drop => value.as_object().is_some_and(|members| !members.is_empty()),
        Change::Duplicate => value.as_array().is_some_and(|items| !items.is_empty()),
        Change::Reorder => value.as_array().is_some_and(|items| items.len() > 1),
        Change::Huge | Change::NotANumber => value.is_number(),
        Change::Surrogate => value.is_string(),
        _ => true,
    }
}

fn act(value: &mut Value, change: Change, more: u64) {
    let taken = |value: &mut Value| std::mem::take(value);
    match (change, &mut *value) {
        (Change::Null, _) => *value = Value::Null,
        (Change::Retype, _) => retype(value),
        (Change::Nest, _) if more.is_multiple_of(2) => *value = Value::Array(vec![taken(value)]),
        (Change::Nest, _) => {
            let inner = taken(value);
            *value = Value::Object(Map::from_iter([("inner".to_owned(), inner)]));
        }
        (Change::Drop, Value::Object(members)) => {
            let at = more % members.len() as u64;
            let name = members.keys().nth(at as usize).cloned();
            members.remove(&name.expect("it is below the length"));
        }
        (Change::Duplicate, Value::Array(items)) => {
            let copy = items[(more % items.len() as u64) as usize].clone();
            items.push(copy);
        }
        (Change::Reorder, Value::Array(items)) => {
            let by = (more % items.len() as u64) as usize;
            items.rotate_left(by);
            items.reverse();
        }
        (Change::Huge, _) => {
            let huge = [1e308, -1e308, 9_007_199_254_740_993.0, 1e-300];
            let number = Number::from_f64(huge[(more % 4) as usize]);
            *value = number.map_or(Value::Null, Value::Number);
        }
        (Change::NotANumber, _) => {
            let texts = ["NaN", "Infinity", "-0", "1e999"];
            *value = texts[(more % 4) as usize].into();
        }
        (Change::Surrogate, Value::String(text)) => text.push(MARK),
        _ => {}
    }
}

/// The members that hold ids.
const IDS: [&str; 6] = [
    "id",
    "job_id",
    "test_id",
    "test_flow_id",
    "suite_id",
    "run_id",
];

fn swap(value: &mut Value, chance: &mut Chance) {
    let mut all = Vec::new();
    ids(value, &mut |id| all.push(id.clone()));
    if all.len() < 2 {
        return;
    }
    let last = all.len() as u64;
    all.swap(chance.below(last) as usize, chance.below(last) as usize);
    let mut swapped = all.into_iter();
    ids(value, &mut |id| *id = swapped.next().unwrap_or_default());
}

fn ids(value: &mut Value, act: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| ids(item, act)),
        Value::Object(members) => {
            for (name, value) in members {
                match IDS.contains(&name.as_str()) && value.is_string() {
                    true => act(value),
                    false => ids(value, act),
                }
            }
        }
        _ => {}
    }
}

/// Any JSON that holds no word of a pass, in the names that services use.
pub fn anything(chance: &mut Chance, depth: u32) -> Value {
    const NAMES: [&str; 24] = [
        "data",
        "id",
        "status",
        "state",
        "result",
        "job_status",
        "job_id",
        "test_runs",
        "runs",
        "run",
        "steps",
        "name",
        "items",
        "meta",
        "pagination",
        "next_cursor",
        "success",
        "test_id",
        "is_completed",
        "total_count",
        "failure_count",
        "status_id",
        "next",
        "outcome",
    ];
    const WORDS: [&str; 16] = [
        "failed",
        "running",
        "queued",
        "",
        "job-0",
        "run-0",
        "run-old",
        "NaN",
        "f1",
        "jrn_1",
        "mon_2",
        "new-0-0",
        "r1",
        "error",
        "2025-10-09T08:53:20Z",
        "marinating",
    ];
    // 2 is a word of a pass in Testmo, and so is `true` in most services.
    const NUMBERS: [f64; 8] = [0.0, 1.0, 3.0, 4.0, -1.0, 1e9, 1e300, 0.5];
    match chance.below(if depth == 0 { 5 } else { 9 }) {
        0 => Value::Null,
        1 => Value::Bool(false),
        2 => Number::from_f64(chance.pick(&NUMBERS)).map_or(Value::Null, Value::Number),
        3 | 4 => chance.pick(&WORDS).into(),
        5 | 6 => {
            let count = chance.below(4);
            (0..count).map(|_| anything(chance, depth - 1)).collect()
        }
        _ => {
            let count = chance.below(6);
            let members =
                (0..count).map(|_| (chance.pick(&NAMES).to_owned(), anything(chance, depth - 1)));
            Value::Object(members.collect())
        }
    }
}

fn retype(value: &mut Value) {
    *value = match std::mem::take(value) {
        Value::Null => Value::String(String::new()),
        Value::Bool(truth) => Value::String(truth.to_string()),
        Value::Number(number) => Value::String(number.to_string()),
        text @ Value::String(_) => Value::Array(vec![text]),
        Value::Array(items) => {
            let named = items.into_iter().enumerate();
            Value::Object(named.map(|(at, item)| (at.to_string(), item)).collect())
        }
        Value::Object(members) => members.into_iter().map(|(_, value)| value).collect(),
    };
}

/// Does something to every value that is neither a list nor an object.
fn every(value: &mut Value, act: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| every(item, act)),
        Value::Object(members) => members.values_mut().for_each(|value| every(value, act)),
        leaf => act(leaf),
    }
}

fn count(value: &Value, fits: &dyn Fn(&Value) -> bool) -> u64 {
    let below: u64 = match value {
        Value::Array(items) => items.iter().map(|item| count(item, fits)).sum(),
        Value::Object(members) => members.values().map(|value| count(value, fits)).sum(),
        _ => 0,
    };
    below + u64::from(fits(value))
}

/// Does something to the value that is the `at`th of those that fit.
fn visit(
    value: &mut Value,
    fits: &dyn Fn(&Value) -> bool,
    at: &mut u64,
    act: &mut dyn FnMut(&mut Value),
) -> bool {
    if fits(value) {
        if *at == 0 {
            act(value);
            return true;
        }
        *at -= 1;
    }
    match value {
        Value::Array(items) => items.iter_mut().any(|item| visit(item, fits, at, act)),
        Value::Object(members) => members
            .values_mut()
            .any(|value| visit(value, fits, at, act)),
        _ => false,
    }
}
