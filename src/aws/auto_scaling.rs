//! Amazon EC2 Auto Scaling.

use crate::aws::Aws;
use crate::aws::call::{Deleted, Named, all_of, required};
use crate::aws::failure::{Class, Failure};
use crate::aws::progress::Progress;
use crate::model::observed::{ObservedAutoScalingGroup, ObservedInstance};
use crate::model::properties::AutoScalingGroup;
use crate::model::tags::Tags;
use crate::plan::action::{PutAside, RefreshPreferences, Service};
use aws_sdk_autoscaling::types::{
    AutoScalingGroup as Described, Filter, Instance, InstanceRefresh, InstanceRefreshStatus, LaunchTemplateSpecification,
    RefreshPreferences as Preferences, ScaleInProtectedInstances, ScalingActivityStatusCode, StandbyInstances, Tag,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Groups = BTreeMap<String, ObservedAutoScalingGroup>;

/// The granularity that Auto Scaling knows.
const GRANULARITY: &str = "1Minute";
/// How many of a group's activities are searched for a failed one, newest first.
const ACTIVITIES: i32 = 20;
const TAGGED_TYPE: &str = "auto-scaling-group";

fn group_tags(group: &str, tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| {
        Tag::builder().resource_id(group).resource_type(TAGGED_TYPE).key(key).value(value).propagate_at_launch(true).build()
    };
    tags.0.iter().map(tag).collect()
}

fn specification(template_id: &str, version: &str) -> LaunchTemplateSpecification {
    LaunchTemplateSpecification::builder().launch_template_id(template_id).version(version).build()
}

fn subnet_list(subnets: &BTreeSet<String>) -> String {
    subnets.iter().map(String::as_str).collect::<Vec<_>>().join(",")
}

impl Aws {
    /// Groups with a tag of one of these values, whatever the key.
    pub(super) async fn groups_tagged(&self, values: Vec<String>) -> Result<Groups, Failure> {
        let by_value = Filter::builder().name("tag-value").set_values(Some(values)).build();
        let found = all_of!(self.auto_scaling.describe_auto_scaling_groups().filters(by_value))
            .await
            .named(Service::AutoScaling, "DescribeAutoScalingGroups")?;
        found.into_iter().map(observed).collect()
    }

    pub(super) async fn groups_named(&self, names: BTreeSet<String>) -> Result<Groups, Failure> {
        if names.is_empty() {
            return Ok(Groups::new());
        }
        let call = self.auto_scaling.describe_auto_scaling_groups().set_auto_scaling_group_names(Some(names.into_iter().collect()));
        let found = all_of!(call).await.named(Service::AutoScaling, "DescribeAutoScalingGroups")?;
        found.into_iter().map(observed).collect()
    }

    /// Yields the group's ARN, which only a look can tell: the create call answers with nothing.
    pub(super) async fn create_group(&self, group: &AutoScalingGroup, template_id: &str, version: &str) -> Result<String, Failure> {
        let call = self
            .auto_scaling
            .create_auto_scaling_group()
            .auto_scaling_group_name(&group.name)
            .launch_template(specification(template_id, version))
            .min_size(group.min_size)
            .max_size(group.max_size)
            .vpc_zone_identifier(subnet_list(&group.subnets))
            .new_instances_protected_from_scale_in(group.new_instances_protected_from_scale_in)
            .health_check_grace_period(group.health_check_grace_period)
            .set_tags(Some(group_tags(&group.name, &group.tags)));
        call.send().await.named(Service::AutoScaling, "CreateAutoScalingGroup")?;
        let found = self.groups_named(BTreeSet::from([group.name.clone()])).await?;
        let arn = found.into_values().next().map(|found| found.arn);
        // Not shown yet: the repeated create is told that the group exists, and the next look finds it.
        required(arn, Service::AutoScaling, "DescribeAutoScalingGroups", "AutoScalingGroupARN")
            .map_err(|failure| failure.of_class(Class::NotYet))
    }

    /// Never sends the desired capacity: with managed scaling it is for ECS to set
    /// (docs/aws.md, "ECS: what a capacity provider does to its group"). Below a new minimum it is sent, in `resize_group`.
    pub(super) async fn update_group(&self, group: &AutoScalingGroup, template_id: &str, version: &str) -> Result<(), Failure> {
        let call = self
            .auto_scaling
            .update_auto_scaling_group()
            .auto_scaling_group_name(&group.name)
            .launch_template(specification(template_id, version))
            .min_size(group.min_size)
            .max_size(group.max_size)
            .vpc_zone_identifier(subnet_list(&group.subnets))
            .new_instances_protected_from_scale_in(group.new_instances_protected_from_scale_in)
            .health_check_grace_period(group.health_check_grace_period);
        call.send().await.named(Service::AutoScaling, "UpdateAutoScalingGroup")?;
        Ok(())
    }

    pub(super) async fn resize_group(
        &self,
        name: &str,
        min_size: i32,
        max_size: i32,
        desired_capacity: Option<i32>,
    ) -> Result<(), Failure> {
        let call = self.auto_scaling.update_auto_scaling_group().auto_scaling_group_name(name).min_size(min_size).max_size(max_size);
        let call = call.set_desired_capacity(desired_capacity);
        call.send().await.named(Service::AutoScaling, "UpdateAutoScalingGroup")?;
        Ok(())
    }

    /// Only groups that a look has shown are emptied: one that is not there any more is gone for good.
    pub(super) async fn empty_group(&self, name: &str) -> Result<(), Failure> {
        let call = self.auto_scaling.update_auto_scaling_group().auto_scaling_group_name(name);
        let call = call.min_size(0).max_size(0).desired_capacity(0).new_instances_protected_from_scale_in(false);
        let emptied = call.send().await.named(Service::AutoScaling, "UpdateAutoScalingGroup");
        let gone = |failure: &Failure| failure.is("ValidationError") && failure.class == Class::NotYet;
        emptied.map(drop).map_err(|failure| if gone(&failure) { failure.of_class(Class::Overtaken) } else { failure })
    }

    pub(super) async fn enable_metrics(&self, name: &str, metrics: &BTreeSet<String>) -> Result<(), Failure> {
        let call = self.auto_scaling.enable_metrics_collection().auto_scaling_group_name(name).granularity(GRANULARITY);
        let call = call.set_metrics(Some(metrics.iter().cloned().collect()));
        call.send().await.named(Service::AutoScaling, "EnableMetricsCollection")?;
        Ok(())
    }

    pub(super) async fn tag_group(&self, name: &str, tags: &Tags) -> Result<(), Failure> {
        let call = self.auto_scaling.create_or_update_tags().set_tags(Some(group_tags(name, tags)));
        call.send().await.named(Service::AutoScaling, "CreateOrUpdateTags")?;
        Ok(())
    }

    /// An instance that is leaving the group needs no clearing, but it fails the call for all of them: the others are sent without it.
    pub(super) async fn clear_protection(&self, name: &str, instances: &[String]) -> Result<(), Failure> {
        let mut left = instances.to_vec();
        while !left.is_empty() {
            let call = self.auto_scaling.set_instance_protection().auto_scaling_group_name(name).protected_from_scale_in(false);
            let cleared = call.set_instance_ids(Some(left.clone())).send().await.named(Service::AutoScaling, "SetInstanceProtection");
            let Err(failure) = cleared else { break };
            let before = left.len();
            left.retain(|id| !failure.message.contains(id.as_str()));
            if failure.class != Class::Overtaken || left.len() == before {
                return Err(failure);
            }
        }
        Ok(())
    }

    /// Terminates what instances are left and drops lifecycle actions that nobody would complete any more
    /// (docs/aws.md, "ECS: capacity providers").
    pub(super) async fn delete_group(&self, name: &str) -> Result<(), Failure> {
        let call = self.auto_scaling.delete_auto_scaling_group().auto_scaling_group_name(name).force_delete(true);
        call.send().await.named(Service::AutoScaling, "DeleteAutoScalingGroup").or_gone()
    }

    /// Yields the refresh's id.
    pub(super) async fn start_refresh(&self, name: &str, wanted: RefreshPreferences) -> Result<String, Failure> {
        let operation = "StartInstanceRefresh";
        let protected = match wanted.protected {
            PutAside::Ignored => ScaleInProtectedInstances::Ignore,
            PutAside::Refreshed => ScaleInProtectedInstances::Refresh,
        };
        // Those on standby are not replaced but ended.
        let on_standby = match wanted.on_standby {
            PutAside::Ignored => StandbyInstances::Ignore,
            PutAside::Refreshed => StandbyInstances::Terminate,
        };
        let preferences = Preferences::builder()
            .min_healthy_percentage(wanted.min_healthy_percentage)
            .max_healthy_percentage(wanted.max_healthy_percentage)
            .skip_matching(wanted.skip_matching)
            .scale_in_protected_instances(protected)
            .standby_instances(on_standby)
            .build();
        let call = self.auto_scaling.start_instance_refresh().auto_scaling_group_name(name).preferences(preferences);
        let answer = call.send().await.named(Service::AutoScaling, operation)?;
        required(answer.instance_refresh_id, Service::AutoScaling, operation, "InstanceRefreshId")
    }

    /// One that has come to its end meanwhile needs no cancelling.
    pub(super) async fn cancel_refresh(&self, name: &str) -> Result<(), Failure> {
        let call = self.auto_scaling.cancel_instance_refresh().auto_scaling_group_name(name);
        call.send().await.named(Service::AutoScaling, "CancelInstanceRefresh").or_gone()
    }

    /// The id of the refresh that is under way. Only one can be, and it is the newest.
    pub(super) async fn refresh_under_way(&self, name: &str) -> Result<Option<String>, Failure> {
        let call = self.auto_scaling.describe_instance_refreshes().auto_scaling_group_name(name).max_records(1);
        let answer = call.send().await.named(Service::AutoScaling, "DescribeInstanceRefreshes")?;
        let newest = answer.instance_refreshes().first().filter(|refresh| !is_over(status(refresh)));
        Ok(newest.and_then(|refresh| refresh.instance_refresh_id()).map(str::to_owned))
    }

    pub(super) async fn refresh_done(&self, name: &str, id: &str) -> Result<Progress, Failure> {
        let call = self.auto_scaling.describe_instance_refreshes().auto_scaling_group_name(name).instance_refresh_ids(id);
        let answer = call.send().await.named(Service::AutoScaling, "DescribeInstanceRefreshes")?;
        let Some(found) = answer.instance_refreshes().first() else {
            return Ok(Progress::Pending("Auto Scaling does not show it yet".to_owned()));
        };
        let (status, reason) = (status(found), found.status_reason().unwrap_or_default());
        Ok(match status {
            "Successful" => Progress::Done(Vec::new()),
            _ if is_over(status) => Progress::Failed(format!("it is {status}: {reason}")),
            _ => {
                let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
                Progress::Pending(format!("{status}, {} % done{reason}", found.percentage_complete().unwrap_or_default()))
            }
        })
    }

    /// What the group's newest failed launch says: a launch that fails shows nowhere else (docs/aws.md, "Auto Scaling: groups").
    pub(super) async fn failed_launch(&self, name: &str) -> Result<Option<String>, Failure> {
        let call = self.auto_scaling.describe_scaling_activities().auto_scaling_group_name(name).max_records(ACTIVITIES);
        let answer = call.send().await.named(Service::AutoScaling, "DescribeScalingActivities")?;
        let mut failed = answer.activities().iter().filter(|activity| activity.status_code() == Some(&ScalingActivityStatusCode::Failed));
        Ok(failed.find_map(|activity| activity.status_message()).map(str::to_owned))
    }

    pub(super) async fn group_gone(&self, name: &str) -> Result<Progress, Failure> {
        let found = self.groups_named(BTreeSet::from([name.to_owned()])).await?;
        Ok(match found.get(name) {
            None => Progress::Done(Vec::new()),
            Some(group) => Progress::Pending(match group.instances.len() {
                0 => "no instances left".to_owned(),
                1 => "1 instance left".to_owned(),
                more => format!("{more} instances left"),
            }),
        })
    }
}

fn status(refresh: &InstanceRefresh) -> &str {
    refresh.status().map(InstanceRefreshStatus::as_str).unwrap_or_default()
}

fn is_over(status: &str) -> bool {
    ["Successful", "Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"].contains(&status)
}

fn observed(group: Described) -> Result<(String, ObservedAutoScalingGroup), Failure> {
    let operation = "DescribeAutoScalingGroups";
    let name = required(group.auto_scaling_group_name, Service::AutoScaling, operation, "AutoScalingGroupName")?;
    let arn = required(group.auto_scaling_group_arn, Service::AutoScaling, operation, "AutoScalingGroupARN")?;
    let zones = group.vpc_zone_identifier.unwrap_or_default();
    let tags = group.tags.unwrap_or_default();
    let template = group.launch_template;
    let properties = AutoScalingGroup {
        name: name.clone(),
        min_size: required(group.min_size, Service::AutoScaling, operation, "MinSize")?,
        max_size: required(group.max_size, Service::AutoScaling, operation, "MaxSize")?,
        subnets: zones.split(',').filter(|zone| !zone.is_empty()).map(str::to_owned).collect(),
        // Neither has to be there: no protection and no grace are Auto Scaling's defaults.
        new_instances_protected_from_scale_in: group.new_instances_protected_from_scale_in.unwrap_or_default(),
        health_check_grace_period: group.health_check_grace_period.unwrap_or_default(),
        enabled_metrics: group.enabled_metrics.unwrap_or_default().into_iter().filter_map(|metric| metric.metric).collect(),
        tags: tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect(),
    };
    let found = ObservedAutoScalingGroup {
        arn,
        properties,
        launch_template_id: template.as_ref().and_then(|template| template.launch_template_id.clone()),
        launch_template_version: template.and_then(|template| template.version),
        desired_capacity: required(group.desired_capacity, Service::AutoScaling, operation, "DesiredCapacity")?,
        availability_zones: group.availability_zones.unwrap_or_default().into_iter().collect(),
        instances: group.instances.unwrap_or_default().into_iter().map(observed_instance).collect::<Result<_, _>>()?,
        // The only status that Auto Scaling ever shows is that of a deletion.
        deleting: group.status.is_some(),
    };
    Ok((name, found))
}

fn observed_instance(instance: Instance) -> Result<ObservedInstance, Failure> {
    let (service, operation) = (Service::AutoScaling, "DescribeAutoScalingGroups");
    let template = instance.launch_template;
    Ok(ObservedInstance {
        id: required(instance.instance_id, service, operation, "InstanceId")?,
        protected_from_scale_in: required(instance.protected_from_scale_in, service, operation, "ProtectedFromScaleIn")?,
        lifecycle_state: required(instance.lifecycle_state, service, operation, "LifecycleState")?.as_str().to_owned(),
        template_id: template.as_ref().and_then(|template| template.launch_template_id.clone()),
        template_version: template.and_then(|template| template.version),
    })
}
