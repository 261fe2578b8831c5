use crate::{cli::PipelineSystem, failure::Failure};

use super::{super::session::Session, ask::Ask, repository::Repository};

const ALL: [(PipelineSystem, &str, &str); 3] = [
    (PipelineSystem::Github, "github", "GitHub Actions"),
    (PipelineSystem::Gitlab, "gitlab", "GitLab CI"),
    (PipelineSystem::Jenkins, "jenkins", "Jenkins"),
];

/// The system that the pipeline is for: the one that is named, the only one that the repository speaks of, or the one that
/// is chosen.
///
/// # Errors
/// A usage failure that names the argument, where nobody can be asked.
pub async fn choose(
    session: &Session,
    named: Option<PipelineSystem>,
    repository: &Repository,
    ask: Option<&Ask<'_>>,
) -> Result<PipelineSystem, Failure> {
    if let Some(named) = named {
        return Ok(named);
    }
    let found = repository.systems();
    if let [only] = found {
        let title = titles(&[*only]);
        session
            .console
            .say(&format!("the repository speaks of {title}"));
        return Ok(*only);
    }
    let Some(ask) = ask else {
        let message = match found {
            [] => "nothing in the repository tells which CI system it uses".to_owned(),
            several => format!("the repository speaks of {}", titles(several)),
        };
        return Err(Failure::usage(
            message,
            "name the one that the pipeline is for: `proctor init github`, `gitlab` or `jenkins`; nothing was written",
        ));
    };
    let options: Vec<(&str, String)> = ALL
        .iter()
        .map(|(_, name, title)| (*name, (*title).to_owned()))
        .collect();
    let chosen = ask
        .choice("Which CI system is the pipeline for?", &options)
        .await?;
    Ok(ALL[chosen].0)
}

fn titles(systems: &[PipelineSystem]) -> String {
    let titles: Vec<&str> = ALL
        .iter()
        .filter(|(system, ..)| systems.contains(system))
        .map(|(.., title)| *title)
        .collect();
    titles.join(" and ")
}
