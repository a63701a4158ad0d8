//! Amazon EC2: security groups and their rules.

use crate::aws::call::{Deleted, Named, all_of, required};
use crate::aws::classes::is_gone;
use crate::aws::failure::{Class, Failure};
use crate::aws::network::filter;
use crate::aws::{Aws, Scope};
use crate::model::answers::ReferringGroup;
use crate::model::observed::{ObservedRule, ObservedSecurityGroup};
use crate::model::properties::{ANYWHERE, Direction, Peer, Rule, SecurityGroup};
use crate::model::tags::Tags;
use crate::plan::action::{DescribedRules, Service};
use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, SecurityGroup as SecurityGroupFound, SecurityGroupRule, Tag,
    TagSpecification, UserIdGroupPair,
};
use std::collections::{BTreeMap, BTreeSet};

const ALL_TRAFFIC: &str = "-1";

pub(super) fn ec2_tags(tags: &Tags) -> Vec<Tag> {
    tags.0.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

pub(super) fn read_tags(tags: &[Tag]) -> Tags {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))).collect()
}

pub(super) fn tag_specification(resource: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder().resource_type(resource).set_tags(Some(ec2_tags(tags))).build()
}

fn permission(group_id: &str, rule: &Rule, description: &str) -> IpPermission {
    let mut permission = IpPermission::builder().ip_protocol(&rule.protocol);
    if let Some((from, to)) = rule.ports {
        permission = permission.from_port(from).to_port(to);
    }
    let permission = match &rule.peer {
        Peer::Cidr(cidr) if cidr.contains(':') => {
            permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(cidr).description(description).build())
        }
        Peer::Cidr(cidr) => permission.ip_ranges(IpRange::builder().cidr_ip(cidr).description(description).build()),
        Peer::Other(id) if id.starts_with("pl-") => {
            permission.prefix_list_ids(PrefixListId::builder().prefix_list_id(id).description(description).build())
        }
        Peer::Itself => permission.user_id_group_pairs(UserIdGroupPair::builder().group_id(group_id).description(description).build()),
        Peer::Other(id) => permission.user_id_group_pairs(UserIdGroupPair::builder().group_id(id).description(description).build()),
    };
    permission.build()
}

/// What a group shows together, one rule for each peer, with its description
/// (docs/aws.md, "EC2: security groups").
fn rules_of(group_id: &str, direction: Direction, permission: &IpPermission) -> Vec<(Rule, String)> {
    let peers = permission.ip_ranges().iter().map(|range| (range.cidr_ip().map(canonical), range.description()));
    let peers = peers.chain(permission.ipv6_ranges().iter().map(|range| (range.cidr_ipv6().map(canonical), range.description())));
    let lists = permission.prefix_list_ids().iter();
    let peers = peers.chain(lists.map(|list| (list.prefix_list_id().map(|id| Peer::Other(id.to_owned())), list.description())));
    let groups = permission.user_id_group_pairs().iter();
    let peers = peers.chain(groups.map(|pair| (pair.group_id().map(|other| peer_group(group_id, other)), pair.description())));
    let protocol = permission.ip_protocol().unwrap_or_default();
    let ports = ports(protocol, permission.from_port(), permission.to_port());
    let rule = |peer| Rule { direction, protocol: protocol.to_owned(), ports, peer };
    peers.filter_map(|(peer, text)| Some((rule(peer?), text.unwrap_or_default().to_owned()))).collect()
}

fn peer_group(group_id: &str, other: &str) -> Peer {
    if other == group_id { Peer::Itself } else { Peer::Other(other.to_owned()) }
}

/// Only these protocols have ports, or types and codes; for others AWS shows -1 or nothing.
fn ports(protocol: &str, from: Option<i32>, to: Option<i32>) -> Option<(i32, i32)> {
    from.zip(to).filter(|_| ["tcp", "udp", "icmp", "icmpv6"].contains(&protocol))
}

fn read_rule(rule: &SecurityGroupRule) -> Option<Rule> {
    let protocol = rule.ip_protocol()?.to_owned();
    let other = rule.referenced_group_info().and_then(|group| group.group_id());
    let peer = match other {
        Some(group) => peer_group(rule.group_id()?, group),
        None => rule
            .cidr_ipv4()
            .or_else(|| rule.cidr_ipv6())
            .map(canonical)
            .or_else(|| rule.prefix_list_id().map(|id| Peer::Other(id.to_owned())))?,
    };
    let ports = ports(&protocol, rule.from_port(), rule.to_port());
    let direction = if rule.is_egress() == Some(true) { Direction::Egress } else { Direction::Ingress };
    Some(Rule { direction, protocol, ports, peer })
}

