//! The hook through which every request of a component goes.

use std::sync::Arc;

use http::HeaderName;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::{
    Network,
    exchange::{Exchange, Tell},
    policy::{Policy, reserved},
    times::Times,
    trace::Watch,
    traffic::{Overuse, Traffic},
};
use crate::secret::Redactor;

type Forbidden = Arc<dyn Fn(&HeaderName) -> bool + Send + Sync>;
type Worker = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(http::Response<WasiBody>, Worker), Error>;

/// What a component's requests have to pass.
pub struct Gate {
    open: Option<Open>,
    traffic: Traffic,
}

/// The most of a request's body that is taken from a component before it is sent, in bytes: each body keeps as much.
const BODY_PIECE: usize = 64 << 10;

/// A gate through which one origin can be reached.
pub struct Open {
    pub network: Network,
    pub policy: Arc<Policy>,
    pub redactor: Redactor,
    pub times: Times,
    pub tell: Tell,
    /// The target whose requests these are.
    pub target: Arc<str>,
    /// What writes them down, if they are.
    pub watch: Option<Watch>,
}

impl Gate {
    /// A gate that lets nothing through.
    pub fn closed() -> Self {
        Self {
            open: None,
            traffic: Traffic::new(),
        }
    }

    /// A gate to one origin.
    pub fn open(open: Open) -> Self {
        Self {
            open: Some(open),
            traffic: Traffic::new(),
        }
    }

    /// How many requests there were: a component that sends one is not stuck in a loop of its own.
    pub fn sent(&self) -> u64 {
        self.traffic.requests()
    }

    /// What the component used too much, if it did.
    pub fn overuse(&self) -> Option<Overuse> {
        self.traffic.overuse()
    }
}

impl WasiHttpHooks for Gate {
    fn forbidden_header_filter(&mut self) -> Forbidden {
        match &self.open {
            Some(open) => {
                let policy = Arc::clone(&open.policy);
                Arc::new(move |name| policy.reserves(name))
            }
            None => Arc::new(reserved),
        }
    }

    fn set_host_header(&mut self) -> bool {
        false
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_PIECE
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Worker,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        let Some(open) = &self.open else {
            return Box::new(async { Err(Error::HttpRequestDenied) });
        };
        let Some(place) = self.traffic.begin() else {
            return Box::new(async { Err(Error::ConnectionLimitReached) });
        };
        let exchange = Exchange {
            network: open.network.clone(),
            policy: Arc::clone(&open.policy),
            redactor: open.redactor.clone(),
            times: open.times.clone(),
            options: options.unwrap_or_default(),
            tell: Arc::clone(&open.tell),
            target: Arc::clone(&open.target),
            watch: open.watch.clone(),
            traffic: self.traffic.clone(),
        };
        Box::new(async move {
            let response = exchange.carry_out(request, place).await?;
            let worker: Worker = Box::new(async { Ok(()) });
            Ok((response, worker))
        })
    }
}
