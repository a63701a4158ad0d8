//! Sessions: the credentials of the assumed role end in mid-run, and the role is assumed again.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use super::scenario::{CHANGE, History, MAKE, UNMAKE};
use super::trial::{Tried, try_points};
use crate::support::call::{Call, Protocol, Reply};
use crate::support::world::World;

/// Calls that AWS takes with the same credentials before it calls them expired.
const CALLS: usize = 30;
/// What is left of a session that is as good as over.
const LEFT: Duration = Duration::from_secs(5);

/// AWS takes no credentials of a session for more than so many calls.
fn end_sessions(world: &World) {
    let used = Mutex::new(BTreeMap::<String, usize>::new());
    let account = world.account.clone();
    world.proxy.before(move |call| {
        let mut used = used.lock().expect("the uses");
        let count = used.entry(call.access_key.clone()).or_default();
        *count += 1;
        (call.access_key != account && *count > CALLS).then(|| expired(call))
    });
}

/// Sessions say themselves that they end in seconds.
fn announce_the_end(world: &World) {
    world.proxy.after(|call, mut reply| {
        if call.operation == "AssumeRole"
            && let Some((before, rest)) = reply.body.split_once("<Expiration>")
            && let Some((_, after)) = rest.split_once("</Expiration>")
        {
            let end = jiff::Timestamp::try_from(SystemTime::now() + LEFT).expect("a moment");
            reply.body = format!("{before}<Expiration>{end:.0}</Expiration>{after}");
        }
        reply
    });
}

/// As the service says it.
fn expired(call: &Call) -> Reply {
    let code = match call.protocol {
        Protocol::Ec2 => "RequestExpired",
        Protocol::Json => "ExpiredTokenException",
        _ => "ExpiredToken",
    };
    Reply::error(call, 403, code, "The security token included in the request is expired")
}

#[track_caller]
fn try_sessions(matrix: &str, end: fn(&World)) {
    let names = ["a provision", "an update", "a decommission"];
    try_points(matrix, &names, 3, |name| {
        let scenario = [&MAKE, &CHANGE, &UNMAKE].into_iter().find(|scenario| scenario.name == *name).expect("the scenario");
        let world = scenario.world();
        end(&world);
        let output = world.run(scenario.command).expect(0);
        assert!(output.calls_of("sts:AssumeRole").len() > 1, "one session was enough\n{output}");
        scenario.assert_stands(&world, History::Same);
        Tried::Converged
    });
}

#[test]
fn a_session_that_ends_in_mid_run_is_renewed() {
    try_sessions("short sessions", |world| {
        end_sessions(world);
        announce_the_end(world);
    });
}

#[test]
fn a_session_that_aws_ends_before_its_time_is_renewed() {
    try_sessions("sessions that end unannounced", end_sessions);
}
