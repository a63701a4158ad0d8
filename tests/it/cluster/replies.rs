//! Replies that are not what they seem: cut, empty, refused behind a success, or late.

use super::{PROVISION, assert_says, names, one_group, provisioned, run};
use crate::support::call::{Call, Reply};
use crate::support::world::World;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn reads(call: &Call) -> bool {
    !call.is_mutation() && call.service != "massdriver"
}

/// A cluster with nodes and a way in.
fn whole() -> Value {
    json!({ "groups": one_group()["groups"], "zones": ["example.com"] })
}

#[test]
fn a_list_that_was_cut_on_the_way_is_asked_for_again() {
    let world = provisioned("halved", &whole());
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let cut = Arc::clone(&seen);
    world.proxy.after(move |call, reply| {
        let first = reads(call) && reply.status == 200 && cut.lock().expect("a set").insert(call.action());
        if first { reply.truncated() } else { reply }
    });
    run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
    let seen = seen.lock().expect("a set");
    assert!(seen.len() > 15, "{seen:?}");
}

#[test]
fn what_is_cut_every_time_is_unknown_and_not_gone() {
    let world = provisioned("halved-always", &one_group());
    for action in ["ec2:DescribeSecurityGroups", "autoscaling:DescribeAutoScalingGroups", "ecs:DescribeClusters", "iam:GetRole"] {
        let before = world.census();
        world.proxy.clear_rules();
        world.proxy.after(move |call, reply| if call.action() == action { reply.truncated() } else { reply });
        let output = run(&world, &["plan", "--decommission"], 1);
        assert_says(&output, &["could not be read"]);
        assert_eq!(world.census(), before);
    }
}

#[test]
fn a_reply_of_no_bytes_is_no_list_without_entries() {
    let world = provisioned("empty", &one_group());
    world.proxy.after(
        |call, reply| if call.action() == "ecs:DescribeClusters" { Reply { body: String::new(), ..reply.truncated() } } else { reply },
    );
    let output = run(&world, &["decommission"], 1);
    assert_says(&output, &["DescribeClusters failed: AWS's answer ends in the middle, after 0 bytes"]);
    assert_eq!(names(&world.census(), "clusters"), [world.name_prefix()]);
}

#[test]
fn calls_that_wait_for_their_turn_are_not_taken_for_stalled() {
    /// What the SDK gives an upload that has stalled.
    const UPLOAD: Duration = Duration::from_secs(5);
    // ACM takes ten of these a second, so the last waits for longer.
    const CERTIFICATES: usize = 80;
    let world = provisioned("turns", &super::fargate_only());
    for number in 0..CERTIFICATES {
        let domain = format!("app-{number}.example.com");
        let wildcard = format!("*.{domain}");
        world.aws(
            "acm",
            "request_certificate",
            json!({ "DomainName": domain, "SubjectAlternativeNames": [wildcard], "ValidationMethod": "DNS" }),
        );
    }
    let output = run(&world, &["decommission"], 0);
    let asked = output.calls_of("acm:ListTagsForCertificate");
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    asked.iter().for_each(|call| *times.entry(&call.body).or_default() += 1);
    assert_eq!(times.len(), CERTIFICATES);
    assert_eq!(times.values().collect::<BTreeSet<_>>().len(), 1, "calls were cut and made again: {times:#?}");
    assert!(asked[CERTIFICATES - 1].started - asked[0].started > UPLOAD, "nothing had to wait");
}

#[test]
fn a_template_that_goes_between_two_reads_is_gone() {
    let world = provisioned("between", &one_group());
    // The list with the template, and whether it has been deleted since.
    let seen = Mutex::new((None, false));
    world.proxy.after(move |call, reply| {
        let (list, is_deleted) = &mut *seen.lock().expect("a reply");
        match call.operation.as_str() {
            "DeleteLaunchTemplate" => *is_deleted = true,
            // What was deleted a moment ago is listed once more.
            "DescribeLaunchTemplates" if *is_deleted => return list.take().unwrap_or(reply),
            "DescribeLaunchTemplates" if reply.body.contains("lt-") => *list = Some(reply.clone()),
            _ => {}
        }
        reply
    });
    let output = run(&world, &["decommission"], 0);
    let versions = output.calls_of("ec2:DescribeLaunchTemplateVersions");
    assert!(versions.iter().any(|call| call.answer.contains("NotFound")), "the deleted template was not shown\n{output}");
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn protection_that_came_after_the_look_is_lifted_by_the_next() {
    let world = provisioned("protected", &super::open(&["example.com"]));
    let first = Mutex::new(true);
    world.proxy.before(move |call| {
        let refuses = call.operation == "DeleteLoadBalancer" && std::mem::take(&mut *first.lock().expect("a flag"));
        refuses.then(|| {
            Reply::error(call, 400, "OperationNotPermitted", "Load balancer 'x' cannot be deleted because deletion protection is enabled")
        })
    });
    let output = run(&world, &["decommission"], 0);
    assert_eq!(output.calls_of("elasticloadbalancing:DeleteLoadBalancer").len(), 2, "{output}");
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn the_words_of_others_do_not_command_a_terminal() {
    let world = World::seeded_with("commands", &super::fargate_only());
    world.proxy.before(|call| {
        (call.operation == "CreateCluster").then(|| Reply::error(call, 400, "InvalidParameterException", "no\u{1b}[2J\r\nclusters\u{7}"))
    });
    let output = run(&world, PROVISION, 1);
    assert_says(&output, &["InvalidParameterException: no [2J clusters"]);
    assert!(!output.stderr.chars().any(|letter| letter.is_control() && letter != '\n'), "{output}");
}

#[test]
fn a_denial_while_the_tags_of_something_new_are_not_known_yet_passes() {
    let world = World::seeded_with("untagged-yet", &super::open(&["example.com"]));
    world.proxy.fail("elasticloadbalancing:ModifyLoadBalancerAttributes", 2, crate::support::proxy::Fault::Denied);
    let output = run(&world, PROVISION, 0);
    assert_eq!(output.calls_of("elasticloadbalancing:ModifyLoadBalancerAttributes").len(), 3, "{output}");
}
