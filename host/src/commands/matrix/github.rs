//! What `strategy: matrix` of a GitHub workflow takes.

use serde_json::json;

use super::{Shard, json};
use crate::failure::Failure;

/// The most jobs that a matrix makes. Source: docs.github.com, "Workflow syntax", `strategy.matrix`.
const MOST: usize = 256;

/// The longest name of a job, in characters.
const LONGEST: usize = 80;

/// The matrix with a job for each shard: its number, a name for people, and its targets, one a line.
///
/// # Errors
/// A usage failure if there are too many jobs, or a name cannot stand on a line.
pub fn matrix(shards: &[Shard]) -> Result<String, Failure> {
    if shards.len() > MOST {
        let message = format!(
            "a matrix of GitHub has at most {MOST} jobs, but these targets need {}",
            shards.len()
        );
        let next = format!("share them out to fewer jobs, for example with --shards {MOST}");
        return Err(Failure::usage(message, next));
    }
    if let Some(name) = shards.iter().flatten().find(|name| !fits_a_line(name)) {
        return Err(Failure::usage(
            format!(
                "the target {name:?} cannot be named in the input `targets` of the action: its name begins or ends with a \
                 blank, or has a comma or a line break"
            ),
            "give it another name in the configuration file",
        ));
    }
    let entries: Vec<serde_json::Value> = shards
        .iter()
        .enumerate()
        .map(|(at, shard)| {
            json!({
                "shard": (at + 1).to_string(),
                "name": title(shard, LONGEST),
                "targets": shard.join("\n"),
            })
        })
        .collect();
    Ok(json::line(&json!({ "include": entries })))
}

/// Whether the action reads the name back as it is: its input is split at line breaks and commas, and blanks are cut off.
fn fits_a_line(name: &str) -> bool {
    name.trim() == name && !name.contains([',', '\n', '\r'])
}

/// The names of targets in so many characters, or as many of them as that holds.
pub fn title(shard: &[String], longest: usize) -> String {
    let all = shard.join(", ");
    if all.chars().count() <= longest {
        return all;
    }
    let (first, rest) = shard.split_first().expect("no shard is empty");
    let ending = match rest.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let room = longest.saturating_sub(ending.len());
    if first.chars().count() <= room {
        return format!("{first}{ending}");
    }
    let start: String = first.chars().take(room.saturating_sub(1)).collect();
    format!("{start}…{ending}")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn shard(names: &[&str]) -> Shard {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_job_has_its_number_a_name_and_its_targets() {
        let text = matrix(&[shard(&["api", "-x $(y)"]), shard(&["shop"])]).unwrap();
        assert_eq!(
            text,
            "{\"include\":[{\"name\":\"api, -x $(y)\",\"shard\":\"1\",\"targets\":\"api\\n-x $(y)\"},\
             {\"name\":\"shop\",\"shard\":\"2\",\"targets\":\"shop\"}]}\n"
        );
    }

    #[test]
    fn a_matrix_has_no_more_jobs_than_github_makes() {
        let shards = |count: usize| -> Vec<Shard> {
            (0..count).map(|at| shard(&[&format!("t{at}")])).collect()
        };
        let text = matrix(&shards(MOST)).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["include"].as_array().unwrap().len(), MOST);
        let failure = matrix(&shards(MOST + 1)).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        assert!(failure.problem.next.contains("--shards"));
    }

    #[test]
    fn a_name_that_would_not_survive_on_a_line_is_refused() {
        for name in [" api", "api\u{2003}", "api,shop", "api\nshop", "a\rb"] {
            let failure = matrix(&[shard(&["shop", name])]).unwrap_err();
            let message = &failure.problem.message;
            assert!(message.contains(&format!("{name:?}")), "{message}");
        }
    }

    #[test]
    fn a_long_list_of_names_is_cut() {
        assert_eq!(title(&shard(&["api", "shop"]), 9), "api, shop");
        assert_eq!(
            title(&shard(&["api", "shop", "x", "y"]), 14),
            "api and 3 more"
        );
        assert_eq!(title(&shard(&["a very long name"]), 6), "a ver…");
    }
}
