use std::{fs, path::PathBuf, time::Duration};

use super::*;
use crate::bindings::proctor::ci::types::{
    Baseline, Handle, Location, Setting, Stage, Trigger, Value,
};

fn target() -> Target {
    let setting = |name: &str, text: &str| Setting {
        name: name.to_owned(),
        value: Value::Text(text.to_owned()),
    };
    Target {
        name: "api v2/x".to_owned(),
        provider: "keploy".to_owned(),
        api_url: "https://api.example.com/v1".to_owned(),
        settings: vec![setting("app", "a"), setting("env.TOKEN", "hidden")],
        overrides: vec![setting("list", "items")],
        timeout_ms: 5,
        location: Some(Location {
            file: "proctor.toml".to_owned(),
            line: 3,
        }),
    }
}

pub(super) fn handle(stage: Stage) -> Handle {
    Handle {
        provider: "keploy".to_owned(),
        triggers: vec![Trigger {
            subject: "a".to_owned(),
            title: "A".to_owned(),
            stage,
            idempotency_key: None,
            job: None,
            runs: Vec::new(),
            at_ms: Some(7),
            baseline: Baseline {
                jobs: Some(Vec::new()),
                runs: None,
                state: None,
            },
            last_state: None,
        }],
    }
}

pub(super) fn entry() -> Entry {
    blank(&target(), Some("KEY".to_owned()), None)
}

struct Directory {
    folder: tempfile::TempDir,
    job: Vec<String>,
}

