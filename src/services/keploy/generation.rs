//! Generating suites: a job like that of a run, at whose end the app has more suites. DOC: the request; ASSUMED: that its
//! job is followed as one of a run.

use serde_json::{Value, json};

use super::branch::CI_BRANCH;
use super::kind::LOAD_TEST;
use super::{Keploy, NAME, app_path, catalog, job_path, lost, trigger};
use crate::api::{Answer, Client, Failure, json as read};
use crate::error::{Code, Problem};
use crate::model::{Baseline, Item, Mistake, Target, Trigger, Verdict, Wishes};
use crate::services::{
    Call, Description, Followed, Found, Judged, Lost, Observer, Plan, Seeker, Service, State,
    state_at,
};

/// The largest body that is sent, in bytes. DOC: one over 5 MB is refused; whether a MB is of a thousand or of 1024
/// kilobytes is not said.
const LARGEST: usize = 5_000_000;

/// Settings that name something else than an app.
const NOT_GENERATED: [&str; 3] = ["branch", "suites", "test_report"];

/// What the names of the others begin with.
const OF_OTHERS: [&str; 2] = [CI_BRANCH, LOAD_TEST];

/// Keploy as a service that makes suites.
pub struct Generation {
    wishes: Wishes,
}

impl Generation {
    pub const fn new(wishes: Wishes) -> Self {
        Self { wishes }
    }

    /// DOC: all of its members.
    fn body(&self, target: &Target) -> Value {
        let Wishes {
            schema,
            docs,
            prompt,
            max_suites,
        } = &self.wishes;
        let mut body = json!({"base_url": target.text("base_url").unwrap_or_default()});
        let texts = [("schema", schema), ("docs", docs), ("user_prompt", prompt)];
        for (name, text) in texts {
            if let Some(text) = text {
                body[name] = json!(text);
            }
        }
        let numbers = [
            ("max_test_suites", max_suites.map(i64::from)),
            ("rate_limit", target.integer("rate_limit")),
            ("timeout", target.integer("request_timeout")),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                body[name] = json!(number);
            }
        }
        body
    }
}

impl Service for Generation {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> Description {
        Keploy.description()
    }

    fn check(&self, client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
        catalog::check(client, target)
    }

    /// Settings that say what is run, and that no request for suites can hold: the suites would be made for something else
    /// than the target says.
    fn validate(&self, target: &Target) -> Vec<Mistake> {
        let settings = target.settings.iter();
        let meaningless = settings.filter(|setting| {
            let name = setting.name.as_str();
            NOT_GENERATED.contains(&name) || OF_OTHERS.iter().any(|it| name.starts_with(it))
        });
        let mistake = |name: &str| Mistake {
            parameter: Some(name.to_owned()),
            message: "suites are generated for the app as a whole, not for what this names"
                .to_owned(),
        };
        meaningless.map(|setting| mistake(&setting.name)).collect()
    }

    /// The suites that there are.
    fn discover(&self, client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
        catalog::suites(client, target)
    }

    fn prepare(&self, client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
        if target.text("base_url").is_none() {
            let why = "the target names no `base_url`, which is what suites are generated for";
            return Err(Problem::new(Code::Usage, why));
        }
        let app = target.text("app").unwrap_or_default();
        let path = app_path(app, "/test-suites/generate");
        let call = Call::post(path, &self.body(target));
        let size = call.body.as_ref().map_or(0, String::len);
        if size > LARGEST {
            let why = format!(
                "the request would be {size} bytes long, and Keploy takes no more than 5 MB"
            );
            let next = "give a smaller schema or less text; nothing was triggered";
            return Err(Problem::new(Code::Usage, why).next(next));
        }
        let intent = Trigger {
            subject: app.to_owned(),
            title: format!("the generation of suites for {app}"),
            baseline: Baseline {
                jobs: trigger::jobs(client)?,
                ..Baseline::default()
            },
            ..Trigger::default()
        };
        Ok(vec![Plan {
            call: Some(call),
            intent,
        }])
    }

    fn accepted(
        &self,
        _target: &Target,
        answer: &Answer,
        intent: &Trigger,
        service: &Description,
    ) -> Option<Trigger> {
        trigger::accepted(answer, intent, service)
    }

    fn find_lost(
        &self,
        client: &mut Client,
        target: &Target,
        intent: &Trigger,
        seeker: Seeker,
    ) -> Result<Lost, Failure> {
        lost::find_generation(client, target, intent, seeker)
    }

    fn observer(&self, _target: &Target, trigger: &Trigger) -> Box<dyn Observer> {
        state_at(job_path(trigger, ""))
    }

    fn stream_path(&self, _target: &Target, trigger: &Trigger) -> Option<String> {
        Some(job_path(trigger, "/events"))
    }

    fn stop(&self, _target: &Target, trigger: &Trigger) -> Option<Call> {
        Some(Call::post_nothing(job_path(trigger, "/stop")))
    }

    fn collect(
        &self,
        client: &mut Client,
        _target: &Target,
        _trigger: &Trigger,
        followed: &Followed,
        _found: &mut Found,
    ) -> Result<Judged, Problem> {
        Ok(match &followed.state {
            State::Completed(_) => Judged::plain(Verdict::Passed),
            State::Cancelled(word) => Judged::because(
                Verdict::Cancelled,
                format!("the service told of the state {word}"),
            ),
            state => {
                let service = client.service();
                let data = followed.body.get("data").unwrap_or(&Value::Null);
                let why = read::text(data, service.assumed("error_text"));
                let why = why.map_or_else(String::new, |why| format!(": {why}"));
                let word = state.word().unwrap_or("without a state");
                Judged::because(Verdict::Errored, format!("the job ended {word}{why}"))
            }
        })
    }
}
