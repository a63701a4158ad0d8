//! What ECS does.

use super::apply::{Done, Refused, require, wrong};
use super::iam::add_tags;
use crate::plan::world::World;
use aws_ecs_cluster::model::observed::{Attachments, ObservedCapacityProvider, ObservedCluster, ProviderState};
use aws_ecs_cluster::model::properties::{CapacityProvider, Cluster, ListChange};
use aws_ecs_cluster::model::tags::Tags;
use aws_ecs_cluster::plan::action::NodeState;
use aws_ecs_cluster::plan::desired::FARGATE_PROVIDERS;
use std::collections::BTreeSet;

impl World {
    pub fn create_cluster(&mut self, cluster: &Cluster) -> Done {
        if self.cluster.is_some() {
            return Err(Refused::There);
        }
        self.cluster = Some(ObservedCluster {
            arn: self.fresh("arn:cluster"),
            status: "ACTIVE".to_owned(),
            properties: cluster.clone(),
            capacity_providers: BTreeSet::new(),
            default_strategy: Vec::new(),
            active_services: 0,
            attachments: Attachments::Settled,
        });
        Ok(())
    }

    fn cluster_named(&mut self, name: &str) -> Result<&mut ObservedCluster, Refused> {
        self.cluster.as_mut().filter(|cluster| cluster.properties.name == name).ok_or(Refused::Gone)
    }

    pub fn activate_cluster(&mut self, name: &str) -> Done {
        "ACTIVE".clone_into(&mut self.cluster_named(name)?.status);
        Ok(())
    }

    pub fn update_cluster(&mut self, name: &str, container_insights: &str) -> Done {
        let cluster = self.cluster_named(name)?;
        require(cluster.status == "ACTIVE", "the cluster is not ACTIVE")?;
        container_insights.clone_into(&mut cluster.properties.container_insights);
        Ok(())
    }

    pub fn create_provider(&mut self, provider: &CapacityProvider, group: &str) -> Done {
        match self.capacity_providers.get(&provider.name) {
            Some(found) if found.state == ProviderState::Deleting => return wrong("a provider of this name is being deleted"),
            Some(_) => return Err(Refused::There),
            None => {}
        }
        self.check_protection(provider, group)?;
        let made = ObservedCapacityProvider {
            arn: self.fresh("arn:provider"),
            properties: provider.clone(),
            auto_scaling_group_arn: Some(group.to_owned()),
            state: ProviderState::Active,
        };
        self.capacity_providers.insert(provider.name.clone(), made);
        Ok(())
    }

    fn check_protection(&self, provider: &CapacityProvider, group: &str) -> Done {
        let found = self.auto_scaling_groups.values().find(|found| found.arn == group && !found.deleting);
        let Some(found) = found else { return wrong("the provider's group is not there") };
        let protects = found.properties.new_instances_protected_from_scale_in;
        require(protects || !provider.managed_termination_protection, "the provider's group does not protect its instances")
    }

    fn provider_named(&mut self, name: &str) -> Result<&mut ObservedCapacityProvider, Refused> {
        self.capacity_providers.get_mut(name).filter(|provider| provider.state != ProviderState::Deleting).ok_or(Refused::Gone)
    }

    pub fn update_provider(&mut self, desired: &CapacityProvider) -> Done {
        let group = self.provider_named(&desired.name)?.auto_scaling_group_arn.clone().unwrap_or_default();
        self.check_protection(desired, &group)?;
        let found = self.provider_named(&desired.name)?;
        require(found.state != ProviderState::Updating, "the provider is being updated")?;
        found.properties = CapacityProvider { tags: found.properties.tags.clone(), ..desired.clone() };
        found.state = ProviderState::Updating;
        Ok(())
    }

    pub fn finish_update(&mut self, name: &str) -> Done {
        let found = self.provider_named(name)?;
        require(!matches!(found.state, ProviderState::UpdateFailed(_)), "the update failed")?;
        found.state = ProviderState::Active;
        Ok(())
    }

    pub fn delete_provider(&mut self, name: &str) -> Done {
        let attached = self.cluster.iter().any(|cluster| cluster.capacity_providers.contains(name));
        let provider = self.provider_named(name)?;
        require(!attached, "the provider is still attached")?;
        provider.state = ProviderState::Deleting;
        Ok(())
    }

    pub fn finish_provider(&mut self, name: &str) -> Done {
        match self.capacity_providers.get(name) {
            Some(provider) if provider.state != ProviderState::Deleting => wrong("nobody has deleted the provider"),
            _ => {
                self.capacity_providers.remove(name);
                Ok(())
            }
        }
    }

