//! EC2 security groups: names are checked, and a group goes only when nothing refers to it or stands behind it.
//!
//! docs/aws.md, "EC2: security groups".

use std::sync::Mutex;

use super::xml::Element;
use super::{Ask, Countdown, edit_xml, form, locked, succeeded};
use crate::support::call::Reply;

#[derive(Default)]
pub struct SecurityGroups {
    /// By group id, the describes that do not show it yet.
    hidden: Mutex<Countdown>,
    /// By group id, the deletes that find a network interface of a deleted load balancer.
    lingering: Mutex<Countdown>,
}

impl SecurityGroups {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        if let Some(message) = bad_description(ask) {
            return ask.refuse("InvalidParameterValue", &message);
        }
        match ask.operation() {
            "CreateSecurityGroup" => self.create(ask),
            "DescribeSecurityGroups" => edit_xml(ask.forward(), |root| {
                let mut hidden = locked(&self.hidden);
                if let Some(list) = root.child_mut("securityGroupInfo") {
                    list.children.retain(|group| !hidden.poll(group.text_at("groupId")));
                }
            }),
            "DeleteSecurityGroup" => self.delete(ask),
            _ => ask.forward(),
        }
    }

    /// The network interfaces of a deleted load balancer stay with its security groups for a while.
    pub fn linger(&self, group: &str, deletes: usize) {
        locked(&self.lingering).start(group, deletes);
    }

    fn create(&self, ask: Ask<'_>) -> Reply {
        let mut hidden = locked(&self.hidden);
        let (name, vpc) = (ask.param("GroupName"), ask.param("VpcId"));
        if name.to_ascii_lowercase().starts_with("sg-") || name.len() > 255 {
            let message = format!("Value ({name}) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.");
            return ask.refuse("InvalidParameterValue", &message);
        }
        let vpcs = ask.backend().ec2(ask.region(), "DescribeVpcs", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", &vpc)]);
        if vpcs.list("vpcSet").is_empty() {
            return ask.refuse("InvalidVpcID.NotFound", &format!("The vpc ID '{vpc}' does not exist"));
        }
        let groups = ask.backend().ec2(ask.region(), "DescribeSecurityGroups", &[]);
        let same = |group: &Element| group.text_at("vpcId") == vpc && group.text_at("groupName").eq_ignore_ascii_case(&name);
        if groups.list("securityGroupInfo").iter().any(same) {
            let message = format!("The security group '{name}' already exists for VPC '{vpc}'");
            return ask.refuse("InvalidGroup.Duplicate", &message);
        }
        let reply = ask.forward();
        if succeeded(&reply) {
            let created = Element::parse(&reply.body).unwrap_or_default();
            hidden.start(created.text_at("groupId"), ask.lags().security_group_hidden);
        }
        reply
    }

    fn delete(&self, ask: Ask<'_>) -> Reply {
        let id = ask.param("GroupId");
        let lingers = locked(&self.lingering).poll(&id);
        if lingers || is_referenced(ask, &id) || serves_a_load_balancer(ask, &id) || protects_instances(ask, &id) {
            return ask.refuse("DependencyViolation", &format!("resource {id} has a dependent object"));
        }
        ask.forward()
    }
}

/// EC2 is particular about the descriptions of groups and rules.
fn bad_description(ask: Ask<'_>) -> Option<String> {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "._-:/()#,@[]+=&;{}!$* ".contains(letter);
    let said = form(ask).into_iter().filter(|(key, _)| key.ends_with("Description"));
    let bad = said.filter(|(_, value)| value.len() > 255 || !value.chars().all(legal)).map(|(_, value)| value).next()?;
    Some(format!(
        "Invalid rule or group description: '{bad}'. Valid descriptions are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{{}}!$*"
    ))
}

fn is_referenced(ask: Ask<'_>, id: &str) -> bool {
    let rules = ask.backend().ec2(ask.region(), "DescribeSecurityGroupRules", &[]);
    let others = rules.list("securityGroupRuleSet").iter().filter(|rule| rule.text_at("groupId") != id);
    others.into_iter().any(|rule| rule.text_at("referencedGroupInfo/groupId") == id)
}

fn serves_a_load_balancer(ask: Ask<'_>, id: &str) -> bool {
    let balancers = ask.backend().elb(ask.region(), "DescribeLoadBalancers", &[]);
    let mut balancers = balancers.list("DescribeLoadBalancersResult/LoadBalancers").iter();
    balancers.any(|balancer| balancer.list("SecurityGroups").iter().any(|group| group.text == id))
}

/// The emulator's machines do not carry the groups of their launch template's network interfaces.
fn protects_instances(ask: Ask<'_>, id: &str) -> bool {
    let templates = ask.honest.auto_scaling.templates_of_instances(ask);
    templates.iter().any(|(template, version)| {
        let chosen = [("LaunchTemplateId", template.as_str()), ("LaunchTemplateVersion.1", version.as_str())];
        let versions = ask.backend().ec2(ask.region(), "DescribeLaunchTemplateVersions", &chosen);
        let data = versions.list("launchTemplateVersionSet").iter().filter_map(|version| version.child("launchTemplateData"));
        let interfaces = data.flat_map(|data| data.list("networkInterfaceSet"));
        interfaces.into_iter().flat_map(|interface| interface.list("groupSet")).any(|group| group.text == id)
    })
}
