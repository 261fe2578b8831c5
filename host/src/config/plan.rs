//! What is to be run: the targets that were asked for, with everything that flags change about them.

use std::{ops::Range, sync::Arc, time::Duration};

use super::{
    Catalogue,
    diagnostic::{self, Finding, Source},
    entry::{Entry, find},
    file::Config,
    options::DEFAULT_TIMEOUT,
    short_title, suggest, url, value,
};
use crate::{
    bindings::proctor::ci::types::{
        Location, Mistake, ParameterKind, Provider, Setting, Target, Value,
    },
    failure::{Details, Failure},
    handles::QUEUE_TIMEOUT,
};

/// What the command line says about targets.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Names of targets of the file; all of them when empty.
    pub names: Vec<String>,
    /// A service to run something at that no file describes.
    pub provider: Option<String>,
    /// `KEY=VALUE`, as given.
    pub sets: Vec<String>,
    pub api_url: Option<String>,
    /// From a flag or the environment: wins over what a target says.
    pub timeout: Option<Duration>,
    /// From `[defaults]`: counts where a target says nothing.
    pub default_timeout: Option<Duration>,
    /// The same for how long a run may wait to begin.
    pub queue_timeout: Option<Duration>,
    pub default_queue_timeout: Option<Duration>,
    /// Whether parameters that a run needs may be missing, as when listing what there is.
    pub partial: bool,
}

/// A target, and what the host needs beside it.
#[derive(Debug, Clone)]
pub struct Planned {
    pub target: Target,
    pub provider: Provider,
    pub key_env: Option<String>,
    /// The plugin that runs it, by its path as named.
    pub plugin: Option<String>,
    /// How often what failed is run again, if the target says so itself.
    pub retries: Option<u32>,
    /// Where its settings stand, if a file defines it.
    pub place: Option<Place>,
}

/// Where a target and its settings stand in a file.
#[derive(Debug, Clone)]
pub struct Place {
    pub source: Arc<Source>,
    /// The whole table, in bytes.
    pub table: Range<usize>,
    /// Each setting's key.
    pub settings: Vec<(String, Range<usize>)>,
    /// What the command line says in the place of the file, or beside it: `KEY=VALUE` as given.
    pub sets: Vec<String>,
}

/// Settles which targets are meant and what they are.
///
/// # Errors
/// A usage failure that shows every mistake found, in the file and in the flags.
pub fn plan(
    wish: &Wish,
    config: Option<Config>,
    catalogue: &Catalogue,
    colour: bool,
) -> Result<Vec<Planned>, Failure> {
    let api_url = wish.api_url.as_deref().map(url::api).transpose();
    let api_url = api_url.map_err(|error| wrong_flag(format!("--api-url: {error}")))?;
    match (&wish.provider, config) {
        (Some(name), config) => {
            refuse_findings(config.as_ref(), |config| config.general.clone(), colour)?;
            ad_hoc(name, wish, api_url, catalogue).map(|planned| vec![planned])
        }
        (None, Some(config)) => from_file(wish, config, api_url, catalogue, colour),
        (None, None) => Err(Failure::usage(
            "nothing says what to run",
            "write a proctor.toml, name one with --config, or use --provider NAME --set KEY=VALUE",
        )),
    }
}

fn from_file(
    wish: &Wish,
    mut config: Config,
    api_url: Option<String>,
    catalogue: &Catalogue,
    colour: bool,
) -> Result<Vec<Planned>, Failure> {
    let mut planned = Vec::new();
    let mut missing = Vec::new();
    let source = Arc::new(config.source.clone());
    let mut wrong = unknown_names(wish, &config);
    for entry in &config.targets {
        let provider = match &entry.plugin {
            Some(shown) => of_plugin(&config, shown, &entry.provider),
            None => catalogue.provider(&entry.provider),
        };
        let Some(provider) = provider else {
            wrong.push(format!(
                "target `{}` has no provider `{}`",
                entry.name, entry.provider
            ));
            continue;
        };
        let selected = wish.names.is_empty() || wish.names.contains(&entry.name);
        let mut settings = entry.settings.clone();
        if selected {
            match apply(&wish.sets, &mut settings, provider) {
                Ok(()) => {}
                Err(errors) => wrong.extend(
                    errors
                        .into_iter()
                        .filter(|error| !wrong.contains(error))
                        .collect::<Vec<_>>(),
                ),
            }
        }
        if !wish.partial {
            missing.extend(missing_in(entry, &settings, provider));
            if api_url.is_none() {
                missing.extend(without_url(entry, provider));
            }
        }
        if selected {
            planned.push(planned_target(
                wish,
                &source,
                entry,
                settings,
                provider,
                api_url.as_deref(),
            ));
        }
    }
    config.particular.extend(missing);
    let all = |config: &Config| [config.general.clone(), config.particular.clone()].concat();
    refuse_findings(Some(&config), all, colour)?;
    refuse_wrong(wrong)?;
    if planned.is_empty() {
        return Err(Failure::usage(
            format!("{} defines no target", config.source.path),
            "add a `[targets.NAME]` with its `provider`",
        ));
    }
    Ok(planned)
}

