//! Auto Scaling groups: no name is taken twice, sizes have to fit, and a deletion takes its time.
//!
//! docs/aws.md, "Auto Scaling: groups".

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::xml::Element;
use super::{Ask, Countdown, edit_xml, locked, succeeded};
use crate::support::call::Reply;

#[derive(Default)]
pub struct Groups(Mutex<State>);

#[derive(Default)]
struct State {
    /// By name, the describes that do not show a new group yet.
    hidden: Countdown,
    /// By name, how often creating it was refused since its instance profile was not known.
    refused: BTreeMap<String, usize>,
    deleting: BTreeMap<String, Ghost>,
}

/// A group that the emulator has deleted and AWS is still deleting.
struct Ghost {
    polls: usize,
    group: Element,
}

impl Groups {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        match ask.operation() {
            "CreateAutoScalingGroup" => self.create(ask),
            "EnableMetricsCollection" | "UpdateAutoScalingGroup" if group(ask, &ask.param("AutoScalingGroupName")).is_none() => {
                ask.refuse("ValidationError", "AutoScalingGroup name not found - null")
            }
            "UpdateAutoScalingGroup" => self.update(ask),
            "DeleteAutoScalingGroup" => self.delete(ask),
            "DescribeAutoScalingGroups" => self.describe(ask),
            "DescribeScalingActivities" => ask.honest.launches.activities(ask),
            "StartInstanceRefresh" => ask.honest.refreshes.start(ask),
            "DescribeInstanceRefreshes" => ask.honest.refreshes.describe(ask),
            "CancelInstanceRefresh" => ask.honest.refreshes.cancel(ask),
            "SetInstanceProtection" => protect(ask),
            _ => ask.forward(),
        }
    }

    /// Launch templates, by id and version, that instances of a living or a dying group run on.
    pub fn templates_of_instances(&self, ask: Ask<'_>) -> Vec<(String, String)> {
        let state = locked(&self.0);
        let living = ask.backend().auto_scaling(ask.region(), "DescribeAutoScalingGroups", &[]);
        let living = living.list("DescribeAutoScalingGroupsResult/AutoScalingGroups").iter();
        let groups = living.chain(state.deleting.values().map(|ghost| &ghost.group));
        let populated = groups.filter(|group| !group.list("Instances").is_empty());
        populated
            .map(|group| {
                let version = group.text_at("LaunchTemplate/Version");
                let version = if version.is_empty() { "$Default" } else { version };
                (group.text_at("LaunchTemplate/LaunchTemplateId").to_owned(), version.to_owned())
            })
            .collect()
    }

    fn create(&self, ask: Ask<'_>) -> Reply {
        let mut state = locked(&self.0);
        let name = ask.param("AutoScalingGroupName");
        if state.deleting.contains_key(&name) {
            let message =
                "AutoScalingGroup by this name already exists - A group with this name is pending delete and can not be re-created";
            return ask.refuse("AlreadyExists", message);
        }
        if group(ask, &name).is_some() {
            return ask.refuse("AlreadyExists", "AutoScalingGroup by this name already exists - A group with the name already exists");
        }
        let sizes = (ask.number("MinSize"), ask.number("MaxSize"), ask.number("DesiredCapacity"));
        if let Some(message) = bad_sizes(sizes) {
            return ask.refuse("ValidationError", message);
        }
        let tries = state.refused.entry(name.clone()).or_default();
        if *tries < ask.lags().instance_profile_unknown {
            *tries += 1;
            return ask.refuse("ValidationError", &unknown_profile("the profile"));
        }
        if let Some(profile) = missing_profile(ask) {
            return ask.refuse("ValidationError", &unknown_profile(&profile));
        }
        let reply = ask.honest.launches.resize(ask, None);
        if succeeded(&reply) {
            state.refused.remove(&name);
            state.hidden.start(&name, ask.lags().auto_scaling_group_hidden);
        }
        reply
    }

    fn update(&self, ask: Ask<'_>) -> Reply {
        let state = locked(&self.0);
        let name = ask.param("AutoScalingGroupName");
        if state.deleting.contains_key(&name) {
            return ask.refuse("ValidationError", &format!("AutoScalingGroup {name} is pending delete"));
        }
        let Some(current) = group(ask, &name) else {
            return ask.refuse("ValidationError", &format!("AutoScalingGroup name not found - null: {name} not found"));
        };
        let size = |field: &str| ask.number(field).or_else(|| current.text_at(field).parse().ok());
        match bad_sizes((size("MinSize"), size("MaxSize"), ask.number("DesiredCapacity"))) {
            Some(message) => ask.refuse("ValidationError", message),
            None => ask.honest.launches.resize(ask, Some(&current)),
        }
    }

    fn delete(&self, ask: Ask<'_>) -> Reply {
        let mut state = locked(&self.0);
        let name = ask.param("AutoScalingGroupName");
        if state.deleting.contains_key(&name) {
            let message = "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.";
            return ask.refuse("ScalingActivityInProgress", message);
        }
        let found = group(ask, &name);
        let populated = found.as_ref().is_some_and(|found| !found.list("Instances").is_empty());
        if populated && ask.param("ForceDelete") != "true" {
            let message =
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.";
            return ask.refuse("ResourceInUse", message);
        }
        let reply = ask.forward();
        if succeeded(&reply) {
            terminate(ask, found.as_ref().map_or(&[][..], |found| found.list("Instances")));
        }
        let polls = ask.lags().auto_scaling_group_deleting;
        if let Some(mut group) = found.filter(|_| succeeded(&reply) && polls > 0) {
            group.set("Status", "Delete in progress");
            state.deleting.insert(name, Ghost { polls, group });
        }
        reply
    }

    fn describe(&self, ask: Ask<'_>) -> Reply {
        edit_xml(ask.forward(), |root| {
            let mut state = locked(&self.0);
            let Some(list) = root.at_mut("DescribeAutoScalingGroupsResult/AutoScalingGroups") else { return };
            list.children.retain(|group| !state.hidden.poll(group.text_at("AutoScalingGroupName")));
            list.children.iter_mut().for_each(|group| ask.honest.launches.show(group));
            if ask.call.param("NextToken").is_some() {
                return;
            }
            for ghost in state.deleting.values_mut().filter(|ghost| is_chosen(ask, &ghost.group)) {
                ghost.polls -= 1;
                list.children.push(ghost.group.clone());
            }
            state.deleting.retain(|_, ghost| ghost.polls > 0);
        })
    }
}

