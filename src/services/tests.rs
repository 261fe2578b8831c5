//! What holds for every service.

pub mod lives;
mod matrix;
pub mod scripted;
mod simulation;

use super::{all, named};

#[test]
fn services_are_found_by_their_names_which_are_unique() {
    let names: Vec<String> = all()
        .iter()
        .map(|service| service.description().provider.name)
        .collect();
    for name in &names {
        let found = named(name).expect("it is among all");
        assert_eq!(&found.description().provider.name, name);
        assert_eq!(
            names.iter().filter(|other| *other == name).count(),
            1,
            "{name}"
        );
    }
    assert!(named("nothing").is_none());
}

#[test]
fn every_override_has_a_name_of_its_own_and_something_to_try() {
    for service in all() {
        let description = service.description();
        let mut seen: Vec<&str> = Vec::new();
        for assumed in description.assumptions() {
            let at = format!("{}: {}", description.provider.name, assumed.name);
            assert!(!assumed.values.is_empty(), "{at}");
            assert!(!seen.contains(&assumed.name), "{at} is there twice");
            seen.push(assumed.name);
        }
    }
}

#[test]
fn no_word_of_a_service_means_two_things() {
    for service in all() {
        let description = service.description();
        for prefix in ["states_", "words_"] {
            let mut seen: Vec<String> = Vec::new();
            for assumed in description.assumptions() {
                if !assumed.name.starts_with(prefix) {
                    continue;
                }
                for word in &assumed.values {
                    let word = super::description::normal(word);
                    let name = &description.provider.name;
                    assert!(!seen.contains(&word), "{name}: {word} is there twice");
                    seen.push(word);
                }
            }
        }
    }
}
