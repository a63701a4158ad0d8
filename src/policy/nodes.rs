//! Rules about the EC2 nodes, what they are launched from and what they may do.

use super::{Checked, Examined, NO_ZONES, Rule, Severity, Subject, Unjudged};
use crate::model::address::{Address, Kind};
use crate::model::properties::{AutoScalingGroup, Direction, LaunchTemplateContent, Peer, Rule as TrafficRule};
use crate::plan::desired::{DesiredGroup, DesiredNodes, address_of};
use std::collections::BTreeSet;

const NO_GROUPS: &str = "there are no node groups";
/// Policies of AWS that allow everything, or that let a node give itself everything.
const ADMINISTRATIVE: [&str; 3] = ["/AdministratorAccess", "/PowerUserAccess", "/IAMFullAccess"];
/// The agent's setting that keeps tasks with an address of their own away from the node's credentials.
const BLOCK_IMDS: &str = "ECS_AWSVPC_BLOCK_IMDS=true";

pub const RULES: &[Rule] = &[
    Rule {
        id: "ECS101",
        title: "nodes answer version 2 of the instance metadata service only",
        why: "Version 1 hands a node's credentials to whoever makes an app on it fetch a URL.",
        remedy: "set HttpTokens to `required` in the launch template",
        severity: Severity::High,
        controls: &["AutoScaling.3", "CIS 3.0.0/5.6", "EC2.8", "EC2.170"],
        exempt: None,
        check: metadata_tokens,
    },
    Rule {
        id: "ECS102",
        title: "metadata answers go no further than the node itself",
        why: "With more hops, containers on a bridge network can fetch the node's credentials.",
        remedy: "set HttpPutResponseHopLimit to 1 in the launch template",
        severity: Severity::Medium,
        controls: &["CT.EC2.PR.2"],
        exempt: None,
        check: metadata_hops,
    },
    Rule {
        id: "ECS103",
        title: "tasks do not get the node's credentials",
        why: "A task has a role of its own; with the node's it could pull every image and take part as a node.",
        remedy: "set ECS_AWSVPC_BLOCK_IMDS=true in the agent's settings",
        severity: Severity::Medium,
        controls: &[],
        exempt: None,
        check: tasks_kept_off_the_role,
    },
    Rule {
        id: "ECS104",
        title: "the nodes' volumes are encrypted",
        why: "Images, logs and whatever apps write to disk lie on them.",
        remedy: "give the launch template an encrypted root volume",
        severity: Severity::Medium,
        controls: &["EC2.3", "EC2.181"],
        exempt: None,
        check: encrypted_volumes,
    },
    Rule {
        id: "ECS105",
        title: "nodes are in private subnets, without public addresses",
        why: "Apps are reached through the load balancer; a node that the internet reaches is one more door.",
        remedy: "list the nodes' subnets as private ones only in the VPC",
        severity: Severity::High,
        controls: &["AutoScaling.5", "EC2.9", "EC2.25"],
        exempt: None,
        check: private_subnets,
    },
    Rule {
        id: "ECS106",
        title: "every node group spans two Availability Zones",
        why: "The outage of one zone would take all nodes of the group.",
        remedy: "connect a VPC with private subnets in two Availability Zones",
        severity: Severity::Medium,
        controls: &["AutoScaling.2"],
        exempt: None,
        check: zones,
    },
    Rule {
        id: "ECS107",
        title: "the nodes' security group lets nobody in from outside",
        why: "Remote administration goes through Session Manager, which needs no open port.",
        remedy: "leave the group's ingress to the group itself and to other security groups",
        severity: Severity::High,
        controls: &["CIS 3.0.0/5.2", "EC2.13", "EC2.14", "EC2.18", "EC2.19", "EC2.53"],
        exempt: None,
        check: closed_to_outside,
    },
    Rule {
        id: "ECS108",
        title: "EC2 alone may assume the nodes' role",
        why: "Nodes get their credentials from the role, never from keys; nobody else needs them.",
        remedy: "trust ec2.amazonaws.com and nothing else",
        severity: Severity::High,
        controls: &["CIS 3.0.0/1.18"],
        exempt: None,
        check: trusted_by_ec2,
    },
    Rule {
        id: "ECS109",
        title: "the nodes' role administers nothing",
        why: "Whoever breaks out of a container has what the node may do.",
        remedy: "detach the policy from the role, and give tasks roles of their own",
        severity: Severity::High,
        controls: &["CIS 3.0.0/1.16", "IAM.1"],
        exempt: None,
        check: no_administration,
    },
    Rule {
        id: "ECS110",
        title: "the nodes' role has no inline policies",
        why: "What is embedded in a role escapes reviews of the account's policies. This bundle embeds none, and leaves what others embed.",
        remedy: "move the policy to the role of the task that needs it",
        severity: Severity::Low,
        controls: &["iam-no-inline-policy-check"],
        exempt: None,
        check: no_inline_policies,
    },
    Rule {
        id: "ECS111",
        title: "scaling in never ends a running task",
        why: "Without termination protection and draining, nodes are taken away under the tasks on them.",
        remedy: "leave managed termination protection and managed draining on",
        severity: Severity::Medium,
        controls: &[],
        exempt: None,
        check: careful_scale_in,
    },
];

