//! The artifact on the platform: published once the cluster stands, taken back once it is gone.

use super::{PREFIX, PROVISION, assert_says, assert_untouched, fargate_only, run};
use crate::support::call::Reply;
use crate::support::world::World;
use std::sync::atomic::{AtomicUsize, Ordering};

const TOKEN: &str = "the-deployments-token";

/// A deployment of a cluster of Fargate only, on a platform that gives these answers, the last of them for ever.
fn deployment(name: &str, answers: &'static [(u16, &'static str)]) -> World {
    let mut world = World::seeded_with(name, &fargate_only());
    let url = world.proxy.url();
    for (variable, value) in [("MASSDRIVER_URL", url.as_str()), ("MASSDRIVER_TOKEN", TOKEN), ("MASSDRIVER_DEPLOYMENT_ID", "deployment-1")] {
        world.set_env(variable, value);
    }
    let asked = AtomicUsize::new(0);
    world.proxy.before(move |call| {
        (call.service == "massdriver").then(|| {
            let turn = asked.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
            let (status, body) = answers[turn];
            Reply::json(status, &serde_json::from_str(body).expect("an answer in JSON"))
        })
    });
    world
}

#[test]
fn the_artifact_is_published_as_it_is_printed_and_a_busy_platform_is_asked_again() {
    let world = deployment("published", &[(503, "{}"), (201, "{}")]);
    let output = run(&world, PROVISION, 0);
    let posts = output.calls_of("massdriver:POST /v1/resources");
    assert_eq!(posts.len(), 2, "{output}");
    assert_says(&output, &["503 Service Unavailable", "; trying again in 0."]);
    let body = posts[1].json();
    assert_eq!(body["field"], "cluster");
    assert_eq!(body["name"], format!("ECS Cluster artifact for {PREFIX}"));
    assert_eq!(body["payload"], output.json());
    assert_eq!(posts[1].header("authorization"), Some("Basic ZGVwbG95bWVudC0xOnRoZS1kZXBsb3ltZW50cy10b2tlbg=="));
    assert!(!output.stderr.contains(TOKEN) && !output.stdout.contains(TOKEN), "{output}");
}

#[test]
fn a_refused_artifact_fails_the_run_in_the_platforms_words_and_the_cluster_stands() {
    let world = deployment("unpublished", &[(422, r#"{"errors":{"payload":["does not match"]}}"#), (201, "{}")]);
    let output = run(&world, PROVISION, 1);
    assert_says(&output, &["payload: does not match", "the cluster stands"]);
    let again = run(&world, PROVISION, 0);
    assert_eq!(again.calls_of("massdriver:POST /v1/resources").len(), 1);
    assert!(again.calls.iter().all(|call| call.service == "massdriver" || !call.is_mutation()), "{again}");
}

#[test]
fn a_decommission_takes_the_artifact_back_last_and_one_that_is_gone_is_fine() {
    let world = deployment("withdrawn", &[(201, "{}"), (404, r#"{"error":"not found"}"#)]);
    run(&world, PROVISION, 0);
    let output = run(&world, &["decommission"], 0);
    let action = format!("massdriver:DELETE /v1/resources/{PREFIX}-cluster");
    assert_eq!(output.calls.last().map(|call| call.action()), Some(action), "{output}");
    assert_says(&output, &["the artifact was gone from the platform already"]);
}

#[test]
fn an_interrupt_while_the_platform_does_not_answer_ends_the_run_and_says_what_stands() {
    let world = deployment("silent", &[(503, "{}")]);
    let mut running = world.start(PROVISION);
    while world.proxy.count(|call| call.service == "massdriver") == 0 {
        assert!(!running.has_ended(), "it ended before it published");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    running.signal("TERM");
    let output = running.wait().expect(130);
    assert_says(&output, &["interrupted", "the cluster stands"]);
}

#[test]
fn the_token_is_sent_over_https_alone_but_to_this_machine() {
    let mut world = World::bare("plain-http");
    for (variable, value) in [("MASSDRIVER_URL", "http://example.com"), ("MASSDRIVER_TOKEN", TOKEN), ("MASSDRIVER_DEPLOYMENT_ID", "d")] {
        world.set_env(variable, value);
    }
    let output = run(&world, &["provision"], 2);
    assert_untouched(&output);
    assert_says(&output, &["http://example.com", "https"]);
}
