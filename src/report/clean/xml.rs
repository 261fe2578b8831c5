//! Text fit for XML 1.0.

use quick_xml::escape::escape;

use super::{cut_middle, visible};

/// Text that can stand in an XML document: no forbidden character, not longer than its limit, and without meaning to
/// a log or to a reader of attachments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct XmlText(String);

impl XmlText {
    /// Cleans a text and cuts it in the middle to about `max_bytes`.
    pub(crate) fn new(text: &str, max_bytes: usize) -> Self {
        Self::of_clean(&visible(&cut_middle(text, max_bytes)))
    }

    /// The same on one line.
    pub(crate) fn line(text: &str, max_chars: usize) -> Self {
        Self::of_clean(&super::one_line(text, max_chars))
    }

    /// Jenkins takes a file that `[[ATTACHMENT|path]]` names from the agent, and a service could name any.
    fn of_clean(text: &str) -> Self {
        Self(text.replace("[[", "[ ["))
    }

    /// The text before it is escaped.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The text escaped for an element's content or an attribute. A parser gives back exactly [`Self::as_str`].
    ///
    /// `]]>` cannot occur because `>` is escaped. What a runner would read as a command is written by character
    /// references, as the document may go to standard output.
    pub(crate) fn escaped(&self) -> String {
        let text = escape(self.0.as_str()).replace('#', "&#35;");
        let mut safe = String::with_capacity(text.len());
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                safe.push('\n');
            }
            let start = line.trim_start_matches(super::is_blank);
            safe.push_str(&line[..line.len() - start.len()]);
            safe.push_str(&match start.strip_prefix(':') {
                Some(rest) => format!("&#58;{rest}"),
                None => start.to_owned(),
            });
        }
        safe
    }

    /// As [`Self::escaped`], with line breaks and tabs kept, which a parser turns into blanks in an attribute.
    pub(crate) fn attribute(&self) -> String {
        self.escaped().replace('\n', "&#10;").replace('\t', "&#9;")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::escape::unescape;

    use super::XmlText;

    #[test]
    fn forbidden_and_meaningful_text_is_harmless() {
        let text = XmlText::new(
            "\0]]><a b=\"c\">&\n ::error::x ##[error] [[ATTACHMENT|/etc/passwd]]",
            999,
        );
        assert_eq!(
            text.escaped(),
            "\u{fffd}]]&gt;&lt;a b=&quot;c&quot;&gt;&amp;\n &#58;:error::x &#35;&#35;[error] [ [ATTACHMENT|/etc/passwd]]"
        );
    }

    proptest! {
        #[test]
        fn escaping_is_undone_by_a_parser(text in any::<String>()) {
            let text = XmlText::new(&text, 10_000);
            for escaped in [text.escaped(), text.attribute()] {
                prop_assert_eq!(unescape(&escaped).unwrap(), text.as_str());
            }
        }
    }
}
