//! How the engine runs a plan and comes to an end: failures, lags, lost answers, interrupts, limits.

use super::fake::{Fake, Strike, broken, refusal};
use super::harness::{run, run_with};
use crate::inputs::{group, with};
use crate::plan::samples::{desired, full, full_params, inputs, scope};
use crate::plan::world::{Part, converged, edits, empty};
use aws_ecs_cluster::aws::failure::Class;
use aws_ecs_cluster::engine::converge::Unconverged;
use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::engine::execute::Fate;
use aws_ecs_cluster::engine::interrupt::Interrupt;
use aws_ecs_cluster::model::address::Kind;
use aws_ecs_cluster::model::facts::Unread;
use aws_ecs_cluster::plan::action::{Action, Condition, Service};
use aws_ecs_cluster::plan::desired::Desired;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Eight groups and eight zones: more to do at once than any service takes.
fn large() -> Desired {
    let groups: Value = (1..=8).map(|number| group(&format!("g{number}"), "m5.large")).collect();
    let zones: Value = (1..=8).map(|number| json!(format!("arn:aws:route53:::hostedzone/Z{number}"))).collect();
    let params = with(&with(&full_params(), "/cluster/instances", groups), "/cluster/ingress/additional_route53_hosted_zones", zones);
    desired(&inputs(&params))
}

/// An empty account with the zones of [`large`].
fn roomy(desired: &Desired) -> crate::plan::world::World {
    let mut world = converged(desired);
    let zones = std::mem::take(&mut world.zones);
    world = empty(&desired.owner);
    world.zones = zones;
    world.zones.values_mut().for_each(|zone| zone.records.clear());
    world
}

#[test]
fn a_failure_skips_what_depends_on_it_and_nothing_else() {
    let desired = full();
    let fake = Fake::failing(empty(&desired.owner), |action| {
        matches!(action, Action::CreateLoadBalancer(_)).then(|| Strike::Refused(broken(action)))
    });
    let run = run(&fake, &scope(&desired), Some(&desired));
    let Err(Unconverged::Failed(plan, outcome)) = &run.end else { panic!("{:?}", run.end) };
    let with = |wanted: fn(&Fate) -> bool| -> BTreeSet<Kind> {
        outcome.fates.iter().filter(|(_, fate)| wanted(fate)).map(|(id, _)| plan.operations[*id].address.kind).collect()
    };
    let balancing = BTreeSet::from([Kind::LoadBalancer, Kind::Listener, Kind::ListenerCertificate]);
    assert_eq!(with(|fate| matches!(fate, Fate::Skipped(_))), balancing);
    assert_eq!(with(|fate| matches!(fate, Fate::Failed(_))), BTreeSet::from([Kind::LoadBalancer]));
    assert!(with(|fate| *fate == Fate::Done).is_disjoint(&balancing));
    assert_eq!(outcome.fates.len(), plan.operations.len());
    let because = run.events.iter().filter_map(|event| if let Event::Skipped { because, .. } = event { Some(because.kind) } else { None });
    assert_eq!(because.collect::<BTreeSet<_>>(), BTreeSet::from([Kind::LoadBalancer]));
}

#[test]
fn what_exists_already_is_looked_at_again() {
    let desired = full();
    let fake = Fake::failing(empty(&desired.owner), |action| {
        matches!(action, Action::CreateRole(_)).then(|| Strike::Lost(refusal(action, Class::Overtaken, "it is there already")))
    });
    let run = run(&fake, &scope(&desired), Some(&desired));
    assert_eq!(run.rounds(), 3);
    assert!(run.events.iter().any(|event| matches!(event, Event::Overtaken { operation: "CreateRole", .. })));
    assert!(!run.events.iter().any(|event| matches!(event, Event::Failed { .. })));
}

