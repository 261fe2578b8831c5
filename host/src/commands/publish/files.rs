//! Files of results: found, told apart by what they hold, and handed over piece by piece.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufRead as _, BufReader, Cursor, Read, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use tempfile::NamedTempFile;

use crate::{
    bindings::proctor::ci::input::Piece,
    commands::{named_files, session::Session},
    engine::Source,
    failure::Failure,
};

/// How much is handed over at once, in bytes.
const PIECE: usize = 64 << 10;

/// By which member the first line of a file of unsent results is known. The rest of its form is the component's.
const KEPT_MARK: &str = "proctor_kept";

/// The longest first line that is looked at, in bytes.
const LONGEST_LINE: u64 = 8 << 20;

/// What can be published.
const WANTED: &str = "give JUnit XML, the JSON of `proctor run --report json`, or a file that `proctor publish` has kept";

/// How files are named.
const NAMED: &str = "name files of results, or a pattern such as 'build/**/*.xml'";

/// How coarse the times of files may be.
const TICK: Duration = Duration::from_secs(2);

/// Results to be published.
pub struct Given {
    /// As the user named it.
    shown: String,
    content: Content,
}

enum Content {
    Junit(PathBuf),
    Kept(PathBuf),
    /// JUnit that was made of results.
    Text(String),
}

impl Given {
    /// JUnit that is no file.
    pub fn text(shown: &str, text: String) -> Self {
        Self {
            shown: shown.to_owned(),
            content: Content::Text(text),
        }
    }
}

/// Finds the files that are named, patterns among them, in the order of their names, and looks what they hold.
///
/// # Errors
/// A usage failure if one cannot be read, holds something else than results, or if a pattern finds nothing.
pub async fn given(session: &Session, names: &[String]) -> Result<Vec<Given>, Failure> {
    let mut all = Vec::new();
    let mut seen = Vec::new();
    let mut empty = Vec::new();
    for name in names {
        for shown in named_files::matching(session, name, NAMED)? {
            let path = session.path(&shown);
            let place = path.canonicalize().unwrap_or(path);
            if seen.contains(&place) {
                continue;
            }
            match look(session, shown.clone()).await? {
                Some(given) => all.push(given),
                None => empty.push(shown),
            }
            seen.push(place);
        }
    }
    if let (Some(first), true) = (empty.first(), all.is_empty()) {
        return Err(Failure::usage(format!("{first} is empty"), WANTED));
    }
    for shown in empty {
        session.console.warn(&format!("{shown} is empty"));
    }
    Ok(all)
}

/// Warns of files that were there before the command began.
pub fn doubt(session: &Session, given: &[Given], began: SystemTime) {
    for given in given {
        if let Content::Junit(path) = &given.content
            && let Ok(written) = path.metadata().and_then(|metadata| metadata.modified())
            && written < began - TICK
        {
            session.console.warn(&format!(
                "{} was not written by the command: it is older, and published all the same",
                given.shown
            ));
        }
    }
}

/// The files of unsent results among those that are given.
pub fn kept(given: &[Given]) -> Vec<PathBuf> {
    let kept = |given: &Given| match &given.content {
        Content::Kept(path) => Some(path.clone()),
        Content::Junit(_) | Content::Text(_) => None,
    };
    given.iter().filter_map(kept).collect()
}

/// What a file holds; none if it is empty.
async fn look(session: &Session, shown: String) -> Result<Option<Given>, Failure> {
    let path = session.path(&shown);
    let next = WANTED;
    let unread =
        |error: io::Error| Failure::usage(format!("{shown} cannot be read: {error}"), next);
    let start = start_of(&path).map_err(unread)?;
    let content = match start.first() {
        Some(b'<') => Content::Junit(path),
        Some(b'{') if is_kept(&start) => Content::Kept(path),
        Some(b'{') => {
            let text = std::fs::read_to_string(&path).map_err(unread)?;
            let read = session.component.read(vec![text], Vec::new()).await?;
            let results = read.map_err(|why| {
                let why = why.message;
                Failure::usage(format!("{shown} is no results file: {why}"), next)
            })?;
            Content::Text(session.component.render("junit", &results).await?)
        }
        Some(_) => {
            return Err(Failure::usage(format!("{shown} holds no results"), next));
        }
        None => return Ok(None),
    };
    Ok(Some(Given { shown, content }))
}

/// The first line of a file that is not blank, without a byte order mark and blanks.
fn start_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    let mut file = BufReader::new(File::open(path)?.take(LONGEST_LINE));
    while start.trim_ascii().is_empty() && file.read_until(b'\n', &mut start)? > 0 {}
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    Ok(text.trim_ascii_start().to_vec())
}

