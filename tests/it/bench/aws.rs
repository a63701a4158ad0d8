//! An AWS that takes its time by the clock.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{AUTO_SCALING_GROUP, CALL, CERTIFICATE, LOAD_BALANCER};
use crate::support::aws::ask;
use crate::support::call::{Call, Reply};
use crate::support::locked;
use crate::support::world::{REGION, World};

/// When things were made or began to go, by ARN or name.
type Moments = Arc<Mutex<BTreeMap<String, Instant>>>;

/// Puts the endpoint and the credentials of a world into the environment of a run, and nothing else.
pub fn reach(command: &mut Command, world: &World) {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", world.dir())
        .env("AWS_ENDPOINT_URL", world.proxy.url())
        .env("AWS_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", &world.account)
        .env("AWS_SECRET_ACCESS_KEY", "x")
        .env("AWS_EC2_METADATA_DISABLED", "true");
}

/// Makes every call, and what AWS needs a while for, take as long as the benchmark says.
pub fn take_time(world: &World) {
    delete_groups_late(world);
    let (load_balancers, certificates) = (Moments::default(), Moments::default());
    world.proxy.after(move |call, reply| {
        let reply = match call.operation.as_str() {
            "CreateLoadBalancer" => noting(&load_balancers, "load balancer", reply),
            "DescribeLoadBalancers" if is_younger(&load_balancers, "load balancer", LOAD_BALANCER) => {
                let body = reply.body.replace("<Code>active</Code>", "<Code>provisioning</Code>");
                Reply { body, ..reply }
            }
            "RequestCertificate" => {
                let arn = field(&reply.body, "CertificateArn");
                noting(&certificates, &arn, reply)
            }
            "DescribeCertificate" if is_younger(&certificates, &field(&call.body, "CertificateArn"), CERTIFICATE) => pending(reply),
            _ => reply,
        };
        reply.after(CALL)
    });
}

/// Throttles every call twice, as its service does, before it is taken.
pub fn throttle_twice(world: &World) {
    let seen = Mutex::new(BTreeMap::<String, usize>::new());
    world.proxy.before(move |call| {
        let mut seen = locked(&seen);
        let count = seen.entry(format!("{} {} {}", call.action(), call.target, call.body)).or_default();
        *count += 1;
        (*count <= 2).then(|| Reply::throttled(call).after(CALL))
    });
}

fn noting(moments: &Moments, what: &str, reply: Reply) -> Reply {
    locked(moments).entry(what.to_owned()).or_insert_with(Instant::now);
    reply
}

fn is_younger(moments: &Moments, what: &str, age: Duration) -> bool {
    locked(moments).get(what).is_some_and(|made| made.elapsed() < age)
}

fn field(body: &str, name: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body[name].as_str().unwrap_or_default().to_owned()
}

fn pending(reply: Reply) -> Reply {
    let body = reply.body.replace("\"ISSUED\"", "\"PENDING_VALIDATION\"").replace("\"SUCCESS\"", "\"PENDING_VALIDATION\"");
    Reply { body, ..reply }
}

/// The emulator deletes a group at once; here its deletion is kept from it until it is due.
fn delete_groups_late(world: &World) {
    let (going, account) = (Moments::default(), world.account.clone());
    world.proxy.before(move |call| match call.operation.as_str() {
        "DeleteAutoScalingGroup" => {
            let name = call.param("AutoScalingGroupName").unwrap_or_default();
            locked(&going).entry(name).or_insert_with(Instant::now);
            Some(accepted(call))
        }
        "DescribeAutoScalingGroups" => {
            let due: Vec<String> = {
                let mut going = locked(&going);
                let (due, rest) = std::mem::take(&mut *going).into_iter().partition(|(_, since)| since.elapsed() >= AUTO_SCALING_GROUP);
                *going = rest;
                BTreeMap::<String, Instant>::into_keys(due).collect()
            };
            for name in due {
                let question = json!({ "AutoScalingGroupName": name, "ForceDelete": true });
                let asked = json!({ "do": "call", "service": "autoscaling", "operation": "delete_auto_scaling_group", "params": question });
                ask(&account, asked).unwrap_or_else(|error| panic!("cannot delete {name}: {error}"));
            }
            None
        }
        _ => None,
    });
}

fn accepted(call: &Call) -> Reply {
    let name = &call.operation;
    Reply::xml(200, format!("<{name}Response><ResponseMetadata><RequestId>bench</RequestId></ResponseMetadata></{name}Response>"))
}