    pub fn change_providers(&mut self, cluster: &str, change: &ListChange, beside: &BTreeSet<String>) -> Done {
        let found = self.cluster_named(cluster)?;
        let wanted = change.applied_to(&found.capacity_providers.difference(beside).cloned().collect());
        found.default_strategy.retain(|item| wanted.contains(&item.capacity_provider));
        for name in wanted.iter().filter(|name| !FARGATE_PROVIDERS.contains(&name.as_str())) {
            let provider = self.provider_named(name).map_err(|_| Refused::Wrong(format!("there is no provider {name}")))?;
            require(provider.auto_scaling_group_arn.is_some(), "the list takes no Managed Instances provider")?;
        }
        let managed = self.capacity_providers.iter().filter(|(_, provider)| provider.auto_scaling_group_arn.is_none());
        let managed: BTreeSet<String> = managed.map(|(name, _)| name.clone()).collect();
        let found = self.cluster_named(cluster)?;
        require(found.attachments != Attachments::InProgress, "an update of the list is in progress")?;
        let tied: BTreeSet<String> = found.capacity_providers.intersection(&managed).cloned().collect();
        found.capacity_providers = wanted.union(&tied).cloned().collect();
        found.attachments = Attachments::InProgress;
        Ok(())
    }

    pub fn settle_attachments(&mut self, cluster: &str, change: &ListChange) -> Done {
        let found = self.cluster_named(cluster)?;
        require(change.holds_on(&found.capacity_providers), "the list is not as it was to be")?;
        require(!matches!(found.attachments, Attachments::Failed(_)), "the attachments have failed")?;
        found.attachments = Attachments::Settled;
        Ok(())
    }

    pub fn tag_ecs(&mut self, arn: &str, tags: &Tags) -> Done {
        let cluster = self.cluster.iter_mut().map(|cluster| (&cluster.arn, &mut cluster.properties.tags));
        let providers = self.capacity_providers.values_mut().map(|provider| (&provider.arn, &mut provider.properties.tags));
        let (_, found) = cluster.chain(providers).find(|(other, _)| *other == arn).ok_or(Refused::Gone)?;
        add_tags(found, tags);
        Ok(())
    }

    fn check_registered(&mut self, cluster: &str, arns: &[String]) -> Done {
        self.cluster_named(cluster)?;
        let registered = |arn: &String| self.container_instances.iter().any(|node| node.arn == *arn);
        require(arns.iter().all(registered), "a node to drain is not registered")
    }

    pub fn set_state(&mut self, cluster: &str, arns: &[String], state: NodeState) -> Done {
        require(arns.len() <= 10, "ECS changes the state of ten nodes at once at most")?;
        self.check_registered(cluster, arns)?;
        let named = self.container_instances.iter_mut().filter(|node| arns.contains(&node.arn));
        named.for_each(|node| node.draining = state == NodeState::Draining);
        Ok(())
    }

    pub fn drained(&mut self, cluster: &str, arns: &[String]) -> Done {
        self.check_registered(cluster, arns)
    }

    pub fn deregister(&mut self, cluster: &str, arn: &str) -> Done {
        require(self.cluster_named(cluster).is_ok(), "the cluster is gone before its container instances")?;
        let place = self.container_instances.iter().position(|node| node.arn == arn).ok_or(Refused::Gone)?;
        let id = self.container_instances[place].ec2_instance_id.clone();
        let alive = self.auto_scaling_groups.values().flat_map(|group| &group.instances).any(|instance| instance.id == id);
        require(!alive, "a node that is alive would be forgotten")?;
        self.container_instances.remove(place);
        Ok(())
    }

    pub fn delete_cluster(&mut self, cluster: &str) -> Done {
        self.cluster_named(cluster)?;
        require(self.container_instances.is_empty(), "container instances are still registered")?;
        require(self.tenants.services.is_empty() && self.tenants.tasks.is_empty(), "apps are still on the cluster")?;
        require(self.own_nodes() == 0, "nodes are still on the cluster")?;
        let listed = self.cluster_named(cluster)?.capacity_providers.clone();
        let mut attached = listed.iter().filter_map(|name| self.capacity_providers.get(name));
        require(attached.all(|found| found.auto_scaling_group_arn.is_some()), "Managed Instances providers are attached")?;
        self.cluster = None;
        Ok(())
    }
}
