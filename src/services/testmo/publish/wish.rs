//! What the run is to be like that is made for results.

use serde_json::{Map, Value, json};

use crate::api::json as read;
use crate::error::{Code, Problem};
use crate::model::Target;
use crate::publish::testmo::{run_field, run_link};
use crate::services::testmo::validate::{is_https, is_tag, missing, pair};

/// Where results are to go.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wish {
    /// The run that gets a thread; none if one is made.
    pub run: Option<String>,
    /// Whether another run may be made once that one is complete or gone: if nobody names it today.
    pub may_leave_run: bool,
    /// Whether a run that was there before is completed as well.
    pub complete: bool,
    pub measure_elapsed: Option<bool>,
    /// The project that a run is made in.
    pub project: Option<String>,
    /// The body that creates the run, without its name.
    pub create: Map<String, Value>,
    pub name: String,
}

impl Wish {
    /// What the target wants; `unix_ms` is now.
    ///
    /// # Errors
    /// If it does not say where the results are to go.
    pub fn of(target: &Target, unix_ms: u64) -> Result<Self, Problem> {
        if let Some((name, why)) = missing(target) {
            return Err(Problem::new(Code::Usage, format!("{name}: {why}")));
        }
        if target.integer("project_id").is_none() && target.text("run").is_none() {
            return Err(Self::nowhere());
        }
        Ok(Self {
            run: target.text("run").map(str::to_owned),
            may_leave_run: false,
            complete: target.is_set("complete"),
            measure_elapsed: target
                .setting("measure_elapsed")
                .map(|_| target.is_set("measure_elapsed")),
            project: target.integer("project_id").map(|id| id.to_string()),
            create: create(target),
            name: name(target, unix_ms),
        })
    }

    /// The problem of results that have no place to go.
    pub fn nowhere() -> Problem {
        Problem::new(
            Code::Usage,
            "project_id: it is needed to publish, with `source`, unless `run` names an open run",
        )
        .next("say where the results are to go; nothing of them was sent")
    }

    /// Whether a run can be made.
    pub fn may_make_run(&self) -> bool {
        self.project.is_some() && self.create.contains_key("source")
    }

    /// The same with what a target says today. What belongs to the build of that time stays.
    pub fn corrected(mut self, target: &Target) -> Self {
        if let Some(name) = target.text("name") {
            name.clone_into(&mut self.name);
        }
        self.may_leave_run = target.text("run").is_none();
        if !self.may_leave_run {
            self.run = target.text("run").map(str::to_owned);
            self.complete = target.is_set("complete");
        }
        if target.setting("measure_elapsed").is_some() {
            self.measure_elapsed = Some(target.is_set("measure_elapsed"));
        }
        if !target.texts("tags").is_empty() {
            self.create
                .insert("tags".to_owned(), target.texts("tags").into());
        }
        if let Some(project) = target.integer("project_id") {
            self.project = Some(project.to_string());
            // Names that the project did not know are gone once they are taken out of the target.
            for name in ["config", "config_id", "milestone", "milestone_id"] {
                self.create.remove(name);
            }
            chosen(&mut self.create, target);
        }
        self
    }

    /// The body that creates a run of this name.
    pub fn body(&self, name: &str) -> Value {
        let mut body = self.create.clone();
        body.insert("name".to_owned(), name.into());
        Value::Object(body)
    }
}

/// DOC: the members. All three lists are always there, as in what the vendor's client sends.
fn create(target: &Target) -> Map<String, Value> {
    let mut body = Map::new();
    chosen(&mut body, target);
    let tags = tags(target);
    if !tags.is_empty() {
        body.insert("tags".to_owned(), tags.into());
    }
    let mut fields = Vec::new();
    if let Some(commit) = target.text("ci.commit") {
        fields.push(run_field("commit", commit));
    }
    let mut links = Vec::new();
    if let Some(url) = target.text("ci.url") {
        let name = match target.text("ci.build") {
            Some(build) => format!("Build {build}"),
            None => "Build".to_owned(),
        };
        match is_https(url) {
            true => links.push(run_link(&name, url)),
            // ASSUMED: a link takes https only, as an artifact does.
            false => fields.push(run_field(&name, url)),
        }
    }
    for (name, value) in target.texts("fields").iter().filter_map(|text| pair(text)) {
        fields.push(run_field(name, value));
    }
    links.extend(pairs(target.texts("links")));
    body.insert("fields".to_owned(), fields.into());
    body.insert("links".to_owned(), links.into());
    body.insert(
        "artifacts".to_owned(),
        pairs(target.texts("artifacts")).into(),
    );
    body
}

/// What names things of the project.
fn chosen(body: &mut Map<String, Value>, target: &Target) {
    for name in ["source", "config", "milestone"] {
        if let Some(text) = target.text(name) {
            body.insert(name.to_owned(), text.into());
        }
    }
    for name in ["config_id", "milestone_id"] {
        if let Some(id) = target.integer(name) {
            body.insert(name.to_owned(), id.into());
        }
    }
}

fn pairs(texts: &[String]) -> Vec<Value> {
    let pairs = texts.iter().filter_map(|text| pair(text));
    pairs.map(|(name, url)| run_link(name, url)).collect()
}

/// The tags, or one of the branch, in which what no tag may hold becomes a dash.
fn tags(target: &Target) -> Vec<String> {
    let given = target.texts("tags");
    match target.text("ci.branch") {
        Some(branch) if given.is_empty() && !branch.is_empty() => {
            let dashed = |c| if is_tag(c) { c } else { '-' };
            vec![branch.chars().map(dashed).collect()]
        }
        _ => given.to_vec(),
    }
}

/// The name of the run. It is to be another one for each build, as a run whose creation was not answered is looked for
/// by it.
fn name(target: &Target, unix_ms: u64) -> String {
    if let Some(name) = target.text("name") {
        return name.to_owned();
    }
    let source = target.text("source").unwrap_or_default();
    match target.text("ci.build") {
        Some(build) => format!("{source} #{build}"),
        None => {
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_millis(unix_ms);
            format!("{source} {}", humantime::format_rfc3339_seconds(time))
        }
    }
}

impl From<&Wish> for Value {
    fn from(wish: &Wish) -> Self {
        json!({
            "run": wish.run, "complete": wish.complete, "measure_elapsed": wish.measure_elapsed,
            "project": wish.project, "create": wish.create, "name": wish.name,
        })
    }
}

impl Wish {
    /// Reads what was written; none if it is something else.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(read::scalar);
        Some(Self {
            run: text("run"),
            may_leave_run: false,
            complete: value.get("complete")?.as_bool()?,
            measure_elapsed: value.get("measure_elapsed").and_then(Value::as_bool),
            project: text("project"),
            create: value.get("create")?.as_object()?.clone(),
            name: text("name")?,
        })
    }
}
