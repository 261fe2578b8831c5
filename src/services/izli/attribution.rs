//! Which entries of a list of runs belong to a trigger. ASSUMED throughout; what cannot be told is never taken for a pass.

use super::entry::Entry;
use crate::model::{Trigger, Verdict};
use crate::verdict::seriousness;

/// How far the clocks of the trigger's answer and of a run may differ, in milliseconds.
pub const SKEW_MS: u64 = 60_000;

/// The entries that are new since the trigger: not known before it, and not older by the time they tell. Those that say
/// they were scheduled are left out; if some say they were asked for, only those are taken.
///
/// Without knowledge of what was there before only a time can tell, and then clocks are not given the benefit of the doubt.
pub fn new<'a>(entries: &'a [Entry], trigger: &Trigger) -> Vec<&'a Entry> {
    let known = trigger.baseline.runs.as_deref();
    let skew = if known.is_some() { SKEW_MS } else { 0 };
    let from = trigger.at_ms.map(|at_ms| at_ms.saturating_sub(skew));
    let is_new = |entry: &&Entry| {
        let Some(identity) = entry.identity() else {
            return false;
        };
        let unknown = known.is_none_or(|known| !known.contains(&identity));
        let late = match (entry.at_ms, from) {
            (Some(at_ms), Some(from)) => at_ms >= from,
            _ => known.is_some(),
        };
        unknown && late && entry.asked != Some(false)
    };
    let mut new: Vec<&Entry> = entries.iter().filter(is_new).collect();
    if new.iter().any(|entry| entry.asked == Some(true)) {
        new.retain(|entry| entry.asked == Some(true));
    }
    new
}

/// Whether an entry is of a run that was there before the trigger: known from before it, or dated clearly earlier. Such a
/// one is not ours, whatever names it.
pub fn was_there(entry: &Entry, trigger: &Trigger) -> bool {
    let known = trigger.baseline.runs.as_deref().unwrap_or_default();
    let is_known = entry.id.as_ref().is_some_and(|id| known.contains(id));
    let is_earlier = matches!(
        (entry.at_ms, trigger.at_ms),
        (Some(at_ms), Some(asked_ms)) if at_ms < asked_ms.saturating_sub(SKEW_MS)
    );
    is_known || is_earlier
}

/// The entries of a trigger: those that its answer named, and where results of more locations are due, new ones of other
/// locations beside them; or where it named none, whatever is new.
pub fn ours<'a>(entries: &'a [Entry], trigger: &Trigger, due: usize) -> Vec<&'a Entry> {
    if trigger.runs.is_empty() {
        return new(entries, trigger);
    }
    let is_named = |entry: &&Entry| {
        entry
            .identity()
            .is_some_and(|id| trigger.runs.contains(&id))
    };
    let is_own = |entry: &&Entry| is_named(entry) && !was_there(entry, trigger);
    let mut ours: Vec<&Entry> = entries.iter().filter(is_own).collect();
    if ours.len() < due {
        for sibling in new(entries, trigger) {
            let elsewhere = sibling.location.is_some()
                && ours
                    .iter()
                    .all(|entry| !is_named(entry) || entry.location != sibling.location);
            if elsewhere && !is_named(&sibling) {
                ours.push(sibling);
            }
        }
    }
    ours
}

/// How much earlier than its predecessor's end a retry may seem to begin, in milliseconds: times may be given in seconds.
const ROUNDED_MS: u64 = 1_000;

/// The entries that are retries of the named ones: the service's answer names the first try alone, and each further one may
/// be a run of its own.
///
/// New ones of the same location, begun after the named run had ended without passing. If there are more than the service
/// makes, some are of others, and none is taken.
pub fn retries<'a>(
    entries: &'a [Entry],
    ours: &[&'a Entry],
    trigger: &Trigger,
    most: usize,
) -> Vec<&'a Entry> {
    if trigger.runs.is_empty() {
        return Vec::new();
    }
    let mut others = new(entries, trigger);
    others.retain(|entry| ours.iter().all(|own| own.identity() != entry.identity()));
    // Of several runs that are named of one location only the last can have retries.
    let is_last = |first: &&&Entry| {
        let mut same = ours.iter().filter(|own| own.location == first.location);
        same.all(|own| own.at_ms <= first.at_ms)
    };
    let mut retries = Vec::new();
    for first in ours.iter().filter(is_last) {
        let later = others.iter().copied();
        let later: Vec<&Entry> = later.filter(|entry| is_retry(entry, first)).collect();
        if later.len() <= most {
            retries.extend(later);
        }
    }
    retries
}

/// Whether an entry can be a retry of another.
fn is_retry(entry: &Entry, first: &Entry) -> bool {
    let has_failed = matches!(
        first.verdict(),
        Some(Verdict::Failed | Verdict::Errored | Verdict::TimedOut)
    );
    let from = first.ended_ms.map(|ms| ms.saturating_sub(ROUNDED_MS));
    let is_later = match (entry.at_ms, first.at_ms) {
        (Some(at), Some(first)) => at > first && from.is_none_or(|from| at >= from),
        _ => false,
    };
    has_failed && is_later && entry.location == first.location
}

/// The runs of one location.
pub struct Group<'a> {
    pub entries: Vec<&'a Entry>,
}

impl<'a> Group<'a> {
    /// Whether all of its runs have ended.
    pub fn is_complete(&self) -> bool {
        self.going().is_none()
    }

    /// A run that has not ended.
    pub fn going(&self) -> Option<&'a Entry> {
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.verdict().is_none()).copied()
    }

    /// The run that counts: the newest, where retries may show as runs of their own and all tell their time; else the one
    /// that went worst.
    pub fn counting(&self, newest: bool) -> &'a Entry {
        let dated = self.entries.iter().all(|entry| entry.at_ms.is_some());
        let mut best = self.entries[0];
        for &entry in &self.entries[1..] {
            let wins = match newest && dated {
                true => entry.at_ms > best.at_ms,
                false => rank(entry) < rank(best),
            };
            if wins {
                best = entry;
            }
        }
        best
    }
}

fn rank(entry: &Entry) -> usize {
    seriousness(entry.verdict().unwrap_or(Verdict::TimedOut))
}

/// The entries by location. Where results of several locations are due and none is named, each is one of its own.
pub fn by_location<'a>(ours: &[&'a Entry], due: usize) -> Vec<Group<'a>> {
    let mut groups: Vec<Group> = Vec::new();
    for &entry in ours {
        let alone = entry.location.is_none() && due > 1;
        let place = groups
            .iter()
            .position(|group| !alone && group.entries[0].location == entry.location);
        match place {
            Some(at) => groups[at].entries.push(entry),
            None => groups.push(Group {
                entries: vec![entry],
            }),
        }
    }
    groups
}
