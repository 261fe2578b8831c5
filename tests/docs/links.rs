//! Links between the pages of this tree lead somewhere.

use std::path::Path;

use proctor_test_support::root;

use crate::block::expect_none;
use crate::page::{Page, markdown_below};

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    let paths = markdown_below(&root());
    assert!(paths.len() > 10, "{paths:?}");
    for path in &paths {
        let page = Page::read(path);
        for (line, link) in &page.links {
            if let Err(error) = follow(path, &page, link) {
                wrong.push(format!("{}:{line}: {link}: {error}", page.path));
            }
        }
    }
    expect_none(&wrong);
}

fn follow(from: &Path, page: &Page, link: &str) -> Result<(), String> {
    if link.starts_with("https://") || link.starts_with("mailto:") {
        return Ok(());
    }
    if link.contains("://") {
        return Err("it is no https link".to_owned());
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = from.parent().expect("a folder").join(file);
    if !file.is_empty() && !target.exists() {
        return Err("there is no such file".to_owned());
    }
    if anchor.is_empty() {
        return Ok(());
    }
    let found = match file {
        "" => has_anchor(page, anchor),
        _ => {
            let target = target.canonicalize().map_err(|error| error.to_string())?;
            let top = root().canonicalize().expect("the top is there");
            let below = target
                .strip_prefix(top)
                .map_err(|error| error.to_string())?;
            has_anchor(&Page::read(&root().join(below)), anchor)
        }
    };
    match found {
        true => Ok(()),
        false => Err("the page has no such heading".to_owned()),
    }
}

fn has_anchor(page: &Page, anchor: &str) -> bool {
    page.headings.iter().any(|heading| heading.anchor == anchor)
}
