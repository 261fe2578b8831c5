//! What readers of HTML and Markdown make of a report.

use std::collections::BTreeMap;

use html5gum::{Token, Tokenizer, emitters::default::DefaultEmitter};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Elements that have no end. Source: WHATWG HTML, 13.1.2.
const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// Elements that load, run or send something.
const ACTIVE: [&str; 12] = [
    "iframe",
    "object",
    "embed",
    "base",
    "applet",
    "frame",
    "img",
    "audio",
    "video",
    "source",
    "track",
    "foreignobject",
];
/// The HTML that stands in a summary.
const IN_MARKDOWN: [&str; 4] = ["<details>", "</details>", "<summary>", "</summary>"];

/// Reads a page: each element is closed in its turn, nothing runs but the page's own, and every link leads to the web
/// or within the page. Returns how often each element is there.
pub fn page(page: &str) -> BTreeMap<String, usize> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("a page is text");
    let mut counts = BTreeMap::new();
    let mut open: Vec<String> = Vec::new();
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        match token {
            Token::StartTag(tag) => {
                let name = text(&tag.name);
                assert!(!ACTIVE.contains(&name.as_str()), "<{name}>");
                for (key, value) in &tag.attributes {
                    attribute(&name, &text(key), &text(value));
                }
                *counts.entry(name.clone()).or_default() += 1;
                if !tag.self_closing && !VOID.contains(&name.as_str()) {
                    open.push(name);
                }
            }
            Token::EndTag(tag) => assert_eq!(open.pop(), Some(text(&tag.name))),
            Token::Error(error) => panic!("a browser would object: {error:?}"),
            Token::Comment(_) => panic!("a comment, which nobody wrote"),
            Token::String(_) | Token::Doctype(_) => {}
        }
    }
    assert_eq!(open, Vec::<String>::new(), "these are not closed");
    counts
}

fn attribute(element: &str, key: &str, value: &str) {
    assert!(
        !key.starts_with("on") && key != "src" && key != "srcdoc",
        "{key}={value}"
    );
    if matches!(key, "href" | "action" | "formaction" | "xlink:href") {
        let is_own =
            value.starts_with('#') || element == "link" && value.starts_with("data:image/svg+xml,");
        assert!(is_own || is_of_the_web(value), "{key}={value}");
    }
}

fn is_of_the_web(url: &str) -> bool {
    let start: String = url.chars().take(8).collect::<String>().to_ascii_lowercase();
    start.starts_with("https://") || start.starts_with("http://")
}

/// Reads a summary as GitHub does: no HTML but a few elements, each closed, no image, and links to the web alone.
pub fn markdown(text: &str) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_GFM;
    let mut open: Vec<String> = Vec::new();
    let mut is_code = false;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::End(TagEnd::CodeBlock) => is_code = false,
            Event::Html(html) | Event::InlineHtml(html) => elements(&html, &mut open, text),
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(is_of_the_web(&dest_url), "a link to {dest_url}: {text}");
            }
            Event::Start(Tag::Image { dest_url, .. }) => panic!("an image {dest_url}: {text}"),
            Event::Text(words) if !is_code => {
                let mention = words
                    .split('@')
                    .skip(1)
                    .any(|rest| rest.starts_with(char::is_alphanumeric));
                assert!(!mention, "somebody is notified by {words}");
            }
            _ => {}
        }
    }
    assert_eq!(open, Vec::<String>::new(), "these are not closed: {text}");
}

/// Takes a piece of HTML in a summary, which may hold text beside tags.
fn elements(html: &str, open: &mut Vec<String>, text: &str) {
    for part in html.split_inclusive('>') {
        let Some(at) = part.find('<') else { continue };
        let tag = &part[at..];
        assert!(IN_MARKDOWN.contains(&tag), "{tag:?} in {text}");
        match tag.strip_prefix("</") {
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name.trim_end_matches('>'))),
            None => open.push(tag.trim_matches(['<', '>']).to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    #[test]
    fn what_is_hostile_is_noticed() {
        for page in [
            "<b>",
            "<i></b></i>",
            "<a href=\"javascript:x\"></a>",
            "<b onclick=\"x\"></b>",
            "<iframe></iframe>",
            "<!-- x -->",
        ] {
            assert!(catch_unwind(|| super::page(page)).is_err(), "{page}");
        }
        for text in [
            "a <b>x</b>",
            "<details>\n",
            "[x](javascript:x)",
            "![x](https://x.test/)",
            "hello @everyone",
            "<script>x</script>",
        ] {
            assert!(catch_unwind(|| super::markdown(text)).is_err(), "{text}");
        }
        super::page("<p>a<br>b <a href=\"https://x.test/\">c</a></p>");
        super::markdown(
            "<details><summary>a &lt;b&gt;</summary>\n\n```\n<b> @x\n```\n\n</details>\n",
        );
    }
}
