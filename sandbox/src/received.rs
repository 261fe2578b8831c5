use serde::Serialize;

/// A request that reached a service, and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Received {
    pub service: String,
    pub method: String,
    /// Behind the service's own path.
    pub path: String,
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The status answered; 0 if there was no answer.
    pub status: u16,
    /// Milliseconds since the sandbox was started.
    pub at_ms: u64,
}

impl Received {
    /// The first value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}
