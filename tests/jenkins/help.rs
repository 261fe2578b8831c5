//! What the library says of Proctor must be so: its version, the exit codes, the services' variables, the options.

use proctor_test_support::{Proctor, read, root};

fn library() -> String {
    read(&root().join("vars/proctor.groovy"))
}

/// The text between two others, the first time they occur.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap_or_else(|| panic!("no {from:?}")) + from.len();
    let end = text[start..]
        .find(to)
        .unwrap_or_else(|| panic!("no {to:?} behind {from:?}"));
    &text[start..start + end]
}

/// Names before a colon, as in a Groovy map.
fn keys(map: &str) -> Vec<String> {
    map.split(',')
        .filter_map(|entry| entry.split_once(':'))
        .map(|(key, _)| key.trim().trim_matches('\'').to_owned())
        .collect()
}

#[test]
fn the_library_installs_the_release_it_belongs_to() {
    let version = library();
    let version = between(&version, "VERSION = '", "'");
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_exit_codes_are_those_of_the_readme() {
    let (library, readme) = (library(), read(&root().join("README.md")));
    let table = between(&library, "EXIT_CODES = [\n", "\n]");
    let ours: Vec<(String, String)> = table
        .lines()
        .map(|line| {
            let code = line.split(':').next().expect("a code").trim().to_owned();
            (code, between(line, "name: '", "'").to_owned())
        })
        .collect();
    let mut readmes = Vec::new();
    for line in readme.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let name = cells[2].trim_matches('`');
        for code in cells[1]
            .split(" · ")
            .filter(|code| code.parse::<u8>().is_ok())
        {
            readmes.push((code.to_owned(), name.to_owned()));
        }
    }
    assert_eq!(ours, readmes);
}

#[test]
fn each_service_has_its_own_variable() {
    let library = library();
    let table = between(&library, "KEY_VARIABLES = [", "]");
    let told = Proctor::new(&["providers"]).end().expect(0).out;
    let (told, _) = told.split_once("\nReports").expect("two lists");
    let mut services = Vec::new();
    for line in told.lines() {
        if let Some(key) = line.strip_prefix("    key: ") {
            let variable = key.split(' ').next().expect("a name");
            assert!(
                table.contains(&format!(
                    "{}: '{variable}'",
                    services.last().expect("a service")
                )),
                "{variable} is not in {table}"
            );
        } else if line.starts_with("  ") && !line.starts_with("   ") && line.contains(": ") {
            services.push(line.trim().split(':').next().expect("a name").to_owned());
        }
    }
    assert_eq!(keys(table), services);
}

#[test]
fn each_report_has_its_usual_path() {
    let library = library();
    let table = between(&library, "REPORT_PATHS = [", "]");
    let told = Proctor::new(&["providers"]).end().expect(0).out;
    let (_, reports) = told.split_once("\nReports").expect("two lists");
    let mut compared = 0;
    for kind in keys(table) {
        let start = format!("  {kind} ");
        if let Some(line) = reports.lines().find(|line| line.starts_with(&start)) {
            let path = between(line, "[default: ", "]");
            assert!(table.contains(&format!(": '{path}'")), "{kind}: {path}");
            compared += 1;
        }
    }
    assert!(compared >= 3, "{reports}");
}

#[test]
fn the_help_tells_of_every_option_and_every_field_of_what_is_returned() {
    let (library, help) = (library(), read(&root().join("vars/proctor.txt")));
    let options = keys(between(&library, "OPTIONS = [", "]"));
    assert!(options.len() > 10, "{options:?}");
    let fields = keys(between(&library, "Map outcome = [\n", "reports : [:]"));
    assert!(fields.contains(&"runUrl".to_owned()), "{fields:?}");
    for name in options.iter().chain(&fields) {
        assert!(
            help.lines()
                .any(|line| line.trim_start().starts_with(name.as_str())),
            "{name} is not explained"
        );
    }
    // It is shown through the administrator's markup formatter, which may take it for HTML.
    assert!(
        !help.contains(['<', '&']),
        "the help must read the same as text and as HTML"
    );
}
