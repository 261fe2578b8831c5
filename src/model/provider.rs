/// How the host presents the credential. The component itself never sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authentication {
    /// `Authorization: Bearer KEY`
    Bearer,
    /// The key as the value of the header of this name.
    Header(String),
}

/// What a parameter's value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    Text,
    Texts,
    Integer,
    Boolean,
    /// An absolute http or https URL of the system under test.
    SystemUrl,
}

/// A parameter of a provider, or an override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub kind: ParameterKind,
    pub required: bool,
    /// The only values allowed; empty if any will do.
    pub choices: Vec<String>,
    pub help: String,
}

/// What a provider can do beyond running and following.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities {
    pub stream: bool,
    pub cancel: bool,
    pub discover: bool,
}

/// How often the service may be called, for all that share one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub per_minute: u32,
    pub burst: u32,
}

/// A service, described as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub name: String,
    pub title: String,
    pub api_url: String,
    pub documentation: String,
    pub authentication: Authentication,
    pub key_variables: Vec<String>,
    pub key_prefix: Option<String>,
    pub parameters: Vec<Parameter>,
    pub overrides: Vec<Parameter>,
    pub abilities: Abilities,
    pub rate: Option<Rate>,
}

/// Something that can be run, as `proctor list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub kind: String,
    pub id: String,
    pub name: String,
    pub parent: Option<String>,
    pub note: Option<String>,
}
