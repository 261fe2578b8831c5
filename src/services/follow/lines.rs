//! From the bytes of a stream to its events, be they NDJSON or server-sent events.
//!
//! The two cannot be confused: a line of NDJSON starts with `{`, a field of an event stream does not.
//! Sources: ndjson specification 1.0; WHATWG HTML, "Server-sent events".

use serde_json::Value;

/// The longest line that is read, in bytes.
const LONGEST_LINE: usize = 1024 * 1024;

/// What has come of the stream but is not a whole event yet.
#[derive(Debug, Default)]
pub struct Lines {
    rest: Vec<u8>,
    /// Lines of a `data:` block that do not parse alone.
    block: Vec<String>,
}

impl Lines {
    /// Takes the next bytes and returns the events that they complete.
    ///
    /// # Errors
    /// A fragment of a sentence if a line is too long to be kept.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Value>, &'static str> {
        self.rest.extend_from_slice(bytes);
        let mut events = Vec::new();
        let mut start = 0;
        while let Some(end) = self.rest[start..].iter().position(|&byte| byte == b'\n') {
            let line = String::from_utf8_lossy(&self.rest[start..start + end]).into_owned();
            self.line(line.trim(), &mut events);
            start += end + 1;
        }
        self.rest.drain(..start);
        if self.rest.len() > LONGEST_LINE
            || self.block.iter().map(String::len).sum::<usize>() > LONGEST_LINE
        {
            return Err("a line of it is too long");
        }
        Ok(events)
    }

    /// The event that the end of the stream completes, if its last line was whole but for the line break.
    pub fn finish(&mut self) -> Vec<Value> {
        let rest = std::mem::take(&mut self.rest);
        let mut events = Vec::new();
        self.line(String::from_utf8_lossy(&rest).trim(), &mut events);
        self.line("", &mut events);
        events
    }

    fn line(&mut self, line: &str, events: &mut Vec<Value>) {
        if line.is_empty() {
            let block = std::mem::take(&mut self.block).join("\n");
            events.extend(object(&block));
            return;
        }
        let (text, is_data) = match line.strip_prefix("data:") {
            Some(data) => (data.trim(), true),
            None => (line, false),
        };
        match object(text) {
            Some(event) => events.push(event),
            None if is_data => self.block.push(text.to_owned()),
            None => {}
        }
    }
}

fn object(text: &str) -> Option<Value> {
    crate::api::mended(text)
        .parse()
        .ok()
        .filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn all(text: &str) -> Vec<Value> {
        let mut lines = Lines::default();
        let mut events = lines.push(text.as_bytes()).expect("no line is too long");
        events.extend(lines.finish());
        events
    }

    #[test]
    fn reads_ndjson_and_skips_what_is_no_event() {
        let text = "{\"status\":\"RUNNING\"}\r\n\n[1]\nnoise\n{\"status\":\"COMPLETED\"}";
        assert_eq!(
            all(text),
            [json!({"status": "RUNNING"}), json!({"status": "COMPLETED"})]
        );
    }

    #[test]
    fn reads_server_sent_events_with_blocks_and_comments() {
        let text = ": hi\nevent: state\nid: 1\nretry: 5\ndata: {\"status\":\"RUNNING\"}\n\ndata: {\"status\":\r\ndata: \"DONE\"}\r\n\r\n";
        assert_eq!(
            all(text),
            [json!({"status": "RUNNING"}), json!({"status": "DONE"})]
        );
    }

    #[test]
    fn drops_a_line_that_broke_off() {
        assert_eq!(
            all("{\"status\":\"RUNNING\"}\n{\"stat"),
            [json!({"status": "RUNNING"})]
        );
    }

    #[test]
    fn refuses_a_line_without_end() {
        let mut lines = Lines::default();
        assert!(lines.push(&vec![b'x'; LONGEST_LINE + 1]).is_err());
    }

    proptest! {
        #[test]
        fn how_the_bytes_are_cut_does_not_matter(cuts in proptest::collection::vec(0usize..60, 0..8)) {
            let text = "data: {\"status\":\"ü\"}\n\n{\"status\":\"B\"}\n: c\ndata: {\"a\":\ndata: 1}\n\n".as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let mut lines = Lines::default();
            let mut events = Vec::new();
            for pair in cuts.windows(2) {
                events.extend(lines.push(&text[pair[0]..pair[1]]).expect("short"));
            }
            events.extend(lines.finish());
            prop_assert_eq!(events, vec![json!({"status": "ü"}), json!({"status": "B"}), json!({"a": 1})]);
        }
    }
}
