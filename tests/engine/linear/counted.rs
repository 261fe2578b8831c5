//! The component that ships, on an engine that counts its steps, with services that answer at once.

mod services;

use std::{collections::VecDeque, fs};

use proctor_host::bindings::{
    exports::proctor::ci::{
        reports::{self, Policy, Results},
        service, sink,
    },
    proctor::ci::{
        host::{self, Budget, Turn, Wake},
        input::{self, Piece},
        types::{self, Event, Report, Target},
    },
};
use proctor_host::component::no_remarks;
use wasmtime::{
    Config, Engine, OptLevel, ResourceLimiter, Store,
    component::{Component, HasSelf, Instance, InstancePre, Linker, ResourceTable},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use services::Answering;

/// More than anything takes.
const FUEL: u64 = u64::MAX / 2;

/// What a call took.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub instructions: u64,
    /// The linear memory at the end, in bytes. It never shrinks.
    pub memory: usize,
}

/// The component, compiled so that it counts.
pub struct Counted {
    engine: Engine,
    instance: InstancePre<State>,
    service: service::GuestIndices,
    reports: reports::GuestIndices,
    sink: sink::GuestIndices,
}

/// What an instance gets: a clock, randomness, and the services.
struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    answering: Answering,
    input: VecDeque<Piece>,
    memory: usize,
}

impl Counted {
    pub fn new() -> Self {
        let mut config = Config::new();
        // What is counted is the same however well it is compiled.
        config
            .consume_fuel(true)
            .cranelift_opt_level(OptLevel::None);
        let engine = Engine::new(&config).expect("it is set up");
        let wasm = fs::read(env!("PROCTOR_COMPONENT_WASM")).expect("the build has left it there");
        let component = Component::new(&engine, wasm).expect("well-formed");
        let linker = linker(&engine).expect("no name comes twice");
        let instance = linker.instantiate_pre(&component).expect("all is there");
        Self {
            service: service::GuestIndices::new(&instance).expect("it runs targets"),
            reports: reports::GuestIndices::new(&instance).expect("it makes reports"),
            sink: sink::GuestIndices::new(&instance).expect("it publishes"),
            instance,
            engine,
        }
    }

    /// The kinds of report.
    pub async fn kinds(&self) -> Vec<String> {
        let (mut store, instance) = self.start(0, VecDeque::new()).await;
        let guest = self.reports.load(&mut store, &instance).expect("loads");
        let kinds = guest.call_report_kinds(&mut store).await.expect("no trap");
        kinds.into_iter().map(|kind| kind.name).collect()
    }

    pub async fn render(&self, kind: &str, results: &Results) -> (Cost, String) {
        let (mut store, instance) = self.start(0, VecDeque::new()).await;
        let guest = self.reports.load(&mut store, &instance).expect("loads");
        let text = guest.call_render(&mut store, kind, results, "n0nce").await;
        let text = text.expect("no trap").expect("a known kind");
        assert!(!text.is_empty(), "{kind}");
        (cost(&store), text)
    }

    pub async fn summary(&self, results: &Results) -> Cost {
        let (mut store, instance) = self.start(0, VecDeque::new()).await;
        let guest = self.reports.load(&mut store, &instance).expect("loads");
        let text = guest.call_summary(&mut store, results, 1 << 20).await;
        assert!(!text.expect("no trap").is_empty());
        cost(&store)
    }

    pub async fn conclude(&self, all: &[Report], policy: &Policy) -> Cost {
        let (mut store, instance) = self.start(0, VecDeque::new()).await;
        let guest = self.reports.load(&mut store, &instance).expect("loads");
        let conclusion = guest
            .call_conclude(&mut store, all, &no_remarks(), policy)
            .await;
        assert_eq!(conclusion.expect("no trap").exit_code, 1);
        cost(&store)
    }

    pub async fn read(&self, files: Vec<String>) -> Cost {
        let (mut store, instance) = self.start(0, VecDeque::new()).await;
        let guest = self.reports.load(&mut store, &instance).expect("loads");
        let read = guest.call_read(&mut store, &files, &[]).await;
        let read = read.expect("no trap").expect("results");
        assert!(!read.targets.is_empty());
        cost(&store)
    }

    /// Triggers a run, follows it, and reads so many results page by page.
    pub async fn collect(&self, count: usize) -> Cost {
        let (mut store, instance) = self.start(count, VecDeque::new()).await;
        let guest = self.service.load(&mut store, &instance).expect("loads");
        let report = guest.call_run(&mut store, &services::run()).await;
        let report = report.expect("no trap");
        assert_eq!((report.tests.len(), report.problem), (count, None));
        cost(&store)
    }

    /// Publishes so many results from a file.
    pub async fn publish(&self, count: usize) -> Cost {
        let (mut store, instance) = self.start(0, services::file(count)).await;
        let guest = self.sink.load(&mut store, &instance).expect("loads");
        let target: Target = services::place();
        let publication = guest.call_publish(&mut store, &target, None).await;
        let publication = publication.expect("no trap");
        assert_eq!(
            (publication.sent, publication.problem),
            (count as u64, None)
        );
        cost(&store)
    }

    /// An instance whose service has so many results.
    async fn start(&self, results: usize, input: VecDeque<Piece>) -> (Store<State>, Instance) {
        let state = State {
            wasi: WasiCtx::builder().build(),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            answering: Answering { results },
            input,
            memory: 0,
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| state);
        store.set_hostcall_fuel(1 << 30);
        store.set_fuel(FUEL).expect("it is counted");
        let instance = self.instance.instantiate_async(&mut store).await;
        (store, instance.expect("it starts"))
    }
}

fn cost(store: &Store<State>) -> Cost {
    Cost {
        instructions: FUEL - store.get_fuel().expect("it is counted"),
        memory: store.data().memory,
    }
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    host::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    input::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

impl host::Host for State {
    async fn wait(&mut self, _: u64) -> wasmtime::Result<Wake> {
        Ok(Wake::Elapsed)
    }

    async fn emit(&mut self, _: Event) -> wasmtime::Result<()> {
        Ok(())
    }

    async fn take_turn(&mut self, _: u64) -> wasmtime::Result<Turn> {
        Ok(Turn::Granted)
    }

    async fn note_budget(&mut self, _: Budget) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl input::Host for State {
    async fn next(&mut self) -> wasmtime::Result<Option<Piece>> {
        Ok(self.input.pop_front())
    }

    async fn keep(&mut self, _: Vec<u8>) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl types::Host for State {}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.memory = self.memory.max(desired);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.answering,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}
