//! What is said when the cluster is as wanted and the platform has not heard of it.

use crate::support::call::Reply;
use crate::support::world::World;
use aws_ecs_cluster::massdriver::platform::{Platform, PlatformError};
use aws_ecs_cluster::model::secret::Secret;
use aws_ecs_cluster::plan::Goal;
use aws_ecs_cluster::report::ending::{late, untold};
use serde_json::json;

pub fn endings() -> Vec<String> {
    let world = World::bare("unpublished");
    let denial = json!({ "errors": { "payload": ["does not match the resource type"], "name": "is too long" } });
    world.proxy.before(move |call| {
        let answer = if call.method == "POST" { &denial } else { &json!({ "error": "this deployment is over" }) };
        Some(Reply::json(422, answer))
    });
    let platform = Platform::new(&world.proxy.url(), "d", &Secret::new("the-token".to_owned())).expect("a platform");
    let published = super::block_on(platform.publish("ECS cluster", &json!({}), &|_| {})).expect_err("a refusal");
    let withdrawn = super::block_on(platform.withdraw("shop", &|_| {})).expect_err("a refusal");
    let each = [(Goal::Provision, published), (Goal::Decommission, withdrawn)];
    each.into_iter().flat_map(|(goal, refused)| told(goal, refused)).chain(refusals()).collect()
}

/// What is said of each status by which a publication is refused, and of an address that leads nowhere.
fn refusals() -> Vec<String> {
    let world = World::bare("refused");
    let platform =
        |path: &str| Platform::new(&format!("{}{path}", world.proxy.url()), "d", &Secret::new("the-token".to_owned())).expect("a platform");
    let refused = |platform: &Platform| {
        let error = super::block_on(platform.publish("ECS cluster", &json!({}), &|words| panic!("{words}"))).expect_err("a refusal");
        format!("error: {error}").replace(&world.proxy.url(), "URL")
    };
    let answers = [(401, "{}"), (404, r#"{"error":"not found"}"#), (409, "<html><title>blocked</title></html>")];
    let mut told: Vec<String> = Vec::new();
    for (status, body) in answers {
        world.proxy.clear_rules();
        world.proxy.before(move |_| Some(Reply::xml(status, body)));
        told.push(refused(&platform("")));
    }
    told.push(refused(&platform(&format!("/{}", "a".repeat(65_505)))));
    told
}

/// A refusal, the same without an answer, and an interrupt before there was one.
fn told(goal: Goal, refused: PlatformError) -> [String; 3] {
    let PlatformError::Refused { what, .. } = refused else { panic!("{refused}") };
    let unreachable = PlatformError::Unreachable { what, words: "no answer within 30s".to_owned() };
    let failed = [refused, unreachable].map(|error| format!("error: {}", untold(goal, &error.to_string())));
    let [refused, unreachable] = failed;
    [refused, unreachable, late(goal)]
}
