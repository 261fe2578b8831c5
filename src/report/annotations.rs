//! Links on the page of a GitLab job: to each target's run, to failed tests, and to those that passed too late.
//!
//! An object of lists of external links, which is all that exists. GitLab refuses the whole file if it has more than 20
//! lists, 1,000 links in a list, or 80 KB (`parse_annotations_artifact_service.rb`, `ci_job_annotation_data.json` and the
//! plan's limits `ci_job_annotations_num` and `ci_job_annotations_size` of gitlab-org/gitlab). Source of the form:
//! docs.gitlab.com, "CI/CD artifacts reports types", `artifacts:reports:annotations`.

use super::class::Class;
use super::clean::{link, one_line};
use super::json::quoted;
use super::view::{failures, tests_of, title};
use crate::model::Results;
use crate::verdict::effective;

/// How long the whole may be, in bytes.
const MAX_SIZE: usize = 80_000;
/// How much of it the runs may take, in bytes, so that failed tests have their share.
const MAX_RUNS: usize = 40_000;
/// How many failed tests get a link. They stand on the page of a job.
const MAX_TESTS: usize = 50;
/// How many of those that passed too late.
const MAX_FLAKY: usize = 20;
/// How long a label may be, in characters.
const MAX_LABEL: usize = 120;
/// Room for the names of the lists and all that is around them, in bytes.
const FRAME: usize = 200;

/// Renders the lists. One without a link is left out.
pub(super) fn render(results: &Results) -> String {
    let runs = results.targets.iter().filter_map(|report| {
        let url = report.run.as_ref()?.url.as_deref()?;
        external(&format!("{} ({})", report.target, effective(report)), url)
    });
    let runs = fitting(runs, MAX_RUNS);
    let room = MAX_SIZE - FRAME - runs.iter().map(|link| link.len() + 4).sum::<usize>();
    let tests = failures(results).filter_map(|(report, test)| {
        let remark = Class::of(report, test).remark();
        let remark = remark.map(|remark| format!(", {remark}"));
        let remark = remark.unwrap_or_default();
        let label = format!(
            "{}: {} ({}{remark})",
            report.target,
            title(test),
            test.verdict
        );
        external(&label, test.url.as_deref()?)
    });
    let tests = fitting(tests.take(MAX_TESTS), room);
    let room = room - tests.iter().map(|link| link.len() + 4).sum::<usize>();
    let flaky = tests_of(results, Class::Flaky).filter_map(|(report, test)| {
        let label = format!(
            "{}: {} ({} attempts)",
            report.target,
            title(test),
            test.attempts
        );
        external(&label, test.url.as_deref()?)
    });
    let flaky = fitting(flaky.take(MAX_FLAKY), room);
    let lists = [
        ("Proctor: runs", runs),
        ("Proctor: failed tests", tests),
        ("Proctor: flaky tests", flaky),
    ];
    let lists: Vec<String> = lists
        .into_iter()
        .filter(|(_, links)| !links.is_empty())
        .map(|(name, links)| format!("\"{name}\": {}", super::json::array(&links)))
        .collect();
    match lists.is_empty() {
        true => "{}\n".to_owned(),
        false => format!("{{\n{}\n}}\n", lists.join(",\n")),
    }
}

/// The first links, as many as fit into so many bytes.
fn fitting(links: impl Iterator<Item = String>, room: usize) -> Vec<String> {
    let mut left = room;
    links
        .map_while(|link| {
            // A comma, a line break and blanks come to each.
            left = left.checked_sub(link.len() + 4)?;
            Some(link)
        })
        .collect()
}

/// A link; nothing if the URL is none of the web.
fn external(label: &str, url: &str) -> Option<String> {
    let url = link(url)?;
    let label = quoted(&one_line(label, MAX_LABEL));
    Some(format!(
        r#"{{"external_link": {{"label": {label}, "url": {}}}}}"#,
        quoted(&url)
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::render;
    use crate::model::{Results, Run, Verdict};
    use crate::report::sample::{many, report, results, usual};

    fn read(results: &Results) -> Value {
        let text = render(results);
        assert!(text.len() <= 80_000, "{}", text.len());
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn only_what_has_an_address_is_linked() {
        let lists = read(&usual());
        assert_eq!(lists["Proctor: runs"].as_array().unwrap().len(), 1);
        let link = &lists["Proctor: failed tests"][0]["external_link"];
        assert_eq!(link["label"], "checkout: checkout / POST /orders (failed)");
        assert_eq!(link["url"], "https://app.example.com/tests/2?step=3");
        let late = &lists["Proctor: flaky tests"][0]["external_link"]["label"];
        assert_eq!(*late, "search: search / finds by title (2 attempts)");
        assert_eq!(render(&results(Vec::new())), "{}\n");
    }

    #[test]
    fn it_stays_below_what_gitlab_takes() {
        let long = format!("https://x.test/{}", "a".repeat(2000));
        let mut results = many(500, "x");
        for test in &mut results.targets[0].tests {
            test.name = "\u{ad}".repeat(200);
            test.url = Some(long.clone());
        }
        for number in 0..500 {
            let mut report = report(&format!("target {number}"), Verdict::Passed, Vec::new());
            report.run = Some(Run {
                id: "1".to_owned(),
                url: Some(long.clone()),
            });
            results.targets.push(report);
        }
        let lists = read(&results);
        for list in ["Proctor: runs", "Proctor: failed tests"] {
            assert!(lists[list].as_array().unwrap().len() > 5, "{list}");
        }
    }
}
