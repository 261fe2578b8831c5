/// What was there before the trigger, so that what is new can be told from what is old.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Ids of the jobs known before; none if the list could not be read.
    pub jobs: Option<Vec<String>>,
    /// Ids of the runs known before; none if the list could not be read.
    pub runs: Option<Vec<String>>,
    /// The state of the remote test before, where the test rather than a run is polled.
    pub state: Option<String>,
}

/// Everything needed to follow a run that was triggered. Holds no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handle {
    pub provider: String,
    /// What was triggered in the service's own terms, for example the id of an application.
    pub subject: String,
    /// Id of the asynchronous job. None in an intent, or where the service has no jobs.
    pub job: Option<String>,
    /// Ids of the runs, where the trigger's answer names them.
    pub runs: Vec<String>,
    /// When the trigger was answered, in milliseconds since the Unix epoch, by the service's clock if it tells.
    pub triggered_at_ms: Option<u64>,
    pub baseline: Baseline,
}
