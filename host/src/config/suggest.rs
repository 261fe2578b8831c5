//! "Did you mean": the known name that is nearest to a mistyped one.

/// How alike two names must be, from 0 (nothing in common) to 1 (the same).
const ALIKE: f64 = 0.75;

/// The candidate that is most like `name`, if one is like it at all.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::jaro_winkler(&wanted, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Advice for an unknown name: the nearest known one, or all of them.
pub fn advice<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(candidate) = nearest(name, candidates.clone()) {
        return format!("did you mean `{candidate}`?");
    }
    let known: Vec<String> = candidates
        .into_iter()
        .map(|candidate| format!("`{candidate}`"))
        .collect();
    match known.as_slice() {
        [] => "none is known here".to_owned(),
        known => format!("known are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_nonsense_is_not() {
        let names = ["app", "base_url", "suites"];
        assert_eq!(nearest("base-url", names), Some("base_url"));
        assert_eq!(nearest("Suite", names), Some("suites"));
        assert_eq!(nearest("zzz", names), None);
        assert_eq!(
            advice("zzz", names),
            "known are `app`, `base_url`, `suites`"
        );
    }
}
