//! Settings that cannot be right.

use super::small::integer;
use super::*;
use crate::services::tests::scripted::texts;
use crate::services::validate;

#[test]
fn every_mistake_is_found_at_its_setting() {
    let url = || text("base_url", "https://staging.example.com");
    let load = || {
        vec![
            url(),
            integer("load_test.virtual_users", 10),
            integer("load_test.duration_secs", 60),
            texts("load_test.limits", &["p95 < 5"]),
        ]
    };
    let and = |mut settings: Vec<Setting>, more: Vec<Setting>| {
        settings.extend(more);
        settings
    };
    let without = |name: &str| {
        let mut settings = load();
        settings.retain(|setting| setting.name != name);
        settings
    };
    let report = || vec![text("test_report", "tr-9")];
    let table: Vec<(Vec<Setting>, &[&str])> = vec![
        (vec![url()], &[]),
        (vec![], &["base_url"]),
        (load(), &[]),
        (report(), &[]),
        (without("base_url"), &["base_url"]),
        (
            without("load_test.virtual_users"),
            &["load_test.virtual_users"],
        ),
        (
            without("load_test.duration_secs"),
            &["load_test.duration_secs"],
        ),
        (without("load_test.limits"), &["load_test.limits"]),
        (
            and(
                without("load_test.limits"),
                vec![texts("load_test.limits", &["p95", "a = 1"])],
            ),
            &["load_test.limits", "load_test.limits"],
        ),
        (
            and(
                without("load_test.virtual_users"),
                vec![integer("load_test.virtual_users", 0)],
            ),
            &["load_test.virtual_users"],
        ),
        (and(load(), vec![suites(&["one"])]), &["suites"]),
        (
            and(load(), vec![integer("min_schema_coverage", 80)]),
            &["min_schema_coverage"],
        ),
        (
            and(load(), vec![text("ci_branch.name", "x")]),
            &["ci_branch.name"],
        ),
        (and(report(), vec![url()]), &["base_url"]),
        (and(report(), vec![text("branch", "x")]), &["branch"]),
        (
            and(report(), vec![integer("load_test.virtual_users", 1)]),
            &["load_test.virtual_users"],
        ),
        (vec![url(), integer("min_schema_coverage", 80)], &[]),
        (
            vec![url(), integer("min_schema_coverage", 0)],
            &["min_schema_coverage"],
        ),
        (
            vec![url(), integer("min_schema_coverage", 101)],
            &["min_schema_coverage"],
        ),
        (
            vec![url(), text("branch", "x"), text("ci_branch.name", "y")],
            &["branch"],
        ),
        (
            vec![url(), text("ci_branch.provider", "github")],
            &["ci_branch.provider"],
        ),
        (
            vec![
                url(),
                text("ci_branch.name", "y"),
                integer("ci_branch.pr_number", 0),
            ],
            &["ci_branch.pr_number"],
        ),
    ];
    for (settings, expected) in table {
        let mut target = target();
        target.settings = and(vec![text("app", "a1")], settings);
        let mistakes = validate(&target);
        let found: Vec<&str> = mistakes
            .iter()
            .filter_map(|mistake| mistake.parameter.as_deref())
            .collect();
        assert_eq!(found, expected, "{:?}: {mistakes:?}", target.settings);
    }
}
