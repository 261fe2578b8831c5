//! The exit codes: what the pages say of them is one thing.

use proctor_test_support::root;

use crate::page::{Page, page};

#[test]
fn the_table_is_that_of_the_readme() {
    let readme = page("README.md");
    let own = page("docs/exit-codes.md");
    let there = readme.table("exit-codes").rows.clone();
    assert!(there.len() > 10, "{there:?}");
    assert_eq!(own.table("the-codes").rows, there);
}

#[test]
fn the_order_of_several_targets_is_that_of_the_readme() {
    const ORDER: &str = "129/130/143, 70, 2, 5, 6, 8, 7, 3, 4, 9, 1, 0";
    for path in ["README.md", "docs/exit-codes.md"] {
        let text = proctor_test_support::read(&root().join(path));
        let in_one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(in_one_line.contains(ORDER), "{path}");
    }
}

#[test]
fn troubleshooting_has_every_code_that_has_a_cause() {
    let page: Page = page("docs/troubleshooting.md");
    for code in ["2", "3", "4", "5", "6", "7", "8", "9", "70"] {
        let found = page.headings.iter().any(|heading| {
            heading.level == 2 && heading.anchor.split('-').any(|word| word == code)
        });
        assert!(found, "no part of the page is about exit code {code}");
    }
}
