/// How the host presents the credential. The component itself never sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authentication {
    /// `Authorization: Bearer KEY`
    Bearer,
    /// The key as the value of the header of this name.
    Header(String),
    /// As the target's parameter of this name says: `bearer`, `basic`, `none`, or the name of a header.
    Chosen(String),
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
    /// Names of environment variables; the values come as settings `env.NAME`.
    Variables,
}

/// A parameter of a provider, or an override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub kind: ParameterKind,
    pub required: bool,
    /// The only values allowed; empty if any will do.
    pub choices: Vec<String>,
    /// Whether targets of one account with a value in common run in turn.
    pub exclusive: bool,
    pub help: String,
}

/// A setting that cannot be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The parameter, if it is one.
    pub parameter: Option<String>,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
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
    /// The parameters of publishing results there; none if it keeps none.
    pub publishing: Vec<Parameter>,
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
