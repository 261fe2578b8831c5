//! Which records are told.

use std::fmt::Display;

use env_filter::Builder;
use log::{Level, LevelFilter, Metadata, Record};

use super::TARGET;
use crate::config::advice;

/// What the paths of all that Proctor says itself begin with.
const OWN: &str = "proctor";

/// What the paths of what is told of a service begin with.
const SERVICE: &str = "proctor::service::";

/// The parts of Proctor that tell of themselves.
const PARTS: [&str; 3] = ["network", "engine", "service"];

/// Libraries in this program that do. A name stands for the others that begin so, as in `RUST_LOG`.
const LIBRARIES: [&str; 20] = [
    "cranelift",
    "cranelift_codegen",
    "cranelift_entity",
    "cranelift_frontend",
    "cranelift_isle",
    "cranelift_native",
    "hyper",
    "hyper_rustls",
    "hyper_util",
    "pulley",
    "pulley_interpreter",
    "regalloc2",
    "reqwest",
    "rustls",
    "rustls_platform_verifier",
    "wasmtime",
    "wasmtime_environ",
    "wasmtime_internal_cranelift",
    "wasmtime_wasi",
    "wasmtime_wasi_http",
];

/// Which records are told: by default none.
#[derive(Debug, Default)]
pub struct Filter {
    wanted: Option<env_filter::Filter>,
    /// Names of users' targets that the filter speaks of; with `*` behind it, all that begin so.
    targets: Vec<String>,
    /// Names of services of plugins that it may speak of.
    services: Vec<String>,
}

impl Filter {
    /// What `--verbose` shows: what Proctor itself says, but for the finest.
    #[must_use]
    pub fn verbose() -> Self {
        let mut builder = Builder::new();
        builder.filter_module(OWN, LevelFilter::Debug);
        Self {
            wanted: Some(builder.build()),
            targets: Vec::new(),
            services: Vec::new(),
        }
    }

    /// Reads a filter: levels, or names with a level each, separated by commas, as in `RUST_LOG`. `services` are the
    /// names of providers, which may stand for themselves.
    ///
    /// # Errors
    /// One sentence that says what is wrong.
    pub fn parse(text: &str, services: &[&str]) -> Result<Self, String> {
        let (directives, containing) = match text.split_once('/') {
            Some((directives, containing)) => (directives, Some(containing)),
            None => (text, None),
        };
        let mut builder = Builder::new();
        if let Some(containing) = containing {
            if containing.contains('/') {
                return Err(format!("`{text}` has more than one `/`"));
            }
            let containing = format!("/{containing}");
            builder
                .try_parse(&containing)
                .map_err(|error| error.to_string())?;
        }
        let (mut targets, mut others) = (Vec::new(), Vec::new());
        let directives = directives.split(',').map(str::trim);
        let directives: Vec<&str> = directives.filter(|part| !part.is_empty()).collect();
        if directives.is_empty() {
            return Err(format!(
                "`{text}` says nothing; write a level, such as `debug`, or names with levels, such as `network=trace`"
            ));
        }
        for directive in directives {
            let (name, level) = read(directive, services)?;
            targets.extend(name.strip_prefix(TARGET).map(str::to_owned));
            let service = name.strip_prefix(SERVICE);
            let other = service.filter(|name| !services.contains(name));
            others.extend(other.map(str::to_owned));
            builder.filter_module(&name, level);
        }
        Ok(Self {
            wanted: Some(builder.build()),
            targets,
            services: others,
        })
    }

