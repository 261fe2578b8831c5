//! The handle file: runs that go on at their services, so that another process can pick them up. Holds no secret.

mod again;

use std::{io, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    bindings::proctor::ci::types::{Handle, Location, Stage, Target},
    failure::Failure,
    output,
    state::{self, Build},
};

pub use again::Again;

/// The version of the file's form. A file of another version is refused.
const VERSION: u32 = 1;

/// Files larger than this are not ours, and are not written either: 64 MiB. The largest handle takes a quarter of it.
pub const LARGEST: usize = 64 << 20;

/// One run that goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub target: Target,
    pub handle: Handle,
    /// The environment variable that holds the key, if it is not the provider's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_env: Option<String>,
    /// The plugin that runs it, by its path as named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// The file in which `--state` keeps the same runs, so that whoever reports or stops them can see to that too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Set if the run is one of a part of the target, in which tests had failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// The build that has begun it, where `--state` keeps it and the branch is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    proctor_handles: u32,
    runs: Vec<Entry>,
    /// What was left out, if that was everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOut>,
}

/// A target of which no run was started, as there was no key for it and that was allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    pub target: String,
    pub provider: String,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// What a handle file holds: runs, or that none was started.
#[derive(Debug, PartialEq)]
pub struct Content {
    pub runs: Vec<Entry>,
    pub left_out: Vec<LeftOut>,
}

impl Entry {
    /// What is written of a run that goes on. What the host adds to the settings is not: values from the environment are
    /// looked up again, and a run that is picked up has begun to wait anew.
    #[must_use]
    pub fn new(
        target: &Target,
        handle: Handle,
        key_env: Option<String>,
        plugin: Option<String>,
    ) -> Self {
        let mut target = target.clone();
        target.settings.retain(|setting| !is_of_host(&setting.name));
        Self {
            target,
            handle,
            key_env,
            plugin,
            state: None,
            again: None,
            build: None,
        }
    }
}

/// What the names of settings begin with that hold the value of an environment variable.
pub const VARIABLE: &str = "env.";

/// What the names of settings begin with that the host makes for our own component.
pub const OF_HOST: &str = "proctor.";

/// The setting that says how long a run may wait to begin, in milliseconds.
pub const QUEUE_TIMEOUT: &str = "proctor.queue-timeout-ms";

/// Whether a setting of this name is made by the host, and no part of what makes a target the one that it is.
#[must_use]
pub fn is_of_host(name: &str) -> bool {
    name.starts_with(VARIABLE) || name.starts_with(OF_HOST)
}

/// The ids by which people find the runs at the service; the things that were run where there are none.
#[must_use]
pub fn ids(handle: &Handle) -> Vec<&str> {
    handle
        .triggers
        .iter()
        .filter(|trigger| trigger.stage != Stage::Planned)
        .flat_map(|trigger| match (&trigger.job, trigger.runs.as_slice()) {
            (Some(job), _) => vec![job.as_str()],
            (None, []) => vec![trigger.title.as_str()],
            (None, runs) => runs.iter().map(String::as_str).collect(),
        })
        .collect()
}

/// Whether anything of it has been sent: if not, nothing was started that somebody could follow.
#[must_use]
pub fn is_begun(handle: &Handle) -> bool {
    let mut triggers = handle.triggers.iter();
    triggers.any(|trigger| trigger.stage != Stage::Planned)
}

/// Writes the runs to the file.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, entries: &[Entry]) -> io::Result<()> {
    output::write(path, &text(entries)?)
}

/// What a file of these runs holds.
///
/// # Errors
/// If it is larger than what is read again.
pub fn text(entries: &[Entry]) -> io::Result<String> {
    text_of(&File {
        proctor_handles: VERSION,
        runs: entries.to_vec(),
        left_out: Vec::new(),
    })
}

/// What a file holds that says that nothing was started, as all of it was left out.
///
/// # Errors
/// If it is larger than what is read again.
pub fn text_left_out(left_out: &[LeftOut]) -> io::Result<String> {
    text_of(&File {
        proctor_handles: VERSION,
        runs: Vec::new(),
        left_out: left_out.to_vec(),
    })
}

fn text_of(file: &File) -> io::Result<String> {
    let text = serde_json::to_string_pretty(&file)? + "\n";
    match text.len() {
        0..=LARGEST => Ok(text),
        long => Err(io::Error::other(format!(
            "it would have {long} bytes, and may have {LARGEST}"
        ))),
    }
}

