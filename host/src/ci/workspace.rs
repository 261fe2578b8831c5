//! Paths as CI systems read them: from the top of the workspace, in whatever folder the job runs Proctor.

use std::path::{Component, Path, PathBuf};

use crate::environment::Environment;

/// The way from the top of the workspace to the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    top: PathBuf,
    way: PathBuf,
}

impl Workspace {
    /// The workspace that the CI system names, if the working directory lies in it. Elsewhere paths stay as they are.
    ///
    /// Sources: docs.github.com, "Variables reference"; docs.gitlab.com, "Predefined CI/CD variables"; Jenkins, "Using
    /// environment variables", whose name for it is so general that it counts in its company only.
    #[must_use]
    pub fn find(environment: &Environment, directory: &Path) -> Option<Self> {
        let of_jenkins = || {
            let named = environment.get("WORKSPACE");
            named.filter(|_| environment.get("JENKINS_URL").is_some())
        };
        let top = environment
            .get("GITHUB_WORKSPACE")
            .or_else(|| environment.get("CI_PROJECT_DIR"))
            .or_else(of_jenkins);
        let top = Path::new(top?);
        // The runner's name for it may lead over a link.
        let real = std::fs::canonicalize(top).ok()?;
        let directory = std::fs::canonicalize(directory).ok()?;
        let way = directory.strip_prefix(&real).ok()?.to_owned();
        Some(Self {
            top: top.to_owned(),
            way,
        })
    }

    /// A path that was named from the working directory. One that leads out of the workspace stays as it is.
    #[must_use]
    pub fn path(&self, shown: &str) -> String {
        let named = Path::new(shown);
        let from_top = match named.strip_prefix(&self.top) {
            Ok(within) => within.to_owned(),
            Err(_) if named.is_absolute() => return shown.to_owned(),
            Err(_) => self.way.join(named),
        };
        plain(&from_top).unwrap_or_else(|| shown.to_owned())
    }
}

/// A path without `.` and `..`, with slashes. None if it leads upwards out of where it begins.
fn plain(path: &Path) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(top: &Path, directory: &Path) -> Option<Workspace> {
        let top = top.to_str().unwrap();
        let environment: Environment = [("GITHUB_WORKSPACE", top)].into_iter().collect();
        Workspace::find(&environment, directory)
    }

    #[test]
    fn a_path_is_told_from_the_top() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let below = top.join("services/shop");
        std::fs::create_dir_all(&below).unwrap();
        let workspace = find(top, &below).unwrap();
        assert_eq!(workspace.path("proctor.toml"), "services/shop/proctor.toml");
        assert_eq!(workspace.path("./out/../a.xml"), "services/shop/a.xml");
        assert_eq!(workspace.path("../../ci/proctor.toml"), "ci/proctor.toml");
        assert_eq!(workspace.path("../../../x"), "../../../x");
        let absolute = top.join("a.xml");
        assert_eq!(workspace.path(absolute.to_str().unwrap()), "a.xml");
        assert_eq!(workspace.path("/elsewhere/a.xml"), "/elsewhere/a.xml");
    }

    #[test]
    fn each_system_names_its_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().to_str().unwrap();
        let found = |variables: &[(&str, &str)]| {
            let environment: Environment = variables.iter().copied().collect();
            Workspace::find(&environment, folder.path()).is_some()
        };
        assert!(found(&[("CI_PROJECT_DIR", top)]));
        assert!(found(&[
            ("WORKSPACE", top),
            ("JENKINS_URL", "https://ci.test/")
        ]));
        assert!(!found(&[("WORKSPACE", top)]));
    }

    #[test]
    fn at_the_top_and_elsewhere_paths_stay_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let workspace = find(folder.path(), folder.path()).unwrap();
        assert_eq!(workspace.path("ci/proctor.toml"), "ci/proctor.toml");
        assert_eq!(workspace.path("../x"), "../x");
        assert_eq!(find(folder.path(), other.path()), None);
        assert_eq!(
            Workspace::find(&Environment::default(), folder.path()),
            None
        );
    }
}