/// The provider of this name in a plugin.
fn of_plugin<'a>(config: &'a Config, shown: &str, name: &str) -> Option<&'a Provider> {
    let mut plugins = config.plugins.iter();
    let (_, providers) = plugins.find(|(path, _)| path == shown)?;
    providers.iter().find(|provider| provider.name == name)
}

fn planned_target(
    wish: &Wish,
    source: &Arc<Source>,
    entry: &Entry,
    mut settings: Vec<Setting>,
    provider: &Provider,
    api_url: Option<&str>,
) -> Planned {
    let timeout = wish.timeout.or(entry.timeout).or(wish.default_timeout);
    if entry.plugin.is_none() {
        settings.extend(queue_timeout(wish, entry.queue_timeout));
    }
    let api_url = api_url
        .or(entry.api_url.as_deref())
        .unwrap_or(&provider.api_url);
    Planned {
        target: Target {
            name: entry.name.clone(),
            provider: provider.name.clone(),
            api_url: api_url.to_owned(),
            settings,
            overrides: entry.overrides.clone(),
            timeout_ms: milliseconds(timeout.unwrap_or(DEFAULT_TIMEOUT)),
            location: Some(Location {
                file: source.path.clone(),
                line: source.line(entry.span.start),
            }),
        },
        provider: provider.clone(),
        key_env: entry.key_env.clone(),
        plugin: entry.plugin.clone(),
        retries: entry.retries,
        place: Some(Place {
            source: Arc::clone(source),
            table: entry.span.clone(),
            settings: entry.places.clone(),
            sets: wish.sets.clone(),
        }),
    }
}

/// The setting by which our own component knows how long a run may wait to begin. Plugins know nothing of it.
fn queue_timeout(wish: &Wish, own: Option<Duration>) -> Option<Setting> {
    let time = wish.queue_timeout.or(own).or(wish.default_queue_timeout)?;
    Some(begin_within(time))
}

/// The setting that says that a run has so long to begin.
#[must_use]
pub fn begin_within(time: Duration) -> Setting {
    Setting {
        name: QUEUE_TIMEOUT.to_owned(),
        value: Value::Integer(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)),
    }
}

/// A target that the command line alone describes. It is named after its provider.
fn ad_hoc(
    name: &str,
    wish: &Wish,
    api_url: Option<String>,
    catalogue: &Catalogue,
) -> Result<Planned, Failure> {
    let provider = catalogue.provider(name).ok_or_else(|| {
        Failure::usage(
            format!("there is no provider `{name}`"),
            suggest::advice(name, catalogue.provider_names()),
        )
    })?;
    let mut settings = Vec::new();
    let mut wrong = apply(&wish.sets, &mut settings, provider)
        .err()
        .unwrap_or_default();
    let given = |name: &str| {
        wish.sets
            .iter()
            .any(|set| set.split('=').next() == Some(name))
    };
    for parameter in &provider.parameters {
        if parameter.required && !wish.partial && !given(&parameter.name) {
            let help = &parameter.help;
            wrong.push(format!(
                "`{0}` is missing; add --set {0}=VALUE ({help})",
                parameter.name
            ));
        }
    }
    if provider.api_url.is_empty() && api_url.is_none() {
        wrong.push(format!(
            "{} has no address of its own; add --api-url URL",
            short_title(provider)
        ));
    }
    refuse_wrong(wrong)?;
    settings.extend(queue_timeout(wish, None));
    let timeout = wish
        .timeout
        .or(wish.default_timeout)
        .unwrap_or(DEFAULT_TIMEOUT);
    Ok(Planned {
        target: Target {
            name: provider.name.clone(),
            provider: provider.name.clone(),
            api_url: api_url.unwrap_or_else(|| provider.api_url.clone()),
            settings,
            overrides: Vec::new(),
            timeout_ms: milliseconds(timeout),
            location: None,
        },
        provider: provider.clone(),
        key_env: None,
        plugin: None,
        retries: None,
        place: None,
    })
}