/// Leaves the runs that remain in the file, or removes it when none does. A file of `--state` stays its owner's alone.
///
/// # Errors
/// If the file cannot be written or removed.
pub fn keep(path: &Path, remaining: &[Entry], is_state: bool) -> io::Result<()> {
    if !remaining.is_empty() {
        return match is_state {
            true => state::write(path, &text(remaining)?),
            false => write(path, remaining),
        };
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Reads the file. `shown` is its path as the user named it.
///
/// # Errors
/// A usage failure if the file cannot be read, is no handle file, or is one of another version.
pub fn read(path: &Path, shown: &str) -> Result<Content, Failure> {
    let refuse = |reason: String| {
        Failure::usage(
            format!("{shown} is not a usable handle file: {reason}"),
            "give the file that `proctor run --no-wait` has written",
        )
    };
    let File { runs, left_out, .. } = file(path).map_err(refuse)?;
    if runs.is_empty() && left_out.is_empty() {
        return Err(refuse("it names no run".to_owned()));
    }
    Ok(Content { runs, left_out })
}

/// The runs in a file to which others are to be written; none if there is no file. `shown` is its path as the user named it.
///
/// # Errors
/// A usage failure if it is something else than a handle file.
pub fn there(path: &Path, shown: &str) -> Result<Vec<Entry>, Failure> {
    // What cannot even be looked for cannot be written either, which is found elsewhere.
    if !path.try_exists().unwrap_or_default() {
        return Ok(Vec::new());
    }
    entries(path).map_err(|reason| {
        Failure::usage(
            format!("{shown} is no handle file and is not overwritten: {reason}"),
            "choose another path with --handle FILE; nothing was triggered",
        )
    })
}

/// That a file holds runs of which nobody else knows.
#[must_use]
pub fn unreported(shown: &str, count: usize) -> Failure {
    let runs = if count == 1 {
        "a run that is"
    } else {
        "runs that are"
    };
    Failure::usage(
        format!("{shown} holds {runs} not reported yet"),
        format!(
            "`proctor wait {shown}` or `proctor cancel {shown}` first, or name another file with --handle; \
             nothing was triggered"
        ),
    )
}

/// The runs in the file.
///
/// # Errors
/// Why it is not a handle file.
pub fn entries(path: &Path) -> Result<Vec<Entry>, String> {
    file(path).map(|file| file.runs)
}

fn file(path: &Path) -> Result<File, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    if metadata.len() > LARGEST as u64 {
        return Err(format!("it has {} bytes", metadata.len()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("it is not JSON ({error})"))?;
    match value
        .get("proctor_handles")
        .and_then(serde_json::Value::as_u64)
    {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => {
            return Err(format!(
                "it has version {version}, this Proctor reads {VERSION}"
            ));
        }
        None => return Err("it says no version".to_owned()),
    }
    let file: File = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let mut parts = file.runs.iter();
    let doubt = parts.find_map(|run| run.again.as_ref()?.doubt(&run.target));
    match doubt {
        None => Ok(file),
        Some(why) => Err(why.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::{
        exports::proctor::ci::reruns::Outcome,
        proctor::ci::types::{Baseline, Setting, Trigger, Value},
    };

    pub fn entry() -> Entry {
        let setting = |name: &str, value| Setting {
            name: name.to_owned(),
            value,
        };
        Entry {
            target: Target {
                name: "api".to_owned(),
                provider: "keploy".to_owned(),
                api_url: "https://api.example.com/v1".to_owned(),
                settings: vec![
                    setting("app", Value::Text("a".to_owned())),
                    setting("suites", Value::Texts(vec!["s".to_owned()])),
                    setting("n", Value::Integer(-1)),
                ],
                overrides: vec![setting("strict", Value::Boolean(true))],
                timeout_ms: 5,
                location: Some(Location {
                    file: "proctor.toml".to_owned(),
                    line: 3,
                }),
            },
            handle: Handle {
                provider: "keploy".to_owned(),
                triggers: vec![Trigger {
                    subject: "a".to_owned(),
                    title: "A".to_owned(),
                    stage: Stage::Accepted,
                    idempotency_key: None,
                    job: Some("job-1".to_owned()),
                    runs: vec!["run-1".to_owned()],
                    at_ms: Some(7),
                    baseline: Baseline {
                        jobs: Some(Vec::new()),
                        runs: None,
                        state: None,
                    },
                    last_state: None,
                }],
            },
            key_env: Some("MY_KEY".to_owned()),
            plugin: None,
            state: Some("/kept/it.json".to_owned()),
            again: None,
            build: None,
        }
    }

    #[test]
    fn what_was_written_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("handle.json");
        write(&path, &[entry()]).unwrap();
        assert_eq!(read(&path, "handle.json").unwrap().runs, [entry()]);
        keep(&path, &[], false).unwrap();
        assert!(!path.exists());
        keep(&path, &[], false).unwrap();
    }

    #[test]
    fn a_file_can_say_that_nothing_was_started() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("handle.json");
        let left_out = [LeftOut {
            target: "api".to_owned(),
            provider: "keploy".to_owned(),
            reason: "there is no key".to_owned(),
            location: None,
        }];
        std::fs::write(&path, text_left_out(&left_out).unwrap()).unwrap();
        let content = read(&path, "handle.json").unwrap();
        assert_eq!(content.runs, []);
        assert_eq!(content.left_out, left_out);
        assert_eq!(there(&path, "handle.json").unwrap(), []);
    }

    #[test]
    fn values_from_the_environment_are_not_written() {
        let mut target = entry().target;
        target.settings.push(Setting {
            name: "env.TOKEN".to_owned(),
            value: Value::Text("hidden".to_owned()),
        });
        let written = Entry::new(&target, entry().handle, None, None);
        assert_eq!(written.target, entry().target);
    }

    #[test]
    fn runs_are_named_by_what_people_can_look_up() {
        let mut handle = entry().handle;
        let accepted = handle.triggers[0].clone();
        let run = Trigger {
            job: None,
            ..accepted.clone()
        };
        let none = Trigger {
            runs: Vec::new(),
            ..run.clone()
        };
        let planned = Trigger {
            stage: Stage::Planned,
            ..accepted
        };
        handle.triggers.extend([run, none, planned]);
        assert_eq!(ids(&handle), ["job-1", "run-1", "A"]);
    }

    #[test]
    fn what_is_no_handle_file_is_not_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("handle.json");
        assert_eq!(there(&path, "handle.json").unwrap(), []);
        write(&path, &[]).unwrap();
        assert_eq!(there(&path, "handle.json").unwrap(), []);
        write(&path, &[entry()]).unwrap();
        assert_eq!(there(&path, "handle.json").unwrap(), [entry()]);
        for text in ["", "{}", r#"{"proctor_handles":2,"runs":[]}"#] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(there(&path, "handle.json").unwrap_err().exit_code(), 2);
        }
        assert_eq!(there(directory.path(), "d").unwrap_err().exit_code(), 2);
        let failure = unreported("handle.json", 1);
        assert_eq!(failure.exit_code(), 2);
        assert!(failure.problem.next.contains("`proctor wait handle.json`"));
    }

    #[test]
    fn what_is_no_handle_file_is_refused_in_one_sentence() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("handle.json");
        let cases = [
            ("nonsense", "it is not JSON"),
            ("[]", "it says no version"),
            (r#"{"proctor_handles":2,"runs":[]}"#, "it has version 2"),
            (r#"{"proctor_handles":1,"runs":[]}"#, "it names no run"),
            (
                r#"{"proctor_handles":1,"runs":[{"target":1}]}"#,
                "invalid type",
            ),
        ];
        for (text, reason) in cases {
            std::fs::write(&path, text).unwrap();
            let failure = read(&path, "handle.json").unwrap_err();
            assert_eq!(failure.exit_code(), 2);
            assert!(
                failure.problem.message.contains(reason),
                "{}",
                failure.problem.message
            );
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read(&path, "handle.json").unwrap_err().exit_code(), 2);
    }

    #[test]
    fn what_is_run_again_has_failed_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("handle.json");
        let nothing = Failure::internal("it went wrong", "look").into_problem();
        let before = Outcome {
            report: crate::component::without_run(entry().target, nothing),
            repeated: Vec::new(),
            pieces: Vec::new(),
        };
        let again = Again::new(1, Vec::new(), before, &str::to_owned);
        let entry = Entry {
            again: Some(again),
            ..entry()
        };
        write(&path, &[entry]).expect("it can be written");
        let refused = entries(&path).expect_err("nothing shows that it failed");
        assert!(refused.contains("has not failed"), "{refused}");
    }
}
