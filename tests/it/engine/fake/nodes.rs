//! What EC2 does with launch templates, and what Auto Scaling does.

use super::apply::{Applied, Done, Refused, require, wrong};
use super::iam::add_tags;
use crate::plan::world::World;
use aws_ecs_cluster::aws::progress::Yield;
use aws_ecs_cluster::model::observed::{
    Attachments, ObservedAutoScalingGroup, ObservedContainerInstance, ObservedInstance, ObservedLaunchTemplate, ProviderState,
};
use aws_ecs_cluster::model::properties::{AutoScalingGroup, LaunchTemplateContent};
use aws_ecs_cluster::model::reference::Output;
use aws_ecs_cluster::model::tags::Tags;
use std::collections::{BTreeMap, BTreeSet};

impl World {
    /// Instances of groups that are ours.
    pub fn own_nodes(&self) -> usize {
        let groups = self.auto_scaling_groups.values().filter(|group| self.owner.owns(&group.properties.tags));
        groups.map(|group| group.instances.len()).sum()
    }

    fn template_with(&mut self, id: &str) -> Result<&mut ObservedLaunchTemplate, Refused> {
        self.launch_templates.values_mut().find(|template| template.id == id).ok_or(Refused::Gone)
    }

    pub fn create_template(&mut self, name: &str, content: LaunchTemplateContent, tags: &Tags) -> Applied {
        if self.launch_templates.contains_key(name) {
            return Err(Refused::There);
        }
        let id = self.fresh("lt");
        let template = ObservedLaunchTemplate {
            id: id.clone(),
            name: name.to_owned(),
            tags: tags.clone(),
            latest_version: 1,
            default_version: 1,
            description: content.version_description().unwrap_or_default(),
            content,
        };
        self.launch_templates.insert(name.to_owned(), template);
        Ok(vec![Yield::Text(Output::Id, id), Yield::Text(Output::Version, "1".to_owned())])
    }

    pub fn create_version(&mut self, id: &str, after: i64, content: LaunchTemplateContent) -> Applied {
        let template = self.template_with(id)?;
        require(template.latest_version == after, "the version does not follow the latest")?;
        template.latest_version += 1;
        template.description = content.version_description().unwrap_or_default();
        template.content = content;
        Ok(vec![Yield::Text(Output::Version, template.latest_version.to_string())])
    }

    pub fn modify_default_version(&mut self, id: &str, version: &str) -> Done {
        let template = self.template_with(id)?;
        template.default_version = existing_version(template, version)?;
        Ok(())
    }

    pub fn delete_template(&mut self, id: &str) -> Done {
        let used = self.auto_scaling_groups.values().any(|group| group.launch_template_id.as_deref() == Some(id));
        let name = self.template_with(id)?.name.clone();
        require(!used, "a group still uses the launch template")?;
        self.launch_templates.remove(&name);
        Ok(())
    }

    fn group_named(&mut self, name: &str) -> Result<&mut ObservedAutoScalingGroup, Refused> {
        self.auto_scaling_groups.get_mut(name).filter(|group| !group.deleting).ok_or(Refused::Gone)
    }

    pub fn create_group(&mut self, group: &AutoScalingGroup, template: &str, version: &str) -> Applied {
        match self.auto_scaling_groups.get(&group.name) {
            Some(found) if found.deleting => return wrong("a group of this name is being deleted"),
            Some(_) => return Err(Refused::There),
            None => {}
        }
        self.check_launch(template, version)?;
        require(group.min_size == 0, "the group would start nodes before its capacity provider is attached")?;
        let arn = self.fresh("arn:group");
        let made = ObservedAutoScalingGroup {
            arn: arn.clone(),
            properties: AutoScalingGroup { enabled_metrics: BTreeSet::new(), ..group.clone() },
            launch_template_id: Some(template.to_owned()),
            launch_template_version: Some(version.to_owned()),
            desired_capacity: 0,
            availability_zones: BTreeSet::new(),
            instances: Vec::new(),
            deleting: false,
        };
        self.auto_scaling_groups.insert(group.name.clone(), made);
        Ok(vec![Yield::Text(Output::Arn, arn)])
    }

    /// Auto Scaling tries a launch before it accepts a template.
    fn check_launch(&mut self, template: &str, version: &str) -> Done {
        let template = self.template_with(template)?;
        existing_version(template, version)?;
        let wanted: Vec<String> = template.content.security_groups.iter().filter_map(|group| group.as_known().map(str::to_owned)).collect();
        let all_there = wanted.iter().all(|id| self.security_groups.values().any(|group| group.id == *id));
        require(all_there, "the template names a security group that is not there")?;
        let usable = self.instance_profile.as_ref().is_some_and(|profile| profile.properties.role.is_some());
        require(usable, "the instance profile is not usable")
    }

    pub fn update_group(&mut self, desired: &AutoScalingGroup, template: &str, version: &str) -> Done {
        self.check_launch(template, version)?;
        let group = self.group_named(&desired.name)?;
        require(desired.min_size <= group.properties.min_size, "the update would start nodes")?;
        let (tags, enabled_metrics) = (group.properties.tags.clone(), group.properties.enabled_metrics.clone());
        group.properties = AutoScalingGroup { tags, enabled_metrics, ..desired.clone() };
        group.launch_template_id = Some(template.to_owned());
        group.launch_template_version = Some(version.to_owned());
        Ok(())
    }

