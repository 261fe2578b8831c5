//! Whatever a value is, a path stays where it is and a body keeps its shape.

use proptest::prelude::*;

use super::*;
use crate::services::http::body::Body;
use crate::services::http::path::Path;
use crate::services::http::place::Place;
use crate::services::http::template::Values;

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![".{0,12}", "[./%\\\\?#{}e2E\"]{0,6}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_value_stays_in_its_segment(project in any_value(), id in any_value()) {
        let path = Path::read("/a/{env.PROJECT}/b{run_id}/c?d={env.PROJECT}").expect("a path");
        let target = with(bare(), [text("env.PROJECT", &project)]);
        let values = Values { run_id: Some(&id), ..Values::of(&target) };
        if let Ok(sent) = path.with(&values) {
            let base = resolved("https://x/v1", &sent);
            prop_assert!(base.starts_with("https://x/v1/a/"), "{}", base);
            prop_assert_eq!(sent.matches('/').count(), 4, "{}", sent);
            prop_assert_eq!(sent.matches('?').count(), 1, "{}", sent);
            prop_assert!(sent.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'));
        } else {
            prop_assert!(project.is_empty() || id.is_empty() || project == "." || project == "..");
        }
    }

    #[test]
    fn a_value_stays_in_its_text(value in any_value()) {
        let body = Body::read(r#"{"a": ["<{env.PROJECT}>", 1], "b{env.PROJECT}": {}}"#).expect("JSON");
        let target = with(bare(), [text("env.PROJECT", &value)]);
        let sent: Json = serde_json::from_str(&body.with(&Values::of(&target)).expect("known"))
            .expect("still JSON");
        let key = format!("b{value}");
        prop_assert_eq!(sent, json!({"a": [format!("<{value}>"), 1], key: {}}));
    }

    #[test]
    fn no_text_is_too_strange_to_be_read(written in any_value(), json_path in "[$.@?*\\[\\]()'a-c0-2:, =<&|!]{0,16}") {
        let _ = Path::read(&format!("/{written}"));
        let _ = Body::read(&written);
        if let Ok(place) = Place::read(&format!("${json_path}")) {
            let answer = json!({"a": [1, {"b": null}], "c": "x"});
            let _ = (place.list(&answer), place.words(&answer));
        }
    }
}

/// Base and path as a reader of URLs puts them together: segments of dots are resolved, encoded or not.
fn resolved(base: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let mut segments: Vec<&str> = base.split('/').collect();
    for segment in path.split('/').skip(1) {
        match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
            "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    segments.join("/")
}
