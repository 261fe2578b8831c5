//! The pages, and what stands on them.

use std::path::{Path, PathBuf};

use proctor_test_support::{read, root};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::block::Block;

/// A Markdown file.
#[derive(Debug, Default)]
pub struct Page {
    /// Its path from the top of the source tree.
    pub path: String,
    pub blocks: Vec<Block>,
    pub headings: Vec<Heading>,
    /// Where each link leads to, with its line.
    pub links: Vec<(usize, String)>,
    /// Code within text, with its line.
    pub codes: Vec<(usize, String)>,
    pub tables: Vec<Table>,
}

#[derive(Debug, Clone)]
pub struct Heading {
    pub level: u8,
    /// What a link to it names, as GitHub makes it from the text.
    pub anchor: String,
    /// The code in it.
    pub codes: Vec<String>,
}

/// A table; its first row is the head. Code stands in backticks.
#[derive(Debug, Default)]
pub struct Table {
    /// The anchor of the heading that it is under.
    pub under: String,
    pub rows: Vec<Vec<String>>,
}

/// The pages that users read: their examples are checked.
pub fn pages() -> Vec<Page> {
    let mut paths = markdown_below(&root().join("docs"));
    paths.push(root().join("README.md"));
    paths.push(root().join("examples/plugin-echo/README.md"));
    paths.iter().map(|path| Page::read(path)).collect()
}

/// The page at this path from the top of the source tree.
pub fn page(path: &str) -> Page {
    Page::read(&root().join(path))
}

/// Every example of every page.
pub fn blocks() -> Vec<Block> {
    pages().into_iter().flat_map(|page| page.blocks).collect()
}

/// The Markdown files in this folder and those below it.
pub fn markdown_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            found.extend(markdown_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

impl Page {
    pub fn read(path: &Path) -> Self {
        let shown = path
            .strip_prefix(root())
            .expect("below the top")
            .display()
            .to_string();
        Reader::new(&shown, &read(path)).page()
    }

    /// The table under the heading of this anchor.
    pub fn table(&self, anchor: &str) -> &Table {
        let mut tables = self.tables.iter();
        tables
            .find(|table| table.under == anchor)
            .unwrap_or_else(|| panic!("{} has no table under #{anchor}", self.path))
    }
}

/// Goes through a page once.
struct Reader<'a> {
    page: Page,
    text: &'a str,
    /// The block that is being read.
    block: Option<Block>,
    /// The text of the heading that is being read.
    heading: Option<(u8, String, Vec<String>)>,
    cell: Option<String>,
}

impl<'a> Reader<'a> {
    fn new(path: &str, text: &'a str) -> Self {
        let page = Page {
            path: path.to_owned(),
            ..Page::default()
        };
        Self {
            page,
            text,
            block: None,
            heading: None,
            cell: None,
        }
    }

    fn page(mut self) -> Page {
        let text = self.text;
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            let line = text[..range.start].matches('\n').count() + 1;
            self.take(event, line);
        }
        self.page
    }

    fn take(&mut self, event: Event<'_>, line: usize) {
        match event {
            Event::Start(tag) => self.start(tag, line),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::SoftBreak => self.text(" "),
            Event::Code(code) => {
                if let Some((_, _, codes)) = &mut self.heading {
                    codes.push(code.to_string());
                }
                match self.cell.is_some() {
                    true => self.text(&format!("`{code}`")),
                    false => self.text(&code),
                }
                self.page.codes.push((line, code.into_string()));
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, line: usize) {
        match tag {
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.into_string(),
                    CodeBlockKind::Indented => "indented".to_owned(),
                };
                self.block = Some(Block::new(&self.page.path, line, info));
            }
            Tag::Heading { level, .. } => {
                self.heading = Some((level as u8, String::new(), Vec::new()));
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.page.links.push((line, dest_url.into_string()));
            }
            Tag::Table(_) => {
                let under = self.page.headings.last();
                self.page.tables.push(Table {
                    under: under.map_or_else(String::new, |heading| heading.anchor.clone()),
                    rows: Vec::new(),
                });
            }
            Tag::TableHead | Tag::TableRow => self.rows().push(Vec::new()),
            Tag::TableCell => self.cell = Some(String::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => self.page.blocks.extend(self.block.take()),
            TagEnd::Heading(_) => {
                let (level, text, codes) = self.heading.take().expect("it began");
                let anchor = self.free_anchor(&text);
                self.page.headings.push(Heading {
                    level,
                    anchor,
                    codes,
                });
            }
            TagEnd::TableCell => {
                let cell = self.cell.take().expect("it began").trim().to_owned();
                self.rows().last_mut().expect("a row").push(cell);
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(block) = &mut self.block {
            block.text.push_str(text);
        } else if let Some(cell) = &mut self.cell {
            cell.push_str(text);
        } else if let Some((_, heading, _)) = &mut self.heading {
            heading.push_str(text);
        }
    }

    fn rows(&mut self) -> &mut Vec<Vec<String>> {
        &mut self.page.tables.last_mut().expect("a table").rows
    }

    /// GitHub's anchor of a heading: small letters, no punctuation, and a number behind one that is there already.
    fn free_anchor(&self, text: &str) -> String {
        let wanted: String = text
            .trim()
            .to_lowercase()
            .chars()
            .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter))
            .map(|letter| if letter == ' ' { '-' } else { letter })
            .collect();
        let taken = |anchor: &str| self.page.headings.iter().any(|each| each.anchor == anchor);
        std::iter::once(wanted.clone())
            .chain((1..).map(|number| format!("{wanted}-{number}")))
            .find(|anchor| !taken(anchor))
            .expect("numbers do not end")
    }
}

#[test]
fn a_page_is_read_as_github_reads_it() {
    let text = "# The `a` b: c!\n\n## Two\n\n## Two\n\n[x](y.md#z)\n\n| a | b |\n| --- | --- |\n| `1` | 2 |\n\n- one\n\n  ```toml more\n  a = 1\n  ```\n";
    let page = Reader::new("x.md", text).page();
    let anchors: Vec<&str> = page.headings.iter().map(|each| &*each.anchor).collect();
    assert_eq!(anchors, ["the-a-b-c", "two", "two-1"]);
    assert_eq!(page.headings[0].codes, ["a"]);
    assert_eq!(page.links, [(7, "y.md#z".to_owned())]);
    let block = &page.blocks[0];
    assert_eq!(
        (block.line, &*block.info, &*block.text),
        (15, "toml more", "a = 1\n")
    );
    assert_eq!(page.table("two-1").rows, [["a", "b"], ["`1`", "2"]]);
}
