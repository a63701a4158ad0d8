//! A run is recorded from its events, and its critical path found.

use aws_ecs_cluster::engine::event::{Event, Step};
use aws_ecs_cluster::model::address::{Address, Kind};
use aws_ecs_cluster::report::record::{Recording, State};

pub fn cluster() -> Address {
    Address::new(Kind::Cluster, "demo")
}

pub fn certificate() -> Address {
    Address::new(Kind::Certificate, "example.com")
}

pub fn load_balancer() -> Address {
    Address::new(Kind::LoadBalancer, "demo")
}

pub fn listener() -> Address {
    Address::new(Kind::Listener, "demo:443")
}

fn step(id: usize, address: Address, operation: &'static str, after: &[usize]) -> Step {
    let wait = operation == "Wait";
    Step {
        id,
        address,
        operation,
        waits_for: wait.then(|| "the certificate for `example.com` to be ISSUED".to_owned()),
        until: wait.then_some("ISSUED"),
        usually: wait.then_some("1 to 5 min"),
        after: after.to_vec(),
    }
}

pub fn steps() -> Vec<Step> {
    vec![
        step(0, cluster(), "CreateCluster", &[]),
        step(1, certificate(), "RequestCertificate", &[]),
        step(2, certificate(), "Wait", &[1]),
        step(3, load_balancer(), "CreateLoadBalancer", &[]),
        step(4, listener(), "CreateListener", &[2, 3]),
    ]
}

pub fn started(id: usize) -> Event {
    let step = steps().swap_remove(id);
    Event::Started { id, address: step.address, operation: step.operation }
}

fn done(id: usize) -> Event {
    let step = steps().swap_remove(id);
    match step.waits_for {
        Some(waited_for) => Event::Ready { address: step.address, waited_for, elapsed: 0.0 },
        None => Event::Done { address: step.address, operation: step.operation, with: None, elapsed: 0.0 },
    }
}

/// The first seconds: the load balancer is made, the certificate is waited for.
pub fn under_way() -> Recording {
    let waiting = Event::Waiting { address: certificate(), waiting_for: "it".into(), detail: "PENDING_VALIDATION".into(), elapsed: 1.0 };
    let events = [
        (0.0, Event::Looking { round: 1 }),
        (0.0, Event::Planned { round: 1, changes: 3, operations: 5 }),
        (0.0, Event::Executing { steps: steps() }),
        (0.0, started(0)),
        (0.0, started(1)),
        (0.0, started(3)),
        (0.5, done(0)),
        (1.0, done(1)),
        (1.0, started(2)),
        (2.0, done(3)),
        (2.0, waiting),
    ];
    let mut recording = Recording::default();
    events.iter().for_each(|(at, event)| recording.note(*at, event));
    recording
}

pub fn finished() -> Recording {
    let mut recording = under_way();
    let rest = [
        (60.0, done(2)),
        (60.0, started(4)),
        (61.0, done(4)),
        (61.0, Event::Looking { round: 2 }),
        (62.5, Event::Planned { round: 2, changes: 0, operations: 0 }),
    ];
    rest.iter().for_each(|(at, event)| recording.note(*at, event));
    recording
}

#[test]
fn the_critical_path_is_the_chain_that_ended_last() {
    let recording = finished();
    let path: Vec<usize> = recording.rounds[0].critical().into_iter().collect();
    assert_eq!(path, [1, 2, 4], "the load balancer was ready long before its listener could be made");
    assert_eq!(recording.looks, [(0.0, 0.0), (61.0, 62.5)]);
}

#[test]
fn an_operation_keeps_its_times_and_what_became_of_it() {
    let mut recording = under_way();
    let failed = Event::Failed { address: certificate(), operation: "Wait", error: "CAA_ERROR".into() };
    recording.note(9.0, &failed);
    recording.note(9.0, &Event::Skipped { address: listener(), operation: "CreateListener", because: certificate() });
    let tracks = &recording.rounds[0].tracks;
    assert_eq!((tracks[2].began, tracks[2].ended, tracks[2].took(100.0)), (Some(1.0), Some(9.0), Some(8.0)));
    assert_eq!(tracks[2].state, State::Failed("CAA_ERROR".into()));
    assert_eq!(tracks[2].detail.as_deref(), Some("PENDING_VALIDATION"));
    assert_eq!((&tracks[4].state, tracks[4].began), (&State::Skipped(certificate()), None));
    assert_eq!(tracks[1].state, State::Done, "only what runs on a resource can fail");
}
