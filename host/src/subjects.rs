//! What targets are about: those that share something on which only one run at a time can be told apart run in turn.

use crate::bindings::proctor::ci::types::{Provider, Setting, Target, Value};

/// Whether two targets must not run at once if their accounts are the same. One that does not say what it is about may
/// be about anything.
pub fn share_subjects(one: (&Provider, &Target), other: (&Provider, &Target)) -> bool {
    let same_service = one.0.name == other.0.name && one.1.api_url == other.1.api_url;
    let mut parameters = one.0.parameters.iter();
    if !same_service || !parameters.any(|parameter| parameter.exclusive) {
        return false;
    }
    let (mine, theirs) = (subjects(one), subjects(other));
    mine.is_empty() || theirs.is_empty() || mine.iter().any(|subject| theirs.contains(subject))
}

/// The values of the parameters that name what is run.
fn subjects<'a>((provider, target): (&Provider, &'a Target)) -> Vec<(&'a str, &'a str)> {
    let is_exclusive = |setting: &&Setting| {
        let mut parameters = provider.parameters.iter();
        parameters.any(|parameter| parameter.exclusive && parameter.name == setting.name)
    };
    let mut subjects = Vec::new();
    for setting in target.settings.iter().filter(is_exclusive) {
        match &setting.value {
            Value::Text(text) => subjects.push((setting.name.as_str(), text.as_str())),
            Value::Texts(texts) => {
                subjects.extend(
                    texts
                        .iter()
                        .map(|text| (setting.name.as_str(), text.as_str())),
                );
            }
            Value::Integer(_) | Value::Boolean(_) => {}
        }
    }
    subjects
}
