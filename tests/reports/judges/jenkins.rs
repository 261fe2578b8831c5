//! The Warnings plugin of Jenkins: the fields of its native format, and what it shows as HTML.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Wanted, follows};

/// The elements that the plugin leaves in a description, and that we write.
const ELEMENTS: [&str; 7] = ["p", "/p", "br", "code", "/code", "a", "/a"];

pub fn judge(report: &str, wanted: &Wanted) {
    let document: Value = serde_json::from_str(report).expect("JSON");
    follows("warnings-ng.json", &document);
    let issues = document["issues"].as_array().expect("issues");
    assert_eq!(issues.len(), wanted.failed.len() + wanted.troubles);
    let fingerprints: BTreeSet<&str> = issues
        .iter()
        .filter_map(|issue| issue["fingerprint"].as_str())
        .collect();
    assert_eq!(fingerprints.len(), issues.len());
    for (name, message) in &wanted.failed {
        let told = format!("{name}: {message}");
        let messages = issues.iter().filter_map(|issue| issue["message"].as_str());
        assert!(messages.clone().any(|text| text.contains(&told)), "{told}");
    }
    for issue in issues {
        for field in ["description", "moduleName", "packageName"] {
            shown(issue[field].as_str().unwrap_or_default());
        }
    }
}

/// Looks at what is shown as HTML.
fn shown(html: &str) {
    for tag in html.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag is closed");
        let (element, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(ELEMENTS.contains(&element), "{tag}");
        if element == "a" {
            let url = attributes
                .strip_prefix("href=\"https://x.test/")
                .and_then(|rest| rest.strip_suffix('"'));
            assert!(url.is_some_and(|url| !url.contains('"')), "{attributes}");
        } else {
            assert_eq!(attributes, "");
        }
    }
}
