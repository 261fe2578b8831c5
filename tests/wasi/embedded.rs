//! The host that the crate wasmtime makes of its parts: arguments, variables, one folder, and HTTP.

use std::{path::Path, sync::LazyLock};

use http_body_util::BodyExt;
use wasmtime::{
    Config, Engine, OptLevel, Store,
    component::{Component, Linker, ResourceTable},
};
use wasmtime_wasi::{
    FsPerms, I32Exit, WasiCtx, WasiCtxView, WasiView,
    p2::{bindings::Command, pipe::MemoryOutputPipe},
};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use super::host::Ended;

/// More than any test prints.
const PIPE: usize = 4 << 20;

static PROGRAM: LazyLock<(Engine, Component)> = LazyLock::new(|| {
    let mut config = Config::new();
    config.cranelift_opt_level(OptLevel::None);
    let engine = Engine::new(&config).expect("an engine");
    let component = Component::from_file(&engine, super::component::wasm()).expect("a component");
    (engine, component)
});

static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    // Only http to loopback is sent, but a client wants to know who would do TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .expect("a client")
});

struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    sender: Sender,
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
            hooks: &mut self.sender,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

struct Sender;

type Sent = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl WasiHttpHooks for Sender {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _ended: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        Box::new(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let sent = CLIENT
                .request(parts.method, parts.uri.to_string())
                .headers(parts.headers)
                .body(body)
                .send()
                .await
                .map_err(|error| match error.is_connect() {
                    true => Error::ConnectionRefused,
                    false => Error::ConnectionTerminated,
                })?;
            let answer = http::Response::<reqwest::Body>::from(sent);
            let answer = answer.map(|body| {
                body.map_err(|_| Error::HttpResponseIncomplete)
                    .boxed_unsync()
            });
            let done: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((answer, done))
        })
    }
}

/// Runs the program to its end.
pub fn run(arguments: &[String], variables: &[(String, String)], folder: Option<&Path>) -> Ended {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(command(arguments, variables, folder))
}

async fn command(
    arguments: &[String],
    variables: &[(String, String)],
    folder: Option<&Path>,
) -> Ended {
    let (engine, component) = &*PROGRAM;
    let (out, err) = (MemoryOutputPipe::new(PIPE), MemoryOutputPipe::new(PIPE));
    let mut wasi = WasiCtx::builder();
    wasi.arg("proctor-cli.wasm")
        .args(arguments)
        .envs(variables)
        .stdout(out.clone())
        .stderr(err.clone());
    if let Some(folder) = folder {
        wasi.preopened_dir(folder, ".", FsPerms::ReadWrite)
            .expect("the folder is there");
    }
    let state = State {
        wasi: wasi.build(),
        http: WasiHttpCtx::new(),
        table: ResourceTable::new(),
        sender: Sender,
    };
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("WASI");
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).expect("HTTP");
    let mut store = Store::new(engine, state);
    let command = Command::instantiate_async(&mut store, component, &linker)
        .await
        .expect("it imports nothing else");
    let ended = command.wasi_cli_run().call_run(&mut store).await;
    drop(store);
    let code = match ended {
        Ok(Ok(())) => 0,
        Ok(Err(())) => 1,
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => exit.0,
            None => panic!("{error:?}\n{}", text(&err)),
        },
    };
    Ended {
        code,
        out: text(&out),
        err: text(&err),
    }
}

fn text(pipe: &MemoryOutputPipe) -> String {
    String::from_utf8(pipe.contents().to_vec()).expect("UTF-8")
}
