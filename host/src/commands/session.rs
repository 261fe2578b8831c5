use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

pub use crate::clock::now_ms;
use crate::{
    bindings::exports::proctor::ci::reports::Policy,
    bindings::proctor::ci::types::{Code, Event, Problem, Report},
    component::{Component, Work, no_remarks, without_run},
    config::{
        self, Catalogue,
        file::{self, Config},
        options::{DEFAULT_FAIL_ON, Output},
        plan::Planned,
    },
    console::Console,
    environment::Environment,
    failure::Failure,
    network::{Trace, reach::Reach},
    secret::Secret,
    signals::Signals,
    stop::Stop,
};

use super::{plugins::Plugins, trace, way::Way};

/// How long a call may go on after a signal before it is given up. Leaves the rest of the 5 s for reports.
pub const GRACE: Duration = Duration::from_millis(4_000);

/// What every command works with.
#[derive(Clone)]
pub struct Session {
    pub console: Arc<Console>,
    pub environment: Environment,
    pub directory: PathBuf,
    pub component: Arc<dyn Component>,
    pub catalogue: Catalogue,
    pub plugins: Plugins,
    /// How the network is reached.
    pub way: Way,
    pub signals: Signals,
    /// Where requests are written down, once it is settled that they are.
    pub trace: Arc<OnceLock<Trace>>,
}

impl Session {
    /// A path as the user named it, from the working directory.
    pub fn path(&self, shown: &str) -> PathBuf {
        self.directory.join(Path::new(shown))
    }

    /// Reads the configuration file that a flag, the environment or nobody names, and loads the plugins in it.
    pub async fn config(&self, flag: Option<&str>) -> Result<Option<Config>, Failure> {
        let named = flag.or_else(|| self.environment.get("PROCTOR_CONFIG"));
        let Some(source) = config::load(&self.directory, named)? else {
            return Ok(None);
        };
        let catalogue = self.with_plugins(&file::plugins(&source)).await?;
        Ok(Some(file::read(source, &catalogue)))
    }

    /// What can be asked for, these plugins included.
    pub async fn with_plugins(&self, shown: &[String]) -> Result<Catalogue, Failure> {
        let mut catalogue = self.catalogue.clone();
        for shown in shown {
            let providers = self.plugins.load(self, shown).await?;
            catalogue.plugins.push((shown.clone(), providers));
        }
        Ok(catalogue)
    }

    /// What carries out calls: a plugin that was loaded, or the component that ships with this program.
    pub fn component_of(&self, plugin: Option<&str>) -> Arc<dyn Component> {
        plugin
            .and_then(|shown| self.plugins.component(shown))
            .unwrap_or_else(|| Arc::clone(&self.component))
    }

    /// How the network is reached, by the options of this command.
    ///
    /// # Errors
    /// A usage failure if a file that an option names is not what it is for.
    pub fn reach(&self) -> Result<&Reach, Failure> {
        self.way.reach(self)
    }

    /// The API's URL by a flag or the environment.
    pub fn api_url(&self, flag: Option<&str>) -> Option<String> {
        flag.or_else(|| self.environment.get("PROCTOR_API_URL"))
            .map(str::to_owned)
    }

    /// Warns of names that the filter of diagnostics speaks of and that nothing here has.
    pub fn doubt_filter(&self, planned: &[Planned]) {
        let targets = planned.iter().map(|planned| planned.target.name.as_str());
        let services = planned.iter().map(|planned| planned.provider.name.as_str());
        let filter = self.console.filter();
        for name in filter.unmet(targets, services) {
            self.console.warn(&format!(
                "the filter of diagnostics speaks of {name}, and nothing here has that name"
            ));
        }
    }

    /// A call about a planned target. Its events go to the console.
    pub fn work(&self, planned: &Planned, key: Option<Secret>, stop: &Stop) -> Work {
        let console = Arc::clone(&self.console);
        let name = planned.target.name.clone();
        let provider = planned.provider.name.clone();
        Work {
            target: planned.target.clone(),
            provider: planned.provider.clone(),
            key,
            events: Arc::new(move |event: Event| console.event(&name, &provider, &event)),
            keep: None,
            stop: stop.clone(),
        }
    }

    /// Begins to write down requests in a file that the user named. The first time counts.
    ///
    /// # Errors
    /// A usage failure if it cannot be written.
    pub fn begin_trace(&self, shown: &str) -> Result<(), Failure> {
        if self.trace.get().is_some() {
            return Ok(());
        }
        let console = Arc::clone(&self.console);
        let known = Box::new(move || console.strict_redactor());
        let trace = match shown {
            "-" => Err("standard output is for results".to_owned()),
            shown => Trace::begin(&self.path(shown), known).map_err(|error| error.to_string()),
        };
        let trace = trace.map_err(|error| trace::refused(shown, &error))?;
        self.component.record(&trace);
        // It was looked at above, and one command settles its options one after the other.
        let _ = self.trace.set(trace);
        Ok(())
    }

    /// Writes the file of requests, if there is one. It tells of what has ended, and changes no end.
    pub fn end_trace(&self) {
        let ended = self.trace.get().map(Trace::end);
        if let Some(told) = ended.and_then(|ended| trace::told(ended, &self.directory)) {
            // The line that ends a stream of events is written by now.
            self.console.raw_err(&told);
        }
    }

    /// Carries something out, unless a signal comes first: then it is told to stop and given up.
    pub async fn unless_stopped<T>(
        &self,
        stop: &Stop,
        future: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        tokio::pin!(future);
        tokio::select! {
            biased;
            done = &mut future => Ok(done),
            signal = self.signals.first() => {
                stop.tell(signal.name());
                let _ = tokio::time::timeout(GRACE, &mut future).await;
                Err(Failure::interrupted(signal.name()))
            }
        }
    }

    /// The exit code of a command whose only results are problems; 0 if there is none. Ends a stream of events.
    pub async fn judge(&self, problems: Vec<(Planned, Problem)>) -> Result<u8, Failure> {
        let code = self.code_of(problems).await?;
        if self.console.output() == Output::Ndjson {
            self.console.ndjson_end(code);
        }
        Ok(code)
    }

    async fn code_of(&self, problems: Vec<(Planned, Problem)>) -> Result<u8, Failure> {
        if problems.is_empty() {
            return Ok(0);
        }
        let reports: Vec<Report> = problems
            .into_iter()
            .map(|(planned, problem)| without_run(planned.target, problem))
            .collect();
        let policy = Policy {
            fail_on: DEFAULT_FAIL_ON.to_vec(),
            flaky: false,
            new_only: false,
            allow_empty: true,
            exit_zero: false,
            signal: self.signals.seen().map(crate::signals::Signal::number),
        };
        Ok(self
            .component
            .conclude(&reports, &no_remarks(), &policy)
            .await?
            .exit_code)
    }
}

/// The problem that a signal is to a target.
pub fn interrupted(message: String, next: impl Into<String>) -> Problem {
    Problem {
        code: Code::Interrupted,
        message,
        who: "whoever stopped the job".to_owned(),
        retriable: true,
        next: next.into(),
        request_id: None,
    }
}
