/// Whether a path matches a pattern in which `*` stands for any text without a slash and `**` for any text.
pub fn matches(pattern: &str, path: &str) -> bool {
    match pattern.find('*') {
        None => pattern == path,
        Some(star) => {
            let (head, tail) = pattern.split_at(star);
            let Some(rest) = path.strip_prefix(head) else {
                return false;
            };
            let (tail, any) = match tail.strip_prefix("**") {
                Some(tail) => (tail, true),
                None => (&tail[1..], false),
            };
            rest.char_indices()
                .map(|(at, _)| at)
                .chain([rest.len()])
                .take_while(|&at| any || !rest[..at].contains('/'))
                .any(|at| matches(tail, &rest[at..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stays_within_its_segment() {
        assert!(matches(
            "/apps/*/test-suites/run",
            "/apps/app-7f3/test-suites/run"
        ));
        assert!(!matches("/apps/*", "/apps/app-7f3/test-suites"));
        assert!(matches("/apps/**", "/apps/app-7f3/test-suites"));
        assert!(matches("/jobs/*/events", "/jobs/job-1/events"));
        assert!(!matches("/jobs", "/jobs/1"));
    }
}