#[test]
fn what_aws_is_not_ready_for_is_tried_until_it_is() {
    let desired = full();
    let left = Cell::new(2);
    let fake = Fake::failing(empty(&desired.owner), move |action| {
        let strikes = matches!(action, Action::CreateCluster(_)) && left.get() > 0;
        strikes.then(|| {
            left.set(left.get() - 1);
            Strike::Refused(refusal(action, Class::NotYet, "not yet"))
        })
    });
    let run = run(&fake, &scope(&desired), Some(&desired));
    assert_eq!(run.rounds(), 2);
    let details =
        run.events.iter().filter_map(|event| if let Event::Waiting { detail, .. } = event { Some(detail.as_str()) } else { None });
    assert_eq!(details.collect::<Vec<_>>(), ["not yet"], "a wait is told once, and again only every half minute");
}

#[test]
fn a_change_that_aws_takes_and_does_not_show_is_made_again_after_a_pause() {
    let desired = full();
    let mut world = converged(&desired);
    edits::apply(&mut world, "Container Insights is off");
    let left = Cell::new(2);
    let fake = Fake::failing(world, move |_| {
        left.set(left.get() - 1);
        (left.get() >= 0).then_some(Strike::Ignored)
    });
    let began = Instant::now();
    assert_eq!(run(&fake, &scope(&desired), Some(&desired)).rounds(), 4);
    assert!(began.elapsed() >= Duration::from_millis(500), "the second time follows at once, the third after a pause");
}

#[test]
fn a_wait_goes_on_when_nobody_answers_and_a_change_does_not() {
    let desired = full();
    let struck = |wanted: fn(&Action) -> bool| {
        let left = Cell::new(2);
        Fake::failing(empty(&desired.owner), move |action| {
            let strikes = wanted(action) && left.get() > 0;
            left.set(left.get() - i32::from(strikes));
            strikes.then(|| Strike::Refused(refusal(action, Class::Unanswered, "dispatch failure")))
        })
    };
    let waits = struck(|action| matches!(action, Action::Wait(Condition::CertificateRecords { .. })));
    run(&waits, &scope(&desired), Some(&desired)).expect_converged();
    let changes = struck(|action| matches!(action, Action::CreateRole(_)));
    assert!(matches!(run(&changes, &scope(&desired), Some(&desired)).end, Err(Unconverged::Failed(..))));
}

#[test]
fn a_denial_is_doubted_where_the_tags_of_what_was_just_made_may_not_be_known_yet_and_nowhere_else() {
    let desired = full();
    let denied = |wanted: fn(&Action) -> bool| {
        let left = Cell::new(2);
        move |action: &Action| {
            let strikes = wanted(action) && left.get() > 0;
            left.set(left.get() - i32::from(strikes));
            strikes.then(|| Strike::Refused(refusal(action, Class::Denied, "not authorized")))
        }
    };
    let of_balancer = |action: &Action| matches!(action, Action::ModifyLoadBalancerAttributes { .. });
    let fresh = Fake::failing(empty(&desired.owner), denied(of_balancer));
    run(&fresh, &scope(&desired), Some(&desired)).expect_converged();
    let mut world = converged(&desired);
    edits::apply(&mut world, "the load balancer lost its protection");
    let standing = Fake::failing(world, denied(of_balancer));
    assert!(matches!(run(&standing, &scope(&desired), Some(&desired)).end, Err(Unconverged::Failed(..))));
    assert_eq!(standing.begun.get(), 1);
}

#[test]
fn a_name_that_is_taken_stops_the_run_before_anything_is_made() {
    let desired = full();
    let mut world = converged(&desired);
    edits::apply(&mut world, "the role is somebody else's");
    edits::apply(&mut world, "Container Insights is off");
    let fake = Fake::new(world);
    let run = run(&fake, &scope(&desired), Some(&desired));
    assert!(matches!(run.end, Err(Unconverged::Refused(..))), "{:?}", run.end);
    assert_eq!(fake.begun.get(), 0);
}

#[test]
fn what_cannot_be_read_keeps_a_run_from_being_done_and_nothing_else_from_being_made() {
    let desired = full();
    let mut world = empty(&desired.owner);
    world.hidden.insert(Part::LoadBalancer);
    let fake = Fake::new(world);
    let run = run(&fake, &scope(&desired), Some(&desired));
    assert!(matches!(run.end, Err(Unconverged::Unknown(_))), "{:?}", run.end);
    let world = fake.world.borrow();
    assert!(world.cluster.is_some() && world.certificates.len() == 2 && world.auto_scaling_groups.len() == 2);
    assert!(world.load_balancer.is_none());
}

