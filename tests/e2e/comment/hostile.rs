//! What a service says can call nobody, refer to nothing and pass for nothing in a comment; and there is never too much of it.

use proctor_test_support::forge::{Forge, May};
use serde_json::{Value, json};

use super::{
    MARKER, OF_PERSON, actions, comments, failed, on_github, only, person, render, results,
};

const BOT: u64 = 41_898_282;

/// What the platforms would take for more than text.
pub const TEXTS: [&str; 22] = [
    "@octocat and @org/team",
    "#12 o/r#13 GH-14 gh-15",
    "!3 group/project!3 &4 %5 ~bug $6 ^alert#7 [vulnerability:8]",
    "%\"a milestone\" ~\"a label\"",
    "0123456789abcdef0123456789abcdef01234567",
    "o/r@0123456789abcdef",
    "https://github.com/o/r/issues/1",
    "https://gitlab.example.com/group/project/-/merge_requests/12",
    "www.github.com/o/r/pull/1",
    "<!-- proctor:Hosted%20tests/e2e -->",
    "x\n<!-- proctor:Hosted%20tests/e2e -->\ny",
    "/close",
    "x\n/merge\n/approve",
    "x\r/close\r\n  /label ~bug",
    "```\n/close\n```",
    "x\n```\n/merge\n```\n/close\n````\n/approve",
    "`\n/close\n`",
    ">>>\n/close\n>>>",
    "</details>\n/close",
    "x\u{2028}/close\u{85}/merge",
    "[x](https://github.com/o/r/issues/1)",
    "::include{file=/etc/passwd}",
];

/// The lines outside of blocks of code, but for the marker.
fn outside_code(comment: &str) -> String {
    let mut text = String::new();
    let mut fence = None;
    // The marker is ours.
    for line in comment.lines().skip(1) {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            None => text.push_str(&format!("{line}\n")),
            Some(open) if ticks >= open && line.trim_start_matches('`').is_empty() => fence = None,
            Some(_) => {}
        }
    }
    text
}

/// The text outside of blocks of code, and of the addresses of links, where the platforms look for references.
fn read(comment: &str) -> String {
    // As it reads once the Markdown is gone.
    let mut plain = pulldown_cmark_text(&outside_code(comment));
    plain.push('\n');
    plain
}

/// The text that a reader sees, links left out.
fn pulldown_cmark_text(markdown: &str) -> String {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
    let mut text = String::new();
    let mut within = 0;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { .. }) => within += 1,
            Event::End(TagEnd::Link) => within -= 1,
            Event::Text(piece) | Event::Code(piece) if within == 0 => text.push_str(&piece),
            Event::Html(piece) | Event::InlineHtml(piece) => {
                let known = ["<details>", "</details>", "<summary>", "<sub>", "</sub>"];
                let is_known = known
                    .iter()
                    .any(|known| piece.trim_start().starts_with(known));
                assert!(is_known, "{piece}");
                text.push_str(&decoded(&piece));
            }
            Event::SoftBreak | Event::HardBreak | Event::End(_) => text.push('\n'),
            _ => {}
        }
    }
    text
}

/// The text of HTML with references to characters.
fn decoded(html: &str) -> String {
    let number = regex::Regex::new("&#([0-9]+);").expect("an expression");
    let text = number.replace_all(html, |found: &regex::Captures<'_>| {
        let code = found[1].parse().expect("a number");
        char::from_u32(code).expect("a character").to_string()
    });
    text.replace("&quot;", "\"").replace("&amp;", "&")
}

fn hostile(text: &str) -> Value {
    let mut test = failed(text);
    for place in ["suite", "message", "details", "expected", "actual", "url"] {
        test[place] = text.into();
    }
    test["attachments"] = json!([{"name": text, "url": "https://github.com/o/r/issues/1"}]);
    test
}

