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

/// How far a trigger has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stage {
    /// Not sent. Nothing has been started by it.
    #[default]
    Planned,
    /// About to be sent, or sent without an answer. It may have started a run.
    Sent,
    /// The service has accepted it, or the run that it started was found.
    Accepted,
}

/// One request that starts a remote run, and that run. Holds no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trigger {
    /// What is run in the service's own terms, for example the id of an application.
    pub subject: String,
    /// What people call it.
    pub title: String,
    pub stage: Stage,
    /// The key by which the service knows a repeated request, where it has such keys.
    pub idempotency_key: Option<String>,
    /// Id of the asynchronous job, where the service has jobs.
    pub job: Option<String>,
    /// Ids of the runs, where the trigger's answer names them.
    pub runs: Vec<String>,
    /// When it was sent, by our clock; once accepted, when it was answered, by the service's clock if that tells. In
    /// milliseconds since the Unix epoch.
    pub at_ms: Option<u64>,
    pub baseline: Baseline,
    /// The last state of the run that was read, in the service's word.
    pub last_state: Option<String>,
}

/// Everything needed to follow what a target has triggered. Holds no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handle {
    pub provider: String,
    /// In the order in which they are sent.
    pub triggers: Vec<Trigger>,
}
