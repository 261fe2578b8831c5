//! One call of the component, in an instance of its own.

use std::{sync::Arc, time::Instant};

use futures_util::future::BoxFuture;
use wasmtime::{Store, component::Instance};

use super::{
    Engine,
    limits::Allowance,
    state::{Session, State},
    waits::noting,
};
use crate::{diagnostics::note, network::Gate};

/// A call that waits for nothing but its own arguments.
pub type Calling<'a, T> = BoxFuture<'a, wasmtime::Result<T>>;

impl Engine {
    /// Makes an instance and calls it. Dropping the future ends the call and frees the instance.
    pub(super) async fn call<T>(
        &self,
        session: Session,
        gate: Gate,
        allowance: Allowance,
        call: impl for<'a> FnOnce(&'a mut Store<State>, Instance) -> Calling<'a, T>,
    ) -> wasmtime::Result<T> {
        let shared = &self.0;
        let _ticking = shared.ticker.tick();
        let (target, began) = (Arc::clone(&session.target), Instant::now());
        let mut store = Store::new(&shared.engine, State::new(session, gate, allowance));
        store.limiter(|state| &mut state.limits);
        store.set_hostcall_fuel(allowance.transfer);
        store.epoch_deadline_callback(|mut context| context.data_mut().on_tick());
        store.set_epoch_deadline(1);
        let waits = store.data().waits();
        // What a module does when it is made is computing too.
        let making = shared.instance.instantiate_async(&mut store);
        let instance = noting(Arc::clone(&waits), making).await?;
        note!(
            Trace,
            "proctor::engine",
            &target,
            "an instance after {:.1?}",
            began.elapsed()
        );
        let answer = noting(waits, call(&mut store, instance)).await;
        match &answer {
            Ok(_) => note!(
                Trace,
                "proctor::engine",
                &target,
                "the call ended after {:.1?}",
                began.elapsed()
            ),
            Err(error) => note!(
                Debug,
                "proctor::engine",
                &target,
                "the component failed: {error:#}"
            ),
        }
        answer
    }
}
