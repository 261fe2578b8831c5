//! Which targets run in turn: those that share something on which only one run at a time can be told apart.

use tokio::sync::watch;

use crate::{component::Work, subjects::share_subjects};

/// Held while a target is carried out. Whoever waits for it goes on when it is dropped, however that comes.
pub struct Place(#[expect(dead_code, reason = "dropping it is what it is for")] watch::Sender<()>);

/// What a target waits for before it begins.
pub struct Predecessors(Vec<watch::Receiver<()>>);

impl Predecessors {
    /// Waits until all of them are done with.
    pub async fn done(self) {
        for mut predecessor in self.0 {
            // Nothing is ever sent: it ends when the place is given up.
            while predecessor.changed().await.is_ok() {}
        }
    }

    /// Whether there is anything to wait for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A place for each target, and what it waits for: those with which it shares something and that go before it. What is under
/// way already goes before what is not, and else the earlier before the later.
///
/// As the order is one of all, no two can wait for each other.
pub fn places(works: &[(&Work, bool)]) -> Vec<(Place, Predecessors)> {
    let channels: Vec<_> = works.iter().map(|_| watch::channel(())).collect();
    let rank = |at: usize| (!works[at].1, at);
    let before = |at: usize| {
        let others = (0..works.len()).filter(move |other| rank(*other) < rank(at));
        others
            .filter(move |other| share(works[*other].0, works[at].0))
            .map(|other| channels[other].1.clone())
            .collect()
    };
    let before: Vec<_> = (0..works.len()).map(before).collect();
    channels
        .into_iter()
        .zip(before)
        .map(|((sender, _), before)| (Place(sender), Predecessors(before)))
        .collect()
}

/// Whether two targets must not run at once.
fn share(one: &Work, other: &Work) -> bool {
    one.key == other.key
        && share_subjects(
            (&one.provider, &one.target),
            (&other.provider, &other.target),
        )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        bindings::proctor::ci::types::{Setting, Target, Value},
        fixtures::catalogue,
        secret::Secret,
        stop::Stop,
    };

    fn work(flows: &[&str], key: &str) -> Work {
        let mut provider = catalogue().provider("browse").expect("a provider").clone();
        provider.parameters[0].exclusive = true;
        let value = Value::Texts(flows.iter().map(|&flow| flow.to_owned()).collect());
        let settings = match flows {
            [] => Vec::new(),
            _ => vec![Setting {
                name: "flow".to_owned(),
                value,
            }],
        };
        Work {
            target: Target {
                name: String::new(),
                provider: provider.name.clone(),
                api_url: provider.api_url.clone(),
                settings,
                overrides: Vec::new(),
                timeout_ms: 1,
                location: None,
            },
            provider,
            key: Some(Secret::new(key)),
            events: Arc::new(|_| {}),
            keep: None,
            stop: Stop::new(),
        }
    }

    fn fresh(works: &[Work]) -> Vec<(Place, Predecessors)> {
        places(&works.iter().map(|work| (work, false)).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_under_way_goes_first() {
        let works = [
            work(&["a"], "key"),
            work(&["a"], "key"),
            work(&["a"], "key"),
        ];
        let places = places(&[(&works[0], false), (&works[1], true), (&works[2], false)]);
        let waits: Vec<usize> = places.iter().map(|(_, before)| before.0.len()).collect();
        assert_eq!(waits, [1, 0, 2]);
    }

    #[tokio::test]
    async fn targets_with_a_value_in_common_wait_for_the_earlier_one() {
        let works = [
            work(&["a", "b"], "key"),
            work(&["c"], "key"),
            work(&["b"], "key"),
            work(&["b"], "other key"),
            work(&[], "key"),
        ];
        let mut places = fresh(&works).into_iter();
        let waits: Vec<usize> = places
            .as_slice()
            .iter()
            .map(|(_, before)| before.0.len())
            .collect();
        assert_eq!(waits, [0, 0, 1, 0, 3]);

        let (first, _) = places.next().expect("a place");
        let (_, third) = places.nth(1).expect("a place");
        let waiting = tokio::spawn(third.done());
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        waiting.await.expect("it goes on");
    }

    #[test]
    fn providers_without_such_parameters_run_at_once() {
        let mut works = [work(&["a"], "key"), work(&["a"], "key")];
        for work in &mut works {
            work.provider.parameters[0].exclusive = false;
        }
        let places = fresh(&works);
        assert!(places.iter().all(|(_, before)| before.is_empty()));
    }
}
