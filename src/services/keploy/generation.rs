//! Generating suites: a job like that of a run, at whose end the app has more suites. DOC: the request; ASSUMED: that its
//! job is followed as one of a run.

use serde_json::{Value, json};

use super::{Keploy, NAME, app_path, catalog, job_path, lost, trigger};
use crate::api::{Answer, Client, Failure, json as read};
use crate::error::{Code, Problem};
use crate::model::{Baseline, Item, Target, Trigger, Verdict, Wishes};
use crate::services::{
    Call, Description, Followed, Found, Judged, Lost, Observer, Plan, Seeker, Service, State,
    state_at,
};

/// The largest body that is sent, in bytes. DOC: one over 5 MB is refused; whether a MB is of a thousand or of 1024
/// kilobytes is not said.
const LARGEST: usize = 5_000_000;

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
