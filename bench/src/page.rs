//! The page that the figures are told on.

use std::fmt::Write as _;

/// How long a line of text may be.
const WIDTH: usize = 120;

/// A page of Markdown, and the ratios that go before everything else.
#[derive(Debug, Default)]
pub struct Page {
    body: String,
    ratios: Vec<[String; 4]>,
}

impl Page {
    /// Begins a part.
    pub fn part(&mut self, title: &str) {
        let _ = write!(self.body, "\n## {title}\n");
    }

    /// A paragraph, broken into lines.
    pub fn paragraph(&mut self, text: &str) {
        let _ = write!(self.body, "\n{}", wrapped(text));
    }

    /// A table with a head.
    pub fn table<const N: usize>(&mut self, head: [&str; N], rows: &[[String; N]]) {
        self.body.push('\n');
        self.body.push_str(&table(head, rows));
    }

    /// A line of the summary: what was measured, Proctor's figure, the other's, and what the second is of the first.
    pub fn ratio(&mut self, what: &str, ours: String, theirs: String, ratio: Option<String>) {
        let ratio = ratio.unwrap_or_else(|| "–".to_owned());
        self.ratios.push([what.to_owned(), ours, theirs, ratio]);
    }

    /// The whole page: title, introduction, ratios, and the parts.
    #[must_use]
    pub fn whole(&self, title: &str, introduction: &[&str]) -> String {
        let mut text = format!("# {title}\n");
        for paragraph in introduction {
            let _ = write!(text, "\n{}", wrapped(paragraph));
        }
        text.push('\n');
        let head = ["", "Proctor", "the other", "the other takes"];
        text.push_str(&table(head, &self.ratios));
        text.push_str(&self.body);
        text
    }
}

fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&head.map(str::to_owned));
    text.push_str(&line(&[const { "---" }; N].map(str::to_owned)));
    for row in rows {
        text.push_str(&line(&row.each_ref().map(|cell| within_cell(cell))));
    }
    text
}

/// What a program said can hold anything.
fn within_cell(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    line.join(" ").replace('|', "\\|").replace('<', "&lt;")
}

fn wrapped(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_its_ratios_first() {
        let mut page = Page::default();
        page.part("Start-up");
        page.paragraph("One word after\nthe other.");
        page.table(["a", "b"], &[["x|y".to_owned(), "<1\nms".to_owned()]]);
        page.ratio(
            "start",
            "2 ms".to_owned(),
            "8 ms".to_owned(),
            crate::figures::times(2.0, 8.0),
        );
        page.ratio("nothing", "0".to_owned(), "0".to_owned(), None);
        let text = page.whole("Performance", &["What it is."]);
        assert_eq!(
            text,
            "# Performance\n\nWhat it is.\n\n\
             | | Proctor | the other | the other takes |\n| --- | --- | --- | --- |\n\
             | start | 2 ms | 8 ms | 4.0 times |\n| nothing | 0 | 0 | – |\n\n\
             ## Start-up\n\nOne word after the other.\n\n\
             | a | b |\n| --- | --- |\n| x\\|y | &lt;1 ms |\n"
                .replace("| | Proctor", "|  | Proctor")
        );
    }

    #[test]
    fn long_paragraphs_are_broken_into_lines() {
        let text = wrapped(&"word ".repeat(100));
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.split_whitespace().count(), 100);
        assert!(text.lines().count() < 6);
    }
}