fn nodes<'a>(subject: &Subject<'a>) -> Result<&'a DesiredNodes, Unjudged> {
    subject.desired.nodes.as_ref().ok_or(Unjudged::NotApplicable(NO_GROUPS))
}

/// Judges every group's launch template.
fn templates(subject: &Subject, fault: impl Fn(&LaunchTemplateContent) -> Option<String>) -> Checked {
    let address = |group: &DesiredGroup| Address::new(Kind::LaunchTemplate, &group.launch_template_name);
    Ok(nodes(subject)?.groups.iter().map(|group| Examined::new(address(group), fault(&group.content))).collect())
}

/// Judges every group's Auto Scaling group by its subnets.
fn subnets(subject: &Subject, fault: impl Fn(&BTreeSet<String>) -> Option<String>) -> Checked {
    let groups = nodes(subject)?.groups.iter().map(|group| &group.auto_scaling_group);
    Ok(groups.map(|group| Examined::new(Address::new(Kind::AutoScalingGroup, &group.name), fault(&group.subnets))).collect())
}

fn role(subject: &Subject, fault: Option<String>) -> Vec<Examined> {
    vec![Examined::new(address_of(Kind::Role, &subject.desired.owner), fault)]
}

fn metadata_tokens(subject: &Subject) -> Checked {
    templates(subject, |content| {
        let options = &content.metadata_options;
        let answers = options.http_endpoint == "enabled" && options.http_tokens != "required";
        answers.then(|| format!("its HttpTokens is `{}`", options.http_tokens))
    })
}

fn metadata_hops(subject: &Subject) -> Checked {
    templates(subject, |content| {
        let hops = content.metadata_options.http_put_response_hop_limit;
        (hops > 1).then(|| format!("its HttpPutResponseHopLimit is {hops}"))
    })
}

fn tasks_kept_off_the_role(subject: &Subject) -> Checked {
    templates(subject, |content| (!content.user_data.contains(BLOCK_IMDS)).then(|| format!("its user data does not set {BLOCK_IMDS}")))
}

fn encrypted_volumes(subject: &Subject) -> Checked {
    templates(subject, |content| match &content.root_volume {
        None => Some("it leaves the root volume to the image".to_owned()),
        Some(volume) => (!volume.encrypted).then(|| format!("its volume `{}` is not encrypted", volume.device_name)),
    })
}

/// Public addresses need no look: the launch template denies them, whatever the subnet says.
fn private_subnets(subject: &Subject) -> Checked {
    let public: BTreeSet<&String> = subject.identity.vpc.public_subnets.iter().collect();
    subnets(subject, |subnets| {
        let shared: Vec<String> = subnets.iter().filter(|subnet| public.contains(subnet)).map(|subnet| format!("`{subnet}`")).collect();
        (!shared.is_empty()).then(|| format!("it launches nodes into public subnets: {}", shared.join(", ")))
    })
}

