//! Having a service make what can be run.

use std::time::Duration;

use futures_util::FutureExt;
use wasmtime::{Store, component::Instance};

use super::{
    Engine,
    job::Job,
    state::{Record, State},
};
use crate::bindings::{
    exports::proctor::ci::generation::{Generated, Wishes},
    proctor::ci::types::Problem,
};

impl Engine {
    /// Has the service make what can be run, follows that to its end, and tells what is new; none if this component has no
    /// services that could.
    ///
    /// # Errors
    /// The host's problem if the component fails or is cut off: then it is not known what was made.
    pub async fn generate(&self, job: Job, wishes: Wishes) -> Option<Result<Generated, Problem>> {
        let generation = self.0.generation.clone()?;
        let target = job.target.clone();
        let limit = Duration::from_millis(job.target.timeout_ms);
        let record = Record::new();
        let session = self.session(&job, &record);
        let generated = self.within(
            &job,
            &record,
            session,
            move |store: &mut Store<State>, instance: Instance| {
                async move {
                    let generation = generation.load(&mut *store, &instance)?;
                    generation.call_generate(store, &target, &wishes).await
                }
                .boxed()
            },
        );
        let generated = generated.await;
        Some(generated.map_err(|ended| ended.problem(limit, &job.access.redactor())))
    }
}
