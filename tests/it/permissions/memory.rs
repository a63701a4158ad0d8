//! What the calls so far tell of the account: the tags of what they made, and how things hang together.

use crate::permissions::calls::{body, request_tags};
use crate::support::call::Call;
use std::collections::BTreeMap;

pub type Tags = BTreeMap<String, String>;

#[derive(Debug, Default)]
pub struct Memory {
    /// By what the API calls a resource by: its id, ARN, or kind and name.
    tags: BTreeMap<String, Tags>,
    /// A launch template's security groups.
    groups: BTreeMap<String, Vec<String>>,
    /// The nodes' role.
    pub role: Option<String>,
}

impl Memory {
    /// The tags of a resource, if its making was seen.
    pub fn tags(&self, resource: &str) -> Option<&Tags> {
        self.tags.get(resource)
    }

    pub fn groups(&self, template: &str) -> &[String] {
        self.groups.get(template).map_or(&[], Vec::as_slice)
    }

    /// Learns what an answered call has made or tagged.
    pub fn learn(&mut self, call: &Call) {
        if !call.succeeded() {
            return;
        }
        for resource in made_by(call) {
            self.tags.insert(resource, request_tags(call));
        }
        for resource in tagged_by(call) {
            self.tags.entry(resource).and_modify(|tags| tags.extend(request_tags(call)));
        }
        if call.operation == "AddRoleToInstanceProfile" {
            self.role = call.param("RoleName");
        }
        if call.operation == "CreateLaunchTemplate" {
            let groups: Vec<String> = call.param("LaunchTemplateData.NetworkInterface.1.SecurityGroupId.1").into_iter().collect();
            self.groups.extend(within(&call.answer, "launchTemplateId").into_iter().map(|template| (template, groups.clone())));
        }
    }
}

fn made_by(call: &Call) -> Vec<String> {
    let named = |parameter: &str, kind: &str| call.param(parameter).map(|name| format!("{kind}/{name}")).into_iter().collect();
    match call.operation.as_str() {
        "CreateRole" => named("RoleName", "role"),
        "CreateInstanceProfile" => named("InstanceProfileName", "instance-profile"),
        "CreateAutoScalingGroup" => named("AutoScalingGroupName", "group"),
        "CreateSecurityGroup" => within(&call.answer, "groupId"),
        "CreateLaunchTemplate" => within(&call.answer, "launchTemplateId"),
        "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress" => within(&call.answer, "securityGroupRuleId"),
        "CreateLoadBalancer" => within(&call.answer, "LoadBalancerArn"),
        "CreateListener" => within(&call.answer, "ListenerArn"),
        "CreateCluster" => vec![format!("cluster/{}", body(call, "clusterName"))],
        "CreateCapacityProvider" => vec![format!("capacity-provider/{}", body(call, "name"))],
        "RequestCertificate" => {
            let answer: serde_json::Value = serde_json::from_str(&call.answer).unwrap_or_default();
            answer["CertificateArn"].as_str().map(str::to_owned).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn tagged_by(call: &Call) -> Vec<String> {
    let after = |arn: String| arn.split_once(":ecs:").and_then(|(_, rest)| rest.splitn(3, ':').nth(2).map(str::to_owned)).unwrap_or(arn);
    match call.operation.as_str() {
        "TagRole" => call.param("RoleName").map(|name| format!("role/{name}")).into_iter().collect(),
        "TagInstanceProfile" => call.param("InstanceProfileName").map(|name| format!("instance-profile/{name}")).into_iter().collect(),
        "CreateOrUpdateTags" => call.params_like("Tags.member.", ".ResourceId").iter().map(|name| format!("group/{name}")).collect(),
        "CreateTags" => call.params_like("ResourceId.", ""),
        "AddTags" => call.params_like("ResourceArns.member.", ""),
        "TagResource" => vec![after(body(call, "resourceArn"))],
        "AddTagsToCertificate" => vec![body(call, "CertificateArn")],
        _ => Vec::new(),
    }
}

/// The texts of every element of this name, each once.
pub fn within(xml: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let mut found: Vec<String> = xml.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0.to_owned())).collect();
    found.sort();
    found.dedup();
    found
}
