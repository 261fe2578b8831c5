//! What a test outside the process says to the sandbox, and asks of it.

use serde_json::json;

use crate::call::{Call, Reply};
use crate::fault::Fault;
use crate::server::Shared;

/// Where it is.
pub const PATH: &str = "/_sandbox";

/// `POST /faults`, `GET /requests`, `POST /reset`.
pub fn answer(shared: &Shared, call: &Call) -> Reply {
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/faults") => match serde_json::from_slice::<Fault>(&call.body) {
            Ok(fault) => {
                shared.add_fault(fault);
                Reply::json(201, &json!({"added": true}))
            }
            Err(error) => Reply::json(
                400,
                &json!({"error": format!("this is not a fault: {error}")}),
            ),
        },
        ("GET", "/requests") => Reply::json(200, &json!(shared.received())),
        ("POST", "/reset") => {
            shared.reset();
            Reply::json(200, &json!({"reset": true}))
        }
        _ => Reply::json(
            404,
            &json!({"error": "there are POST /_sandbox/faults, GET /_sandbox/requests and POST /_sandbox/reset"}),
        ),
    }
}