    /// What the filter speaks of that is none of these targets and services, as it is written.
    #[must_use]
    pub fn unmet<'n>(
        &self,
        targets: impl Iterator<Item = &'n str> + Clone,
        services: impl Iterator<Item = &'n str> + Clone,
    ) -> Vec<String> {
        let is_met = |wanted: &&String| !targets.clone().any(|name| fits(wanted, name));
        let is_served = |wanted: &&String| !services.clone().any(|name| name == wanted.as_str());
        let targets = self.targets.iter().filter(is_met);
        let targets = targets.map(|name| format!("`{TARGET}{name}`"));
        let services = self.services.iter().filter(is_served);
        targets
            .chain(services.map(|name| format!("`service::{name}`")))
            .collect()
    }

    /// What the filter says of a target: by its name, or else by the longest beginning of it.
    fn of_target(&self, name: &str) -> Option<&str> {
        let all = self.targets.iter().filter(|wanted| fits(wanted, name));
        let nearest = all.max_by_key(|wanted| (*wanted == name, wanted.len()));
        nearest.map(String::as_str)
    }

    /// The finest level that may get through.
    #[must_use]
    pub fn most(&self) -> LevelFilter {
        self.wanted
            .as_ref()
            .map_or(LevelFilter::Off, env_filter::Filter::filter)
    }

    /// Whether records of a path get through. Where the filter speaks of the target whose they are, that counts.
    #[must_use]
    pub fn lets_through(&self, level: Level, path: &str, target: Option<&str>) -> bool {
        self.asks(level, path, target, |wanted, metadata| {
            wanted.enabled(metadata)
        })
    }

    /// As [`Filter::lets_through`] for a record with its text.
    #[must_use]
    pub fn matches(
        &self,
        level: Level,
        path: &str,
        target: Option<&str>,
        text: &dyn Display,
    ) -> bool {
        self.asks(level, path, target, |wanted, metadata| {
            wanted.matches(
                &Record::builder()
                    .metadata(metadata.clone())
                    .args(format_args!("{text}"))
                    .build(),
            )
        })
    }

    fn asks(
        &self,
        level: Level,
        path: &str,
        target: Option<&str>,
        ask: impl Fn(&env_filter::Filter, &Metadata<'_>) -> bool,
    ) -> bool {
        let Some(wanted) = &self.wanted else {
            return false;
        };
        // By the name in the filter itself, so that no other of its parts counts.
        let of_target = target.and_then(|name| self.of_target(name));
        let name = of_target.map(|wanted| format!("{TARGET}{wanted}"));
        let name = name.as_deref().unwrap_or(path);
        ask(
            wanted,
            &Metadata::builder().level(level).target(name).build(),
        )
    }
}

/// Whether a target has a name that a filter speaks of.
fn fits(wanted: &str, name: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => name == wanted,
    }
}