#[test]
fn nothing_refers_to_anything() {
    let references = regex::Regex::new(
        r#"(?ix) @\w | \#\d | !\d | \bgh-\d | &\d | %["\w] | ~["\w] | \$\w | \^\w
           | \b[0-9a-f]{7,40}\b | (://|www\.)github\.com/o/r/(issues|pull) | \[\w"#,
    )
    .expect("an expression");
    for text in TEXTS {
        let forge = Forge::github(&[actions(May::Write)]);
        let mut results = results(&[hostile(text)]);
        let target = &mut results["targets"][0];
        target["name"] = text.into();
        target["reason"] = text.into();
        target["warnings"] = json!([text]);
        target["run"] = json!({"id": text, "url": "https://github.com/o/r/pull/1"});
        comments(&forge, &results)
            .without("GITHUB_RUN_ID")
            .end()
            .expect(1);
        let comment = only(&forge, BOT);
        let read = read(&comment);
        // What stands behind `://` of other hosts is an address, and no reference.
        let found: Vec<&str> = references
            .find_iter(&read)
            .map(|found| found.as_str())
            .collect();
        assert!(found.is_empty(), "{text:?}: {found:?} in {read}");
        let outside = outside_code(&comment);
        let links: Vec<&str> = outside.matches("](https://github.com/o/r/").collect();
        assert!(links.is_empty(), "{comment}");
    }
}

#[test]
fn a_marker_that_a_service_sends_is_not_found() {
    let forge = Forge::github(&[actions(May::Write)]);
    // Another job's comment, whose results hold the marker of this one.
    let other = comments(&forge, &results(&[hostile(TEXTS[10]), hostile(MARKER)]));
    other.arguments(&["--comment-key", "other"]).end().expect(1);
    let before = only(&forge, BOT);
    assert!(before.contains("proctor:Hosted"), "{before}");
    comments(&forge, &results(&[failed("a")])).end().expect(1);
    let texts = forge.texts(BOT);
    assert_eq!(texts.len(), 2);
    assert_eq!(texts[0], before);
}

#[test]
fn thousands_of_failures_fit() {
    let forge = Forge::github(&[actions(May::Write)]);
    let tests: Vec<Value> = (0..3_000)
        .map(|number| {
            let mut test = failed(&format!("test {number} of #{number} at 0123456789abcdef"));
            test["details"] = "größe 日本 👩‍🚀 #1 ".repeat(50).into();
            test
        })
        .collect();
    comments(&forge, &results(&tests)).end().expect(1);
    let text = only(&forge, BOT);
    // The server refuses what is longer.
    assert!(
        text.len() <= 65_536 && text.len() > 40_000,
        "{}",
        text.len()
    );
    assert!(
        text.contains("There was no room for all of it"),
        "what is left out is told"
    );
}

#[test]
fn references_are_no_way_to_make_it_too_long() {
    let forge = Forge::github(&[actions(May::Write)]);
    let tests: Vec<Value> = (0..3_000)
        .map(|number| failed(&format!("{number}{}", " #1 !2 @3".repeat(20))))
        .collect();
    comments(&forge, &results(&tests)).end().expect(1);
    let text = only(&forge, BOT);
    assert!(
        text.len() <= 65_536 && text.len() > 20_000,
        "{}",
        text.len()
    );
}

#[test]
fn a_token_in_the_results_is_masked_however_it_is_written() {
    let forge = Forge::github(&[person(May::Write)]);
    let mut test = hostile(&format!("it sent {OF_PERSON}"));
    test["details"] = OF_PERSON.into();
    let mut results = results(&[test]);
    results["targets"][0]["reason"] = OF_PERSON.into();
    let reports = ["junit=out.xml", "markdown=out.md", "html=out.html"];
    let job =
        render(&results)
            .arguments(&reports)
            .arguments(&["--comment", "auto", "--ci", "github"]);
    let outcome = on_github(&forge, job)
        .variable("GITHUB_TOKEN", OF_PERSON)
        .variable("GITHUB_STEP_SUMMARY", "summary.md")
        .end()
        .expect(1);
    // Without what Markdown escapes of it.
    let end = "a-person-0123456789";
    let comment = only(&forge, 5);
    assert!(
        comment.contains("***") && !comment.contains(end),
        "{comment}"
    );
    for file in ["out.xml", "out.md", "out.html", "summary.md"] {
        let text = outcome.read(file);
        assert!(
            text.contains("***") && !text.contains(end),
            "{file}: {text}"
        );
    }
}