/// Whether a run over an empty account comes to its end where these looks do not show the role.
fn ends_well_without(looks: &[usize], passes: bool) -> bool {
    let desired = full();
    let mut fake = Fake::new(empty(&desired.owner));
    fake.hidden_roles = looks.iter().map(|look| (*look, Unread { words: "GetRole failed: no answer".to_owned(), passes })).collect();
    let run = run(&fake, &scope(&desired), Some(&desired));
    assert!(run.end.is_ok() || matches!(run.end, Err(Unconverged::Unknown(_))), "{:?}", run.end);
    let told = |event: &&Event| matches!(event, Event::Warning { message } if message == "GetRole failed: no answer; AWS is asked again");
    assert_eq!(run.events.iter().filter(told).count(), usize::from(passes));
    run.end.is_ok()
}

#[test]
fn a_run_that_has_done_its_work_looks_again_at_what_aws_did_not_answer_and_not_at_what_is_denied() {
    assert!(ends_well_without(&[2, 3], true));
    assert!(!ends_well_without(&[2, 3], false));
}

#[test]
fn permissions_are_doubted_also_in_the_round_after_something_was_made() {
    let desired = full();
    let denied = Rc::new(Cell::new(0));
    let (mut lost, counted) = (true, denied.clone());
    let fake = Fake::failing(empty(&desired.owner), move |action| match action {
        // It is made, and its answer is taken for one of somebody else's.
        Action::CreateAutoScalingGroup { .. } if std::mem::take(&mut lost) => {
            Some(Strike::Lost(refusal(action, Class::Overtaken, "already exists")))
        }
        Action::EnableMetrics { .. } if counted.get() < 2 => {
            counted.set(counted.get() + 1);
            Some(Strike::Refused(refusal(action, Class::Denied, "not allowed")))
        }
        _ => None,
    });
    run(&fake, &scope(&desired), Some(&desired)).expect_converged();
    assert_eq!(denied.get(), 2);
}

#[test]
fn an_interrupt_begins_no_further_call() {
    let desired = large();
    let (raise, interrupt) = Interrupt::new();
    let begun: Rc<RefCell<Rc<Cell<usize>>>> = Rc::default();
    let at_raise = Rc::new(Cell::new(None));
    let (counter, noted) = (begun.clone(), at_raise.clone());
    let fake = Fake::failing(roomy(&desired), move |_| {
        if noted.get().is_none() {
            raise.raise();
            noted.set(Some(counter.borrow().get()));
        }
        None
    });
    begun.replace(fake.begun.clone());
    let run = run_with(&fake, &scope(&desired), Some(&desired), &interrupt, |_| {});
    let Err(Unconverged::Interrupted(plan, outcome)) = &run.end else { panic!("{:?}", run.end) };
    assert!(outcome.fates.len() < plan.operations.len());
    assert!(run.events.contains(&Event::Interrupted));
    assert_eq!(Some(fake.begun.get()), at_raise.get(), "calls were begun after the interrupt");
}

#[test]
fn an_interrupt_ends_a_wait_at_once() {
    let desired = full();
    let (raise, interrupt) = Interrupt::new();
    let fake = Fake::failing(empty(&desired.owner), |action| {
        let awaited = matches!(action, Action::Wait(Condition::LoadBalancerActive { .. }));
        awaited.then(|| Strike::Refused(refusal(action, Class::NotYet, "provisioning")))
    });
    let run = run_with(&fake, &scope(&desired), Some(&desired), &interrupt, |event| {
        if matches!(event, Event::Waiting { .. }) {
            raise.raise();
        }
    });
    assert!(matches!(run.end, Err(Unconverged::Interrupted(..))), "{:?}", run.end);
}

