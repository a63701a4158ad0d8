//! What IAM does.

use super::apply::{Done, Refused, require};
use crate::plan::world::World;
use aws_ecs_cluster::model::observed::{ObservedInstanceProfile, ObservedRole};
use aws_ecs_cluster::model::properties::{InstanceProfile, Role};
use aws_ecs_cluster::model::tags::Tags;
use std::collections::BTreeSet;

/// Adds tags, as every tagging call does.
pub fn add_tags(tags: &mut Tags, more: &Tags) {
    tags.0.extend(more.0.clone());
}

impl World {
    fn role_named(&mut self, name: &str) -> Result<&mut ObservedRole, Refused> {
        self.role.as_mut().filter(|role| role.properties.name == name).ok_or(Refused::Gone)
    }

    fn profile_named(&mut self, name: &str) -> Result<&mut ObservedInstanceProfile, Refused> {
        self.instance_profile.as_mut().filter(|profile| profile.properties.name == name).ok_or(Refused::Gone)
    }

    pub fn create_role(&mut self, role: &Role) -> Done {
        if self.role.is_some() {
            return Err(Refused::There);
        }
        self.role = Some(ObservedRole {
            arn: self.fresh("role"),
            properties: Role { managed_policies: BTreeSet::new(), ..role.clone() },
            inline_policies: Some(BTreeSet::new()),
        });
        Ok(())
    }

    pub fn trust(&mut self, name: &str, services: &BTreeSet<String>) -> Done {
        self.role_named(name)?.properties.trusted_principals.clone_from(services);
        Ok(())
    }

    pub fn attach_policy(&mut self, name: &str, policy: &str) -> Done {
        self.role_named(name)?.properties.managed_policies.insert(policy.to_owned());
        Ok(())
    }

    pub fn detach_policy(&mut self, name: &str, policy: &str) -> Done {
        self.role_named(name)?.properties.managed_policies.remove(policy).then_some(()).ok_or(Refused::Gone)
    }

    pub fn delete_inline_policy(&mut self, name: &str, policy: &str) -> Done {
        self.role_named(name)?.inline_policies.as_mut().is_some_and(|policies| policies.remove(policy)).then_some(()).ok_or(Refused::Gone)
    }

    pub fn tag_role(&mut self, name: &str, tags: &Tags) -> Done {
        add_tags(&mut self.role_named(name)?.properties.tags, tags);
        Ok(())
    }

    pub fn delete_role(&mut self, name: &str) -> Done {
        let in_profile = self.instance_profile.as_ref().is_some_and(|profile| profile.properties.role.as_deref() == Some(name));
        let role = self.role_named(name)?;
        require(
            role.properties.managed_policies.is_empty() && role.inline_policies.iter().flatten().next().is_none(),
            "the role still has policies",
        )?;
        require(!in_profile, "the role is still in an instance profile")?;
        self.role = None;
        Ok(())
    }

    pub fn create_profile(&mut self, name: &str, tags: &Tags) -> Done {
        if self.instance_profile.is_some() {
            return Err(Refused::There);
        }
        let properties = InstanceProfile { name: name.to_owned(), role: None, tags: tags.clone() };
        self.instance_profile = Some(ObservedInstanceProfile { arn: self.fresh("profile"), properties });
        Ok(())
    }

    pub fn fill_profile(&mut self, name: &str, role: &str) -> Done {
        require(self.role_named(role).is_ok(), "there is no such role for the instance profile")?;
        let profile = self.profile_named(name)?;
        if profile.properties.role.is_some() {
            return Err(Refused::There);
        }
        profile.properties.role = Some(role.to_owned());
        Ok(())
    }

    pub fn empty_profile(&mut self, name: &str, role: &str) -> Done {
        let profile = self.profile_named(name)?;
        if profile.properties.role.as_deref() != Some(role) {
            return Err(Refused::Gone);
        }
        profile.properties.role = None;
        Ok(())
    }

    pub fn tag_profile(&mut self, name: &str, tags: &Tags) -> Done {
        add_tags(&mut self.profile_named(name)?.properties.tags, tags);
        Ok(())
    }

    pub fn delete_profile(&mut self, name: &str) -> Done {
        let nodes = self.own_nodes();
        let profile = self.profile_named(name)?;
        require(profile.properties.role.is_none(), "the instance profile still holds a role")?;
        require(nodes == 0, "nodes would lose their credentials")?;
        self.instance_profile = None;
        Ok(())
    }
}
