//! What EC2 does with security groups and tags.

use super::apply::{Applied, Done, Refused, require, wrong};
use super::iam::add_tags;
use crate::plan::world::{StandingGroup, World};
use aws_ecs_cluster::aws::progress::Yield;
use aws_ecs_cluster::model::observed::ObservedRule;
use aws_ecs_cluster::model::properties::{Direction, Peer, Rule, SecurityGroup};
use aws_ecs_cluster::model::reference::{Output, Ref};
use aws_ecs_cluster::model::tags::Tags;
use aws_ecs_cluster::plan::action::DescribedRules;
use std::collections::{BTreeMap, BTreeSet};

fn default_egress() -> Rule {
    Rule { direction: Direction::Egress, protocol: "-1".to_owned(), ports: None, peer: Peer::Cidr("0.0.0.0/0".to_owned()) }
}

impl World {
    fn security_group_with(&mut self, id: &str) -> Result<&mut StandingGroup, Refused> {
        self.security_groups.values_mut().find(|group| group.id == id).ok_or(Refused::Gone)
    }

    pub fn create_security_group(&mut self, group: &SecurityGroup) -> Applied {
        if self.security_groups.contains_key(&group.name) {
            return Err(Refused::There);
        }
        let id = self.fresh("sg");
        let rule = ObservedRule { id: self.fresh("sgr"), tags: Tags::default() };
        let properties = SecurityGroup { rules: BTreeMap::from([(default_egress(), String::new())]), ..group.clone() };
        let made = StandingGroup { id: id.clone(), properties, rules: BTreeMap::from([(default_egress(), rule)]) };
        self.security_groups.insert(group.name.clone(), made);
        Ok(vec![Yield::Text(Output::Id, id)])
    }

    pub fn revoke_default_egress(&mut self, id: &str) -> Done {
        let group = self.security_group_with(id)?;
        group.properties.rules.remove(&default_egress());
        group.rules.remove(&default_egress()).map(drop).ok_or(Refused::Gone)
    }

    pub fn authorize(&mut self, id: &str, direction: Direction, rules: &DescribedRules, tags: &Tags) -> Done {
        for (rule, text) in rules {
            require(rule.direction == direction, "a rule of the other direction")?;
            let number = self.fresh("sgr");
            let group = self.security_group_with(id)?;
            if group.rules.contains_key(rule) {
                return Err(Refused::There);
            }
            group.properties.rules.insert(rule.clone(), text.clone());
            group.rules.insert(rule.clone(), ObservedRule { id: number, tags: tags.clone() });
        }
        Ok(())
    }

    pub fn revoke(&mut self, id: &str, direction: Direction, rule_ids: &BTreeSet<String>) -> Done {
        let group = self.security_group_with(id)?;
        for rule_id in rule_ids {
            let found = group.rules.iter().find(|(_, standing)| standing.id == *rule_id).map(|(rule, _)| rule.clone());
            let rule = found.ok_or(Refused::Gone)?;
            require(rule.direction == direction, "a rule of the other direction")?;
            group.rules.remove(&rule);
            group.properties.rules.remove(&rule);
        }
        Ok(())
    }

    pub fn update_rule_descriptions(&mut self, id: &str, direction: Direction, rules: &DescribedRules) -> Done {
        let group = self.security_group_with(id)?;
        for (rule, text) in rules {
            require(rule.direction == direction, "a rule of the other direction")?;
            group.properties.rules.get_mut(rule).ok_or(Refused::Gone)?.clone_from(text);
        }
        Ok(())
    }

    /// Security groups, their rules and launch templates are all tagged by id.
    pub fn tag_ec2(&mut self, resources: &BTreeSet<String>, tags: &Tags) -> Done {
        for id in resources {
            let groups = self.security_groups.values_mut();
            let of_groups = groups.flat_map(|group| {
                let rules = group.rules.values_mut().map(|rule| (&rule.id, &mut rule.tags));
                rules.chain([(&group.id, &mut group.properties.tags)])
            });
            let of_templates = self.launch_templates.values_mut().map(|template| (&template.id, &mut template.tags));
            match of_groups.chain(of_templates).find(|(other, _)| *other == id) {
                Some((_, found)) => add_tags(found, tags),
                None => return wrong(format!("nothing to tag is called {id}")),
            }
        }
        Ok(())
    }

    pub fn delete_security_group(&mut self, id: &str) -> Done {
        let nodes = self.own_nodes();
        let on_balancer = self.load_balancer.iter().any(|found| found.properties.security_groups.contains(&Ref::known(id)));
        let name = self.security_group_with(id)?.properties.name.clone();
        require(!on_balancer, "a load balancer still has the security group")?;
        let of_nodes = self.node_security_group().is_some_and(|group| group.id == id);
        require(!of_nodes || nodes == 0, "nodes still have the security group")?;
        self.security_groups.remove(&name);
        Ok(())
    }
}
