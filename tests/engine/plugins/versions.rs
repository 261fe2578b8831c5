//! Which versions of the contract a plugin may have been built against.

use std::fs;

use proctor_host::bindings::proctor::ci::types::Verdict;
use proctor_test_components::FIRST_PATH;
use semver::Version;

use super::{
    fixtures::{FUNCTIONS, file, first, newer, refused, refused_text, service, spoken, usage},
    load,
};
use crate::support::attempt;

#[tokio::test]
async fn an_incompatible_version_is_refused() {
    let refusal = usage(
        &format!(
            "was built against proctor:ci 9.0.0, and this Proctor speaks {} to {}",
            first(),
            spoken()
        ),
        &format!("build it anew against proctor:ci {}", spoken()),
    );
    let import = r#"(component (import "proctor:ci/host@9.0.0" (instance)))"#;
    assert_eq!(refused_text(import).await, refusal);
    let export = service("", &FUNCTIONS).replace(spoken(), "9.0.0");
    assert_eq!(refused_text(&export).await, refusal);
}

#[tokio::test]
async fn what_a_newer_version_brought_is_refused_by_name() {
    let (ours, newer) = (spoken(), newer());
    let import =
        format!(r#"(import "proctor:ci/host@{newer}" (instance (export "later" (func))))"#);
    let refusal = usage(
        &format!(
            "was built against proctor:ci {newer} and uses `later` of `proctor:ci/host@{newer}`, which {ours} does not have"
        ),
        &format!("install a newer Proctor, or build it against proctor:ci {ours}"),
    );
    assert_eq!(refused_text(&service(&import, &FUNCTIONS)).await, refusal);
}

#[tokio::test]
async fn what_was_built_against_the_first_version_still_runs() {
    let version = |text| Version::parse(text).expect("a version");
    assert!(version(first()) <= version(spoken()));
    let plugin = load(FIRST_PATH).await.expect("of the host's track");
    let told = attempt("http://127.0.0.1:1", &[]);
    let report = plugin.run(told.job.clone()).await;
    assert_eq!((report.verdict, report.problem), (Verdict::Passed, None));
    assert_eq!(told.told(), 1);
}

/// The names of a newer version of the track, where nothing of it is used that is new.
#[tokio::test]
async fn what_was_built_against_a_newer_version_runs_if_it_uses_nothing_new() {
    let bytes = fs::read(FIRST_PATH).expect("built");
    let (old, new) = (format!("@{}", first()), format!("@{}", newer()));
    let renamed = replaced(&bytes, old.as_bytes(), new.as_bytes());
    assert_ne!(renamed, bytes);
    let (_directory, path) = file(&renamed);
    let plugin = load(&path).await.expect("of the host's track");
    let report = plugin.run(attempt("http://127.0.0.1:1", &[]).job).await;
    assert_eq!(report.verdict, Verdict::Passed);
}

/// The names of a version of another track.
#[tokio::test]
async fn a_whole_plugin_of_another_track_is_refused() {
    let bytes = fs::read(FIRST_PATH).expect("built");
    let renamed = replaced(
        &bytes,
        format!("ci/service@{}", first()).as_bytes(),
        b"ci/service@7.0.0",
    );
    let (_, message, _) = refused(&renamed).await;
    assert!(
        message.contains("was built against proctor:ci 7.0.0, and"),
        "{message}"
    );
}

/// The same with each `old` replaced by `new`, which is as long.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len().saturating_sub(old.len()) {
        if bytes[at..].starts_with(old) {
            bytes[at..at + new.len()].copy_from_slice(new);
        }
    }
    bytes
}

/// What the rule about versions rests on: to wasmtime, a host of 1.1.0 with a function more offers what a component of
/// 1.0.0 imports, and finds what that exports.
#[tokio::test]
async fn a_host_that_has_gained_a_function_still_takes_older_components() {
    let old = wat::parse_str(
        r#"(component
            (import "proctor:ci/host@1.0.0" (instance $host (export "wait" (func))))
            (core func $wait (canon lower (func $host "wait")))
            (core module $m
                (import "host" "wait" (func $wait))
                (func (export "run") (call $wait)))
            (core instance $i (instantiate $m (with "host" (instance (export "wait" (func $wait))))))
            (func $run (canon lift (core func $i "run")))
            (instance $s (export "run" (func $run)))
            (export "proctor:ci/service@1.0.0" (instance $s)))"#,
    )
    .expect("well-formed");
    let engine = wasmtime::Engine::default();
    let component = wasmtime::component::Component::new(&engine, old).expect("valid");
    let mut linker = wasmtime::component::Linker::<usize>::new(&engine);
    let mut host = linker.instance("proctor:ci/host@1.1.0").expect("new");
    host.func_wrap(
        "wait",
        |mut store: wasmtime::StoreContextMut<'_, usize>, (): ()| {
            *store.data_mut() += 1;
            Ok(())
        },
    )
    .expect("new");
    host.func_wrap("newer", |_, (): ()| Ok(())).expect("new");
    let mut store = wasmtime::Store::new(&engine, 0);
    let pre = linker
        .instantiate_pre(&component)
        .expect("it imports what is there");
    let service = component
        .get_export_index(None, "proctor:ci/service@1.1.0")
        .expect("found");
    let run = component
        .get_export_index(Some(&service), "run")
        .expect("found");
    let instance = pre.instantiate_async(&mut store).await.expect("started");
    let run = instance
        .get_typed_func::<(), ()>(&mut store, run)
        .expect("of that type");
    run.call_async(&mut store, ()).await.expect("run");
    assert_eq!(*store.data(), 1);
}