fn canonical(cidr: &str) -> Peer {
    Peer::Cidr(cidr.parse::<ipnet::IpNet>().map_or_else(|_| cidr.to_owned(), |net| net.trunc().to_string()))
}

impl Aws {
    /// The groups of these names, by name: the one in the VPC, else one of ours that a change of the VPC connection has left behind.
    pub(super) async fn security_groups(
        &self,
        scope: &Scope,
        names: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, ObservedSecurityGroup>, Failure> {
        let operation = "DescribeSecurityGroups";
        let call = self.ec2.describe_security_groups().filters(filter("group-name", names));
        let groups = all_of!(call).await.named(Service::Ec2, operation)?;
        let here = |group: &SecurityGroupFound| group.vpc_id() == Some(scope.vpc_id.as_str());
        let (mut chosen, elsewhere): (Vec<_>, Vec<_>) = groups.into_iter().partition(here);
        for group in elsewhere.into_iter().filter(|group| scope.owner.owns(&read_tags(group.tags()))) {
            if !chosen.iter().any(|other| other.group_name() == group.group_name()) {
                chosen.push(group);
            }
        }
        let mut found = BTreeMap::new();
        for group in chosen {
            let id = required(group.group_id.clone(), Service::Ec2, operation, "GroupId")?;
            let rules = [(Direction::Ingress, group.ip_permissions()), (Direction::Egress, group.ip_permissions_egress())];
            let rules = rules.into_iter().flat_map(|(direction, permissions)| permissions.iter().map(move |one| (direction, one)));
            let rules = rules.flat_map(|(direction, permission)| rules_of(&id, direction, permission)).collect();
            let properties = SecurityGroup {
                name: required(group.group_name, Service::Ec2, operation, "GroupName")?,
                description: required(group.description, Service::Ec2, operation, "Description")?,
                vpc_id: required(group.vpc_id, Service::Ec2, operation, "VpcId")?,
                rules,
                tags: read_tags(group.tags.as_deref().unwrap_or_default()),
            };
            found.insert(properties.name.clone(), ObservedSecurityGroup { id, properties });
        }
        Ok(found)
    }

    /// Other groups with a rule that names this one: it cannot be deleted before those rules are.
    pub(super) async fn groups_referring_to(&self, id: &str) -> Result<BTreeSet<ReferringGroup>, Failure> {
        let by = |name| all_of!(self.ec2.describe_security_groups().filters(filter(name, [id])));
        let (ingress, egress) = tokio::join!(by("ip-permission.group-id"), by("egress.ip-permission.group-id"));
        let mut groups = ingress.named(Service::Ec2, "DescribeSecurityGroups")?;
        groups.extend(egress.named(Service::Ec2, "DescribeSecurityGroups")?);
        let others = groups.iter().filter(|group| group.group_id() != Some(id));
        let text = |field: Option<&str>| field.unwrap_or_default().to_owned();
        Ok(others.map(|group| ReferringGroup { name: text(group.group_name()), id: text(group.group_id()) }).collect())
    }

    /// The rules of one group with what a group does not show of them: their ids and tags.
    pub(super) async fn rules(&self, group_id: &str) -> Result<BTreeMap<Rule, ObservedRule>, Failure> {
        let found = all_of!(self.ec2.describe_security_group_rules().filters(filter("group-id", [group_id])))
            .await
            .named(Service::Ec2, "DescribeSecurityGroupRules")?;
        Ok(found.iter().filter_map(|rule| Some((read_rule(rule)?, observed_rule(rule)?))).collect())
    }

    pub(super) async fn create_security_group(&self, group: &SecurityGroup) -> Result<String, Failure> {
        let call = self.ec2.create_security_group().group_name(&group.name).description(&group.description).vpc_id(&group.vpc_id);
        let call = call.tag_specifications(tag_specification(ResourceType::SecurityGroup, &group.tags));
        let answer = match call.send().await.named(Service::Ec2, "CreateSecurityGroup") {
            Err(failure) if failure.is("InvalidGroup.Duplicate") => return Err(self.taken(group, failure).await),
            answer => answer?,
        };
        required(answer.group_id, Service::Ec2, "CreateSecurityGroup", "GroupId")
    }

    /// Names are unique without regard to case, in which looks find them: a group of the name in another case is found by no look, and is told here.
    async fn taken(&self, group: &SecurityGroup, refusal: Failure) -> Failure {
        let call = self.ec2.describe_security_groups().filters(filter("vpc-id", [&group.vpc_id]));
        let Ok(found) = all_of!(call).await else { return refusal };
        let names = found.iter().filter_map(|other| other.group_name().zip(other.group_id()));
        let mut same = names.filter(|(name, _)| *name != group.name && name.eq_ignore_ascii_case(&group.name));
        let Some((name, id)) = same.next() else { return refusal };
        let message = format!("{}; that is `{id}`, named `{name}`, which is the same name to EC2", refusal.message);
        Failure { message, ..refusal }.of_class(Class::Final)
    }

    pub(super) async fn revoke_default_egress(&self, group_id: &str) -> Result<(), Failure> {
        let everything = IpPermission::builder().ip_protocol(ALL_TRAFFIC).ip_ranges(IpRange::builder().cidr_ip(ANYWHERE).build()).build();
        let call = self.ec2.revoke_security_group_egress().group_id(group_id).ip_permissions(everything);
        match call.send().await.named(Service::Ec2, "RevokeSecurityGroupEgress") {
            Err(failure) if failure.is("InvalidPermission.NotFound") => Ok(()),
            // The group was made by this run: EC2 has not heard of it everywhere.
            Err(failure) if is_gone(&failure) => Err(failure.of_class(Class::NotYet)),
            revoked => revoked.map(drop),
        }
    }

    pub(super) async fn authorize_rules(
        &self,
        group_id: &str,
        direction: Direction,
        rules: &DescribedRules,
        tags: &Tags,
    ) -> Result<(), Failure> {
        let permissions = Some(rules.iter().map(|(rule, text)| permission(group_id, rule, text)).collect());
        let tags = tag_specification(ResourceType::SecurityGroupRule, tags);
        match direction {
            Direction::Ingress => {
                let call = self.ec2.authorize_security_group_ingress().group_id(group_id).set_ip_permissions(permissions);
                call.tag_specifications(tags).send().await.named(Service::Ec2, "AuthorizeSecurityGroupIngress")?;
            }
            Direction::Egress => {
                let call = self.ec2.authorize_security_group_egress().group_id(group_id).set_ip_permissions(permissions);
                call.tag_specifications(tags).send().await.named(Service::Ec2, "AuthorizeSecurityGroupEgress")?;
            }
        }
        Ok(())
    }

    /// One rule that is gone meanwhile fails the call for all of them: the next look tells which are left.
    pub(super) async fn revoke_rules(&self, group_id: &str, direction: Direction, rule_ids: &BTreeSet<String>) -> Result<(), Failure> {
        let ids = Some(rule_ids.iter().cloned().collect());
        match direction {
            Direction::Ingress => {
                let call = self.ec2.revoke_security_group_ingress().group_id(group_id).set_security_group_rule_ids(ids);
                call.send().await.named(Service::Ec2, "RevokeSecurityGroupIngress")?;
            }
            Direction::Egress => {
                let call = self.ec2.revoke_security_group_egress().group_id(group_id).set_security_group_rule_ids(ids);
                call.send().await.named(Service::Ec2, "RevokeSecurityGroupEgress")?;
            }
        }
        Ok(())
    }

    pub(super) async fn update_rule_descriptions(
        &self,
        group_id: &str,
        direction: Direction,
        rules: &DescribedRules,
    ) -> Result<(), Failure> {
        let permissions = Some(rules.iter().map(|(rule, text)| permission(group_id, rule, text)).collect());
        match direction {
            Direction::Ingress => {
                let call = self.ec2.update_security_group_rule_descriptions_ingress().group_id(group_id);
                let call = call.set_ip_permissions(permissions);
                call.send().await.named(Service::Ec2, "UpdateSecurityGroupRuleDescriptionsIngress")?;
            }
            Direction::Egress => {
                let call = self.ec2.update_security_group_rule_descriptions_egress().group_id(group_id);
                let call = call.set_ip_permissions(permissions);
                call.send().await.named(Service::Ec2, "UpdateSecurityGroupRuleDescriptionsEgress")?;
            }
        }
        Ok(())
    }

    pub(super) async fn create_ec2_tags(&self, resources: &BTreeSet<String>, tags: &Tags) -> Result<(), Failure> {
        let call = self.ec2.create_tags().set_resources(Some(resources.iter().cloned().collect()));
        call.set_tags(Some(ec2_tags(tags))).send().await.named(Service::Ec2, "CreateTags")?;
        Ok(())
    }

    pub(super) async fn delete_security_group(&self, id: &str) -> Result<(), Failure> {
        self.ec2.delete_security_group().group_id(id).send().await.named(Service::Ec2, "DeleteSecurityGroup").or_gone()
    }
}

fn observed_rule(rule: &SecurityGroupRule) -> Option<ObservedRule> {
    Some(ObservedRule { id: rule.security_group_rule_id()?.to_owned(), tags: read_tags(rule.tags()) })
}
