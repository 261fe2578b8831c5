//! What is no plugin is refused with one sentence that says what to do.

use std::fs;

use proctor_host::{bindings::proctor::ci::types::Code, failure::Failure};
use tempfile::TempDir;

use super::{
    fixtures::{FUNCTIONS, file, refused, refused_text, service, spoken, usage},
    load,
};

#[tokio::test]
async fn a_file_that_cannot_be_read_is_refused() {
    let directory = TempDir::new().expect("a directory");
    for path in [
        directory.path().join("none.wasm"),
        directory.path().to_owned(),
    ] {
        let failure = Failure::from(load(&path).await.expect_err("refused"));
        let message = &failure.problem.message;
        assert!(
            message.starts_with("the plugin `mine.wasm` cannot be read: "),
            "{message}"
        );
        assert_eq!(
            (failure.exit_code(), failure.problem.next.as_str()),
            (2, "correct the path")
        );
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused() {
    let (_directory, path) = file(b"\0asm");
    let file = fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("there");
    file.set_len((64 << 20) + 1).expect("sparse");
    let error = load(&path).await.expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the plugin `mine.wasm` is larger than 64 MiB"
    );
}

#[tokio::test]
async fn what_is_no_component_is_refused() {
    let build = "build it as a component, in Rust with `cargo build --target wasm32-wasip2`";
    let nothing = usage("is not WebAssembly", build);
    for bytes in [&b""[..], b"garbage", b"(component)", b"\x7fELF\x02\x01\x01"] {
        assert_eq!(refused(bytes).await, nothing);
    }
    let module = usage("is a core module, not a component", build);
    assert_eq!(refused_text("(module)").await, module);
    let (code, message, _) = refused(b"\0asm\x0d\0\x01\0garbage").await;
    let start = "the plugin `mine.wasm` cannot be compiled: ";
    assert!(
        code == Code::Usage && message.starts_with(start),
        "{message}"
    );
}

#[tokio::test]
async fn code_compiled_ahead_of_time_is_not_run() {
    let (_, message, _) = refused(proctor_test_components::HOSTILE).await;
    assert_eq!(message, "the plugin `mine.wasm` is not WebAssembly");
}

#[tokio::test]
async fn a_component_without_the_service_is_refused() {
    let refusal = usage(
        "is a component, but exports no `proctor:ci/service`",
        "export the world `proctor:ci/plugin`",
    );
    assert_eq!(refused_text("(component)").await, refusal);
}

#[tokio::test]
async fn an_import_that_is_not_given_is_refused_by_name() {
    let next = "build it without: a plugin gets `proctor:ci/host` and WASI 0.2 with outgoing HTTP";
    for (import, shown) in [
        (
            r#"(import "wasi:keyvalue/store@0.2.0" (instance (export "open" (func))))"#,
            "`open` of `wasi:keyvalue/store@0.2.0`",
        ),
        (
            r#"(import "wasi:cli/exit@0.2.99" (instance (export "vanish" (func))))"#,
            "`vanish` of `wasi:cli/exit@0.2.99`",
        ),
        (r#"(import "bare" (func))"#, "`bare`"),
    ] {
        let refusal = usage(
            &format!("imports {shown}, which a plugin does not get"),
            next,
        );
        assert_eq!(refused_text(&service(import, &FUNCTIONS)).await, refusal);
    }
}

#[tokio::test]
async fn types_that_differ_are_refused() {
    let ours = spoken();
    let wait = format!(
        r#"(import "proctor:ci/host@{ours}" (instance (export "wait" (func (param "a" string)))))"#
    );
    for (text, detail) in [
        (service("", &FUNCTIONS), "failed to convert function"),
        (
            service("", &FUNCTIONS[1..]),
            "does not have export `providers`",
        ),
        (
            service(&wait, &FUNCTIONS),
            "`wait` of `proctor:ci/host@X`: expected `u64` found `string`",
        ),
    ] {
        let (code, message, next) = refused_text(&text).await;
        let start = format!("the plugin `mine.wasm` does not match proctor:ci {ours}: ");
        assert!(message.starts_with(&start), "{message}");
        assert!(message.contains(&detail.replace('X', ours)), "{message}");
        assert_eq!(
            (code, next),
            (
                Code::Usage,
                format!("build it anew against an unchanged copy of proctor:ci {ours}")
            )
        );
    }
}

#[tokio::test]
async fn a_plugin_that_cannot_be_started_says_so() {
    let text = service("", &FUNCTIONS).replace(
        r#"(func (export "f"))"#,
        r#"(func (export "f")) (func $start unreachable) (start $start)"#,
    );
    let (code, message, next) = refused_text(&text).await;
    assert_eq!(code, Code::Internal);
    assert!(
        message.starts_with("the plugin `mine.wasm` failed: wasm trap: "),
        "{message}"
    );
    assert!(next.starts_with("report it"), "{next}");
}
