use std::time::Duration;

/// How often to look: soon at first, then more and more rarely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cadence {
    /// How long after the trigger the first look is due; as the first wait if it is not said.
    lead: Option<Duration>,
    first: Duration,
    growth: f64,
    ceiling: Duration,
    /// How many waits are as the first before they grow.
    held: u32,
    /// How many of them are left.
    holding: u32,
    /// How often to look while a stream tells the news.
    pub beside_stream: Duration,
    interval: Duration,
    leaving: Duration,
}

/// How often to look at a run that is being stopped.
const LEAVING: Duration = Duration::from_millis(250);

impl Cadence {
    /// A first look after 1 s, then each wait half as long again, up to 15 s.
    pub const USUAL: Self = Self::new(Duration::from_secs(1), 1.5, Duration::from_secs(15));

    /// A first look after `first`, each later wait `growth` times the one before, up to `ceiling`.
    #[must_use]
    pub const fn new(first: Duration, growth: f64, ceiling: Duration) -> Self {
        Self {
            lead: None,
            first,
            growth,
            ceiling,
            held: 0,
            holding: 0,
            beside_stream: ceiling,
            interval: first,
            leaving: LEAVING,
        }
    }

    /// The same for so many runs that are followed beside each other: rare enough for all of them to take half of the
    /// budget of requests a minute at most, as others share it.
    #[must_use]
    pub fn among(mut self, runs: usize, per_minute: u32) -> Self {
        let runs = u32::try_from(runs).unwrap_or(u32::MAX);
        let least = Duration::from_secs(120).saturating_mul(runs) / per_minute.max(1);
        self.ceiling = self.ceiling.max(least);
        self.first = self.first.max(least / 2);
        self.interval = self.first;
        self
    }

    /// The same, with so many waits as the first before they grow.
    #[must_use]
    pub const fn held(mut self, looks: u32) -> Self {
        self.held = looks;
        self.holding = looks;
        self
    }

    /// The same with a first look so long after the trigger.
    #[must_use]
    pub const fn leading(mut self, lead: Duration) -> Self {
        self.lead = Some(lead);
        self
    }

    /// The wait before the first look.
    #[must_use]
    pub const fn lead(&self) -> Duration {
        match self.lead {
            Some(lead) => lead,
            None => self.first,
        }
    }

    /// The wait between the first looks.
    #[must_use]
    pub const fn first(&self) -> Duration {
        self.first
    }

    /// The longest wait.
    #[must_use]
    pub const fn ceiling(&self) -> Duration {
        self.ceiling
    }

    /// Begins again with the first wait.
    pub const fn restart(&mut self) {
        self.interval = self.first;
        self.holding = self.held;
        self.leaving = LEAVING;
    }

    /// The next wait, spread by a tenth to either side so that many targets do not look at once.
    pub fn next(&mut self, chance: f64) -> Duration {
        let wait = self.interval.mul_f64(0.9 + 0.2 * chance.clamp(0.0, 1.0));
        if self.holding > 0 {
            self.holding -= 1;
        } else {
            self.interval = self.interval.mul_f64(self.growth).min(self.ceiling);
        }
        wait
    }

    /// The next wait for a run that is being stopped.
    pub fn leaving(&mut self) -> Duration {
        let wait = self.leaving;
        self.leaving = (wait * 2).min(Duration::from_secs(4));
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(mut cadence: Cadence) -> Vec<u64> {
        (0..4).map(|_| cadence.next(0.5).as_secs()).collect()
    }

    #[test]
    fn the_more_runs_share_a_budget_the_rarer_is_each_looked_at() {
        let seconds = Duration::from_secs;
        let cadence = Cadence::new(seconds(5), 2.0, seconds(10));
        assert_eq!(waits(cadence), [5, 10, 10, 10]);
        assert_eq!(waits(cadence.among(5, 60)), [5, 10, 10, 10]);
        assert_eq!(waits(cadence.among(20, 60)), [20, 40, 40, 40]);
        assert_eq!(waits(cadence.among(2, 10)), [12, 24, 24, 24]);
        assert_eq!(waits(cadence.among(1, 0)), [60, 120, 120, 120]);
    }
}
