//! Looks for credentials in everything that the program under test leaves behind.
//!
//! Whoever starts the program through [`crate::Proctor`] gets this without asking: what is given to it as a credential is
//! looked for in its output and in every file of its folder, in each form that it may be written in.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The shortest text that is looked for, in bytes: shorter ones are found by chance.
const SHORTEST: usize = 8;

/// Options that name a file with a private key, and their variables.
const KEY_FILES: [&str; 4] = [
    "--client-key",
    "--client-cert",
    "PROCTOR_CLIENT_KEY",
    "PROCTOR_CLIENT_CERT",
];

/// What the names of variables end in that hold a credential.
const ENDINGS: [&str; 5] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL"];

/// What the names of variables end in that name a proxy, whose URL may hold a password.
const PROXY: &str = "_proxy";

/// What the line begins with by which GitHub's runner is told what to mask.
const MASK: &str = "::add-mask::";

/// The credentials that the program was given, and where it may have left them.
#[derive(Default)]
pub struct Watch {
    /// By what each is called in a message.
    secrets: Vec<(String, String)>,
    /// Files that the test itself wrote, and with what; those without a text may hold anything.
    planted: BTreeMap<PathBuf, Option<String>>,
    folders: Vec<PathBuf>,
    /// Files with credentials, by what names them: read when everything is there, from the program's folder on.
    named: Vec<(String, PathBuf)>,
    /// Whether the output may tell a CI system what to mask.
    masks: bool,
    looked: bool,
}

impl Watch {
    /// Takes note of a variable, which may hold a credential or name a file with one.
    pub fn variable(&mut self, name: &str, value: &OsStr) {
        let Some(text) = value.to_str() else { return };
        if name == "GITHUB_ACTIONS" {
            self.masks = true;
        } else if KEY_FILES.contains(&name) || name.strip_suffix("_FILE").is_some_and(is_credential)
        {
            self.named.push((name.to_owned(), PathBuf::from(value)));
        } else if is_credential(name) {
            self.secret(name, text);
        } else if name.to_ascii_lowercase().ends_with(PROXY)
            && let Some((user, _)) = rest(text).rsplit_once('@')
        {
            let password = user.split_once(':').map_or("", |(_, password)| password);
            for written in [user, password] {
                self.secret(name, written);
                let meant = percent_decode_str(written).decode_utf8_lossy();
                if meant != written {
                    self.secret(name, &meant);
                }
            }
        }
    }

    /// Takes note of arguments, which may name a file with a private key.
    pub fn arguments(&mut self, arguments: &[&str]) {
        for pair in arguments.windows(2) {
            if KEY_FILES.contains(&pair[0]) {
                self.named
                    .push((pair[0].to_owned(), PathBuf::from(pair[1])));
            }
        }
    }

    /// Reads the files that are named by now. The program runs in the last folder.
    fn read_named(&mut self) {
        let folder = self.folders.last().cloned().unwrap_or_default();
        for (name, path) in std::mem::take(&mut self.named) {
            let path = folder.join(path);
            // What is not there, the program cannot have read.
            let Ok(content) = std::fs::read_to_string(&path) else {
                continue;
            };
            if KEY_FILES.contains(&name.as_str()) {
                for line in key_lines(&content) {
                    self.secret(&name, line);
                }
            } else {
                self.secret(&name, content.trim());
            }
            self.planted.entry(path).or_insert(None);
        }
    }

