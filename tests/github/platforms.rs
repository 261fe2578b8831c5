//! Which of the released programs a platform gets.

use crate::installer::Install;
use crate::releases::{Answer, Releases, program, sha256};

/// Asserts that the platform gets this asset, as a file of this name.
#[track_caller]
fn gets(asset: &str, file: &str, set_up: impl Fn(Install) -> Install) {
    let releases = Releases::new().with("1.2.3", asset, &[Answer::Whole(program("1.2.3"))]);
    let install = Install::new(&releases).checksum(asset, &sha256(&program("1.2.3")));
    let install = set_up(install).expect(0, "verified");
    assert!(install.path("to").join(file).is_file());
    assert_eq!(releases.requests(), [format!("v1.2.3/{asset}")]);
}

const X64: &str = "proctor-x86_64-";
const ARM64: &str = "proctor-aarch64-";
const LINUX: (&str, &str) = ("unknown-linux-musl", "proctor");
const MACOS: (&str, &str) = ("apple-darwin", "proctor");
const WINDOWS: (&str, &str) = ("pc-windows-msvc.exe", "proctor.exe");

#[test]
fn a_runner_knows_its_platform() {
    for (system, (end, file)) in [("Linux", LINUX), ("macOS", MACOS), ("Windows", WINDOWS)] {
        for (processor, start) in [("X64", X64), ("ARM64", ARM64)] {
            gets(&format!("{start}{end}"), file, |install| {
                // What an emulated shell would see.
                let install = install.program("uname", "echo unknown");
                install.platform(system, processor)
            });
        }
    }
}

#[test]
fn elsewhere_uname_is_asked() {
    let machines = [
        ("Linux", "x86_64", X64, LINUX),
        ("Linux", "aarch64", ARM64, LINUX),
        ("Darwin", "arm64", ARM64, MACOS),
        ("Darwin", "x86_64", X64, MACOS),
        ("MINGW64_NT-10.0-26100", "x86_64", X64, WINDOWS),
        ("MSYS_NT-10.0-26100-ARM64", "aarch64", ARM64, WINDOWS),
        ("CYGWIN_NT-10.0", "x86_64", X64, WINDOWS),
    ];
    for (system, processor, start, (end, file)) in machines {
        gets(&format!("{start}{end}"), file, |install| {
            let script =
                format!("case $1 in -s) echo '{system}' ;; -m) echo '{processor}' ;; esac");
            let install = install.program("uname", &script);
            install.without("RUNNER_OS").without("RUNNER_ARCH")
        });
    }
}

#[test]
fn a_platform_without_a_release_is_told() {
    for (system, processor) in [("Linux", "ARM"), ("Linux", "X86"), ("FreeBSD", "X64")] {
        Install::new(&Releases::new())
            .platform(system, processor)
            .expect(
                2,
                &format!("there is no release for {system} on {processor}"),
            );
    }
}
