//! Which pull or merge request a job is about, and where its platform's API is.

use std::path::Path;

use reqwest::Url;

use super::{event::Event, trouble::Trouble};
use crate::{environment::Environment, network::Origin};

/// A platform that has pull or merge requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    Github,
    Gitlab,
}

/// A pull or merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub platform: Platform,
    /// The base URL of the API. Nothing is sent to any other origin.
    pub api: Url,
    /// The path of all its comments, below the API's.
    pub comments: Vec<String>,
    /// The path below which each of them is.
    pub each: Vec<String>,
    /// How people call it.
    pub shown: String,
    /// Where they look at it, as far as that is told and needed: GitHub's answers have the address of each comment.
    pub page: Option<String>,
    /// The commit that was tested.
    pub commit: Option<String>,
    /// The host of the platform's pages.
    pub host: String,
}

impl Request {
    /// The request that the CI system says the job is about; none if it is about none.
    ///
    /// # Errors
    /// What the CI system has not told, or tells wrongly.
    pub fn find(
        platform: Platform,
        environment: &Environment,
        directory: &Path,
    ) -> Result<Option<Self>, Trouble> {
        match platform {
            Platform::Github => github(environment, directory),
            Platform::Gitlab => gitlab(environment),
        }
    }
}

/// Sources: docs.github.com, "Variables reference" and "REST API endpoints for issue comments": every pull request is an
/// issue.
fn github(environment: &Environment, directory: &Path) -> Result<Option<Request>, Trouble> {
    let event = Event::read(environment, directory);
    let Some(number) = number_in_ref(environment).or(event.number) else {
        return Ok(None);
    };
    let repository = environment.get("GITHUB_REPOSITORY").unwrap_or_default();
    let Some((owner, name)) = repository
        .split_once('/')
        .filter(|(owner, name)| is_name(owner) && is_name(name))
    else {
        return Err(Trouble::new(
            "the variable GITHUB_REPOSITORY does not name the repository",
            "set it to OWNER/NAME, which GitHub Actions does by itself",
        ));
    };
    let api = api(
        environment,
        "GITHUB_API_URL",
        Some("https://api.github.com"),
    )?;
    let path = |end: &[&str]| {
        let begin = ["repos", owner, name, "issues"];
        let whole = begin.iter().chain(end);
        whole.map(|&part| part.to_owned()).collect::<Vec<String>>()
    };
    let page = environment.get("GITHUB_SERVER_URL");
    Ok(Some(Request {
        platform: Platform::Github,
        comments: path(&[&number.to_string(), "comments"]),
        each: path(&["comments"]),
        shown: format!("pull request {number} of {repository}"),
        page: None,
        commit: event.commit,
        host: host(page).unwrap_or_else(|| match api.host_str() {
            Some("api.github.com") | None => "github.com".to_owned(),
            Some(host) => host.to_owned(),
        }),
        api,
    }))
}

/// `refs/pull/12/merge`, which the events of pull requests have.
fn number_in_ref(environment: &Environment) -> Option<u64> {
    let rest = environment.get("GITHUB_REF")?.strip_prefix("refs/pull/")?;
    rest.split_once('/')?.0.parse().ok()
}

/// Source: docs.gitlab.com, "Predefined CI/CD variables" and "Notes API".
fn gitlab(environment: &Environment) -> Result<Option<Request>, Trouble> {
    let Some((project, number)) = of_pipeline(environment).or_else(|| of_branch(environment))
    else {
        return Ok(None);
    };
    let api = api(environment, "CI_API_V4_URL", None)?;
    let path: Vec<String> = [
        "projects",
        &project,
        "merge_requests",
        &number.to_string(),
        "notes",
    ]
    .map(str::to_owned)
    .into();
    let server = environment.get("CI_SERVER_URL");
    let of_branch = server
        .filter(|_| project.contains('/'))
        .map(|server| format!("{server}/{project}"));
    let page = environment
        .get("CI_MERGE_REQUEST_PROJECT_URL")
        .map(str::to_owned);
    Ok(Some(Request {
        platform: Platform::Gitlab,
        comments: path.clone(),
        each: path,
        shown: format!("merge request !{number}"),
        page: page
            .or(of_branch)
            .map(|project| format!("{project}/-/merge_requests/{number}")),
        commit: environment
            .get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
            .or_else(|| environment.get("CI_COMMIT_SHA"))
            .map(str::to_owned),
        host: host(server)
            .or_else(|| api.host_str().map(str::to_owned))
            .unwrap_or_default(),
        api,
    }))
}

/// The merge request that a pipeline for merge requests is for.
fn of_pipeline(environment: &Environment) -> Option<(String, u64)> {
    let number = environment.get("CI_MERGE_REQUEST_IID")?.parse().ok()?;
    let project = environment.get("CI_MERGE_REQUEST_PROJECT_ID");
    let project = project.or_else(|| environment.get("CI_PROJECT_ID"))?;
    Some((project.to_owned(), number))
}

