//! Websites and their test flows, and what becomes of a flow that is run.

use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Website {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub paused: bool,
    #[serde(default)]
    pub flows: Vec<Flow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    pub id: String,
    #[serde(default)]
    pub name: String,
    /// What becomes of it; by the words in its id and name if left out.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// How long it takes; 20 ms, or 60 s if it is called slow, if left out.
    #[serde(default)]
    pub duration_ms: Option<u64>,
    /// The names of its steps; three if left out.
    #[serde(default)]
    pub steps: Vec<String>,
    /// Which step fails or is interrupted, from 1 on; the second if left out.
    #[serde(default)]
    pub breaks_at: Option<usize>,
    /// How many of its first runs fail, before those with the outcome.
    #[serde(default)]
    pub fails_first: usize,
    #[serde(default)]
    pub mode: Mode,
}

/// How a flow is run. Source: the help article "Visual vs Fast Mode".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// With screenshots, a video and a network log.
    #[default]
    Visual,
    /// With screenshots.
    Fast,
}

/// What becomes of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Pass,
    Fail,
    Error,
    /// Was never set up, and so is not run.
    SetupError,
    Cancelled,
    Skipped,
    /// A word that no document knows.
    Unknown,
    /// `status` says passed and `result` says failed.
    Disagree,
    /// Ends, and nothing says how.
    Completed,
    /// Never ends.
    Stuck,
}

impl Flow {
    pub fn named(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            outcome: None,
            duration_ms: None,
            steps: Vec::new(),
            breaks_at: None,
            fails_first: 0,
            mode: Mode::Visual,
        }
    }

    pub fn title(&self) -> &str {
        if self.name.is_empty() {
            &self.id
        } else {
            &self.name
        }
    }

    fn says(&self, word: &str) -> bool {
        let written = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
        [&self.id, &self.name]
            .iter()
            .any(|text| written(text).contains(word))
    }

    pub fn outcome(&self) -> Outcome {
        const WORDS: [(&str, Outcome); 9] = [
            ("setup_error", Outcome::SetupError),
            ("error", Outcome::Error),
            ("fail", Outcome::Fail),
            ("cancel", Outcome::Cancelled),
            ("skip", Outcome::Skipped),
            ("unknown", Outcome::Unknown),
            ("disagree", Outcome::Disagree),
            ("completed", Outcome::Completed),
            ("stuck", Outcome::Stuck),
        ];
        self.outcome.unwrap_or_else(|| {
            WORDS
                .into_iter()
                .find(|(word, _)| self.says(word))
                .map_or(Outcome::Pass, |(_, outcome)| outcome)
        })
    }

    pub fn duration_ms(&self) -> u64 {
        self.duration_ms
            .unwrap_or_else(|| if self.says("slow") { 60_000 } else { 20 })
    }

    pub fn steps(&self) -> Vec<String> {
        if self.steps.is_empty() {
            ["open the page", "fill in the form", "read the answer"].map(str::to_owned).into()
        } else {
            self.steps.clone()
        }
    }

    /// How many steps are run, the one that fails among them.
    pub fn steps_run(&self) -> usize {
        let all = self.steps().len();
        let breaks_at = self.breaks_at.unwrap_or(2).clamp(1, all);
        match self.outcome() {
            Outcome::Fail | Outcome::Error => breaks_at,
            Outcome::Cancelled | Outcome::Stuck => breaks_at - 1,
            Outcome::SetupError | Outcome::Skipped => 0,
            Outcome::Pass | Outcome::Unknown | Outcome::Disagree | Outcome::Completed => all,
        }
    }
}

fn website(id: &str, name: &str, flows: Vec<Flow>) -> Website {
    Website {
        id: id.to_owned(),
        name: name.to_owned(),
        url: format!("https://{}.example.com", id.trim_start_matches("site-")),
        paused: false,
        flows,
    }
}

/// Flows that are called by words.
fn words(words: &[&str]) -> Vec<Flow> {
    let flow = |word: &&str| Flow::named(&format!("flow-{word}"), &word.replace('-', " "));
    words.iter().map(flow).collect()
}

/// As many passing flows as wanted.
fn numbered(kind: &str, count: usize) -> Vec<Flow> {
    let flow = |number| Flow::named(&format!("flow-{kind}-{number:02}"), &format!("{kind} {number:02}"));
    (1..=count).map(flow).collect()
}

