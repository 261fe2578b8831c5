//! The end of a command: reports are written, and the exit code is found.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{
    bindings::proctor::ci::types::Code,
    failure::Failure,
    line::since,
    model::{Conclusion, Report, Results},
    output, report,
    session::Session,
    settled::Settled,
};

/// Looks whether every report can be written where it is to go.
///
/// # Errors
/// A usage failure that names the path that cannot be written, or is taken.
pub fn prepare(settled: &Settled, handle: &str) -> Result<(), Failure> {
    let mut taken: HashSet<PathBuf> = HashSet::from([output::place(handle)]);
    for request in &settled.reports {
        let shown = &request.path;
        let refuse = |reason: &str| {
            Failure::usage(
                format!("no report can be written to {shown}: {reason}"),
                "choose another path with --report KIND=PATH, below a directory that this program was given (`--dir .` of \
                 wasmtime); nothing was triggered",
            )
        };
        if !taken.insert(output::place(shown)) {
            return Err(refuse("something else would be written to it"));
        }
        if shown != "-" {
            output::probe(Path::new(shown)).map_err(|error| refuse(&error.to_string()))?;
        }
    }
    Ok(())
}

/// What a command has come to.
pub struct Ended {
    pub exit_code: u8,
    /// Reports that could not be written.
    pub errors: Vec<String>,
}

impl Ended {
    /// The exit code.
    ///
    /// # Errors
    /// An internal failure if a report could not be written.
    pub fn exit_code(self) -> Result<u8, Failure> {
        let Self { exit_code, errors } = self;
        if errors.is_empty() {
            return Ok(exit_code);
        }
        let message = format!(
            "the runs ended with exit code {exit_code}, but not all of it could be written"
        );
        let next = "see that the paths stay writable while Proctor runs, or choose others";
        Err(Failure::internal(message, next).details(errors.join("\n")))
    }
}

/// Judges what came of the targets, writes every report and shows the results.
pub fn conclude(
    session: &Session,
    settled: &Settled,
    mut reports: Vec<Report>,
    (begun, started_at_ms): (Instant, u64),
) -> Ended {
    let told = proctor::assess::assess(&mut reports, &settled.circumstances);
    for sentence in told.warnings.iter().chain(&told.notes) {
        session.terminal.warn(sentence);
    }
    let conclusion = proctor::verdict::conclude(&reports, &settled.policy);
    let Conclusion { exit_code, .. } = conclusion;
    let results = Results {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at_ms,
        duration_ms: since(begun),
        conclusion,
        targets: reports,
    };
    let nonce = nonce();
    let mut errors = Vec::new();
    for request in &settled.reports {
        let written = report::render(&request.kind, &results, &nonce)
            .map_err(|error| error.to_string())
            .and_then(|text| {
                let text = session.terminal.redact(&text);
                match request.path.as_str() {
                    "-" => {
                        session.terminal.raw(&text);
                        Ok(())
                    }
                    path => output::write(Path::new(path), &text).map_err(|it| it.to_string()),
                }
            });
        if let Err(error) = written {
            let shown = &request.path;
            errors.push(format!("the report {shown} cannot be written: {error}"));
        }
    }
    match report::render("text", &results, &nonce) {
        Ok(text) => session.terminal.result(&text, settled.out_is_data()),
        Err(error) => errors.push(error.to_string()),
    }
    Ended { exit_code, errors }
}

/// The name of an exit code, as in the results.
pub fn name_of(exit_code: u8) -> &'static str {
    let known = crate::error::Code::ALL.into_iter();
    let mut named = known.filter(|code| code.exit_code() == exit_code);
    named.next().map_or(
        crate::failure::code_name(Code::Internal),
        crate::error::Code::name,
    )
}

/// Text that nobody can foresee, for delimiters that hostile text must not be able to forge.
fn nonce() -> String {
    let bytes = wasi::random::random::get_random_bytes(16);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