impl Directory {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            job: vec!["github".to_owned(), "7".to_owned()],
        }
    }

    fn state(&self) -> State<'_> {
        State {
            directory: self.folder.path(),
            job: &self.job,
        }
    }

    fn take(&self, entry: &Entry) -> Taken {
        let mut taken = self.state().take(std::slice::from_ref(entry)).unwrap();
        taken.remove(0)
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

#[test]
fn what_was_kept_is_found_and_once_it_is_forgotten_nothing_is_left() {
    let directory = Directory::new();
    let first = directory.take(&entry());
    assert!(first.content.is_none());
    first.slot.keep(&handle(Stage::Sent), None).unwrap();
    first.slot.keep(&handle(Stage::Accepted), None).unwrap();
    drop(first);

    let again = directory.take(&entry());
    let kept = again.content.unwrap().unwrap();
    assert_eq!(kept.handle, handle(Stage::Accepted));
    let text = fs::read_to_string(again.slot.path()).unwrap();
    assert!(!text.contains("hidden"), "{text}");
    again.slot.forget().unwrap();
    again.slot.forget().unwrap();
    drop(again.slot);
    assert!(directory.files().is_empty(), "{:?}", directory.files());
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = Directory::new();
    let taken = directory.take(&entry());
    taken.slot.keep(&handle(Stage::Sent), None).unwrap();
    for file in directory.files() {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

#[test]
fn a_file_can_be_read_as_a_handle_file() {
    let directory = Directory::new();
    let taken = directory.take(&entry());
    taken.slot.keep(&handle(Stage::Accepted), None).unwrap();
    let read = crate::handles::read(taken.slot.path(), "file")
        .unwrap()
        .runs;
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].handle, handle(Stage::Accepted));
}

#[test]
fn a_target_that_has_changed_is_another_one() {
    let directory = Directory::new();
    let taken = directory.take(&entry());
    taken.slot.keep(&handle(Stage::Accepted), None).unwrap();
    drop(taken);
    let changed = |change: fn(&mut Entry)| {
        let mut entry = entry();
        change(&mut entry);
        directory.take(&entry).content.is_none()
    };
    assert!(changed(|it| it.target.name.push('2')));
    assert!(changed(|it| it.target.provider.push('2')));
    assert!(changed(|it| it.target.api_url.push('2')));
    assert!(changed(|it| it.target.settings.clear()));
    assert!(changed(|it| it.target.overrides.clear()));
    assert!(changed(|it| it.key_env = None));
    assert!(changed(|it| it.plugin = Some("p.wasm".to_owned())));
    assert!(!changed(|it| it.target.timeout_ms = 9));
    assert!(!changed(|it| it.target.location = None));
    assert!(!changed(|it| it.target.settings.truncate(1)));

    let other_job = Directory {
        folder: directory.folder,
        job: vec!["github".to_owned(), "8".to_owned()],
    };
    assert!(other_job.take(&entry()).content.is_none());
}

#[test]
fn the_order_of_settings_makes_no_difference() {
    let directory = Directory::new();
    let mut entry = entry();
    entry.target.settings.push(Setting {
        name: "a".to_owned(),
        value: Value::Integer(1),
    });
    directory
        .take(&entry)
        .slot
        .keep(&handle(Stage::Accepted), None)
        .unwrap();
    entry.target.settings.reverse();
    assert!(directory.take(&entry).content.unwrap().is_ok());
}

#[test]
fn jobs_that_cannot_be_told_apart_have_a_slot_each() {
    let directory = Directory::new();
    let first = directory.take(&entry());
    let second = directory.take(&entry());
    assert_ne!(first.slot.path(), second.slot.path());
    second.slot.keep(&handle(Stage::Accepted), None).unwrap();
    drop(second);
    // The first is still at it; whoever comes goes on with what the second has left.
    let third = directory.take(&entry());
    assert!(third.content.is_some());
    // While somebody is at both there is a new one.
    assert!(directory.take(&entry()).content.is_none());
    drop(first);
    drop(third);
    assert_eq!(directory.files().len(), 2, "{:?}", directory.files());
}

#[test]
fn what_cannot_be_read_is_told() {
    let directory = Directory::new();
    let path = directory.take(&entry()).slot.path().to_owned();
    let other = {
        let mut other = entry();
        other.target.name.push('2');
        crate::handles::text(&[other]).unwrap()
    };
    let two = crate::handles::text(&[entry(), entry()]).unwrap();
    let cases = [
        ("", "JSON"),
        ("{}", "no version"),
        (r#"{"proctor_handles":1,"runs":[]}"#, "0 runs"),
        (two.as_str(), "2 runs"),
        (other.as_str(), "another target"),
    ];
    for (text, reason) in cases {
        fs::write(&path, text).unwrap();
        let told = directory.take(&entry()).content.unwrap().unwrap_err();
        assert!(told.contains(reason), "{text}: {told}");
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(directory.take(&entry()).content.unwrap().is_err());
}

#[test]
fn what_a_kill_in_the_middle_of_writing_left_does_no_harm() {
    let directory = Directory::new();
    let taken = directory.take(&entry());
    let temporary = taken.slot.path().with_extension("tmp");
    fs::write(&temporary, "half a fi").unwrap();
    drop(taken);
    let taken = directory.take(&entry());
    assert!(taken.content.is_none());
    taken.slot.keep(&handle(Stage::Sent), None).unwrap();
    taken.slot.forget().unwrap();
    drop(taken);
    assert!(directory.files().is_empty(), "{:?}", directory.files());
}

#[test]
fn what_cannot_be_written_leaves_what_was_there() {
    let directory = Directory::new();
    let taken = directory.take(&entry());
    taken.slot.keep(&handle(Stage::Sent), None).unwrap();
    fs::create_dir(taken.slot.path().with_extension("tmp")).unwrap();
    taken.slot.keep(&handle(Stage::Accepted), None).unwrap_err();
    drop(taken);
    let kept = directory.take(&entry()).content.unwrap().unwrap();
    assert_eq!(kept.handle, handle(Stage::Sent));
}

fn age(path: &Path, days: u64) {
    let file = fs::File::options().write(true).open(path).unwrap();
    let then = std::time::SystemTime::now() - Duration::from_secs(days * 24 * 3600);
    file.set_modified(then).unwrap();
}

fn lock_of(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap().to_string_lossy();
    file.with_file_name(name::lock(&name::life_of(&name).unwrap()))
}

#[test]
fn only_what_is_old_and_ours_and_nobodys_is_cleared_away() {
    let directory = Directory::new();
    let mut entries = [entry(), entry(), entry()];
    for (number, entry) in entries.iter_mut().enumerate() {
        entry.target.name = format!("t{number}");
    }
    let mut slots: Vec<Slot> = entries
        .iter()
        .map(|entry| directory.take(entry).slot)
        .collect();
    for slot in &slots {
        slot.keep(&handle(Stage::Sent), None).unwrap();
    }
    let foreign = directory.folder.path().join("proctor-handle.json");
    fs::write(&foreign, "").unwrap();
    age(&foreign, 40);
    for (slot, days) in slots.iter().zip([29, 31, 31]) {
        age(slot.path(), days);
        age(&lock_of(slot.path()), days);
    }
    // Somebody is at the last one.
    let held = slots.pop();
    let paths: Vec<PathBuf> = slots.iter().map(|slot| slot.path().to_owned()).collect();
    drop(slots);
    directory.state().clear_old();
    assert!(paths[0].exists());
    assert!(!paths[1].exists() && !lock_of(&paths[1]).exists());
    assert!(held.unwrap().path().exists());
    assert!(foreign.exists());
}

fn named(name: &str) -> Entry {
    let mut entry = entry();
    entry.target.name = name.to_owned();
    entry
}

/// One life that leaves all of these behind.
fn leave(directory: &Directory, names: &[&str]) {
    let entries: Vec<Entry> = names.iter().map(|name| named(name)).collect();
    for taken in directory.state().take(&entries).unwrap() {
        taken.slot.keep(&handle(Stage::Accepted), None).unwrap();
    }
}

/// Which of the targets go on with something.
fn gone_on_with(taken: &[Taken]) -> Vec<bool> {
    taken.iter().map(|taken| taken.content.is_some()).collect()
}

#[test]
fn a_life_has_one_lock_for_all_of_its_targets() {
    let directory = Directory::new();
    let entries: Vec<Entry> = (0..20).map(|at| named(&format!("t{at}"))).collect();
    let taken = directory.state().take(&entries).unwrap();
    assert_eq!(directory.files().len(), 1);
    drop(taken);
    assert!(directory.files().is_empty());
}

#[test]
fn a_life_goes_on_with_what_one_earlier_life_has_left() {
    let directory = Directory::new();
    // As two jobs of a matrix would, of which the first has reported one of its targets.
    let both = [named("a"), named("b")];
    let (first, second) = {
        let first = directory.state().take(&both).unwrap();
        (first, directory.state().take(&both).unwrap())
    };
    for taken in first.iter().chain(&second) {
        taken.slot.keep(&handle(Stage::Accepted), None).unwrap();
    }
    first[1].slot.forget().unwrap();
    drop((first, second));

    let one = directory.state().take(&both).unwrap();
    assert_eq!(gone_on_with(&one), [true, true]);
    let other = directory.state().take(&both).unwrap();
    assert_eq!(gone_on_with(&other), [true, false]);
}

#[test]
fn what_several_steps_have_left_is_gone_on_with_together() {
    let directory = Directory::new();
    leave(&directory, &["a"]);
    leave(&directory, &["b"]);
    leave(&directory, &["c", "d"]);
    let entries = [named("a"), named("b"), named("c")];
    let taken = directory.state().take(&entries).unwrap();
    // In the third slot is something that nobody here wants, so that somebody else may come for it.
    assert_eq!(gone_on_with(&taken), [true, true, false]);
    let entries = [named("c"), named("d")];
    let taken = directory.state().take(&entries).unwrap();
    assert_eq!(gone_on_with(&taken), [true, true]);
}

#[test]
fn all_that_was_left_of_a_target_is_forgotten_once_another_run_is_kept() {
    let directory = Directory::new();
    let held: Vec<Taken> = (0..3).map(|_| directory.take(&named("a"))).collect();
    for taken in &held {
        taken.slot.keep(&handle(Stage::Accepted), None).unwrap();
    }
    drop(held);
    leave(&directory, &["b"]);
    let kept = || {
        let mut files = directory.files();
        files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
        files.len()
    };
    let taken = directory.state().take_all(&[named("a")]).unwrap();
    assert_eq!(kept(), 4);
    taken[0].slot.keep(&handle(Stage::Sent), None).unwrap();
    assert_eq!(kept(), 2);
    drop(taken);
    let again = directory.take(&named("a"));
    assert_eq!(again.content.unwrap().unwrap().handle, handle(Stage::Sent));
}

#[test]
fn only_the_run_that_is_meant_is_cleared() {
    let directory = Directory::new();
    let taken = directory.take(&entry());
    taken.slot.keep(&handle(Stage::Accepted), None).unwrap();
    let path = taken.slot.path().to_owned();
    let same = Entry {
        handle: handle(Stage::Accepted),
        ..entry()
    };
    // Somebody is at it.
    clear(&path, &same).unwrap();
    assert!(path.exists());
    drop(taken);
    let mut later = same.clone();
    later.handle.triggers[0].at_ms = Some(8);
    let mut other = same.clone();
    other.target.name.push('2');
    for another in [later, other] {
        clear(&path, &another).unwrap();
        assert!(path.exists());
    }
    let foreign = directory.folder.path().join("handle.json");
    crate::handles::write(&foreign, std::slice::from_ref(&same)).unwrap();
    clear(&foreign, &same).unwrap();
    assert!(foreign.exists());
    clear(&path, &same).unwrap();
    clear(&path, &same).unwrap();
    assert_eq!(directory.files(), [foreign]);
}
