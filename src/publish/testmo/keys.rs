//! The keys by which the service knows a test again over runs.

use sha2::{Digest, Sha256};

/// Gives each test a key of its own.
///
/// The key is the SHA-256 in hex of `folder.name`, or of `name` where there is no folder, as the vendor's client has
/// it: with any other the history would be lost.
///
/// ASSUMED: two tests with one key in a thread would be taken for one. The second gets the key of `folder.name#2`, the
/// third that of `folder.name#3`, in the order of the files, so that the keys are the same in the next run.
///
/// Of each test only the first eight bytes of its key and a count are kept, which is at most 64 bytes a test, usually
/// half of that. Two names with the same eight bytes would only mean that the later one gets a `#2`.
#[derive(Default)]
pub(super) struct Keys {
    /// Open addressing; no hash set, whose random seed the component would have to ask the host for.
    slots: Vec<Slot>,
    used: usize,
}

/// The beginning of a key, and how many tests had its name. Not used while the count is 0.
#[derive(Clone, Copy, Default)]
struct Slot {
    beginning: u64,
    count: u32,
}

impl Keys {
    /// The key of the next test.
    pub(super) fn key(&mut self, folder: Option<&str>, name: &str) -> String {
        let mut id = folder
            .map(|folder| format!("{folder}."))
            .unwrap_or_default();
        id.push_str(name);
        let first: [u8; 32] = Sha256::digest(id.as_bytes()).into();
        let at = self.slot(beginning(&first));
        if self.slots[at].count == 0 {
            self.take(at, &first);
            return hex(&first);
        }
        loop {
            // The table may have grown, and the slot be another.
            let at = self.slot(beginning(&first));
            self.slots[at].count = self.slots[at].count.saturating_add(1);
            let id = format!("{id}#{}", self.slots[at].count);
            let next: [u8; 32] = Sha256::digest(id.as_bytes()).into();
            let at = self.slot(beginning(&next));
            if self.slots[at].count == 0 {
                self.take(at, &next);
                return hex(&next);
            }
        }
    }

    /// Where a key is, or would be.
    fn slot(&mut self, beginning: u64) -> usize {
        if self.slots.is_empty() {
            self.slots.resize(1024, Slot::default());
        }
        find(&self.slots, beginning)
    }

    fn take(&mut self, at: usize, key: &[u8; 32]) {
        self.slots[at] = Slot {
            beginning: beginning(key),
            count: 1,
        };
        self.used += 1;
        if self.used * 2 < self.slots.len() {
            return;
        }
        let mut slots = vec![Slot::default(); self.slots.len() * 2];
        for slot in &self.slots {
            if slot.count > 0 {
                let at = find(&slots, slot.beginning);
                slots[at] = *slot;
            }
        }
        self.slots = slots;
    }
}

/// The number of slots is a power of two, and there is always a free one.
fn find(slots: &[Slot], beginning: u64) -> usize {
    let mask = slots.len() - 1;
    let mut at = beginning as usize & mask;
    while slots[at].count > 0 && slots[at].beginning != beginning {
        at = (at + 1) & mask;
    }
    at
}

fn beginning(key: &[u8; 32]) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&key[..8]);
    u64::from_le_bytes(bytes)
}

fn hex(key: &[u8; 32]) -> String {
    let mut text = String::with_capacity(64);
    for byte in key {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).expect("four bits are a hex digit"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::{Keys, Slot};

    #[test]
    fn a_key_is_that_of_the_vendors_client() {
        let mut keys = Keys::default();
        assert!(keys.key(Some("a.B"), "ok").starts_with("cd70912ddd6f"));
        assert_eq!(
            keys.key(None, "test"),
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        );
    }

    #[test]
    fn the_same_name_again_gets_a_number() {
        let numbered = Keys::default().key(Some("a"), "x#2");
        let mut keys = Keys::default();
        let first = keys.key(Some("a"), "x");
        assert_eq!(keys.key(Some("a"), "x"), numbered);
        assert_ne!(keys.key(Some("a"), "x#2"), numbered);
        assert_ne!(keys.key(None, "a.x"), first, "the id is the same");
    }

    #[test]
    fn many_tests_take_little_memory() {
        let mut keys = Keys::default();
        let mut seen = HashSet::new();
        for number in 0..20_000 {
            assert!(seen.insert(keys.key(Some("a"), &format!("{number}"))));
            assert!(seen.insert(keys.key(None, "always the same")));
        }
        assert!(keys.slots.capacity() * size_of::<Slot>() <= 64 * 40_000);
    }

    proptest! {
        #[test]
        fn all_keys_differ_and_are_the_same_again(names in prop::collection::vec("[ab](#[23]){0,2}", 0..60)) {
            let run = || {
                let mut keys = Keys::default();
                let keys: Vec<_> = names.iter().map(|name| keys.key(None, name)).collect();
                keys
            };
            let keys = run();
            prop_assert_eq!(keys.iter().collect::<HashSet<_>>().len(), names.len());
            prop_assert_eq!(&keys, &run());
        }
    }
}