/// The first one that is open for the branch of a pipeline: `group/project!12,…`.
fn of_branch(environment: &Environment) -> Option<(String, u64)> {
    let first = environment
        .get("CI_OPEN_MERGE_REQUESTS")?
        .split(',')
        .next()?;
    let (project, number) = first.trim().rsplit_once('!')?;
    Some((project.to_owned(), number.parse().ok()?))
}

fn api(environment: &Environment, variable: &str, usual: Option<&str>) -> Result<Url, Trouble> {
    let next = "set it to the base URL of the API, which the CI system does by itself";
    let Some(text) = environment.get(variable).or(usual) else {
        return Err(Trouble::new(
            format!("the variable {variable} is not set"),
            next,
        ));
    };
    let url = Url::parse(text).map_err(|error| error.to_string());
    let url = url.and_then(|url| match Origin::of(&url) {
        Ok(_) => Ok(url),
        Err(error) => Err(error.to_string()),
    });
    url.map_err(|error| {
        Trouble::new(
            format!("the variable {variable} cannot be used: {error}"),
            next,
        )
    })
}

fn host(server: Option<&str>) -> Option<String> {
    let url = Url::parse(server?).ok()?;
    url.host_str().map(str::to_owned)
}

/// Whether it can be the name of an owner or a repository, and is no way up.
fn is_name(text: &str) -> bool {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !text.is_empty() && text.chars().all(is_usual) && !matches!(text, "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables.iter().copied().collect()
    }

    fn found(platform: Platform, variables: &[(&str, &str)]) -> Option<Request> {
        let found = Request::find(platform, &environment(variables), Path::new("/nowhere"));
        found.expect("nothing is wrong")
    }

    const GITHUB: [(&str, &str); 2] = [
        ("GITHUB_REPOSITORY", "o/r.x"),
        ("GITHUB_REF", "refs/pull/12/merge"),
    ];

    #[test]
    fn a_pull_request_is_found_by_its_ref() {
        let request = found(Platform::Github, &GITHUB).expect("a request");
        assert_eq!(request.comments.join("/"), "repos/o/r.x/issues/12/comments");
        assert_eq!(request.each.join("/"), "repos/o/r.x/issues/comments");
        assert_eq!(
            (request.api.as_str(), request.host.as_str()),
            ("https://api.github.com/", "github.com")
        );
        for other in [
            "refs/heads/main",
            "refs/pull/x/merge",
            "refs/pull/12",
            "refs/tags/pull/12/merge",
            "",
        ] {
            assert_eq!(
                found(Platform::Github, &[GITHUB[0], ("GITHUB_REF", other)]),
                None,
                "{other}"
            );
        }
    }

    #[test]
    fn what_is_told_wrongly_is_explained() {
        for (name, value) in [
            ("GITHUB_REPOSITORY", "o"),
            ("GITHUB_REPOSITORY", "o/r/x"),
            ("GITHUB_REPOSITORY", "../r"),
            ("GITHUB_REPOSITORY", "o/.."),
            ("GITHUB_API_URL", "http://api.example.com"),
            ("GITHUB_API_URL", "https://me:pw@api.example.com"),
            ("GITHUB_API_URL", "api.example.com"),
        ] {
            let environment = environment(&GITHUB).with(name, value);
            let trouble =
                Request::find(Platform::Github, &environment, Path::new("/")).expect_err(value);
            assert!(trouble.message.contains(name), "{trouble}");
        }
        let environment = environment(&[("CI_OPEN_MERGE_REQUESTS", "g/p!3")]);
        let trouble =
            Request::find(Platform::Gitlab, &environment, Path::new("/")).expect_err("no API");
        assert!(trouble.message.contains("CI_API_V4_URL"), "{trouble}");
    }

    #[test]
    fn a_merge_request_is_found_by_its_pipeline_or_branch() {
        let api = ("CI_API_V4_URL", "https://gitlab.example.com/git/api/v4");
        let request = found(
            Platform::Gitlab,
            &[
                api,
                ("CI_MERGE_REQUEST_IID", "12"),
                ("CI_MERGE_REQUEST_PROJECT_ID", "7"),
                ("CI_PROJECT_ID", "8"),
                ("CI_OPEN_MERGE_REQUESTS", "other/project!99"),
            ],
        );
        assert_eq!(
            request.expect("a request").comments.join("/"),
            "projects/7/merge_requests/12/notes"
        );
        let request = found(
            Platform::Gitlab,
            &[
                api,
                ("CI_OPEN_MERGE_REQUESTS", "g/sub/p!3,g/q!4"),
                ("CI_SERVER_URL", "https://gitlab.example.com/git"),
            ],
        );
        let request = request.expect("a request");
        assert_eq!(request.comments[1], "g/sub/p");
        assert_eq!(
            request.page.as_deref(),
            Some("https://gitlab.example.com/git/g/sub/p/-/merge_requests/3")
        );
        assert_eq!(request.host, "gitlab.example.com");
        for none in [
            vec![api],
            vec![api, ("CI_OPEN_MERGE_REQUESTS", "g/p")],
            vec![api, ("CI_MERGE_REQUEST_IID", "12")],
        ] {
            assert_eq!(found(Platform::Gitlab, &none), None, "{none:?}");
        }
    }
}
