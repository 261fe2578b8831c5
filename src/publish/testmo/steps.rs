//! The steps of a test, which the service takes as HTML in a field.

use super::field::{Field, Kind};
use super::limits::{LONG, MOST_STEPS};

const BEGIN: &str = "<test-steps>";
const END: &str = "</test-steps>";
const END_STEP: &str = "</test-step>\n";

/// One step.
pub(super) struct Step {
    pub(super) status: Option<String>,
    pub(super) text: String,
}

/// The status in the name of a property: `step1[passed]`.
pub(super) fn status(name: &str) -> Option<String> {
    let rest = name.get("step".len()..)?;
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let (status, _) = rest.strip_prefix('[')?.split_once(']')?;
    (!status.is_empty()).then(|| status.trim().to_owned())
}

/// The field with the steps, if there are any. What no longer fits is left out, and the HTML is whole all the same.
pub(super) fn field(steps: &[Step]) -> Option<Field> {
    if steps.is_empty() {
        return None;
    }
    let mut html = BEGIN.to_owned();
    let mut room = LONG - BEGIN.len() - END.len();
    for step in steps.iter().take(MOST_STEPS) {
        let tag = match &step.status {
            Some(status) => format!("<test-step status=\"{}\">", escape(status)),
            None => "<test-step>".to_owned(),
        };
        let frame = units(&tag) + END_STEP.len();
        if frame > room {
            break;
        }
        room -= frame;
        html.push_str(&tag);
        let is_whole = push_escaped(&mut html, &step.text, &mut room);
        html.push_str(END_STEP);
        if !is_whole {
            break;
        }
    }
    html.push_str(END);
    Some(Field::new(Kind::Html, "Steps".to_owned(), html))
}

/// The text without any meaning in HTML, be it in an element or in an attribute.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut room = usize::MAX;
    push_escaped(&mut html, text, &mut room);
    html
}

/// Adds as much of a text as there is room for, in UTF-16 units. Whether that was all.
fn push_escaped(html: &mut String, text: &str, room: &mut usize) -> bool {
    for c in text.chars() {
        let mut plain = [0; 4];
        let entity = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            c => c.encode_utf8(&mut plain),
        };
        let length = units(entity);
        if length > *room {
            return false;
        }
        *room -= length;
        html.push_str(entity);
    }
    true
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::{Step, field, status};
    use crate::publish::testmo::limits::LONG;

    fn html(steps: &[(Option<&str>, &str)]) -> String {
        let steps: Vec<_> = steps
            .iter()
            .map(|(status, text)| Step {
                status: status.map(str::to_owned),
                text: (*text).to_owned(),
            })
            .collect();
        field(&steps).unwrap().value
    }

    #[test]
    fn a_status_is_in_the_brackets() {
        for (name, expected) in [
            ("step1[passed]", Some("passed")),
            ("Step[ failed ]]", Some("failed")),
            ("step12", None),
            ("step[]", None),
            ("step x[passed]", None),
            ("step1[passed", None),
            ("stepé", None),
        ] {
            assert_eq!(status(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn nothing_in_a_step_is_html() {
        assert_eq!(
            html(&[(Some("\"><script>"), "<b>&'x'</b>"), (None, "plain")]),
            "<test-steps><test-step status=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;&amp;&#39;x&#39;&lt;/b&gt;</test-step>\n\
             <test-step>plain</test-step>\n</test-steps>"
        );
        assert!(field(&[]).is_none());
    }

    #[test]
    fn too_much_is_left_out_between_tags() {
        let long = "🚀<".repeat(10_000);
        for steps in [
            vec![(None, long.as_str())],
            vec![(Some("passed"), "a < b"); 5_000],
        ] {
            let html = html(&steps);
            assert!(html.encode_utf16().count() <= LONG);
            assert!(html.ends_with("</test-step>\n</test-steps>"));
            assert!(html.matches("<test-step ").count() < 100);
        }
        let many = html(&[(None, "x"); 200]);
        assert_eq!(many.matches("<test-step>").count(), 99);
    }
}
