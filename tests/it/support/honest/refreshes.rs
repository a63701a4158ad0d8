//! Auto Scaling instance refreshes: one at a time for each group, step by step, by really launching other instances.
//!
//! docs/aws.md, "Auto Scaling: instance refresh".

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use super::xml::Element;
use super::{Ask, auto_scaling, locked, xml_reply};
use crate::support::call::Reply;

/// Steps that a refresh waits for a protected instance before it fails: an hour of AWS's.
const PATIENCE: usize = 3;
const MOST_PERCENT_BETWEEN: i64 = 100;

#[derive(Default)]
pub struct Refreshes(Mutex<State>);

#[derive(Default)]
struct State {
    /// By group, the newest first.
    by_group: BTreeMap<String, Vec<Refresh>>,
    made: usize,
    failed: usize,
}

#[derive(Clone, Default)]
struct Refresh {
    id: String,
    status: &'static str,
    reason: String,
    /// What becomes of instances that are protected from scale-in: `Refresh`, `Ignore` or `Wait`.
    protected: String,
    fails: bool,
    total: usize,
    left: VecDeque<String>,
    waited: usize,
    /// Describes that a step takes, and those of them that are still to come.
    pace: usize,
    polls: usize,
}

impl Refresh {
    fn is_active(&self) -> bool {
        ["Pending", "InProgress", "Cancelling"].contains(&self.status)
    }

    fn percentage(&self) -> usize {
        (100 * (self.total - self.left.len())).checked_div(self.total).unwrap_or(100)
    }

    fn step(&mut self, ask: Ask<'_>, group: &str) {
        if self.polls > 0 {
            self.polls -= 1;
            return;
        }
        self.polls = self.pace;
        match self.status {
            "Pending" => self.status = "InProgress",
            "Cancelling" => self.status = "Cancelled",
            "InProgress" if self.fails => {
                self.status = "Failed";
                self.reason = "Instances failed to become healthy within the time allowed.".to_owned();
            }
            "InProgress" => self.replace_next(ask, group),
            _ => {}
        }
    }

    fn replace_next(&mut self, ask: Ask<'_>, group: &str) {
        let Some(next) = self.left.front() else {
            self.status = "Successful";
            return;
        };
        let found = auto_scaling::group(ask, group).unwrap_or_default();
        let instance = found.list("Instances").iter().find(|instance| instance.text_at("InstanceId") == next.as_str());
        let protected = instance.is_some_and(|instance| instance.text_at("ProtectedFromScaleIn") == "true");
        match self.protected.as_str() {
            "Ignore" if protected => {}
            "Wait" if protected && self.waited < PATIENCE => {
                self.waited += 1;
                self.reason = format!("Waiting for instances to be available for replacement: {next} is protected from scale-in.");
                return;
            }
            "Wait" if protected => {
                self.status = "Failed";
                return;
            }
            // One that has left the group meanwhile is as good as replaced.
            _ if instance.is_none() => {}
            _ => terminate(ask, next),
        }
        self.left.pop_front();
    }

    fn show(&self, group: &str) -> Element {
        let mut shown = Element::new("member");
        let (percentage, left) = (self.percentage().to_string(), self.left.len().to_string());
        let fields = [("InstanceRefreshId", &self.id), ("Status", &self.status.to_owned()), ("InstancesToUpdate", &left)];
        fields.iter().for_each(|(name, text)| shown.set(name, text));
        shown.set("AutoScalingGroupName", group);
        if self.status != "Pending" {
            shown.set("PercentageComplete", &percentage);
        }
        if !self.reason.is_empty() {
            shown.set("StatusReason", &self.reason);
        }
        shown
    }
}

/// Whatever protects it: the refresh was told to replace it. Auto Scaling launches another from the group's version of now.
fn terminate(ask: Ask<'_>, instance: &str) {
    ask.backend().ec2(ask.region(), "TerminateInstances", &[("InstanceId.1", instance)]);
}

