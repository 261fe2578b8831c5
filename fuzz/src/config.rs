//! `proctor.toml`, with anything in it: a plan, or what is wrong with a place in the file.

use std::ops::Range;

use proctor_host::config::{
    diagnostic::Source,
    file,
    plan::{Wish, plan},
    url,
};
use proctor_host::failure::Failure;

use crate::catalogue::CATALOGUE;

const PATH: &str = "proctor.toml";

/// The bytes are the file. Lines that begin with `#--set ` are options of the command line, too.
pub fn run(data: &[u8]) {
    // The host refuses a file that is not UTF-8 before it is looked at.
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let source = Source {
        path: PATH.to_owned(),
        text: text.to_owned(),
    };
    let config = file::read(source.clone(), &CATALOGUE);
    let findings = [&config.general, &config.particular].into_iter().flatten();
    for finding in findings {
        is_within(&finding.span, text);
        assert!(!finding.message.trim().is_empty());
    }
    assert!(file::plugins(&source).len() <= text.lines().count().max(1));
    let sets = text.lines().filter_map(|line| line.strip_prefix("#--set "));
    let wishes = [
        Wish::default(),
        Wish {
            sets: sets.map(str::to_owned).collect(),
            partial: true,
            ..Wish::default()
        },
    ];
    for wish in wishes {
        for config in [config.clone(), config.clone().of_publishing()] {
            match plan(&wish, Some(config), &CATALOGUE, false) {
                Ok(planned) => {
                    assert!(!planned.is_empty());
                    for planned in planned {
                        assert!(!planned.target.name.is_empty());
                        assert_eq!(planned.target.provider, planned.provider.name);
                        is_line(
                            planned.target.location.as_ref().map(|place| place.line),
                            text,
                        );
                        // Where only what there is gets listed, a service without an address may be left without.
                        if !(wish.partial && planned.target.api_url.is_empty()) {
                            is_safe(&planned.target.api_url);
                        }
                        let table = planned.place.expect("a file defines it").table;
                        is_within(&table, text);
                    }
                }
                Err(failure) => is_told(&failure, text),
            }
        }
    }
}

fn is_within(span: &Range<usize>, text: &str) {
    assert!(
        span.start <= span.end && span.end <= text.len(),
        "{span:?} of {}",
        text.len()
    );
    assert!(
        text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
        "{span:?}"
    );
}

fn is_line(line: Option<u32>, text: &str) {
    let lines = u32::try_from(text.split('\n').count()).expect("a short file");
    assert!(
        line.is_none_or(|line| (1..=lines).contains(&line)),
        "line {line:?} of {lines}"
    );
}

/// Where a key goes: nowhere without encryption but to this machine.
fn is_safe(api_url: &str) {
    let lower = api_url.to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("http:") else {
        assert!(lower.starts_with("https:"), "{api_url}");
        return;
    };
    let authority = rest.trim_start_matches(['/', '\\']);
    assert!(
        !authority.contains('@') && url::api(api_url).is_ok(),
        "{api_url}"
    );
}

/// A usage failure with a message, with something to do, and with no text that a terminal obeys.
fn is_told(failure: &Failure, text: &str) {
    assert_eq!(failure.exit_code(), 2, "{failure:?}");
    for told in [
        &failure.problem.message,
        &failure.problem.who,
        &failure.problem.next,
    ] {
        assert!(!told.trim().is_empty(), "{failure:?}");
    }
    is_line(failure.location.as_ref().map(|place| place.line), text);
    if let Some(details) = &failure.details {
        let hostile = |c: char| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!details.text().contains(hostile), "{:?}", details.text());
        assert!(
            failure.location.is_none() || details.text().contains(PATH),
            "{:?}",
            details.text()
        );
    }
}
