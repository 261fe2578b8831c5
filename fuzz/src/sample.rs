//! Results of any kind, made of bytes, with texts that try to be more than texts.

use arbitrary::{Arbitrary, Result, Unstructured};
use proctor::error::{Code, Problem};
use proctor::model::{
    Attachment, Conclusion, Location, Policy, Quarantine, Report, Results, Run, SetAside, Standing,
    TestCase, Verdict,
};
use proctor::verdict::conclude;

/// The latest moment that a results file can tell, in milliseconds since the Unix epoch.
const END_OF_9999_MS: u64 = 253_402_300_799_999;

/// Texts that mean something to one reader or another.
const PIECES: [&str; 40] = [
    "::error::x",
    "::",
    ":",
    "##[error]x",
    "##[",
    "#",
    "[",
    "\n",
    "\r",
    "\r\n",
    "\u{2028}",
    "\u{b}",
    "\u{200b}",
    "\u{ad}",
    "\u{feff}",
    "\u{a0}",
    "\u{1b}[2J",
    "\u{1b}]0;x\u{7}",
    "\u{1b}",
    "\u{9b}31m",
    "\u{202e}",
    "\0",
    "]]>",
    "<script>",
    "</script>",
    "<!--",
    "<b a=\"c\">",
    "&amp;",
    "&#58;",
    "```",
    "`",
    "|",
    "@everyone",
    "[x](javascript:x)",
    "[[ATTACHMENT|/etc/passwd]]",
    "%0A::x::",
    "https://x.test/a?b=c",
    "javascript:x",
    "${X}",
    "</details>",
];

/// Makes texts, numbers and all that is built of them.
pub struct Maker<'u, 'd> {
    bytes: &'u mut Unstructured<'d>,
}

impl<'u, 'd> Maker<'u, 'd> {
    pub fn new(bytes: &'u mut Unstructured<'d>) -> Self {
        Self { bytes }
    }

    fn any<T: Arbitrary<'d>>(&mut self) -> Result<T> {
        self.bytes.arbitrary()
    }

    /// A text of a few pieces, of which some are from the list and some are any.
    pub fn text(&mut self) -> Result<String> {
        let mut text = String::new();
        for _ in 0..self.bytes.int_in_range(0..=6)? {
            let at: u8 = self.any()?;
            match PIECES.get(usize::from(at) % 64) {
                Some(piece) => text.push_str(piece),
                None if at >= 240 => text.push_str(&"long ".repeat(usize::from(at))),
                None if at >= 128 => text.push(self.any()?),
                None => text.push(char::from(at % 26 + b'a')),
            }
        }
        Ok(text)
    }

    fn maybe<T>(&mut self, make: fn(&mut Self) -> Result<T>) -> Result<Option<T>> {
        match self.any()? {
            true => make(self).map(Some),
            false => Ok(None),
        }
    }

    fn some<T>(&mut self, most: usize, make: fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let number = self.bytes.int_in_range(0..=most)?;
        (0..number).map(|_| make(self)).collect()
    }

    fn verdict(&mut self) -> Result<Verdict> {
        self.bytes.choose(&Verdict::ALL).copied()
    }

    fn test(&mut self) -> Result<TestCase> {
        Ok(TestCase {
            suite: self.text()?,
            name: self.text()?,
            verdict: self.verdict()?,
            queued_ms: self.any()?,
            duration_ms: self.any()?,
            attempts: self.any::<u32>()?.max(1),
            message: self.maybe(Self::text)?,
            details: self.maybe(Self::text)?,
            expected: self.maybe(Self::text)?,
            actual: self.maybe(Self::text)?,
            url: self.maybe(Self::text)?,
            attachments: self.some(2, |maker| {
                Ok(Attachment {
                    name: maker.text()?,
                    url: maker.text()?,
                })
            })?,
            earlier: Vec::new(),
            standing: self.maybe(|maker| Ok(*maker.bytes.choose(&Standing::ALL)?))?,
            quarantine: self.maybe(|maker| {
                Ok(Quarantine {
                    reason: maker.text()?,
                    until: maker.text()?,
                })
            })?,
        })
    }

    /// A test that was run again, so that something has come of it before.
    fn tried_test(&mut self) -> Result<TestCase> {
        let test = self.test()?;
        let attempts = self.some(2, Self::test)?.into_iter();
        let earlier = attempts.map(|attempt| TestCase {
            suite: test.suite.clone(),
            name: test.name.clone(),
            queued_ms: None,
            attachments: Vec::new(),
            standing: None,
            quarantine: None,
            ..attempt
        });
        let earlier = earlier.collect();
        Ok(TestCase { earlier, ..test })
    }

    fn problem(&mut self) -> Result<Problem> {
        Ok(Problem {
            code: *self.bytes.choose(&Code::ALL)?,
            message: self.text()?,
            who: self.text()?,
            retriable: self.any()?,
            next: self.text()?,
            request_id: self.maybe(Self::text)?,
        })
    }

    fn report(&mut self) -> Result<Report> {
        Ok(Report {
            target: self.text()?,
            provider: self.text()?,
            verdict: self.verdict()?,
            reason: self.maybe(Self::text)?,
            problem: self.maybe(Self::problem)?,
            run: self.maybe(|maker| {
                Ok(Run {
                    id: maker.text()?,
                    url: maker.maybe(Self::text)?,
                })
            })?,
            handle: None,
            tests: self.some(5, Self::tried_test)?,
            warnings: self.some(2, Self::text)?,
            started_at_ms: self.any::<u64>()? % END_OF_9999_MS,
            duration_ms: self.any()?,
            queued_ms: self.any()?,
            location: self.maybe(|maker| {
                Ok(Location {
                    file: maker.text()?,
                    line: maker.any()?,
                })
            })?,
            set_aside: self.maybe(|maker| Ok(*maker.bytes.choose(&SetAside::ALL)?))?,
        })
    }

    /// Results, judged as they are when nothing is said of what counts as a failure, or as if anything counted.
    pub fn results(&mut self) -> Result<Results> {
        let targets = self.some(3, Self::report)?;
        let policy = Policy {
            fail_on: self.some(7, Self::verdict)?,
            allow_empty: self.any()?,
            exit_zero: self.any()?,
            flaky: false,
            new_only: false,
            signal: self.any()?,
        };
        let conclusion: Conclusion = conclude(&targets, &policy);
        Ok(Results {
            version: self.text()?,
            started_at_ms: self.any::<u64>()? % END_OF_9999_MS,
            duration_ms: self.any()?,
            conclusion,
            targets,
        })
    }
}

/// Results that the bytes stand for.
pub fn results(data: &[u8]) -> Option<Results> {
    Maker::new(&mut Unstructured::new(data)).results().ok()
}
