//! Installing: a library with the checksums of a release, and a server on loopback that has it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use proctor_test_support::root;

/// What is released as Proctor in this test: it ends as Proctor does when no test ran.
const RELEASED: &[u8] = br#"#!/bin/sh
for word; do
  case $word in
    --report=github-outputs=*)
      printf '%s<<end\n%s\nend\n' verdict errored exit-code 9 >"${word#--report=github-outputs=}" ;;
  esac
done
exit 9
"#;

/// Answers every request for a program: below `/other` with another one than was released.
fn serve(listener: &TcpListener) {
    for stream in listener.incoming() {
        let _ = stream.and_then(|stream| answer(&stream));
    }
}

fn answer(mut stream: &TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let body: &[u8] = if request.contains("/other/") {
        b"#!/bin/sh\ntouch hacked\n"
    } else {
        RELEASED
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )?;
    stream.write_all(body)
}

/// The checksum of what is released, by the same program that verifies it.
fn checksum(folder: &Path) -> String {
    let file = folder.join("released");
    std::fs::write(&file, RELEASED).expect("a file");
    let output = std::process::Command::new("sha256sum")
        .arg(&file)
        .output()
        .expect("sha256sum starts");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    said.split(' ').next().expect("a checksum").to_owned()
}

/// The library's resources as those of a release: the real script, and checksums of this test's program.
fn resources(folder: &Path) {
    let own = folder.join("proctor");
    std::fs::create_dir_all(own.join("checksums")).expect("a folder");
    std::fs::copy(
        root().join("resources/proctor/install.sh"),
        own.join("install.sh"),
    )
    .expect("the script is there");
    let checksum = checksum(folder);
    let lines: String = [
        "x86_64-unknown-linux-musl",
        "aarch64-unknown-linux-musl",
        "x86_64-apple-darwin",
        "aarch64-apple-darwin",
    ]
    .iter()
    .map(|platform| format!("{checksum}  proctor-{platform}\n"))
    .collect();
    std::fs::write(own.join("checksums/1.2.3.txt"), lines).expect("a file");
}

#[test]
fn a_release_is_installed_and_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    resources(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    // Ends with the process: nothing depends on its end.
    std::thread::spawn(move || serve(&listener));
    let variables = [
        ("RELEASES_URL", format!("http://{address}")),
        ("RESOURCES", folder.path().display().to_string()),
    ];
    if let Some(names) = super::run(&["install"], &variables) {
        super::all_told(&names, 7);
    }
}
