//! A request that a target describes: `METHOD /path`, perhaps with a body.

use super::body::Body;
use super::path::Path;
use super::template::{Part, Values};
use crate::ports::Method;
use crate::services::Call;

/// A request with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub path: Path,
    pub body: Option<Body>,
}

impl Request {
    /// Reads `METHOD /path`.
    ///
    /// # Errors
    /// Why it is no request.
    pub fn read(written: &str) -> Result<Self, String> {
        let (name, path) = written
            .trim()
            .split_once(char::is_whitespace)
            .ok_or("it must be a method and a path, as in \"POST /runs\"")?;
        let method = Method::from_name(name).ok_or_else(|| {
            format!("{name:?} is no method: there are GET, POST, PUT, PATCH and DELETE")
        })?;
        Ok(Self {
            method,
            path: Path::read(path.trim_start())?,
            body: None,
        })
    }

    /// All that stands in path and body.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        let body = self.body.as_ref().map_or(&[][..], Body::parts);
        self.path.parts().iter().chain(body)
    }

    /// Whether a placeholder stands in it.
    pub fn uses(&self, part: &Part) -> bool {
        self.parts().any(|each| each == part)
    }

    /// The request with the values in place of the placeholders.
    ///
    /// # Errors
    /// Which value is missing or must not stand there.
    pub fn call(&self, values: &Values) -> Result<Call, String> {
        let body = self.body.as_ref().map(|body| body.with(values));
        Ok(Call::new(
            self.method,
            self.path.with(values)?,
            body.transpose()?,
        ))
    }

    /// Method and address as they were written, so that no value is shown.
    pub fn shown(&self, api_url: &str) -> String {
        format!("{} {api_url}{}", self.method.name(), self.path.written())
    }
}
