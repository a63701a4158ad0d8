//! Launches that fail, and the scaling activities that alone tell of it: Auto Scaling accepts the size and goes on trying.
//!
//! docs/aws.md, "Auto Scaling: groups".

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::xml::Element;
use super::{Ask, auto_scaling, form, locked, xml_reply};
use crate::support::call::Reply;

/// Why EC2 launches nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LaunchFailure {
    #[default]
    BadImage,
    TypeNotOffered,
    VcpuQuota,
    InvalidProfile,
}

impl LaunchFailure {
    /// As the failed activity says it.
    pub fn words(self) -> &'static str {
        match self {
            Self::BadImage => "The image id '[ami-0123456789abcdef0]' does not exist. Launching EC2 instance failed.",
            Self::TypeNotOffered => {
                "Your requested instance type (m7g.large) is not supported in your requested Availability Zone (us-west-2d). Please retry your request by not specifying an Availability Zone or choosing us-west-2a, us-west-2b, us-west-2c. Launching EC2 instance failed."
            }
            Self::VcpuQuota => {
                "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit. Launching EC2 instance failed."
            }
            Self::InvalidProfile => {
                "Value (demo) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name. Launching EC2 instance failed."
            }
        }
    }
}

#[derive(Default)]
pub struct Launches(Mutex<BTreeMap<String, Stuck>>);

/// A group that wants more instances than it gets.
#[derive(Clone)]
struct Stuck {
    tries: usize,
    failure: LaunchFailure,
    min_size: String,
    desired: String,
}

impl Launches {
    /// Sends a change of the group's size on. If launches fail just now, the emulator keeps the size that it has.
    pub fn resize(&self, ask: Ask<'_>, found: Option<&Element>) -> Reply {
        let mut stuck = locked(&self.0);
        let name = ask.param("AutoScalingGroupName");
        let running = found.map_or(0, |group| group.list("Instances").len());
        let wanted = ask.number("DesiredCapacity").into_iter().chain(ask.number("MinSize")).max().unwrap_or_default();
        let before = stuck.remove(&name);
        let lags = ask.lags();
        let tries = before.map_or(lags.launches_failing, |before| before.tries);
        if tries == 0 || usize::try_from(wanted).is_ok_and(|wanted| wanted <= running) {
            return ask.forward();
        }
        let wanted = wanted.to_string();
        let min_size = ask.call.param("MinSize").unwrap_or_default();
        stuck.insert(name, Stuck { tries, failure: lags.launch_failure, min_size, desired: wanted });
        let running = running.to_string();
        let changed = |key: &str| ["MinSize", "DesiredCapacity"].contains(&key);
        let kept: Vec<(String, String)> =
            form(ask).into_iter().filter(|(key, _)| !changed(key) && !["Action", "Version"].contains(&key.as_str())).collect();
        let mut params: Vec<(&str, &str)> = kept.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        params.extend([("MinSize", running.as_str()), ("DesiredCapacity", running.as_str())]);
        ask.backend().auto_scaling(ask.region(), ask.operation(), &params);
        xml_reply(ask.operation(), Vec::new())
    }

    /// Shows the size that was asked for, not the one that the emulator keeps.
    pub fn show(&self, group: &mut Element) {
        let stuck = locked(&self.0);
        if let Some(stuck) = stuck.get(group.text_at("AutoScalingGroupName")) {
            group.set("MinSize", &stuck.min_size);
            group.set("DesiredCapacity", &stuck.desired);
        }
    }

    /// The newest first. Auto Scaling tries again between two looks.
    pub fn activities(&self, ask: Ask<'_>) -> Reply {
        let mut all = locked(&self.0);
        let name = ask.param("AutoScalingGroupName");
        let mut activities = Vec::new();
        if let Some(stuck) = all.get_mut(&name) {
            stuck.tries -= 1;
            activities.push(activity(&name, "Failed", stuck.failure.words(), "Launching a new EC2 instance."));
            if stuck.tries == 0 {
                let params = [("AutoScalingGroupName", name.as_str()), ("MinSize", &stuck.min_size), ("DesiredCapacity", &stuck.desired)];
                ask.backend().auto_scaling(ask.region(), "UpdateAutoScalingGroup", &params);
                all.remove(&name);
            }
        }
        let group = auto_scaling::group(ask, &name).unwrap_or_default();
        let launched = group.list("Instances").iter().map(|instance| {
            activity(&name, "Successful", "", &format!("Launching a new EC2 instance: {}", instance.text_at("InstanceId")))
        });
        activities.extend(launched);
        xml_reply("DescribeScalingActivities", vec![Element::with_children("Activities", activities)])
    }
}

fn activity(group: &str, status: &str, message: &str, description: &str) -> Element {
    let mut shown = Element::new("member");
    let fields = [
        ("ActivityId", "f9f2d65b-f1f2-43e7-b46d-d86756459699"),
        ("AutoScalingGroupName", group),
        ("StartTime", "2026-01-01T00:00:00Z"),
        ("Cause", "At 2026-01-01T00:00:00Z an instance was started in response to a difference between desired and actual capacity."),
        ("Description", description),
        ("StatusCode", status),
    ];
    fields.iter().for_each(|(name, text)| shown.set(name, text));
    if !message.is_empty() {
        shown.set("StatusMessage", message);
    }
    shown
}