/// Puts the values of `--set` in the place of those of the file.
fn apply(
    sets: &[String],
    settings: &mut Vec<Setting>,
    provider: &Provider,
) -> Result<(), Vec<String>> {
    let mut given: Vec<Setting> = Vec::new();
    let mut errors = Vec::new();
    for set in sets {
        if let Err(error) = apply_one(set, &mut given, provider) {
            errors.push(error);
        }
    }
    settings.retain(|setting| given.iter().all(|new| new.name != setting.name));
    settings.extend(given);
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

fn apply_one(set: &str, given: &mut Vec<Setting>, provider: &Provider) -> Result<(), String> {
    let Some((name, text)) = set.split_once('=') else {
        return Err(format!("--set {}: write it as KEY=VALUE", url::masked(set)));
    };
    let Some(parameter) = find(&provider.parameters, name) else {
        let names: Vec<&str> = provider
            .parameters
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        let advice = suggest::advice(name, names);
        return Err(format!(
            "--set {name}: {} has no such parameter; {advice}",
            short_title(provider)
        ));
    };
    let value = value::from_text(parameter, text)
        .map_err(|refused| format!("--set {}: {}", url::masked(set), refused.message))?;
    let earlier = given.iter_mut().find(|setting| setting.name == name);
    match (earlier.map(|setting| &mut setting.value), value) {
        (None, value) => given.push(Setting {
            name: name.to_owned(),
            value,
        }),
        (Some(Value::Texts(texts)), Value::Texts(more)) => texts.extend(more),
        (Some(_), _) => return Err(format!("--set {name} is given twice")),
    }
    Ok(())
}

fn missing_in(entry: &Entry, settings: &[Setting], provider: &Provider) -> Vec<Finding> {
    let present = |name: &str| {
        settings.iter().any(|setting| setting.name == name)
            || entry.refused.iter().any(|key| key == name)
    };
    provider
        .parameters
        .iter()
        .filter(|parameter| parameter.required && !present(&parameter.name))
        .map(|parameter| {
            let message = format!("target `{}` lacks `{}`", entry.name, parameter.name);
            let example = match parameter.kind {
                ParameterKind::Texts => "[\"…\"]",
                ParameterKind::Variables => "[\"NAME\"]",
                ParameterKind::Integer => "1",
                ParameterKind::Boolean => "true",
                ParameterKind::SystemUrl => "\"https://…\"",
                ParameterKind::Text => "\"…\"",
            };
            let help = format!("add `{} = {example}`: {}", parameter.name, parameter.help);
            Finding::new(entry.span.clone(), message).help(help)
        })
        .collect()
}

/// What is missing if the provider has no address of its own and nobody gives one.
fn without_url(entry: &Entry, provider: &Provider) -> Option<Finding> {
    let refused = entry.refused.iter().any(|key| key == "api_url");
    let given = entry.api_url.is_some() || refused || !provider.api_url.is_empty();
    (!given).then(|| {
        let message = format!("target `{}` lacks `api_url`", entry.name);
        let help = format!(
            "add `api_url = \"https://…\"`: {} has no address of its own",
            short_title(provider)
        );
        Finding::new(entry.span.clone(), message).help(help)
    })
}

fn unknown_names(wish: &Wish, config: &Config) -> Vec<String> {
    let known: Vec<&str> = config
        .targets
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    wish.names
        .iter()
        .filter(|name| !known.contains(&name.as_str()))
        .map(|name| {
            let advice = suggest::advice(name, known.iter().copied());
            format!(
                "{} defines no target `{name}`; {advice}",
                config.source.path
            )
        })
        .collect()
}

/// Turns findings of a file into a failure that shows them all.
fn refuse_findings(
    config: Option<&Config>,
    findings: impl Fn(&Config) -> Vec<Finding>,
    colour: bool,
) -> Result<(), Failure> {
    let Some(config) = config else {
        return Ok(());
    };
    let findings = findings(config);
    if findings.is_empty() {
        return Ok(());
    }
    Err(findings_of(&config.source, &findings, colour))
}

impl Place {
    /// The part of the command line that a mistake about this parameter comes from: what gives it, or, where the file has
    /// nothing of it, another one of its group.
    pub(super) fn set_of(&self, parameter: &str) -> Option<&str> {
        let name = |set: &str| set.split('=').next().unwrap_or_default().to_owned();
        let mut sets = self.sets.iter().map(String::as_str);
        if let Some(set) = sets.clone().find(|set| name(set) == parameter) {
            return Some(set);
        }
        let group = |name: &str| name.split_once('.').map(|(group, _)| group.to_owned());
        let wanted = group(parameter)?;
        let is_of_group = |name: &str| group(name).as_ref() == Some(&wanted);
        match self.settings.iter().any(|(name, _)| is_of_group(name)) {
            true => None,
            false => sets.find(|set| is_of_group(&name(set))),
        }
    }
}

fn told(mistake: &Mistake) -> String {
    match &mistake.parameter {
        Some(parameter) => format!("`{parameter}`: {}", mistake.message),
        None => mistake.message.clone(),
    }
}

/// A mistake of the command line, which says where it was made.
fn told_of_set(set: &str, mistake: &Mistake) -> String {
    let shown = url::masked(set);
    match &mistake.parameter {
        Some(parameter) if set.split('=').next() == Some(parameter) => {
            format!("--set {shown}: {}", mistake.message)
        }
        _ => format!("--set {shown}: {}", told(mistake)),
    }
}

/// The failure of a target with settings that cannot be right, each shown where it was given: at its place in the file, or by
/// what the command line says.
#[must_use]
pub fn refused(planned: &Planned, mistakes: &[Mistake], colour: bool) -> Failure {
    let Some(place) = &planned.place else {
        let lines: Vec<String> = mistakes.iter().map(told).collect();
        let next = "correct the settings; nothing was triggered";
        return match lines.as_slice() {
            [line] => Failure::usage(line.clone(), next),
            many => Failure::usage(format!("{} settings are wrong", many.len()), next)
                .details(many.join("\n")),
        };
    };
    let mut findings = Vec::new();
    let mut wrong = Vec::new();
    for mistake in mistakes {
        let parameter = mistake.parameter.as_deref();
        match parameter.and_then(|parameter| place.set_of(parameter)) {
            Some(set) => wrong.push(told_of_set(set, mistake)),
            None => {
                let mut settings = place.settings.iter();
                let of_parameter = settings.find(|(name, _)| Some(name.as_str()) == parameter);
                let span = of_parameter.map_or(&place.table, |(_, span)| span);
                findings.push(Finding::new(span.clone(), told(mistake)));
            }
        }
    }
    if findings.is_empty() {
        return refusal(wrong);
    }
    let mut failure = findings_of(&place.source, &findings, colour);
    if !place.sets.is_empty() {
        // What the file says may be right, and wrong only beside what the command line says.
        failure.problem.next =
            "correct the file, or what --set says; nothing was triggered".to_owned();
    }
    if !wrong.is_empty() {
        failure.problem.message = format!(
            "target `{}` has {} mistakes",
            planned.target.name,
            mistakes.len()
        );
        let shown = failure.details.as_ref().map_or("", Details::text);
        let all = format!("{}\n{shown}", wrong.join("\n"));
        failure.details = Some(Details::Plain(all));
    }
    failure
}

/// The failure that shows all findings in a file.
#[must_use]
pub fn findings_of(source: &Source, findings: &[Finding], colour: bool) -> Failure {
    let message = match findings.len() {
        1 => format!("{} has a mistake", source.path),
        many => format!("{} has {many} mistakes", source.path),
    };
    let details = diagnostic::render(source, findings, colour);
    let first = findings.iter().map(|finding| finding.span.start).min();
    let location = Location {
        file: source.path.clone(),
        line: source.line(first.unwrap_or_default()),
    };
    Failure::usage(message, "correct the file; nothing was triggered").rendered(details, location)
}

/// Refuses the parts of a file that are not about targets, for commands that use nothing else of it.
///
/// # Errors
/// A usage failure that shows every mistake found there.
pub fn refuse_general(config: &Config, colour: bool) -> Result<(), Failure> {
    refuse_findings(Some(config), |config| config.general.clone(), colour)
}

fn refuse_wrong(wrong: Vec<String>) -> Result<(), Failure> {
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(refusal(wrong)),
    }
}

/// The failure that tells all that is wrong on the command line.
fn refusal(mut wrong: Vec<String>) -> Failure {
    match wrong.len() {
        1 => wrong_flag(wrong.remove(0)),
        many => {
            let whole = wrong_flag(format!("the command line has {many} mistakes"));
            whole.details(wrong.join("\n"))
        }
    }
}

fn wrong_flag(message: String) -> Failure {
    Failure::usage(message, "correct the command line; nothing was triggered")
}

/// A duration in milliseconds. Those that are accepted all fit.
#[must_use]
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