impl Refreshes {
    pub fn start(&self, ask: Ask<'_>) -> Reply {
        let mut state = locked(&self.0);
        let name = ask.param("AutoScalingGroupName");
        let Some(group) = auto_scaling::group(ask, &name) else {
            return ask.refuse("ValidationError", &format!("AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"));
        };
        if state.by_group.get(&name).is_some_and(|all| all.iter().any(Refresh::is_active)) {
            let message = "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.";
            return ask.refuse("InstanceRefreshInProgress", message);
        }
        if let Some(message) = bad_preferences(ask) {
            return ask.refuse("ValidationError", message);
        }
        state.made += 1;
        let left = outdated(ask, &group);
        let lags = ask.lags();
        let fails = state.failed < lags.refreshes_failing;
        state.failed += usize::from(fails);
        let refresh = Refresh {
            id: format!("08b91cf7-8fa6-48af-b6a6-{:012}", state.made),
            status: "Pending",
            protected: ask.call.param("Preferences.ScaleInProtectedInstances").unwrap_or_else(|| "Wait".to_owned()),
            fails,
            total: left.len(),
            left,
            pace: lags.instance_refresh,
            polls: lags.instance_refresh,
            ..Refresh::default()
        };
        let id = Element::with_text("InstanceRefreshId", &refresh.id);
        state.by_group.entry(name).or_default().insert(0, refresh);
        xml_reply("StartInstanceRefresh", vec![id])
    }

    pub fn describe(&self, ask: Ask<'_>) -> Reply {
        let mut state = locked(&self.0);
        let name = ask.param("AutoScalingGroupName");
        let chosen = ask.params("InstanceRefreshIds.member.");
        let all = state.by_group.entry(name.clone()).or_default();
        all.iter_mut().filter(|refresh| refresh.is_active()).for_each(|refresh| refresh.step(ask, &name));
        let shown = all.iter().filter(|refresh| chosen.is_empty() || chosen.contains(&refresh.id));
        let list = Element::with_children("InstanceRefreshes", shown.map(|refresh| refresh.show(&name)).collect());
        xml_reply("DescribeInstanceRefreshes", vec![list])
    }

    pub fn cancel(&self, ask: Ask<'_>) -> Reply {
        let mut state = locked(&self.0);
        let name = ask.param("AutoScalingGroupName");
        let active = state.by_group.get_mut(&name).and_then(|all| all.iter_mut().find(|refresh| refresh.is_active()));
        let Some(active) = active else {
            let message = format!("No in progress or pending Instance Refresh found for Auto Scaling group {name}");
            return ask.refuse("ActiveInstanceRefreshNotFound", &message);
        };
        active.status = "Cancelling";
        xml_reply("CancelInstanceRefresh", vec![Element::with_text("InstanceRefreshId", &active.id)])
    }
}

/// The instances to replace: all of them, or with `SkipMatching` those of another version than the group's.
fn outdated(ask: Ask<'_>, group: &Element) -> VecDeque<String> {
    let skip = ask.param("Preferences.SkipMatching") == "true";
    let version = group.text_at("LaunchTemplate/Version");
    let stays = |instance: &&Element| !skip || instance.text_at("LaunchTemplate/Version") != version;
    group.list("Instances").iter().filter(stays).map(|instance| instance.text_at("InstanceId").to_owned()).collect()
}

fn bad_preferences(ask: Ask<'_>) -> Option<&'static str> {
    let (min, max) = (ask.number("Preferences.MinHealthyPercentage"), ask.number("Preferences.MaxHealthyPercentage"));
    let (Some(min), Some(max)) = (min, max) else { return None };
    let sound = (0..=100).contains(&min) && (100..=200).contains(&max) && max - min <= MOST_PERCENT_BETWEEN;
    (!sound).then_some("The difference between MaxHealthyPercentage and MinHealthyPercentage must not be greater than 100.")
}
