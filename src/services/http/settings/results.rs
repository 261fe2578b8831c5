//! What is said about results and their pages.

use super::reader::Reader;
use super::{LINK, Next, Tests};
use crate::services::http::template::Part;

impl Reader<'_> {
    /// Where a list of results tells that it goes on.
    pub fn next(&mut self, has_id: bool) -> Option<Next> {
        let page = self.request("results_page", has_id);
        let Some(written) = self.target.text("results_next") else {
            if page.is_some() {
                self.mistake(
                    "results_page",
                    "`results_next` does not say where the cursor is",
                );
            }
            return None;
        };
        if self.target.text("tests").is_none() {
            self.mistake("results_next", "`tests` does not say where the results are");
        }
        if written.eq_ignore_ascii_case(LINK) {
            if self.target.text("results").is_none() {
                self.mistake(
                    "results_next",
                    "the `Link` header is that of `results`, which is missing",
                );
            }
            if page.is_some() {
                self.mistake("results_page", "a `Link` header tells the whole address");
            }
            return Some(Next::Link);
        }
        let place = self.read_place("results_next", written)?;
        let Some(page) = page else {
            return Some(Next::Address(place));
        };
        self.reads_only("results_page", Some(&page));
        if !page.uses(&Part::Next) {
            self.mistake(
                "results_page",
                "{next} is not used, so that every page would be the same",
            );
        }
        Some(Next::Cursor(place, page))
    }

    /// Where the results are, and what is in each.
    pub fn tests(&mut self) -> Option<Tests> {
        const OF_TESTS: [&str; 7] = [
            "results",
            "test_name",
            "test_suite",
            "test_verdict",
            "test_duration",
            "test_message",
            "test_url",
        ];
        let places = OF_TESTS.map(|name| match name {
            "results" => None,
            name => self.place(name),
        });
        let list = self.place("tests");
        if self.target.text("tests").is_none() {
            for name in OF_TESTS {
                if self.target.text(name).is_some() {
                    self.mistake(name, "`tests` does not say where the results are");
                }
            }
            return None;
        }
        if self.target.text("test_verdict").is_none() {
            self.mistake(
                "test_verdict",
                "it is missing; `tests` needs to know where a result has its verdict",
            );
        }
        let unit_ms = self.unit_ms();
        let [_, name, suite, verdict, duration, message, url] = places;
        Some(Tests {
            list: list?,
            verdict: verdict?,
            name,
            suite,
            duration,
            unit_ms,
            message,
            url,
        })
    }
    /// Milliseconds to one unit of a duration.
    fn unit_ms(&mut self) -> f64 {
        let has_duration = self.target.text("test_duration").is_some();
        match (self.target.text("duration_unit"), has_duration) {
            (Some("ms"), true) | (None, false) => return 1.0,
            (Some("s"), true) => return 1_000.0,
            (Some("ms" | "s"), false) => self.mistake(
                "duration_unit",
                "`test_duration` does not say where the duration is",
            ),
            (None, true) => {
                self.mistake("duration_unit", "it is missing; write \"ms\" or \"s\"");
            }
            (Some(_), _) => self.mistake("duration_unit", "write \"ms\" or \"s\""),
        }
        1.0
    }
}