    /// Takes note of a credential.
    pub fn secret(&mut self, name: &str, value: &str) {
        if value.len() >= SHORTEST {
            self.secrets.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Takes note of a file that the test wrote: what is in it by then is no leak.
    pub fn planted(&mut self, path: PathBuf, text: Option<&str>) {
        self.planted.insert(path, text.map(str::to_owned));
    }

    /// Looks into this folder too.
    pub fn folder(&mut self, path: &Path) {
        self.folders.push(path.to_owned());
    }

    /// Looks for all credentials in the output and in the files.
    ///
    /// # Panics
    /// If one is found; the message says which, in what form, and where.
    #[track_caller]
    pub fn look(&mut self, outputs: &[(&str, &[u8])]) {
        self.looked = true;
        self.read_named();
        let forms = self.forms();
        if forms.is_empty() {
            return;
        }
        let needles: Vec<&[u8]> = forms.iter().map(|form| form.text.as_bytes()).collect();
        let search = AhoCorasick::new(needles).expect("some hundred bytes");
        let look = |place: &str, bytes: &[u8]| {
            if let Some(found) = search.find(bytes) {
                let form = &forms[found.pattern().as_usize()];
                let around =
                    &bytes[found.start().saturating_sub(60)..bytes.len().min(found.end() + 20)];
                panic!(
                    "the credential of {} is in {place}, {}: …{}…",
                    form.of,
                    form.kind,
                    String::from_utf8_lossy(around)
                );
            }
        };
        for (place, bytes) in outputs {
            look(place, &self.without_masks(bytes));
        }
        for folder in &self.folders {
            for path in files(folder) {
                // What was removed meanwhile was looked for in vain.
                let Ok(bytes) = std::fs::read(&path) else {
                    continue;
                };
                if !self.is_planted(&path, &bytes) {
                    look(&path.display().to_string(), &self.without_masks(&bytes));
                }
            }
        }
    }

    fn is_planted(&self, path: &Path, bytes: &[u8]) -> bool {
        match self.planted.get(path) {
            Some(Some(text)) => text.as_bytes() == bytes,
            Some(None) => true,
            None => false,
        }
    }

    /// What is left once the lines are gone by which a CI system is told what to mask.
    fn without_masks(&self, bytes: &[u8]) -> Vec<u8> {
        if !self.masks {
            return bytes.to_vec();
        }
        bytes
            .split_inclusive(|byte| *byte == b'\n')
            .filter(|line| !line.starts_with(MASK.as_bytes()))
            .flatten()
            .copied()
            .collect()
    }

    fn forms(&self) -> Vec<Form> {
        self.secrets
            .iter()
            .flat_map(|(name, secret)| forms(name, secret))
            .collect()
    }
}

impl Drop for Watch {
    /// A program whose end nobody waited for may have left files all the same.
    fn drop(&mut self) {
        if !self.looked && !std::thread::panicking() {
            self.look(&[]);
        }
    }
}

/// What is behind the scheme of a URL, which a proxy may be named without.
fn rest(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// The lines of private keys in PEM. The last may be short, and then it is in other keys too.
fn key_lines(pem: &str) -> Vec<&str> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in pem.lines().map(str::trim) {
        if line.starts_with("-----") {
            inside = line.starts_with("-----BEGIN") && line.contains("PRIVATE KEY");
        } else if inside && line.len() >= 16 {
            lines.push(line);
        }
    }
    lines
}

fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// A way in which a credential may be written.
struct Form {
    of: String,
    kind: &'static str,
    text: String,
}

fn forms(name: &str, secret: &str) -> Vec<Form> {
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let careful = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let mut all = vec![
        ("as it is", secret.to_owned()),
        ("in JSON", json.replace('/', "\\/")),
        ("in JSON", json),
        ("in hexadecimal digits", hex.to_ascii_uppercase()),
        ("in hexadecimal digits", hex),
        ("percent-encoded", percent.to_ascii_uppercase()),
        ("percent-encoded", percent),
        ("percent-encoded", careful),
        ("in Markdown", escaped(secret, |c| format!("\\{c}"))),
        (
            "in HTML within Markdown",
            escaped(secret, |c| format!("&#{};", u32::from(c))),
        ),
    ];
    for before in 0..3 {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            all.push(("in Base64", middle(secret, before, engine)));
        }
    }
    all.retain(|(_, text)| text.len() >= SHORTEST);
    all.into_iter()
        .map(|(kind, text)| Form {
            of: name.to_owned(),
            kind,
            text,
        })
        .collect()
}

/// The text with what reports in Markdown escape. Credentials of tests have nothing else that they would write differently.
fn escaped(secret: &str, escape: impl Fn(char) -> String) -> String {
    let one = |c: char| match "\\`*_[]|~$#".contains(c) {
        true => escape(c),
        false => c.to_string(),
    };
    secret.chars().map(one).collect()
}

/// The characters of a Base64 text that belong to the secret alone, when so many bytes are before it.
fn middle(
    secret: &str,
    before: usize,
    engine: &base64::engine::general_purpose::GeneralPurpose,
) -> String {
    let bytes = [&[0; 3][..before], secret.as_bytes()].concat();
    let text = engine.encode(&bytes);
    // Each character holds six bits.
    text[(before * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned()
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .flat_map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&entry.path()),
            Ok(kind) if kind.is_file() => vec![entry.path()],
            // A pipe would be waited for without end.
            _ => Vec::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr\"t/+ key";

    fn watch() -> Watch {
        let mut watch = Watch::default();
        watch.variable("SOME_API_KEY", OsStr::new(SECRET));
        watch
    }

    fn finds(text: &str) -> bool {
        let mut watch = watch();
        let look = std::panic::AssertUnwindSafe(|| watch.look(&[("it", text.as_bytes())]));
        let found = std::panic::catch_unwind(look).is_err();
        watch.looked = true;
        found
    }

    #[test]
    fn every_form_is_found() {
        let quoted = serde_json::Value::from(SECRET).to_string();
        for text in [
            SECRET.to_owned(),
            quoted.replace('/', "\\/"),
            quoted,
            "73336372227 4".replace(' ', "") + "2f2b206b6579",
            "%73%33%63%72%22%74%2F%2B%20%6B%65%79".to_owned(),
            "s3cr%22t%2F%2B%20key".to_owned(),
            STANDARD_NO_PAD.encode(SECRET),
            STANDARD_NO_PAD.encode(format!("a:{SECRET}:b")),
            URL_SAFE_NO_PAD.encode(format!("a{SECRET}")),
        ] {
            assert!(finds(&format!("before {text} after")), "{text}");
        }
        assert!(!finds("s3cr *** key"));
    }

    #[test]
    fn files_are_looked_into_but_for_those_that_the_test_wrote() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("below/file");
        std::fs::create_dir(folder.path().join("below")).expect("a folder");
        std::fs::write(&path, SECRET).expect("a file");
        let look = |planted: Option<&str>| {
            let mut watch = watch();
            watch.folder(folder.path());
            if let Some(text) = planted {
                watch.planted(path.clone(), Some(text));
            }
            let look = std::panic::AssertUnwindSafe(|| watch.look(&[]));
            let found = std::panic::catch_unwind(look).is_err();
            watch.looked = true;
            found
        };
        assert!(look(None) && look(Some("something else")) && !look(Some(SECRET)));
    }

    #[test]
    fn what_a_ci_system_is_told_to_mask_is_no_leak() {
        let text = format!("::add-mask::{SECRET}\nfine\n");
        assert!(finds(&text));
        let mut watch = watch();
        watch.variable("GITHUB_ACTIONS", OsStr::new("true"));
        watch.look(&[("it", text.as_bytes())]);
    }

    #[test]
    fn passwords_of_proxies_are_credentials() {
        let mut watch = Watch::default();
        watch.variable(
            "https_proxy",
            OsStr::new("http://me:pa55%77ord!@127.0.0.1:1/"),
        );
        watch.variable("ALL_PROXY", OsStr::new("a-secret-token@127.0.0.1:1"));
        let values: Vec<&str> = watch.secrets.iter().map(|(_, value)| &**value).collect();
        assert_eq!(
            values,
            [
                "me:pa55%77ord!",
                "me:pa55word!",
                "pa55%77ord!",
                "pa55word!",
                "a-secret-token"
            ]
        );
        watch.looked = true;
    }

    /// Whether what a file holds is found, when the file is named in this way.
    fn finds_what_is_named(
        name: impl Fn(&mut Watch),
        file: &str,
        content: &str,
        told: &str,
    ) -> bool {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(file), content).expect("a file");
        let mut watch = Watch::default();
        watch.folder(folder.path());
        name(&mut watch);
        let look = std::panic::AssertUnwindSafe(|| watch.look(&[("it", told.as_bytes())]));
        let found = std::panic::catch_unwind(look).is_err();
        watch.looked = true;
        found
    }

    #[test]
    fn private_keys_are_credentials_and_the_names_of_their_files_are_not() {
        let line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{line}\nabc\n-----END PRIVATE KEY-----\n");
        let by_variable = |watch: &mut Watch| {
            watch.variable("PROCTOR_CLIENT_KEY", OsStr::new("client-key.pem"));
        };
        let by_flag = |watch: &mut Watch| watch.arguments(&["--client-key", "client-key.pem"]);
        let finds = |text: &str| {
            finds_what_is_named(by_variable, "client-key.pem", &pem, text)
                && finds_what_is_named(by_flag, "client-key.pem", &pem, text)
        };
        assert!(finds(&format!("before {line} after")));
        assert!(!finds("client-key.pem holds abc"));
    }

    #[test]
    fn files_of_keys_are_looked_for_in_the_folder_of_the_program() {
        let named = |watch: &mut Watch| {
            watch.variable("SOME_API_KEY_FILE", OsStr::new("key.txt"));
        };
        let finds = |text| finds_what_is_named(named, "key.txt", "a-secret-key\n", text);
        assert!(finds("a-secret-key") && !finds("key.txt"));
    }
}
