//! The one place where text becomes HTML.

use crate::report::clean::{cut_middle, is_blank, link, one_line, visible};

/// HTML under construction.
///
/// Only what the program itself says, which is known when it is built, goes in as it is. Everything else is cleaned
/// and escaped on its way in, so that it is text wherever it stands: in an element or in an attribute's quotes.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Adds markup as it is.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds a number.
    pub(super) fn number(&mut self, number: usize) -> &mut Self {
        self.0.push_str(&number.to_string());
        self
    }

    /// Adds a share of a whole in percent, given in hundredths of a percent.
    ///
    /// A number with a point would bring in as much code as half of the page.
    pub(super) fn percent(&mut self, hundredths: usize) -> &mut Self {
        self.number(hundredths / 100).raw(".");
        if hundredths % 100 < 10 {
            self.raw("0");
        }
        self.number(hundredths % 100).raw("%")
    }

    /// Adds text on one line, of at most so many characters.
    pub(super) fn line(&mut self, text: &str, max_chars: usize) -> &mut Self {
        self.escape(&one_line(text, max_chars));
        self
    }

    /// Adds text of several lines, cut in its middle to about so many bytes.
    pub(super) fn text(&mut self, text: &str, max_bytes: usize) -> &mut Self {
        self.escape(&visible(&cut_middle(text, max_bytes)));
        self
    }

    /// Adds text that was cleaned before.
    pub(super) fn clean(&mut self, text: &str) -> &mut Self {
        self.escape(text);
        self
    }

    /// Adds a link that opens beside the report; where the address is none of the web, its text alone.
    pub(super) fn link(&mut self, url: &str, text: &str, max_chars: usize) -> &mut Self {
        let Some(url) = link(url) else {
            return self.line(text, max_chars);
        };
        self.raw("<a target=\"_blank\" rel=\"noopener noreferrer\" href=\"")
            .clean(&url)
            .raw("\">")
            .line(text, max_chars)
            .raw("</a>")
    }

    pub(super) fn append(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }

    /// Escapes what means something to HTML, and what would to the runner of a CI system if the page were written to
    /// its log: a colon that begins a line, and `##[`.
    fn escape(&mut self, text: &str) {
        let mut at_start = true;
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '#' => self.0.push_str("&#35;"),
                ':' if at_start => self.0.push_str("&#58;"),
                c => self.0.push(c),
            }
            at_start = c == '\n' || at_start && is_blank(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn text_stays_text() {
        let mut page = Markup::default();
        page.raw("<p>")
            .text("<b a='1' b=\"2\">&amp;\n ::x ##[y]", 99);
        assert_eq!(
            page.into_string(),
            "<p>&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;amp;\n &#58;:x &#35;&#35;[y]"
        );
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        for (url, markup) in [
            (
                "https://x.test/?a=1&b=\"",
                "<a target=\"_blank\" rel=\"noopener noreferrer\" href=\"https://x.test/?a=1&amp;b=%22\">n</a>",
            ),
            ("javascript:alert(1)", "n"),
            ("data:text/html,x", "n"),
            ("/etc/passwd", "n"),
        ] {
            let mut page = Markup::default();
            page.link(url, "n", 9);
            assert_eq!(page.into_string(), markup);
        }
    }
}
