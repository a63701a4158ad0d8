//! What ECS does to an Auto Scaling group that becomes a capacity provider's: a tag, a scaling policy and a lifecycle hook.
//!
//! docs/aws.md, "ECS: what a capacity provider does to its group".

use serde_json::Value;

use super::xml::Element;
use super::{Ask, name_of, text};

pub const TAG: &str = "AmazonECSManaged";
pub const HOOK: &str = "ecs-managed-draining-termination-hook";

pub fn policy_of(provider: &str) -> String {
    format!("ECSManagedAutoScalingPolicy-{provider}")
}

/// Without the tag ECS does not scale the group. One that is there already stays as it is.
pub fn tag(ask: Ask<'_>, found: &Element) {
    if found.list("Tags").iter().any(|tag| tag.text_at("Key") == TAG) {
        return;
    }
    let group = found.text_at("AutoScalingGroupName");
    let params = [
        ("Tags.member.1.ResourceId", group),
        ("Tags.member.1.ResourceType", "auto-scaling-group"),
        ("Tags.member.1.Key", TAG),
        ("Tags.member.1.Value", ""),
        ("Tags.member.1.PropagateAtLaunch", "true"),
    ];
    ask.backend().auto_scaling(ask.region(), "CreateOrUpdateTags", &params);
}

pub fn attach(ask: Ask<'_>, cluster: &str, provider: &Value) {
    let (name, group) = (text(&provider["name"]), group_of(provider));
    let policy = policy_of(name);
    let before = "TargetTrackingConfiguration.CustomizedMetricSpecification";
    let dimensions = [("CapacityProviderName", name), ("ClusterName", cluster)];
    let mut params = vec![
        ("AutoScalingGroupName".to_owned(), group),
        ("PolicyName".to_owned(), policy.as_str()),
        ("PolicyType".to_owned(), "TargetTrackingScaling"),
        ("TargetTrackingConfiguration.TargetValue".to_owned(), "100"),
        (format!("{before}.MetricName"), "CapacityProviderReservation"),
        (format!("{before}.Namespace"), "AWS/ECS/ManagedScaling"),
        (format!("{before}.Statistic"), "Average"),
    ];
    for (place, (name, value)) in dimensions.iter().enumerate() {
        params.push((format!("{before}.Dimensions.member.{}.Name", place + 1), name));
        params.push((format!("{before}.Dimensions.member.{}.Value", place + 1), value));
    }
    let params: Vec<(&str, &str)> = params.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    ask.backend().auto_scaling(ask.region(), "PutScalingPolicy", &params);
    if provider["autoScalingGroupProvider"]["managedDraining"] != "DISABLED" {
        let params = [
            ("AutoScalingGroupName", group),
            ("LifecycleHookName", HOOK),
            ("LifecycleTransition", "autoscaling:EC2_INSTANCE_TERMINATING"),
            ("HeartbeatTimeout", "3600"),
            ("DefaultResult", "CONTINUE"),
        ];
        ask.backend().auto_scaling(ask.region(), "PutLifecycleHook", &params);
    }
}

pub fn detach(ask: Ask<'_>, provider: &Value) {
    let group = group_of(provider);
    let policy = policy_of(text(&provider["name"]));
    ask.backend().auto_scaling(ask.region(), "DeletePolicy", &[("AutoScalingGroupName", group), ("PolicyName", &policy)]);
    ask.backend().auto_scaling(ask.region(), "DeleteLifecycleHook", &[("AutoScalingGroupName", group), ("LifecycleHookName", HOOK)]);
}

fn group_of(provider: &Value) -> &str {
    name_of(text(&provider["autoScalingGroupProvider"]["autoScalingGroupArn"]))
}