/// What is there without a scenario.
pub fn usual() -> Vec<Website> {
    let fast = Flow {
        mode: Mode::Fast,
        ..Flow::named("flow-newsletter", "Newsletter")
    };
    let shop = vec![
        Flow::named("flow-contact", "Contact form"),
        Flow::named("flow-checkout", "Checkout"),
        fast,
    ];
    // A name that another website's flow has too.
    let blog = vec![Flow::named("flow-blog-contact", "Contact form")];
    let outcomes = words(&[
        "pass",
        "fail",
        "error",
        "setup-error",
        "cancelled",
        "skipped",
        "unknown",
        "disagree",
        "completed",
    ]);
    vec![
        website("site-shop", "Shop", shop),
        website("site-blog", "Blog", blog),
        website("site-outcomes", "Outcomes", outcomes),
        website("site-endless", "Endless", words(&["slow", "stuck"])),
        website("site-twenty", "Twenty", numbered("twenty", 20)),
        website("site-many", "Many", numbered("many", 45)),
        Website {
            paused: true,
            ..website("site-paused", "Paused", words(&["paused"]))
        },
        website("site-empty", "Empty", Vec::new()),
    ]
}

/// What `proctor demo` shows.
pub fn demo() -> Vec<Website> {
    let flow = |id: &str, name: &str, outcome, steps: &[&str], duration_ms, mode| Flow {
        outcome: Some(outcome),
        steps: steps.iter().map(|&step| step.to_owned()).collect(),
        duration_ms: Some(duration_ms),
        mode,
        ..Flow::named(id, name)
    };
    let flows = vec![
        flow(
            "contact",
            "Contact form",
            Outcome::Pass,
            &["open the page", "fill in the form", "read the answer"],
            900,
            Mode::Visual,
        ),
        flow(
            "checkout",
            "Checkout",
            Outcome::Fail,
            &["put into the basket", "pay", "read \"Thank you\"", "sign out"],
            1_400,
            Mode::Visual,
        ),
        flow(
            "newsletter",
            "Newsletter",
            Outcome::Pass,
            &["open the page", "sign up"],
            600,
            Mode::Fast,
        ),
    ];
    let mut shop = website("shop", "Shop", flows);
    shop.flows[1].breaks_at = Some(3);
    vec![shop]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_ids_and_names_are_read_in_any_case() {
        for (id, name, outcome) in [
            ("f-1", "Failing", Outcome::Fail),
            ("f-2", "Setup error", Outcome::SetupError),
            ("SETUP-ERROR", "", Outcome::SetupError),
            ("f-3", "Error page", Outcome::Error),
            ("completed-3", "", Outcome::Completed),
            ("f-4", "", Outcome::Pass),
        ] {
            assert_eq!(Flow::named(id, name).outcome(), outcome, "{id} {name}");
        }
        assert_eq!(Flow::named("f", "Slow search").duration_ms(), 60_000);
        let told = Flow {
            outcome: Some(Outcome::Pass),
            ..Flow::named("fail", "")
        };
        assert_eq!(told.outcome(), Outcome::Pass, "what is said goes first");
    }

    #[test]
    fn a_flow_breaks_within_its_steps() {
        let run = |outcome, breaks_at, steps: usize| {
            Flow {
                outcome: Some(outcome),
                breaks_at,
                steps: vec!["step".to_owned(); steps],
                ..Flow::named("f", "")
            }
            .steps_run()
        };
        assert_eq!(run(Outcome::Fail, None, 0), 2);
        assert_eq!(run(Outcome::Fail, None, 1), 1);
        assert_eq!(run(Outcome::Fail, Some(0), 3), 1);
        assert_eq!(run(Outcome::Fail, Some(9), 3), 3);
        assert_eq!(run(Outcome::Cancelled, Some(3), 3), 2);
        assert_eq!(run(Outcome::Pass, Some(1), 3), 3);
        assert_eq!(run(Outcome::SetupError, None, 3), 0);
    }

    #[test]
    fn there_is_enough_to_page_through() {
        let websites = usual();
        let flows = |id: &str| {
            let website = websites.iter().find(|website| website.id == id);
            website.expect("a website").flows.clone()
        };
        assert_eq!(flows("site-many").len(), 45);
        assert_eq!(flows("site-twenty").len(), 20);
        let passes = |flow: &Flow| flow.outcome() == Outcome::Pass;
        assert!(flows("site-many").iter().all(passes) && flows("site-twenty").iter().all(passes));
        assert_eq!(demo()[0].flows.iter().filter(|flow| !passes(flow)).count(), 1);
    }
}
