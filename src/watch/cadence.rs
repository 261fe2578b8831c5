use std::time::Duration;

/// How often to look: soon at first, then more and more rarely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cadence {
    first: Duration,
    growth: f64,
    ceiling: Duration,
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
            first,
            growth,
            ceiling,
            beside_stream: ceiling,
            interval: first,
            leaving: LEAVING,
        }
    }

    /// The wait before the next look, without jitter.
    #[must_use]
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// Begins again with the first wait.
    pub const fn restart(&mut self) {
        self.interval = self.first;
        self.leaving = LEAVING;
    }

    /// The next wait, spread by a tenth to either side so that many targets do not look at once.
    pub fn next(&mut self, chance: f64) -> Duration {
        let wait = self.interval.mul_f64(0.9 + 0.2 * chance.clamp(0.0, 1.0));
        self.interval = self.interval.mul_f64(self.growth).min(self.ceiling);
        wait
    }

    /// The next wait for a run that is being stopped.
    pub fn leaving(&mut self) -> Duration {
        let wait = self.leaving;
        self.leaving = (wait * 2).min(Duration::from_secs(4));
        wait
    }
}
