//! Which versions of the contract a component was built against, and whether this program speaks them.

use semver::Version;

use super::Refusal;

/// The package of the contract, as names of interfaces begin.
const PACKAGE: &str = "proctor:ci/";

/// The file that says which version this program speaks.
const CONTRACT: &str = include_str!("../../../../wit/world.wit");

/// The version of the contract that this program speaks.
///
/// # Panics
/// Never, as bindings have been made of the same text.
pub fn spoken() -> Version {
    CONTRACT
        .lines()
        .find_map(|line| line.strip_prefix("package proctor:ci@")?.strip_suffix(';'))
        .and_then(|version| Version::parse(version).ok())
        .expect("the contract begins with its version")
}

/// The versions that this program speaks, for people: `1.0.0 to 1.3.0`.
pub fn range() -> String {
    let newest = spoken();
    let oldest = match (newest.major, newest.minor) {
        (0, minor) => Version::new(0, minor, 0),
        (major, _) => Version::new(major, 0, 0),
    };
    if oldest == newest {
        newest.to_string()
    } else {
        format!("{oldest} to {newest}")
    }
}

/// Looks for the service among the names that a component exports, and at the versions of all names of the contract.
pub fn check(imports: &[&str], exports: &[&str]) -> Result<(), Refusal> {
    let spoken = spoken();
    for name in imports.iter().chain(exports) {
        match named(name) {
            Some(wanted)
                if Version::parse(wanted).is_ok_and(|wanted| one_track(&wanted, &spoken)) => {}
            Some(wanted) => return Err(Refusal::version(wanted)),
            None => {}
        }
    }
    if exports
        .iter()
        .any(|name| name.starts_with("proctor:ci/service@"))
    {
        Ok(())
    } else {
        Err(Refusal::NoService)
    }
}

/// The version that a name of the contract ends with; empty if it has none, and none if it is of another package.
pub fn named(name: &str) -> Option<&str> {
    let interface = name.strip_prefix(PACKAGE)?;
    Some(interface.split_once('@').map_or("", |(_, version)| version))
}

/// Whether wasmtime takes names with these versions for the same: the first number that is not 0 is equal.
fn one_track(one: &Version, other: &Version) -> bool {
    let track = |version: &Version| match (version.major, version.minor) {
        (0, minor) => (0, minor),
        (major, _) => (major, 0),
    };
    one == other
        || (track(one) == track(other)
            && track(one) != (0, 0)
            && one.pre.is_empty()
            && other.pre.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bindings_are_of_that_version() {
        let package = format!("package proctor:ci@{};", spoken());
        for file in [
            include_str!("../../../../wit/host.wit"),
            include_str!("../../../../wit/service.wit"),
            include_str!("../../../../wit/types.wit"),
        ] {
            assert!(file.starts_with(&package), "{file}");
        }
    }

    #[test]
    fn a_track_is_what_semver_calls_compatible() {
        let same = |one, other| {
            let version = |text| Version::parse(text).expect("a version");
            one_track(&version(one), &version(other))
        };
        assert!(same("1.0.0", "1.1.0") && same("1.9.2", "1.0.0") && same("0.1.0", "0.1.7"));
        assert!(!same("1.0.0", "2.0.0") && !same("0.1.0", "0.2.0") && !same("0.1.0", "1.1.0"));
        assert!(!same("0.0.1", "0.0.2") && same("0.0.1", "0.0.1"));
        assert!(!same("1.0.0-rc.1", "1.0.0") && same("1.0.0-rc.1", "1.0.0-rc.1"));
    }

    #[test]
    fn names_of_others_have_no_say() {
        let own = format!("proctor:ci/service@{}", spoken());
        assert!(check(&["wasi:cli/exit@9.9.9", "acme:ci/host@7.0.0"], &[&own]).is_ok());
        assert!(matches!(
            check(&[], &["proctor:cinema/service@9.0.0"]),
            Err(Refusal::NoService)
        ));
        assert!(matches!(
            check(&[], &["proctor:ci/service"]),
            Err(Refusal::Version { .. })
        ));
    }
}
