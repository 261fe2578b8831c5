//! The clock that interrupts components which compute.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use super::limits::TICK;

/// Advances an engine's epoch while calls are under way, in a thread of its own: a task would not get its turn when
/// components occupy all of the runtime's threads.
#[derive(Clone)]
pub struct Ticker(Arc<Shared>);

struct Shared {
    engine: wasmtime::Engine,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: usize,
    runs: bool,
}

/// Keeps the clock going until it is dropped.
pub struct Ticking(Arc<Shared>);

impl Ticker {
    /// A clock that stands still.
    pub fn new(engine: &wasmtime::Engine) -> Self {
        Self(Arc::new(Shared {
            engine: engine.clone(),
            state: Mutex::default(),
        }))
    }

    /// Starts the clock unless it goes already.
    pub fn tick(&self) -> Ticking {
        let mut state = self.0.state();
        state.calls += 1;
        if !state.runs {
            let shared = Arc::clone(&self.0);
            state.runs = thread::Builder::new()
                .name("proctor-ticker".to_owned())
                .spawn(move || shared.run())
                .is_ok();
        }
        Ticking(Arc::clone(&self.0))
    }
}

impl Shared {
    fn run(&self) {
        loop {
            thread::sleep(TICK);
            self.engine.increment_epoch();
            let mut state = self.state();
            if state.calls == 0 {
                state.runs = false;
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.state().calls -= 1;
    }
}