fn is_kept(first_line: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(first_line)
        .is_ok_and(|line| line.get(KEPT_MARK).is_some())
}

/// The name, or where there is a file already, the name with a number that no file has.
pub fn vacant(session: &Session, shown: &str) -> String {
    if !session.path(shown).exists() {
        return shown.to_owned();
    }
    super::super::handle_file::free_name(session, shown)
}

/// Removes files of unsent results that are no longer needed.
pub fn forget(session: &Session, paths: &[PathBuf]) {
    for path in paths {
        if let Err(error) = std::fs::remove_file(path) {
            session.console.warn(&format!(
                "{} was sent, but cannot be removed: {error}",
                path.display()
            ));
        }
    }
}

/// Hands files over to the component, and takes what cannot be sent.
pub struct Files {
    waiting: VecDeque<Given>,
    open: Option<Box<dyn Read + Send>>,
    outcome: Outcome,
}

/// What became of the files. Clones are the same.
#[derive(Clone)]
pub struct Outcome(Arc<Mutex<State>>);

struct State {
    keep: PathBuf,
    kept: Option<NamedTempFile>,
    errors: Vec<String>,
}

impl Files {
    /// Hands over what is given; what cannot be sent goes to the file `keep`.
    pub fn new(given: Vec<Given>, keep: PathBuf) -> (Self, Outcome) {
        let outcome = Outcome(Arc::new(Mutex::new(State {
            keep,
            kept: None,
            errors: Vec::new(),
        })));
        let files = Self {
            waiting: given.into(),
            open: None,
            outcome: outcome.clone(),
        };
        (files, outcome)
    }

    fn begin(&mut self, given: Given) -> Option<Piece> {
        let Given { shown, content } = given;
        let (piece, path) = match content {
            Content::Text(text) => {
                self.open = Some(Box::new(Cursor::new(text)));
                return Some(Piece::Junit(shown));
            }
            Content::Junit(path) => (Piece::Junit(shown.clone()), path),
            Content::Kept(path) => (Piece::Kept(shown.clone()), path),
        };
        match File::open(path) {
            Ok(file) => {
                self.open = Some(Box::new(file));
                Some(piece)
            }
            Err(error) => {
                self.outcome
                    .error(format!("{shown} cannot be read: {error}"));
                None
            }
        }
    }
}

impl Source for Files {
    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(file) = &mut self.open {
                let mut bytes = Vec::with_capacity(PIECE);
                match file.by_ref().take(PIECE as u64).read_to_end(&mut bytes) {
                    Ok(1..) => return Some(Piece::Bytes(bytes)),
                    Ok(0) => {}
                    Err(error) => self
                        .outcome
                        .error(format!("a file cannot be read on: {error}")),
                }
                self.open = None;
            }
            let given = self.waiting.pop_front()?;
            if let Some(piece) = self.begin(given) {
                return Some(piece);
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if let Err(error) = self.outcome.keep(bytes) {
            self.outcome
                .error(format!("what could not be sent cannot be kept: {error}"));
        }
    }
}

impl Outcome {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn error(&self, error: String) {
        self.with(|state| {
            if !state.errors.contains(&error) {
                state.errors.push(error);
            }
        });
    }

    fn keep(&self, bytes: &[u8]) -> io::Result<()> {
        self.with(|state| {
            if state.kept.is_none() {
                let directory = match state.keep.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => parent,
                    _ => Path::new("."),
                };
                state.kept = Some(NamedTempFile::new_in(directory)?);
            }
            match &mut state.kept {
                Some(file) => file.write_all(bytes),
                None => Ok(()),
            }
        })
    }

    /// Puts the file with what was kept in its place. Returns whether there is one.
    ///
    /// # Errors
    /// An internal failure if a file could not be read to its end, or the rest could not be kept.
    pub fn finish(&self) -> Result<bool, Failure> {
        self.with(|state| {
            let kept = match state.kept.take() {
                None => false,
                Some(file) => match file.persist(&state.keep) {
                    Ok(_) => true,
                    Err(error) => {
                        let told = format!("what could not be sent cannot be kept: {error}");
                        state.errors.push(told);
                        false
                    }
                },
            };
            if state.errors.is_empty() {
                return Ok(kept);
            }
            let message = "not all results could be read, or kept";
            let next = "publish the files again once they can be read; some of their tests may have been sent";
            Err(Failure::internal(message, next).details(state.errors.join("\n")))
        })
    }
}
