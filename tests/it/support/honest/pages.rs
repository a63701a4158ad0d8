//! Long lists in small pages: who stops at the first one misses what is on the others, and a test can tell.
//!
//! docs/aws.md, "All services: how much at once".

use std::sync::Mutex;

use serde_json::{Value, json};

use super::xml::Element;
use super::{Ask, edit_json, edit_xml, locked, succeeded};
use crate::support::call::{Protocol, Reply};

/// Service, operation, and where the list stands in the reply.
const LISTS: [(&str, &str, &str); 32] = [
    ("acm", "ListCertificates", "CertificateSummaryList"),
    ("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups"),
    ("autoscaling", "DescribeInstanceRefreshes", "InstanceRefreshes"),
    ("autoscaling", "DescribePolicies", "ScalingPolicies"),
    ("autoscaling", "DescribeScalingActivities", "Activities"),
    ("autoscaling", "DescribeTags", "Tags"),
    ("ec2", "DescribeInstanceTypeOfferings", "instanceTypeOfferingSet"),
    ("ec2", "DescribeInstanceTypes", "instanceTypeSet"),
    ("ec2", "DescribeInstances", "reservationSet"),
    ("ec2", "DescribeLaunchTemplates", "launchTemplates"),
    ("ec2", "DescribeLaunchTemplateVersions", "launchTemplateVersionSet"),
    ("ec2", "DescribeNetworkInterfaces", "networkInterfaceSet"),
    ("ec2", "DescribeRouteTables", "routeTableSet"),
    ("ec2", "DescribeSecurityGroupRules", "securityGroupRuleSet"),
    ("ec2", "DescribeSecurityGroups", "securityGroupInfo"),
    ("ec2", "DescribeSubnets", "subnetSet"),
    ("ec2", "DescribeTags", "tagSet"),
    ("ec2", "DescribeVpcs", "vpcSet"),
    ("ecs", "DescribeCapacityProviders", "capacityProviders"),
    ("ecs", "ListClusters", "clusterArns"),
    ("ecs", "ListContainerInstances", "containerInstanceArns"),
    ("ecs", "ListServices", "serviceArns"),
    ("ecs", "ListTasks", "taskArns"),
    ("elasticloadbalancing", "DescribeListenerCertificates", "Certificates"),
    ("elasticloadbalancing", "DescribeListeners", "Listeners"),
    ("elasticloadbalancing", "DescribeLoadBalancers", "LoadBalancers"),
    ("elasticloadbalancing", "DescribeRules", "Rules"),
    ("elasticloadbalancing", "DescribeTargetGroups", "TargetGroups"),
    ("iam", "ListAttachedRolePolicies", "AttachedPolicies"),
    ("iam", "ListRolePolicies", "PolicyNames"),
    ("iam", "ListRoleTags", "Tags"),
    ("route53", "ListHostedZones", "HostedZones"),
];
/// A list of which a caller may read the first page alone, since it asks for what is missing there one by one.
const HINT: &str = "route53:ListHostedZones";
const SIZES: [&str; 5] = ["MaxResults", "MaxRecords", "MaxItems", "PageSize", "maxResults"];

#[derive(Default)]
pub struct Pages(Mutex<Vec<Rest>>);

/// A list whose beginning has been told; its token is its place.
struct Rest {
    action: String,
    whole: Reply,
    offset: usize,
    size: usize,
    /// Whether somebody has asked for it, or it was promised to somebody who wanted no more.
    settled: bool,
}

impl Pages {
    pub fn answer(&self, ask: Ask<'_>, whole: impl FnOnce() -> Reply) -> Reply {
        let Some(list) = LISTS.iter().find(|(service, operation, _)| (*service, *operation) == (&ask.call.service, ask.operation())) else {
            return whole();
        };
        if let Some(token) = token(ask) {
            return self.go_on(ask, list.2, &token, whole);
        }
        let Some(ours) = Some(ask.lags().page_size).filter(|size| *size > 0) else { return whole() };
        let theirs = SIZES.iter().find_map(|name| size_asked(ask, name));
        let size = theirs.map_or(ours, |theirs| theirs.min(ours));
        let rest =
            Rest { action: ask.call.action(), whole: whole(), offset: 0, size, settled: theirs.is_some_and(|theirs| theirs <= ours) };
        self.cut(ask, list.2, rest)
    }

