//! A service with a truth of its own.

use std::sync::LazyLock;
use std::time::Duration;

use super::chance::Chance;
use super::worlds;
use crate::model::{Setting, Target, Value};
use crate::ports::{Head, Request, Response};
use crate::services::all;
use crate::verdict::rank;

/// The base URL of every world: that of Testmo, which keeps nothing else of an address.
pub const BASE: &str = "https://x/api/v1";

/// The service's clock when the simulation begins, in seconds since the Unix epoch.
pub const EPOCH: u64 = 1_760_000_000;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Passed,
    Failed,
    /// A test failed, and the run says that it passed.
    Quiet,
    Errored,
    Cancelled,
    Skipped,
    /// Of one thing that was wanted there is no result.
    Missing,
    /// There are no tests.
    Empty,
    /// In a word that nobody knows.
    Strange,
    Never,
    /// It is in no list.
    Unseen,
}

impl End {
    pub const ALL: [Self; 11] = [
        Self::Passed,
        Self::Failed,
        Self::Quiet,
        Self::Errored,
        Self::Cancelled,
        Self::Skipped,
        Self::Missing,
        Self::Empty,
        Self::Strange,
        Self::Never,
        Self::Unseen,
    ];
}

/// What is true of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// How the runs end, as many as the world has.
    pub ends: [End; 2],
    pub takes: Duration,
    /// How long until a run is to be seen.
    pub lag: Duration,
    /// Whether what is to be run is named, or the answer to a trigger names its run.
    pub named: bool,
    /// Whether runs of others appear beside ours, which passed.
    pub noise: bool,
    /// Whether lists come in pages.
    pub paged: bool,
}

impl Facts {
    /// A run that passes, named and alone.
    pub const PLAIN: Self = Self {
        ends: [End::Passed; 2],
        takes: Duration::from_secs(20),
        lag: Duration::ZERO,
        named: true,
        noise: false,
        paged: true,
    };

    pub fn any(chance: &mut Chance) -> Self {
        let end = |chance: &mut Chance| match chance.below(3) {
            0 => chance.pick(&End::ALL),
            1 => End::Failed,
            _ => End::Passed,
        };
        Self {
            ends: [end(chance), end(chance)],
            takes: chance.ms(12_000, 60_000),
            lag: match chance.one_in(3) {
                true => chance.ms(0, 4_000),
                false => Duration::ZERO,
            },
            named: !chance.one_in(3),
            noise: chance.one_in(4),
            paged: chance.one_in(2),
        }
    }
}

/// An answer, and for which of the wanted things it holds the evidence of a pass: a bit for each.
pub struct Served {
    pub response: Response,
    pub evidence: u8,
}

impl Served {
    pub const fn with(response: Response, evidence: u8) -> Self {
        Self { response, evidence }
    }
}

impl From<Response> for Served {
    fn from(response: Response) -> Self {
        Self::with(response, 0)
    }
}

/// A scripted service. It is at the moment that it is told, and its clock never jumps.
pub trait World {
    fn target(&self) -> Target;

    /// Carries out a request.
    fn serve(&mut self, request: &Request, now: Duration) -> Served;

    /// What is streamed from now on, and when; none where nothing is.
    fn events(&self, _path: &str, _now: Duration) -> Option<Vec<(Duration, Vec<u8>)>> {
        None
    }

    /// How many runs were really started of each thing that is to be run.
    fn started(&self) -> Vec<usize>;

    /// Whether a run is going on that was started here.
    fn goes_on(&self, now: Duration) -> bool;

    /// The bits of everything of which a pass needs evidence.
    fn wanted(&self) -> u8;

    /// Whether everything that is wanted really passes.
    fn passes(&self) -> bool {
        self.code() == 0
    }

    /// The exit code of a run without any fault.
    fn code(&self) -> u8;
}

/// The names of all services.
pub fn services() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let services = all().into_iter();
        services
            .map(|service| service.description().provider.name)
            .collect()
    });
    &NAMES
}

/// The world of a service.
pub fn world(service: &str, facts: Facts) -> Box<dyn World> {
    match service {
        "keploy" => Box::new(worlds::keploy::Keploy::new(facts)),
        "checkview" => Box::new(worlds::checkview::CheckView::new(facts)),
        "testclix" => Box::new(worlds::testclix::TestClix::new(facts)),
        "izli" => Box::new(worlds::izli::Izli::new(facts)),
        "testmo" => Box::new(worlds::testmo::Testmo::new(facts)),
        "http" => Box::new(worlds::http::Http::new(facts)),
        other => panic!("{other} is simulated by nothing: add its world"),
    }
}

/// The most serious of exit codes.
pub fn most_serious(codes: impl IntoIterator<Item = u8>) -> u8 {
    let codes = codes.into_iter();
    codes.min_by_key(|code| rank(*code)).expect("one at least")
}

pub fn target(provider: &str, settings: Vec<Setting>) -> Target {
    Target {
        name: "simulated".into(),
        provider: provider.into(),
        api_url: BASE.into(),
        settings,
        overrides: Vec::new(),
        timeout: Duration::from_secs(600),
        location: None,
    }
}

pub fn text(name: &str, value: &str) -> Setting {
    Setting {
        name: name.into(),
        value: Value::Text(value.into()),
    }
}

pub fn texts(name: &str, values: &[&str]) -> Setting {
    Setting {
        name: name.into(),
        value: Value::Texts(values.iter().map(|&value| value.into()).collect()),
    }
}

/// An answer of JSON, which is written by hand: most of the time of a schedule would otherwise go into writing it.
pub fn json(status: u16, body: String) -> Response {
    Response {
        head: Head {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
        },
        body: body.into_bytes(),
    }
}

/// Path and query below the base URL.
pub fn place(request: &Request) -> (&str, &str) {
    let below = request.url.strip_prefix(BASE).unwrap_or_default();
    below.split_once('?').unwrap_or((below, ""))
}

/// The value of a part of a query.
pub fn query<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// Whether so much time has gone by since a moment that there was.
pub fn since(then: Option<Duration>, now: Duration, time: Duration) -> bool {
    then.is_some_and(|then| now >= then + time)
}