    pub fn resize_group(&mut self, name: &str, min_size: i32, max_size: i32) -> Done {
        let attached = self.is_attached(name);
        let wanted = usize::try_from(min_size).unwrap_or_default();
        let more = wanted.saturating_sub(self.group_named(name)?.instances.len());
        require(more == 0 || attached, "nodes would start before the group's capacity provider is attached")?;
        let ids: Vec<String> = (0..more).map(|_| self.fresh("i")).collect();
        let template_version = self.launch_version(name)?;
        let group = self.group_named(name)?;
        let template_id = group.launch_template_id.clone();
        (group.properties.min_size, group.properties.max_size) = (min_size, max_size);
        let protected_from_scale_in = group.properties.new_instances_protected_from_scale_in;
        let started: Vec<ObservedInstance> = ids
            .into_iter()
            .map(|id| ObservedInstance {
                id,
                protected_from_scale_in,
                lifecycle_state: "InService".to_owned(),
                template_id: template_id.clone(),
                template_version: Some(template_version.clone()),
            })
            .collect();
        group.instances.extend(started);
        Ok(())
    }

    /// The version that the group's next instance would have.
    fn launch_version(&mut self, group: &str) -> Result<String, Refused> {
        let group = self.group_named(group)?.clone();
        let template = self.template_with(&group.launch_template_id.unwrap_or_default())?;
        Ok(match group.launch_template_version.as_deref() {
            Some("$Latest") => template.latest_version.to_string(),
            version => version.unwrap_or_default().to_owned(),
        })
    }

    pub fn start_refresh(&mut self, name: &str) -> Applied {
        require(!self.group_named(name)?.instances.is_empty(), "there is nothing to refresh")?;
        require(!self.refreshes.contains_key(name), "a refresh is under way already")?;
        let id = self.fresh("refresh");
        self.refreshes.insert(name.to_owned(), id.clone());
        Ok(vec![Yield::Text(Output::Id, id)])
    }

    pub fn cancel_refresh(&mut self, name: &str) -> Done {
        self.refreshes.remove(name).map(|_| ()).ok_or(Refused::Gone)
    }

    pub fn finish_refresh(&mut self, name: &str, id: &str) -> Done {
        require(self.refreshes.get(name).is_some_and(|other| other == id), "that refresh is not under way")?;
        self.refreshes.remove(name);
        let version = self.launch_version(name)?;
        let group = self.group_named(name)?;
        let template = group.launch_template_id.clone();
        for instance in &mut group.instances {
            instance.template_id.clone_from(&template);
            instance.template_version = Some(version.clone());
        }
        Ok(())
    }

    /// Agents start, and find their connections again; those of a machine that was launched too early never count.
    pub fn join_nodes(&mut self, minimums: &BTreeMap<String, usize>) -> Done {
        for (name, minimum) in minimums {
            let launched = self.group_named(name)?.instances.clone();
            require(launched.len() >= *minimum, "nobody has started the nodes")?;
            let of_group = |node: &ObservedContainerInstance| launched.iter().any(|instance| instance.id == node.ec2_instance_id);
            self.container_instances.retain(|node| !of_group(node));
            self.register(&launched);
        }
        Ok(())
    }

    fn is_attached(&self, group: &str) -> bool {
        let arn = self.auto_scaling_groups.get(group).map(|group| &group.arn);
        let Some(cluster) = self.cluster.as_ref().filter(|cluster| cluster.attachments == Attachments::Settled) else { return false };
        let mut listed = cluster.capacity_providers.iter().filter_map(|name| self.capacity_providers.get(name));
        listed.any(|provider| provider.auto_scaling_group_arn.as_ref() == arn && provider.state != ProviderState::Deleting)
    }

    pub fn empty_group(&mut self, name: &str) -> Done {
        let group = self.group_named(name)?;
        (group.properties.min_size, group.properties.max_size, group.desired_capacity) = (0, 0, 0);
        group.properties.new_instances_protected_from_scale_in = false;
        group.instances.retain(|instance| instance.protected_from_scale_in);
        Ok(())
    }

    pub fn clear_protection(&mut self, name: &str, instances: &[String]) -> Done {
        let group = self.group_named(name)?;
        group.instances.retain(|instance| !instances.contains(&instance.id));
        Ok(())
    }

    pub fn enable_metrics(&mut self, name: &str, metrics: &BTreeSet<String>) -> Done {
        self.group_named(name)?.properties.enabled_metrics.extend(metrics.clone());
        Ok(())
    }

    pub fn tag_group(&mut self, name: &str, tags: &Tags) -> Done {
        add_tags(&mut self.group_named(name)?.properties.tags, tags);
        Ok(())
    }

    pub fn delete_group(&mut self, name: &str) -> Done {
        require(!self.refreshes.contains_key(name), "a refresh of the group is still under way")?;
        let group = self.group_named(name)?;
        require(group.instances.iter().all(|instance| !instance.protected_from_scale_in), "a protected instance keeps the group")?;
        group.instances.clear();
        group.deleting = true;
        Ok(())
    }

    pub fn finish_group(&mut self, name: &str) -> Done {
        match self.auto_scaling_groups.get(name) {
            Some(group) if !group.deleting => wrong("nobody has deleted the group"),
            _ => {
                self.auto_scaling_groups.remove(name);
                self.refreshes.remove(name);
                Ok(())
            }
        }
    }
}

fn existing_version(template: &ObservedLaunchTemplate, version: &str) -> Result<i64, Refused> {
    let number = version.parse().ok().filter(|number| (1..=template.latest_version).contains(number));
    number.map_or_else(|| wrong(format!("there is no version {version}")), Ok)
}