    /// The lists that somebody began to read and did not read to their end.
    pub fn unread(&self) -> Vec<String> {
        locked(&self.0).iter().filter(|rest| !rest.settled && rest.action != HINT).map(|rest| rest.action.clone()).collect()
    }

    fn go_on(&self, ask: Ask<'_>, list: &str, token: &str, whole: impl FnOnce() -> Reply) -> Reply {
        let place = token.strip_prefix("page-").and_then(|place| place.parse::<usize>().ok());
        let next = {
            let mut rests = locked(&self.0);
            let Some(rest) = place.and_then(|place| rests.get_mut(place)) else { return whole() };
            rest.settled = true;
            Rest { action: rest.action.clone(), whole: rest.whole.clone(), settled: false, ..*rest }
        };
        self.cut(ask, list, next)
    }

    /// One page, and a token if there is more.
    fn cut(&self, ask: Ask<'_>, list: &str, mut rest: Rest) -> Reply {
        let (reply, from, to) = (rest.whole.clone(), rest.offset, rest.offset + rest.size);
        let more = length(ask, list, &reply).is_some_and(|length| length > to);
        if !succeeded(&reply) || (from == 0 && !more) {
            return reply;
        }
        let token = more.then(|| {
            let mut rests = locked(&self.0);
            rest.offset = to;
            rests.push(rest);
            format!("page-{}", rests.len() - 1)
        });
        if ask.call.protocol == Protocol::Json {
            edit_json(reply, |body| cut_json(ask, body, list, (from, to), token.as_deref()))
        } else {
            edit_xml(reply, |root| cut_xml(ask, root, list, (from, to), token.as_deref()))
        }
    }
}

/// How the service calls the token, in its requests and in its replies.
fn names(ask: Ask<'_>) -> (&'static str, &'static str) {
    match ask.call.service.as_str() {
        "ecs" => ("nextToken", "nextToken"),
        "ec2" => ("NextToken", "nextToken"),
        "elasticloadbalancing" => ("Marker", "NextMarker"),
        "iam" => ("Marker", "Marker"),
        "route53" => ("marker", "NextMarker"),
        _ => ("NextToken", "NextToken"),
    }
}

fn token(ask: Ask<'_>) -> Option<String> {
    let name = names(ask).0;
    let token = if ask.call.protocol == Protocol::Json { ask.call.json()[name].as_str().map(str::to_owned) } else { ask.call.param(name) };
    token.filter(|token| !token.is_empty())
}

fn size_asked(ask: Ask<'_>, name: &str) -> Option<usize> {
    let asked = if ask.call.protocol == Protocol::Json {
        ask.call.json()[name].as_u64()
    } else {
        ask.number(name).and_then(|size| u64::try_from(size).ok())
    };
    asked.and_then(|size| usize::try_from(size).ok())
}

fn length(ask: Ask<'_>, list: &str, reply: &Reply) -> Option<usize> {
    if ask.call.protocol == Protocol::Json {
        let body: Value = serde_json::from_str(&reply.body).ok()?;
        body[list].as_array().map(Vec::len)
    } else {
        let mut root = Element::parse(&reply.body)?;
        Some(result(ask, &mut root)?.list(list).len())
    }
}

/// Where the list and the token stand: services that speak forms wrap them once more.
fn result<'a>(ask: Ask<'_>, root: &'a mut Element) -> Option<&'a mut Element> {
    if ask.call.protocol == Protocol::Query { root.child_mut(&format!("{}Result", ask.operation())) } else { Some(root) }
}

fn cut_json(ask: Ask<'_>, body: &mut Value, list: &str, (from, to): (usize, usize), token: Option<&str>) {
    if let Some(items) = body[list].as_array_mut() {
        items.truncate(to);
        items.drain(..from.min(items.len()));
    }
    if let Some(token) = token {
        body[names(ask).1] = json!(token);
    }
}

fn cut_xml(ask: Ask<'_>, root: &mut Element, list: &str, (from, to): (usize, usize), token: Option<&str>) {
    let Some(result) = result(ask, root) else { return };
    if let Some(items) = result.child_mut(list) {
        items.children.truncate(to);
        items.children.drain(..from.min(items.children.len()));
    }
    result.remove(names(ask).1);
    if let Some(token) = token {
        result.set(names(ask).1, token);
    }
    if ["iam", "route53"].contains(&ask.call.service.as_str()) {
        result.set("IsTruncated", if token.is_some() { "true" } else { "false" });
    }
}
