//! Which targets go into one job. Targets are their places in a list.

/// The smallest parts that can be separated: targets that share something are in one, also by way of others.
pub fn units(count: usize, share: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut units: Vec<Vec<usize>> = Vec::new();
    for target in 0..count {
        let (joined, mut apart): (Vec<_>, Vec<_>) = units
            .into_iter()
            .partition(|unit| unit.iter().any(|other| share(*other, target)));
        let mut unit: Vec<usize> = joined.into_iter().flatten().collect();
        unit.push(target);
        apart.push(unit);
        units = apart;
    }
    for unit in &mut units {
        unit.sort_unstable();
    }
    units.sort_unstable();
    units
}

/// Units put together to at most so many shards: the longest first, each to the shard that has the least to do.
///
/// A target of which no duration is known counts as the median of the others. Among equals the first one comes first, so
/// that the same input always gives the same shards. No shard is empty.
pub fn balanced(units: Vec<Vec<usize>>, known: &[Option<u64>], most: usize) -> Vec<Vec<usize>> {
    let usual = median(known.iter().flatten().copied().collect());
    let load_of = |unit: &Vec<usize>| {
        let each = unit.iter().map(|target| known[*target].unwrap_or(usual));
        each.fold(0, u64::saturating_add)
    };
    let mut longest_first: Vec<(u64, Vec<usize>)> = units
        .into_iter()
        .map(|unit| (load_of(&unit), unit))
        .collect();
    // A stable sort: units are in the order of the file.
    longest_first.sort_by_key(|(load, _)| std::cmp::Reverse(*load));
    let mut shards: Vec<(u64, Vec<usize>)> = Vec::new();
    for (load, unit) in longest_first {
        if shards.len() < most {
            shards.push((load, unit));
            continue;
        }
        let least = shards.iter_mut().min_by_key(|(load, _)| *load);
        let (sum, targets) = least.expect("there is at least one shard");
        *sum = sum.saturating_add(load);
        targets.extend(unit);
    }
    let shards = shards.into_iter().map(|(_, mut targets)| {
        targets.sort_unstable();
        targets
    });
    shards.collect()
}

/// The middle of the values; 1 if there are none.
fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    let middle = values.len() / 2;
    match values.as_slice() {
        [] => 1,
        values if values.len().is_multiple_of(2) => {
            values[middle - 1] + (values[middle] - values[middle - 1]) / 2
        }
        values => values[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn single(count: usize) -> Vec<Vec<usize>> {
        units(count, |_, _| false)
    }

    fn loads(shards: &[Vec<usize>], known: &[Option<u64>]) -> Vec<u64> {
        let load = |shard: &Vec<usize>| shard.iter().filter_map(|target| known[*target]).sum();
        shards.iter().map(load).collect()
    }

    #[test]
    fn targets_that_share_something_stay_together() {
        assert_eq!(single(3), [[0], [1], [2]]);
        let neighbours = [(0, 3), (3, 4), (1, 2)];
        let share = |one, other| neighbours.contains(&(one, other));
        assert_eq!(units(6, share), [vec![0, 3, 4], vec![1, 2], vec![5]]);
        // The last one joins two that had nothing in common.
        let share = |_, other| other == 2;
        assert_eq!(units(3, share), [[0, 1, 2]]);
    }

    #[test]
    fn the_longest_go_first_to_the_least_loaded() {
        let known = [10, 70, 20, 60, 30, 50].map(Some);
        let shards = balanced(single(6), &known, 3);
        assert_eq!(shards, [vec![0, 1], vec![2, 3], vec![4, 5]]);
        assert_eq!(loads(&shards, &known), [80, 80, 80]);
    }

    #[test]
    fn without_durations_the_targets_are_dealt_out() {
        let shards = balanced(single(5), &[None; 5], 2);
        assert_eq!(shards, [vec![0, 2, 4], vec![1, 3]]);
    }

    #[test]
    fn an_unknown_duration_counts_as_the_median() {
        assert_eq!(median(vec![]), 1);
        assert_eq!(median(vec![9, 1, 5]), 5);
        assert_eq!(median(vec![u64::MAX, u64::MAX - 2]), u64::MAX - 1);
        let known = [Some(100), Some(10), None, Some(20)];
        // 100 | 20, 20 (unknown), 10
        assert_eq!(balanced(single(4), &known, 2), [vec![0], vec![1, 2, 3]]);
    }

    #[test]
    fn no_shard_is_empty_and_nothing_is_lost() {
        for count in 1..12 {
            for most in 1..12 {
                let known: Vec<Option<u64>> = (0..count)
                    .map(|at| (at % 3 != 0).then_some(at as u64 * 7 % 5))
                    .collect();
                let together = units(count, |one, other| other == one + 1 && one % 4 == 0);
                let parts = together.len();
                let shards = balanced(together, &known, most);
                assert_eq!(shards.len(), parts.min(most));
                assert!(shards.iter().all(|shard| !shard.is_empty()));
                let mut all: Vec<usize> = shards.concat();
                all.sort_unstable();
                assert_eq!(all, (0..count).collect::<Vec<_>>());
                for shard in shards.iter().filter(|shard| shard.contains(&0)) {
                    assert_eq!(shard.contains(&1), count > 1);
                }
            }
        }
    }

    #[test]
    fn a_load_past_all_numbers_is_the_largest() {
        let known = [u64::MAX; 4].map(Some);
        let shards = balanced(vec![vec![0, 1], vec![2], vec![3]], &known, 2);
        assert_eq!(shards, [vec![0, 1, 3], vec![2]]);
    }
}
