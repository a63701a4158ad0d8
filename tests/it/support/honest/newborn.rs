//! Things just made that are not known everywhere yet: the first calls that build on them are told that they do not exist.
//!
//! docs/aws.md, "All services: errors and retries".

use std::sync::Mutex;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::xml::Element;
use super::{Ask, Countdown, locked, succeeded, text};
use crate::support::call::Reply;

/// A call that makes something, and where its identifier stands: in the reply, or in a parameter.
const BIRTHS: [(&str, &str); 8] = [
    ("CreateSecurityGroup", "groupId"),
    ("CreateLaunchTemplate", "launchTemplate/launchTemplateId"),
    ("CreateLoadBalancer", "CreateLoadBalancerResult/LoadBalancers/member/LoadBalancerArn"),
    ("CreateListener", "CreateListenerResult/Listeners/member/ListenerArn"),
    ("CreateRole", "=RoleName"),
    ("CreateInstanceProfile", "=InstanceProfileName"),
    ("CreateCluster", "cluster/clusterName"),
    ("RequestCertificate", "CertificateArn"),
];

/// What builds on which, and how it is refused.
const USES: [(&str, &str, &str); 12] = [
    ("AuthorizeSecurityGroupIngress", "InvalidGroup.NotFound", "The security group '{}' does not exist"),
    ("AuthorizeSecurityGroupEgress", "InvalidGroup.NotFound", "The security group '{}' does not exist"),
    ("RevokeSecurityGroupEgress", "InvalidGroup.NotFound", "The security group '{}' does not exist"),
    ("CreateLoadBalancer", "InvalidSecurityGroup", "One or more security groups are invalid"),
    ("CreateAutoScalingGroup", "ValidationError", "The specified launch template, with template ID {}, does not exist."),
    ("CreateListener", "LoadBalancerNotFound", "Load balancer '{}' not found"),
    ("ModifyLoadBalancerAttributes", "LoadBalancerNotFound", "Load balancer '{}' not found"),
    ("AddListenerCertificates", "ListenerNotFound", "Listener '{}' not found"),
    ("AttachRolePolicy", "NoSuchEntity", "The role with name {} cannot be found."),
    ("AddRoleToInstanceProfile", "NoSuchEntity", "The role with name {} cannot be found."),
    ("PutClusterCapacityProviders", "ClusterNotFoundException", "Cluster not found."),
    ("DescribeCertificate", "ResourceNotFoundException", "Could not find certificate {}."),
];

/// By operation and identifier, the tries that are refused.
#[derive(Default)]
pub struct Newborn(Mutex<Countdown>);

impl Newborn {
    pub fn answer(&self, ask: Ask<'_>, known: impl FnOnce() -> Reply) -> Reply {
        if let Some(refusal) = self.refusal(ask) {
            return refusal;
        }
        let reply = known();
        let tries = ask.lags().newborn_unknown;
        if let Some(id) = born(ask, &reply).filter(|_| tries > 0) {
            let mut unknown = locked(&self.0);
            USES.iter().for_each(|(operation, ..)| unknown.start(&format!("{operation} {id}"), tries));
        }
        reply
    }

    fn refusal(&self, ask: Ask<'_>) -> Option<Reply> {
        let (operation, code, message) = USES.iter().find(|(operation, ..)| *operation == ask.operation())?;
        let said = percent_decode_str(&ask.call.body).decode_utf8_lossy();
        let mut unknown = locked(&self.0);
        let before = format!("{operation} ");
        let ids: Vec<String> = unknown.0.keys().filter_map(|key| key.strip_prefix(&before)).map(str::to_owned).collect();
        let id = ids.into_iter().find(|id| said.contains(id.as_str()))?;
        unknown.poll(&format!("{before}{id}"));
        Some(ask.refuse(code, &message.replace("{}", &id)))
    }
}

fn born(ask: Ask<'_>, reply: &Reply) -> Option<String> {
    let (_, place) = BIRTHS.iter().find(|(operation, _)| *operation == ask.operation()).filter(|_| succeeded(reply))?;
    if let Some(param) = place.strip_prefix('=') {
        return ask.call.param(param);
    }
    if let Ok(body) = serde_json::from_str::<Value>(&reply.body) {
        let id = text(body.pointer(&format!("/{place}"))?);
        return Some(id.to_owned());
    }
    Some(Element::parse(&reply.body)?.text_at(place).to_owned())
}
