//! Amazon ECS: the cluster and its capacity providers.

use crate::aws::Aws;
use crate::aws::call::{Named, required, unless_missing};
use crate::aws::failure::{Class, Failure};
use crate::aws::progress::Progress;
use crate::model::observed::{Attachments, ObservedCapacityProvider, ObservedCluster, ProviderState};
use crate::model::properties::{CapacityProvider, Cluster, ListChange, StrategyItem, strategy_over};
use crate::model::tags::{OWNER, Tags};
use crate::plan::action::Service;
use aws_sdk_ecs::types::{
    Attachment, AutoScalingGroupProvider, AutoScalingGroupProviderUpdate, CapacityProvider as DescribedProvider, CapacityProviderField,
    CapacityProviderStatus, CapacityProviderStrategyItem, CapacityProviderUpdateStatus, Cluster as DescribedCluster, ClusterField,
    ClusterSetting, ClusterSettingName, ManagedDraining, ManagedScaling, ManagedScalingStatus, ManagedTerminationProtection, Tag,
};
use futures_util::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet};

const INACTIVE: &str = "INACTIVE";
/// Names per `DescribeCapacityProviders` call, at most.
const PROVIDER_BATCH: usize = 100;

fn ecs_tags(tags: &Tags) -> Vec<Tag> {
    tags.0.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

fn read_tags(tags: Option<Vec<Tag>>) -> Tags {
    tags.unwrap_or_default().into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

fn insights(value: &str) -> ClusterSetting {
    ClusterSetting::builder().name(ClusterSettingName::ContainerInsights).value(value).build()
}

impl Aws {
    /// The cluster, unless it does not exist or is the trace of a deleted one.
    pub(super) async fn cluster(&self, name: &str) -> Result<Option<ObservedCluster>, Failure> {
        let fields = [ClusterField::Attachments, ClusterField::Settings, ClusterField::Tags];
        Ok(self.cluster_or_its_trace(name, &fields).await?.filter(|cluster| cluster.status != INACTIVE))
    }

    /// With only those of its optional fields.
    async fn cluster_or_its_trace(&self, name: &str, fields: &[ClusterField]) -> Result<Option<ObservedCluster>, Failure> {
        let call = self.ecs.describe_clusters().clusters(name).set_include(Some(fields.to_vec()));
        let answer = call.send().await.named(Service::Ecs, "DescribeClusters")?;
        answer.clusters.unwrap_or_default().into_iter().next().map(observed_cluster).transpose()
    }

    pub(super) async fn create_cluster(&self, cluster: &Cluster) -> Result<(), Failure> {
        let call = self.ecs.create_cluster().cluster_name(&cluster.name).settings(insights(&cluster.container_insights));
        let created = call.set_tags(Some(ecs_tags(&cluster.tags))).send().await.named(Service::Ecs, "CreateCluster")?;
        // A name that is taken is answered with the cluster that has it, as if it had been made just now.
        let ours = |tags: &Tags| tags.0.get(OWNER) == cluster.tags.0.get(OWNER);
        if ours(&read_tags(created.cluster.and_then(|made| made.tags))) {
            return Ok(());
        }
        match self.cluster(&cluster.name).await? {
            Some(found) if !ours(&found.properties.tags) => {
                let words = format!("the name `{}` was taken by a cluster that is not this instance's", cluster.name);
                Err(Failure::local(Service::Ecs, "CreateCluster", words).of_class(Class::Overtaken))
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn update_cluster(&self, cluster: &str, container_insights: &str) -> Result<(), Failure> {
        let call = self.ecs.update_cluster().cluster(cluster).settings(insights(container_insights));
        call.send().await.named(Service::Ecs, "UpdateCluster")?;
        Ok(())
    }

    pub(super) async fn delete_cluster(&self, cluster: &str) -> Result<(), Failure> {
        let result = self.ecs.delete_cluster().cluster(cluster).send().await.named(Service::Ecs, "DeleteCluster");
        unless_missing(result, &["ClusterNotFoundException"])?;
        Ok(())
    }

    pub(super) async fn tag_ecs_resource(&self, arn: &str, tags: &Tags) -> Result<(), Failure> {
        self.ecs.tag_resource().resource_arn(arn).set_tags(Some(ecs_tags(tags))).send().await.named(Service::Ecs, "TagResource")?;
        Ok(())
    }

    /// Those of the providers that exist, by name. The pages hold ten, and the SDK has no paginator for them.
    pub(super) async fn capacity_providers(&self, names: &BTreeSet<String>) -> Result<BTreeMap<String, ObservedCapacityProvider>, Failure> {
        let names: Vec<String> = names.iter().cloned().collect();
        let pages = try_join_all(names.chunks(PROVIDER_BATCH).map(|names| self.provider_pages(Some(names)))).await?;
        observed_providers(pages.into_iter().flatten())
    }

    /// Every provider of the account in this Region, by name, AWS's own among them.
    pub(super) async fn all_capacity_providers(&self) -> Result<BTreeMap<String, ObservedCapacityProvider>, Failure> {
        observed_providers(self.provider_pages(None).await?)
    }

    async fn provider_pages(&self, names: Option<&[String]>) -> Result<Vec<DescribedProvider>, Failure> {
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let call = self.ecs.describe_capacity_providers().set_capacity_providers(names.map(<[String]>::to_vec));
            let call = call.include(CapacityProviderField::Tags).set_next_token(next);
            let answer = call.send().await.named(Service::Ecs, "DescribeCapacityProviders")?;
            found.extend(answer.capacity_providers.unwrap_or_default());
            next = answer.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(found);
            }
        }
    }

    pub(super) async fn create_capacity_provider(&self, provider: &CapacityProvider, auto_scaling_group: &str) -> Result<(), Failure> {
        let operation = "CreateCapacityProvider";
        let group = AutoScalingGroupProvider::builder()
            .auto_scaling_group_arn(auto_scaling_group)
            .managed_scaling(scaling(provider))
            .managed_termination_protection(termination_protection(provider))
            .managed_draining(draining(provider))
            .build()
            .map_err(|error| Failure::local(Service::Ecs, operation, error.to_string()))?;
        let call = self.ecs.create_capacity_provider().name(&provider.name).auto_scaling_group_provider(group);
        call.set_tags(Some(ecs_tags(&provider.tags))).send().await.named(Service::Ecs, operation)?;
        Ok(())
    }

    pub(super) async fn update_capacity_provider(&self, provider: &CapacityProvider) -> Result<(), Failure> {
        let group = AutoScalingGroupProviderUpdate::builder()
            .managed_scaling(scaling(provider))
            .managed_termination_protection(termination_protection(provider))
            .managed_draining(draining(provider))
            .build();
        let call = self.ecs.update_capacity_provider().name(&provider.name).auto_scaling_group_provider(group);
        call.send().await.named(Service::Ecs, "UpdateCapacityProvider")?;
        Ok(())
    }

    /// ECS answers 200 to the deletion of a provider that is still attached, and says in the body that it failed
    /// (docs/aws.md, "ECS: capacity providers").
    pub(super) async fn delete_capacity_provider(&self, name: &str) -> Result<(), Failure> {
        let operation = "DeleteCapacityProvider";
        let answer = self.ecs.delete_capacity_provider().capacity_provider(name).send().await.named(Service::Ecs, operation);
        let answer = match answer {
            Err(failure) if failure.class == Class::Overtaken => return Ok(()),
            answer => answer?,
        };
        match answer.capacity_provider {
            Some(provider) if provider.update_status == Some(CapacityProviderUpdateStatus::DeleteFailed) => {
                let reason = provider.update_status_reason.unwrap_or_else(|| "DELETE_FAILED".to_owned());
                Err(Failure::local(Service::Ecs, operation, reason).of_class(Class::NotYet))
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn capacity_provider_updated(&self, name: &str) -> Result<Progress, Failure> {
        let found = self.provider_pages(Some(&[name.to_owned()])).await?.into_iter().next();
        Ok(match found.map(|provider| provider_state(&provider)) {
            // One that is gone, or about to be, is for the next look.
            Some(ProviderState::Active | ProviderState::Deleting) | None => Progress::Done(Vec::new()),
            Some(ProviderState::Updating) => Progress::Pending("ECS is updating it".to_owned()),
            Some(ProviderState::UpdateFailed(reason)) => Progress::Failed(format!("UPDATE_FAILED: {reason}")),
        })
    }

    pub(super) async fn capacity_provider_gone(&self, name: &str) -> Result<Progress, Failure> {
        let found = self.provider_pages(Some(&[name.to_owned()])).await?.into_iter().next();
        let Some(provider) = found.filter(|provider| provider.status != Some(CapacityProviderStatus::Inactive)) else {
            return Ok(Progress::Done(Vec::new()));
        };
        let reason = provider.update_status_reason.unwrap_or_default();
        Ok(match provider.update_status {
            Some(CapacityProviderUpdateStatus::DeleteFailed) => Progress::Failed(format!("DELETE_FAILED: {reason}")),
            status => Progress::Pending(status.map(|status| status.as_str().to_owned()).unwrap_or_default()),
        })
    }

    /// Reads the list, and sends it changed where it has to be: each call makes the cluster busy, also one that changes nothing.
    pub(super) async fn change_capacity_providers(
        &self,
        name: &str,
        change: &ListChange,
        managed_instances: &BTreeSet<String>,
    ) -> Result<(), Failure> {
        let found = self.cluster_or_its_trace(name, &[ClusterField::Attachments]).await?;
        // Without its list nobody knows what others have on it.
        let Some(cluster) = found.filter(|cluster| cluster.status != INACTIVE) else {
            return Err(unseen_cluster().of_class(Class::Overtaken));
        };
        if change.holds_on(&cluster.capacity_providers) && !matches!(cluster.attachments, Attachments::Failed(_)) {
            return Ok(());
        }
        let listed = cluster.capacity_providers.difference(managed_instances).cloned().collect();
        let providers = change.applied_to(&listed);
        self.put_capacity_providers(name, &providers, &strategy_over(&providers, &cluster.default_strategy)).await
    }

    /// The whole list and the whole default strategy.
    pub(super) async fn put_capacity_providers(
        &self,
        cluster: &str,
        providers: &BTreeSet<String>,
        strategy: &[StrategyItem],
    ) -> Result<(), Failure> {
        let operation = "PutClusterCapacityProviders";
        let items: Result<Vec<_>, _> = strategy
            .iter()
            .map(|item| {
                CapacityProviderStrategyItem::builder()
                    .capacity_provider(&item.capacity_provider)
                    .weight(item.weight)
                    .base(item.base)
                    .build()
            })
            .collect();
        let items = items.map_err(|error| Failure::local(Service::Ecs, operation, error.to_string()))?;
        let call = self.ecs.put_cluster_capacity_providers().cluster(cluster);
        let call =
            call.set_capacity_providers(Some(providers.iter().cloned().collect())).set_default_capacity_provider_strategy(Some(items));
        call.send().await.named(Service::Ecs, operation)?;
        Ok(())
    }

    pub(super) async fn cluster_active(&self, name: &str) -> Result<Progress, Failure> {
        Ok(match self.cluster(name).await? {
            Some(cluster) if cluster.status == "ACTIVE" => Progress::Done(Vec::new()),
            Some(cluster) if cluster.status == "FAILED" => Progress::Failed("its status is FAILED".to_owned()),
            Some(cluster) => Progress::Pending(format!("its status is {}", cluster.status)),
            None => return Err(unseen_cluster()),
        })
    }

    pub(super) async fn attachments_settled(&self, name: &str, change: &ListChange) -> Result<Progress, Failure> {
        let found = self.cluster_or_its_trace(name, &[ClusterField::Attachments]).await?;
        let Some(cluster) = found else { return Err(unseen_cluster()) };
        Ok(match cluster.attachments {
            // With the cluster goes whatever was attached; before a new one is shown, its name leads to the trace of the old one
            // (docs/aws.md, "ECS: cluster").
            _ if cluster.status == INACTIVE && change.attached.is_empty() => Progress::Done(Vec::new()),
            _ if cluster.status == INACTIVE => Progress::Undone("the cluster is INACTIVE".to_owned()),
            Attachments::Settled if !change.holds_on(&cluster.capacity_providers) => {
                Progress::Undone("the cluster's list is not as it was put".to_owned())
            }
            Attachments::Settled => Progress::Done(Vec::new()),
            Attachments::InProgress => Progress::Pending("UPDATE_IN_PROGRESS".to_owned()),
            Attachments::Failed(words) => Progress::Failed(format!("UPDATE_FAILED: {words}")),
        })
    }
}

fn unseen_cluster() -> Failure {
    Failure::unseen(Service::Ecs, "DescribeClusters", "ECS does not show it yet")
}

fn observed_cluster(cluster: DescribedCluster) -> Result<ObservedCluster, Failure> {
    let operation = "DescribeClusters";
    let settings = cluster.settings.unwrap_or_default();
    let insights = settings.into_iter().find(|setting| setting.name == Some(ClusterSettingName::ContainerInsights));
    let item = |item: CapacityProviderStrategyItem| StrategyItem {
        capacity_provider: item.capacity_provider,
        weight: item.weight,
        base: item.base,
    };
    Ok(ObservedCluster {
        arn: required(cluster.cluster_arn, Service::Ecs, operation, "clusterArn")?,
        status: required(cluster.status, Service::Ecs, operation, "status")?,
        properties: Cluster {
            name: required(cluster.cluster_name, Service::Ecs, operation, "clusterName")?,
            container_insights: insights.and_then(|setting| setting.value).unwrap_or_else(|| "disabled".to_owned()),
            tags: read_tags(cluster.tags),
        },
        capacity_providers: cluster.capacity_providers.unwrap_or_default().into_iter().collect(),
        default_strategy: cluster.default_capacity_provider_strategy.unwrap_or_default().into_iter().map(item).collect(),
        active_services: cluster.active_services_count,
        attachments: match cluster.attachments_status.as_deref() {
            None | Some("" | "UPDATE_COMPLETE") => Attachments::Settled,
            Some("UPDATE_FAILED") => Attachments::Failed(failed_attachments(&cluster.attachments.unwrap_or_default())),
            // AWS's own examples also show UPDATING.
            Some(_) => Attachments::InProgress,
        },
    })
}

/// What ECS says of the attachments that keep the update from being complete; of all of them if none stands out.
fn failed_attachments(attachments: &[Attachment]) -> String {
    let failed = |attachment: &&Attachment| attachment.status.as_deref().is_some_and(|status| status.contains("FAIL"));
    let any = attachments.iter().any(|attachment| failed(&attachment));
    let told = attachments.iter().filter(|attachment| !any || failed(attachment)).map(attachment_words).collect::<Vec<_>>().join("; ");
    if told.is_empty() { "ECS does not say which capacity provider could not be attached or detached".to_owned() } else { told }
}

fn attachment_words(attachment: &Attachment) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let details = attachment.details.iter().flatten();
    let details: Vec<String> = details.map(|detail| format!("{}={}", text(&detail.name), text(&detail.value))).collect();
    format!("{} is {} ({})", text(&attachment.r#type), text(&attachment.status), details.join(", "))
}

fn observed_providers(
    described: impl IntoIterator<Item = DescribedProvider>,
) -> Result<BTreeMap<String, ObservedCapacityProvider>, Failure> {
    let standing = described.into_iter().filter(|provider| provider.status != Some(CapacityProviderStatus::Inactive));
    standing.map(observed_provider).collect()
}

fn observed_provider(provider: DescribedProvider) -> Result<(String, ObservedCapacityProvider), Failure> {
    let operation = "DescribeCapacityProviders";
    let state = provider_state(&provider);
    let name = required(provider.name, Service::Ecs, operation, "name")?;
    let group = provider.auto_scaling_group_provider;
    // Only of those with a group is it ever needed.
    let arn = match &group {
        Some(_) => required(provider.capacity_provider_arn, Service::Ecs, operation, "capacityProviderArn")?,
        None => provider.capacity_provider_arn.unwrap_or_default(),
    };
    let scaling = group.as_ref().and_then(|group| group.managed_scaling.clone());
    let protection = group.as_ref().and_then(|group| group.managed_termination_protection.clone());
    let draining = group.as_ref().and_then(|group| group.managed_draining.clone());
    let number = |value: Option<i32>| value.unwrap_or_default();
    let properties = CapacityProvider {
        name: name.clone(),
        managed_scaling: scaling.as_ref().and_then(|scaling| scaling.status.clone()) == Some(ManagedScalingStatus::Enabled),
        target_capacity: number(scaling.as_ref().and_then(|scaling| scaling.target_capacity)),
        minimum_scaling_step_size: number(scaling.as_ref().and_then(|scaling| scaling.minimum_scaling_step_size)),
        maximum_scaling_step_size: number(scaling.as_ref().and_then(|scaling| scaling.maximum_scaling_step_size)),
        instance_warmup_period: number(scaling.as_ref().and_then(|scaling| scaling.instance_warmup_period)),
        managed_termination_protection: protection == Some(ManagedTerminationProtection::Enabled),
        managed_draining: draining == Some(ManagedDraining::Enabled),
        tags: read_tags(provider.tags),
    };
    let found =
        ObservedCapacityProvider { arn, properties, auto_scaling_group_arn: group.map(|group| group.auto_scaling_group_arn), state };
    Ok((name, found))
}

/// What it shows last of a change (docs/aws.md, "ECS: the cluster's list of providers"). A deletion that failed has left it as it was.
fn provider_state(provider: &DescribedProvider) -> ProviderState {
    match &provider.update_status {
        _ if provider.status == Some(CapacityProviderStatus::Deprovisioning) => ProviderState::Deleting,
        Some(CapacityProviderUpdateStatus::DeleteInProgress) => ProviderState::Deleting,
        Some(CapacityProviderUpdateStatus::UpdateInProgress) => ProviderState::Updating,
        Some(CapacityProviderUpdateStatus::UpdateFailed) => {
            ProviderState::UpdateFailed(provider.update_status_reason.clone().unwrap_or_else(|| "ECS gives no reason".to_owned()))
        }
        _ => ProviderState::Active,
    }
}

fn scaling(provider: &CapacityProvider) -> ManagedScaling {
    ManagedScaling::builder()
        .status(if provider.managed_scaling { ManagedScalingStatus::Enabled } else { ManagedScalingStatus::Disabled })
        .target_capacity(provider.target_capacity)
        .minimum_scaling_step_size(provider.minimum_scaling_step_size)
        .maximum_scaling_step_size(provider.maximum_scaling_step_size)
        .instance_warmup_period(provider.instance_warmup_period)
        .build()
}

fn termination_protection(provider: &CapacityProvider) -> ManagedTerminationProtection {
    if provider.managed_termination_protection { ManagedTerminationProtection::Enabled } else { ManagedTerminationProtection::Disabled }
}

fn draining(provider: &CapacityProvider) -> ManagedDraining {
    if provider.managed_draining { ManagedDraining::Enabled } else { ManagedDraining::Disabled }
}
