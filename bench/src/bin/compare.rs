//! Measures Proctor beside what it replaces and writes a page about it.
//!
//! `compare [--quick] [--proctor PROGRAM] [--consumers FOLDER] [--out FILE] [SCENE…]`

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use proctor_bench::{Result, command, machine, page::Page, scenes, setting::Setting};

/// What was asked for.
struct Arguments {
    quick: bool,
    proctor: PathBuf,
    consumers: PathBuf,
    out: PathBuf,
    scenes: Vec<String>,
}

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let done = match words.split_first() {
        Some((first, rest)) if first == command::MEASURE => command::measure(rest),
        _ => read(words).and_then(|arguments| compare(&arguments)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("compare: {error}");
            ExitCode::FAILURE
        }
    }
}

fn read(words: Vec<OsString>) -> Result<Arguments> {
    let mut arguments = Arguments {
        quick: false,
        proctor: "target/release/proctor".into(),
        consumers: "target/consumers".into(),
        out: "docs/performance.md".into(),
        scenes: Vec::new(),
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut path = || {
            let next = words.next().map(PathBuf::from);
            next.ok_or_else(|| format!("{}: a path has to follow", word.display()))
        };
        match word.to_str() {
            Some("--quick") => arguments.quick = true,
            Some("--proctor") => arguments.proctor = path()?,
            Some("--consumers") => arguments.consumers = path()?,
            Some("--out") => arguments.out = path()?,
            Some(name) if scenes::ALL.iter().any(|(known, _)| *known == name) => {
                arguments.scenes.push(name.to_owned());
            }
            _ => {
                let known: Vec<&str> = scenes::ALL.iter().map(|(name, _)| *name).collect();
                let (word, known) = (word.display(), known.join(", "));
                return Err(format!("{word} is no option and no scene; scenes: {known}").into());
            }
        }
    }
    Ok(arguments)
}

fn compare(arguments: &Arguments) -> Result<()> {
    let setting = Setting::new(&arguments.proctor, &arguments.consumers, arguments.quick)?;
    let mut page = Page::default();
    for (name, play) in scenes::ALL {
        if arguments.scenes.is_empty() || arguments.scenes.iter().any(|it| it == name) {
            eprintln!("{name} …");
            play(&setting, &mut page).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    write(&arguments.out, &whole(&page, arguments.quick))
}

fn whole(page: &Page, quick: bool) -> String {
    let measured = format!(
        "Measured on {} on a machine with {}; the ratios should be much the same elsewhere.",
        machine::date(),
        machine::described()
    );
    let mut introduction = vec![
        "How fast Proctor is beside what it replaces: whole processes, side by side in one run, on one [sandbox](../sandbox/README.md) \
         on the same machine, so that no network is in between. Ratios first; what was measured and how stands with each table. \
         This page is written by the program that measures: `make bench`, which takes about a quarter of an hour once \
         everything is built.",
        measured.as_str(),
    ];
    if quick {
        introduction.push("**A quick run, only to see that it works: the figures mean nothing.**");
    }
    page.whole("Performance", &introduction)
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)?;
    eprintln!("{}", path.display());
    Ok(())
}
