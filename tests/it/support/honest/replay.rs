//! Calls that a run has made, made once more, or changed: what AWS says to somebody who repeats or errs.

use serde_json::Value;

use crate::support::call::{Call, Protocol, Reply};
use crate::support::http::{self, Request};
use crate::support::world::World;

impl World {
    /// Makes a recorded call again, past nothing: it is recorded too, and all rules apply.
    pub fn replay(&self, call: &Call) -> Reply {
        let address = self.proxy.url().trim_start_matches("http://").parse().expect("the proxy's address");
        let request = Request {
            method: call.method.clone(),
            target: call.target.clone(),
            headers: call.headers.clone(),
            body: call.body.clone().into_bytes(),
        };
        Reply::from(http::send(address, &request).expect("an answer from the proxy"))
    }

    /// Makes another call of the same service, with the credentials of the recorded one. The parameters are an object of texts for
    /// the services that speak forms.
    pub fn ask_like(&self, call: &Call, operation: &str, params: &Value) -> Reply {
        let mut call = call.clone();
        if call.protocol == Protocol::Json {
            let target = call.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
            let (_, target) = target.expect("a target");
            let service = target.split_once('.').map_or("", |(service, _)| service);
            *target = format!("{service}.{operation}");
            call.body = params.to_string();
        } else {
            let version = call.param("Version").expect("a version");
            let fields = params.as_object().into_iter().flatten().map(|(name, value)| format!("&{name}={}", value.as_str().unwrap_or("")));
            call.body = format!("Action={operation}&Version={version}{}", fields.collect::<String>());
        }
        self.replay(&call)
    }
}