fn zones(subject: &Subject) -> Checked {
    let groups = nodes(subject)?.groups.iter().map(|group| &group.auto_scaling_group);
    groups
        .map(|group| {
            let zones = zones_of(group, subject).ok_or(Unjudged::NotChecked(NO_ZONES))?;
            let fault = match &zones[..] {
                [] => Some("its subnets are all in no zone that exists".to_owned()),
                [only] => Some(format!("its subnets are all in {only}")),
                _ => None,
            };
            Ok(Examined::new(Address::new(Kind::AutoScalingGroup, &group.name), fault))
        })
        .collect()
}

/// A group that stands on its subnets tells their zones. The facts have none then: no one asks for the subnets where everything stands.
fn zones_of<'a>(group: &AutoScalingGroup, subject: &Subject<'a>) -> Option<Vec<&'a str>> {
    let standing = subject.observed.auto_scaling_groups.present().and_then(|groups| groups.get(&group.name));
    if let Some(found) = standing.filter(|found| found.properties.subnets == group.subnets && !found.availability_zones.is_empty()) {
        return Some(found.availability_zones.iter().map(String::as_str).collect());
    }
    let known = subject.facts.subnets.present()?;
    let subnets = group.subnets.iter().filter_map(|subnet| known.get(subnet));
    let zones: BTreeSet<&str> = subnets.map(|subnet| subnet.availability_zone.as_str()).collect();
    Some(zones.into_iter().collect())
}

fn closed_to_outside(subject: &Subject) -> Checked {
    let group = &nodes(subject)?.security_group;
    let open = |rule: &&TrafficRule| rule.direction == Direction::Ingress && matches!(rule.peer, Peer::Cidr(_));
    let fault = group.rules.keys().find(open).map(|rule| format!("it lets in {rule}"));
    Ok(vec![Examined::new(address_of(Kind::SecurityGroup, &subject.desired.owner), fault)])
}

/// Whoever else the standing role trusts is not judged: the plan puts that right.
fn trusted_by_ec2(subject: &Subject) -> Checked {
    let services = &nodes(subject)?.role.trusted_principals;
    let others: Vec<String> = services.iter().filter(|service| !is_ec2(service)).map(|service| format!("`{service}`")).collect();
    Ok(role(subject, (!others.is_empty()).then(|| format!("it trusts {}", others.join(", ")))))
}

fn is_ec2(service: &str) -> bool {
    matches!(service, "ec2.amazonaws.com" | "ec2.amazonaws.com.cn")
}

/// Policies that others have attached stay, so that they count too.
fn no_administration(subject: &Subject) -> Checked {
    let planned = &nodes(subject)?.role.managed_policies;
    let standing = subject.observed.role.present().map(|role| &role.properties.managed_policies);
    let mut all = planned.iter().chain(standing.into_iter().flatten());
    let found = all.find(|policy| ADMINISTRATIVE.iter().any(|ending| policy.ends_with(ending)));
    Ok(role(subject, found.map(|policy| format!("`{policy}` is attached to it"))))
}

fn no_inline_policies(subject: &Subject) -> Checked {
    nodes(subject)?;
    let names = match subject.observed.role.present().map(|role| &role.inline_policies) {
        None => Vec::new(),
        Some(Some(embedded)) => embedded.iter().map(|name| format!("`{name}`")).collect(),
        Some(None) => {
            let why = "what is embedded in the role is read only where `policy.halt_on_failure` is on, to spare every plan a call";
            return Err(Unjudged::NotChecked(why));
        }
    };
    Ok(role(subject, (!names.is_empty()).then(|| format!("others have embedded {} in it", names.join(", ")))))
}

fn careful_scale_in(subject: &Subject) -> Checked {
    let providers = nodes(subject)?.groups.iter().map(|group| (&group.capacity_provider, &group.auto_scaling_group));
    Ok(providers
        .map(|(provider, group)| {
            let careful =
                provider.managed_termination_protection && provider.managed_draining && group.new_instances_protected_from_scale_in;
            let fault = (!careful).then(|| "termination protection or draining is off".to_owned());
            Examined::new(Address::new(Kind::CapacityProvider, &provider.name), fault)
        })
        .collect())
}