/// A path and its level.
fn read(directive: &str, services: &[&str]) -> Result<(String, LevelFilter), String> {
    let Some((name, level)) = directive.split_once('=') else {
        return match directive.parse() {
            // What libraries say has to be asked for by name: the compiler for plugins alone says so much that it is late.
            Ok(level) => Ok((OWN.to_owned(), level)),
            Err(_) => Ok((full(directive, services)?, LevelFilter::Trace)),
        };
    };
    let (name, level) = (name.trim(), level.trim());
    let Ok(parsed) = level.parse() else {
        let advice = advice(level, LEVELS);
        return Err(format!("`{level}` in `{directive}` is no level; {advice}"));
    };
    Ok((full(name, services)?, parsed))
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The path that a name stands for.
fn full(name: &str, services: &[&str]) -> Result<String, String> {
    let is_target = name.len() > TARGET.len() && name.starts_with(TARGET);
    let library = name.split("::").next().unwrap_or_default();
    if name == OWN || is_target || LIBRARIES.contains(&library) {
        return Ok(name.to_owned());
    }
    let own = name.strip_prefix("proctor::").unwrap_or(name);
    // A plugin may have services of any name.
    let service = own.strip_prefix("service::");
    if PARTS.contains(&own) || service.is_some_and(|name| !name.is_empty()) {
        return Ok(format!("proctor::{own}"));
    }
    if services.contains(&name) {
        return Ok(format!("{SERVICE}{name}"));
    }
    let known = LEVELS.iter().chain(&PARTS).chain(services).copied();
    let advice = advice(name, known);
    Err(format!(
        "nothing that is named `{name}` tells of itself; {advice}; a target is written `target::NAME`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICES: [&str; 2] = ["keploy", "http"];

    fn filter(text: &str) -> Filter {
        Filter::parse(text, &SERVICES).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn names_stand_for_paths() {
        let filter = filter("warn,network=trace, keploy=debug ,rustls=info");
        for (level, path, through) in [
            (Level::Trace, "proctor::network", true),
            (Level::Trace, "proctor::network::line", true),
            (Level::Debug, "proctor::service::keploy", true),
            (Level::Trace, "proctor::service::keploy", false),
            (Level::Warn, "proctor::engine", true),
            (Level::Info, "proctor::engine", false),
            (Level::Info, "rustls::client::hs", true),
            (Level::Debug, "rustls::client::hs", false),
            (Level::Info, "hyper_util::client", false),
        ] {
            assert_eq!(
                filter.lets_through(level, path, None),
                through,
                "{level} {path}"
            );
        }
        assert_eq!(filter.most(), LevelFilter::Trace);
    }

    #[test]
    fn a_level_alone_is_about_proctor_and_not_about_what_it_is_made_of() {
        let filter = filter("trace");
        assert!(filter.lets_through(Level::Trace, "proctor::network", Some("api")));
        for library in ["rustls::client", "cranelift_codegen::isa", "wasmtime"] {
            assert!(
                !filter.lets_through(Level::Error, library, None),
                "{library}"
            );
        }
    }

    #[test]
    fn what_is_said_of_a_target_counts() {
        let filter = filter("debug,target::login=trace,target::noisy=off");
        let through = |level, target| filter.lets_through(level, "proctor::network", target);
        assert!(through(Level::Trace, Some("login")));
        assert!(!through(Level::Error, Some("noisy")));
        assert!(through(Level::Debug, Some("other")) && !through(Level::Trace, Some("other")));
    }

    #[test]
    fn a_target_has_its_whole_name_or_a_star() {
        let filter = filter("off,target::t1=debug,target::web-*=info,target::web-shop*=off");
        let through = |level, target| filter.lets_through(level, "proctor::network", Some(target));
        assert!(through(Level::Debug, "t1") && !through(Level::Trace, "t1"));
        assert!(!through(Level::Error, "t10") && !through(Level::Error, "t"));
        assert!(through(Level::Info, "web-a") && !through(Level::Debug, "web-a"));
        assert!(!through(Level::Error, "web-shop") && !through(Level::Error, "web"));
    }

    #[test]
    fn names_that_nothing_has_are_known() {
        let filter =
            filter("target::t1=debug,target::web*=info,target::t2,service::mine,service::keploy");
        let unmet = |targets: &[&'static str], services: &[&'static str]| {
            filter.unmet(targets.iter().copied(), services.iter().copied())
        };
        assert_eq!(
            unmet(&["t1", "t10", "webshop"], &["keploy"]),
            ["`target::t2`", "`service::mine`"]
        );
        assert!(unmet(&["t1", "t2", "web"], &["mine"]).is_empty());
    }

    #[test]
    fn a_name_alone_is_everything_and_text_is_looked_for() {
        let filter = filter("network/timed out");
        let matches = |text: &str| filter.matches(Level::Trace, "proctor::network", None, &text);
        assert!(matches("it timed out") && !matches("it came"));
    }

    #[test]
    fn nothing_is_told_unless_it_is_asked_for() {
        assert_eq!(Filter::default().most(), LevelFilter::Off);
        assert!(!Filter::default().lets_through(Level::Error, "proctor::network", None));
        let verbose = Filter::verbose();
        assert!(verbose.lets_through(Level::Debug, "proctor::network", None));
        assert!(!verbose.lets_through(Level::Trace, "proctor::network", None));
        assert!(!verbose.lets_through(Level::Error, "rustls", None));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, told) in [
            ("", "says nothing"),
            (",", "says nothing"),
            ("debgu", "did you mean `debug`"),
            ("networks=trace", "did you mean `network`"),
            ("network=loud", "`loud` in `network=loud` is no level"),
            ("network=trace=debug", "is no level"),
            ("target::=trace", "`target::`"),
            ("=debug", "nothing that is named ``"),
            ("debug/a/b", "more than one `/`"),
            (
                "proctor::nonsense=trace",
                "nothing that is named `proctor::nonsense`",
            ),
            ("network::foo", "nothing that is named `network::foo`"),
            ("proctorx=debug", "nothing that is named `proctorx`"),
            ("wasmtimeXYZ=trace", "nothing that is named `wasmtimeXYZ`"),
            ("service::=trace", "nothing that is named `service::`"),
        ] {
            let error = Filter::parse(text, &SERVICES).unwrap_err();
            assert!(error.contains(told), "{text:?}: {error}");
        }
    }
}
