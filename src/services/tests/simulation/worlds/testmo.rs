//! A Testmo with one run of two tests that others fill.

use std::time::Duration;

use super::super::world::{End, Facts, Served, World, json, place, query, target, text};
use crate::model::Target;
use crate::ports::{Method, Request};

pub struct Testmo {
    facts: Facts,
}

impl Testmo {
    pub const fn new(facts: Facts) -> Self {
        Self { facts }
    }

    const fn end(&self) -> End {
        self.facts.ends[0]
    }

    fn is_complete(&self, now: Duration) -> bool {
        now >= self.facts.takes && self.end() != End::Never
    }

    /// The numbers of the tests' statuses. DOC: 2 is passed, 3 failed, 1 untested.
    const fn tests(&self) -> &'static [u8] {
        match self.end() {
            End::Failed | End::Quiet => &[2, 3],
            End::Errored => &[2, 4],
            End::Skipped => &[1, 1],
            End::Cancelled => &[2, 9],
            End::Missing => &[2],
            End::Empty | End::Unseen => &[],
            _ => &[2, 2],
        }
    }

    fn run(&self, now: Duration) -> Served {
        let complete = self.is_complete(now);
        let total = match self.end() {
            End::Missing => 2,
            _ => self.tests().len(),
        };
        let failed = usize::from(self.end() == End::Failed);
        let status = match self.end() {
            End::Failed if complete => 3,
            End::Strange if complete => 7,
            _ if complete => 2,
            _ => 4,
        };
        json(200, format!(
            r#"{{"result":{{"id":1,"name":"shared","is_completed":{complete},"status":{status},"total_count":{total},"failure_count":{failed}}}}}"#
        )).into()
    }

    fn listed(&self, asked: &str) -> Served {
        let number: usize = query(asked, "page").map_or(1, |page| page.parse().unwrap_or(1));
        let size = if self.facts.paged { 1 } else { 10 };
        let from = ((number - 1) * size).min(self.tests().len());
        let to = (from + size).min(self.tests().len());
        let (mut list, mut evidence) = (Vec::new(), 0);
        for at in from..to {
            let status = self.tests()[at];
            list.push(format!(
                r#"{{"id":{at},"name":"test {at}","folder":"shop","status_id":{status}}}"#
            ));
            evidence |= u8::from(status == 2) << at;
        }
        let next = match to < self.tests().len() {
            true => (number + 1).to_string(),
            false => "null".to_owned(),
        };
        let body = format!(r#"{{"result":[{}],"next_page":{next}}}"#, list.join(","));
        Served::with(json(200, body), evidence)
    }
}

impl World for Testmo {
    fn target(&self) -> Target {
        target("testmo", vec![text("run", "1")])
    }

    fn serve(&mut self, request: &Request, now: Duration) -> Served {
        match (request.method, place(request)) {
            (Method::Get, ("/automation/runs/1", _)) => self.run(now),
            (Method::Get, ("/automation/runs/1/tests", asked)) => self.listed(asked),
            _ => json(404, r#"{"message":"not found"}"#.to_owned()).into(),
        }
    }

    fn started(&self) -> Vec<usize> {
        Vec::new()
    }

    fn goes_on(&self, now: Duration) -> bool {
        !self.is_complete(now)
    }

    fn wanted(&self) -> u8 {
        0b11
    }

    fn code(&self) -> u8 {
        match self.end() {
            End::Passed => 0,
            End::Failed | End::Quiet => 1,
            End::Never => 4,
            End::Skipped | End::Empty | End::Unseen => 9,
            _ => 3,
        }
    }
}