#[test]
fn no_service_is_called_more_often_at_once_than_it_takes() {
    let desired = large();
    let fake = Fake::new(roomy(&desired));
    run(&fake, &scope(&desired), Some(&desired)).expect_converged();
    let limits = [
        (Service::Acm, 4),
        (Service::AutoScaling, 4),
        (Service::Ec2, 8),
        (Service::Ecs, 4),
        (Service::Elb, 4),
        (Service::Iam, 3),
        (Service::Route53, 2),
    ];
    let most = fake.most_under_way.borrow();
    for (service, limit) in limits {
        assert!(most[&service] <= limit, "{service:?}: {}", most[&service]);
    }
    let full = [Service::Acm, Service::AutoScaling, Service::Ec2, Service::Ecs, Service::Route53].map(|service| (service, most[&service]));
    let limits = BTreeMap::from(limits);
    assert_eq!(full, full.map(|(service, _)| (service, limits[&service])), "what can run at once does");
}

#[test]
fn nothing_to_do_begins_no_call() {
    let desired = full();
    let fake = Fake::new(converged(&desired));
    let run = run(&fake, &scope(&desired), Some(&desired));
    assert_eq!((run.rounds(), run.changed()), (1, false));
    assert_eq!((fake.begun.get(), fake.looks.get()), (0, 1));
}

#[test]
fn a_run_is_done_only_after_a_look_that_finds_the_nodes_joined() {
    let desired = full();
    let mut world = converged(&desired);
    world.container_instances.clear();
    let fake = Fake::new(world);
    let run = run(&fake, &scope(&desired), Some(&desired));
    assert_eq!((run.rounds(), run.changed()), (2, false));
    assert_eq!((fake.begun.get(), fake.looks.get()), (1, 2), "one wait for all groups, and a look after it");
}

#[test]
fn nodes_that_do_not_join_fail_the_run() {
    let desired = full();
    let mut world = converged(&desired);
    world.container_instances.clear();
    let fake = Fake::failing(world, |action| {
        let awaited = matches!(action, Action::Wait(Condition::NodesJoined { .. }));
        awaited.then(|| Strike::Refused(refusal(action, Class::Final, "the newest failed launch says: VcpuLimitExceeded")))
    });
    let run = run(&fake, &scope(&desired), Some(&desired));
    assert!(matches!(run.end, Err(Unconverged::Failed(..))), "{:?}", run.end);
}

#[test]
fn nobody_waits_for_nodes_that_are_to_be_left_alone() {
    let desired = full().without_awaited_nodes();
    let mut world = converged(&desired);
    world.container_instances.clear();
    let fake = Fake::new(world);
    assert_eq!(run(&fake, &scope(&desired), Some(&desired)).rounds(), 1);
}

/// One domain whose certificate is never issued must not keep the others, or what goes, waiting.
#[test]
fn a_certificate_that_is_not_issued_hinders_no_other_domain() {
    let wanted = |zones: &[&str]| {
        let zones: Value = zones.iter().map(|zone| json!(format!("arn:aws:route53:::hostedzone/{zone}"))).collect();
        desired(&inputs(&with(&full_params(), "/cluster/ingress/additional_route53_hosted_zones", zones)))
    };
    let mut world = converged(&wanted(&["Z4"]));
    for edit in ["listener 443 has the old TLS policy", "listener 80 forwards"] {
        edits::apply(&mut world, edit);
    }
    let now = wanted(&["Z2", "Z3"]);
    let fake = Fake::failing(world, |action| {
        let stuck = matches!(action, Action::Wait(Condition::CertificateIssued { domain, .. }) if domain == "example.org");
        stuck.then(|| Strike::Refused(broken(action)))
    });
    let run = run(&fake, &scope(&now), Some(&now));
    let Err(Unconverged::Failed(plan, outcome)) = &run.end else { panic!("{:?}", run.end) };
    let undone: BTreeSet<&str> =
        outcome.fates.iter().filter(|(_, fate)| **fate != Fate::Done).map(|(id, _)| plan.operations[*id].address.name.as_str()).collect();
    assert_eq!(undone, BTreeSet::from(["example.org", "shop-prod-cluster-ab12:443/example.org"]));
    let done = fake.performed.borrow();
    assert_eq!(done.iter().filter(|action| matches!(action, Action::ModifyListener { .. })).count(), 2);
    assert_eq!(done.iter().filter(|action| matches!(action, Action::AddListenerCertificate { .. })).count(), 1);
    assert_eq!(done.iter().filter(|action| matches!(action, Action::RemoveListenerCertificate { .. })).count(), 1);
}
