//! Plugins: components that others have built, compiled when they are loaded.
//!
//! A plugin gets what the component gets that ships with this program, and is confined in the same way. Its native code
//! is made in memory and never read from a file, as such code cannot be checked.

mod refusal;
mod version;

use std::{fs::File, io::Read, path::Path, sync::Arc, thread, time::Duration};

use futures_util::FutureExt;
use tokio::sync::oneshot;
use wasmtime::component::{Component, InstancePre};

use super::{Engine, Shared, load, problem::Maker, state::State};
use crate::bindings::exports::proctor::ci::service;
pub use refusal::{PluginError, Refusal};

/// The largest a plugin may be, in bytes.
const LARGEST: u64 = 64 << 20;

/// How long reading and compiling a plugin may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Stack of the thread that compiles, in bytes: deeply nested code is compiled by recursion.
const STACK: usize = 8 << 20;

/// What every WebAssembly binary begins with.
const MAGIC: &[u8] = b"\0asm";

/// Version 1 of a core module's format, in the four bytes after [`MAGIC`].
///
/// Source: WebAssembly core specification, 5.5.16. A component has another version, and its layer 1 in the last two.
const CORE: &[u8] = &[1, 0, 0, 0];

impl Engine {
    /// Loads the plugin at `path`, which the user named `shown`: a component with the interface `service`.
    ///
    /// It shares network and clock with this engine, and with other plugins the lines of their accounts: what they say of
    /// a budget must not hold up a target of a service that ships with this program. It makes no reports. Dropping the future leaves the
    /// compiler to itself, which ends with the program.
    ///
    /// # Errors
    /// [`PluginError`] if it is none that this program can run; it says what to do.
    pub async fn plugin(&self, path: &Path, shown: &str) -> Result<Self, PluginError> {
        self.plugin_within(LIMIT, path, shown)
            .await
            .map_err(|refusal| PluginError::new(shown, refusal))
    }

    async fn plugin_within(
        &self,
        limit: Duration,
        path: &Path,
        shown: &str,
    ) -> Result<Self, Refusal> {
        let (shared, path, maker) = (
            Arc::clone(&self.0),
            path.to_owned(),
            Maker::Plugin(shown.into()),
        );
        let plugin = apart(limit, move || shared.load(&path, maker)).await?;
        plugin.matches().await?;
        Ok(plugin)
    }

    /// Looks whether the functions of the service have the right types, which is known in an instance alone.
    async fn matches(&self) -> Result<(), Refusal> {
        let service = self.0.service.clone();
        let loaded = self
            .pure(move |store, instance| {
                async move { Ok(service.load(&mut *store, &instance).map(drop)) }.boxed()
            })
            .await;
        loaded
            .map_err(|problem| Refusal::Broken(Box::new(problem)))?
            .map_err(|error| Refusal::mismatch(&error))
    }
}

impl Shared {
    fn load(&self, path: &Path, maker: Maker) -> Result<Engine, Refusal> {
        let bytes = read(path)?;
        let component = compile(&self.engine, &bytes)?;
        let instance = self.link(&component)?;
        Ok(Engine(Arc::new(Self {
            service: service::GuestIndices::new(&instance)
                .map_err(|error| Refusal::mismatch(&error))?,
            reports: None,
            reruns: None,
            resumption: None,
            sink: None,
            generation: None,
            maker,
            ticker: self.ticker.clone(),
            network: self.network.clone(),
            accounts: self.plugin_accounts.clone(),
            plugin_accounts: self.plugin_accounts.clone(),
            instance,
            engine: self.engine.clone(),
        })))
    }

    /// Joins the component with what the host offers.
    ///
    /// wasmtime takes names of one semver track for the same, in both directions, and compares the functions that a
    /// component uses by their types. So what was built against an older version of a track fits as long as newer ones
    /// add functions to `host` and interfaces, and leave all types and the functions of `service` as they are.
    fn link(&self, component: &Component) -> Result<InstancePre<State>, Refusal> {
        let kind = component.component_type();
        let imports: Vec<_> = kind.imports(&self.engine).map(|(name, _)| name).collect();
        let exports: Vec<_> = kind.exports(&self.engine).map(|(name, _)| name).collect();
        version::check(&imports, &exports)?;
        load::linker(&self.engine)
            .and_then(|linker| linker.instantiate_pre(component))
            .map_err(|error| Refusal::import(&error))
    }
}

/// Reads the file, which may be anything: a directory, a device that never ends, a pipe that nobody writes to.
fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(Refusal::Unreadable)?;
    match &bytes {
        large if large.len() as u64 > LARGEST => Err(Refusal::TooLarge { most: LARGEST }),
        other if !other.starts_with(MAGIC) => Err(Refusal::NotWasm),
        module if module[MAGIC.len()..].starts_with(CORE) => Err(Refusal::CoreModule),
        _ => Ok(bytes),
    }
}

#[cfg(feature = "plugins")]
fn compile(engine: &wasmtime::Engine, bytes: &[u8]) -> Result<Component, Refusal> {
    Component::from_binary(engine, bytes).map_err(|error| Refusal::not_compiled(&error))
}

#[cfg(not(feature = "plugins"))]
fn compile(_: &wasmtime::Engine, _: &[u8]) -> Result<Component, Refusal> {
    Err(Refusal::NoCompiler)
}

/// Does `work` in a thread of its own and waits for it no longer than `limit`.
///
/// No task of the runtime's, as the runtime would wait for it before the program can end.
async fn apart<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let (sender, receiver) = oneshot::channel();
    thread::Builder::new()
        .name("proctor-compiler".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            // Nobody waits any longer if the limit has passed.
            let _ = sender.send(work());
        })
        .map_err(|error| Refusal::NotCompiled(format!("there is no thread for it: {error}")))?;
    match tokio::time::timeout(limit, receiver).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(Refusal::NotCompiled("the compiler failed".to_owned())),
        Err(_) => Err(Refusal::TooLong(limit)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_that_takes_too_long_is_left_behind() {
        let (held, blocked) = mpsc::channel::<()>();
        let work = move || {
            let _ = blocked.recv();
            Ok(())
        };
        let done = apart(Duration::from_millis(1), work).await;
        assert!(matches!(done, Err(Refusal::TooLong(_))), "{done:?}");
        drop(held);
    }

    #[tokio::test]
    async fn a_compiler_that_panics_is_a_refusal() {
        let done = apart::<()>(LIMIT, || panic!("on purpose")).await;
        assert!(matches!(done, Err(Refusal::NotCompiled(_))), "{done:?}");
    }
}