/// One instance that is not the group's fails the call for all.
fn protect(ask: Ask<'_>) -> Reply {
    let name = ask.param("AutoScalingGroupName");
    let found = group(ask, &name).unwrap_or_default();
    let members: Vec<&str> = found.list("Instances").iter().map(|instance| instance.text_at("InstanceId")).collect();
    match ask.params("InstanceIds.member.").iter().find(|id| !members.contains(&id.as_str())) {
        Some(id) => ask.refuse("ValidationError", &format!("The instance {id} is not part of Auto Scaling group {name}.")),
        None => ask.forward(),
    }
}

/// The emulator leaves instances behind that are protected from scale-in, which is no protection from the end of their group.
fn terminate(ask: Ask<'_>, instances: &[Element]) {
    for instance in instances {
        ask.backend().ec2(ask.region(), "TerminateInstances", &[("InstanceId.1", instance.text_at("InstanceId"))]);
    }
}

/// The group as the emulator has it.
pub fn group(ask: Ask<'_>, name: &str) -> Option<Element> {
    let found = ask.backend().auto_scaling(ask.region(), "DescribeAutoScalingGroups", &[("AutoScalingGroupNames.member.1", name)]);
    found.list("DescribeAutoScalingGroupsResult/AutoScalingGroups").first().cloned()
}

/// Whether the describe call asks for this group, by name or by filter.
fn is_chosen(ask: Ask<'_>, group: &Element) -> bool {
    let asked = ask.params("AutoScalingGroupNames.member.");
    let tags = group.list("Tags");
    let filters = ask.params_of("Filters.member.", ".Name");
    let fits = |(place, filter): (usize, &String)| {
        let values = ask.params(&format!("Filters.member.{}.Values.member.", place + 1));
        let one_of = |text: &str| values.iter().any(|value| value == text);
        tags.iter().any(|tag| match filter.as_str() {
            "tag-key" => one_of(tag.text_at("Key")),
            "tag-value" => one_of(tag.text_at("Value")),
            _ => filter.strip_prefix("tag:") == Some(tag.text_at("Key")) && one_of(tag.text_at("Value")),
        })
    };
    let named = asked.is_empty() || asked.iter().any(|name| name == group.text_at("AutoScalingGroupName"));
    named && filters.iter().enumerate().all(fits)
}

fn bad_sizes((min, max, desired): (Option<i64>, Option<i64>, Option<i64>)) -> Option<&'static str> {
    let (Some(min), Some(max)) = (min, max) else { return Some("MinSize and MaxSize are required") };
    if min > max {
        return Some("Max bound, MaxSize, must be greater than or equal to min bound, MinSize");
    }
    let outside = desired.is_some_and(|desired| !(min..=max).contains(&desired));
    outside.then_some("Desired capacity must be between the specified min size and max size")
}

fn unknown_profile(name: &str) -> String {
    let value = format!("Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name");
    format!("You must use a valid fully-formed launch template. {value}")
}

/// The launch template's instance profile, unless IAM has it.
fn missing_profile(ask: Ask<'_>) -> Option<String> {
    let (id, version) = (ask.param("LaunchTemplate.LaunchTemplateId"), ask.param("LaunchTemplate.Version"));
    let chosen = [("LaunchTemplateId", id.as_str()), ("LaunchTemplateVersion.1", version.as_str())];
    let found = ask.backend().ec2(ask.region(), "DescribeLaunchTemplateVersions", &chosen);
    let profile = found.list("launchTemplateVersionSet").first()?.at("launchTemplateData/iamInstanceProfile")?;
    let name = if profile.text_at("name").is_empty() { super::name_of(profile.text_at("arn")) } else { profile.text_at("name") };
    let found = ask.backend().iam("us-east-1", "GetInstanceProfile", &[("InstanceProfileName", name)]);
    found.child("GetInstanceProfileResult").is_none().then(|| name.to_owned())
}
