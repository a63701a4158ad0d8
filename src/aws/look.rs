//! The look: everything that may be one instance's, read in parallel, each thing once.

use crate::aws::acm::is_of_our_form;
use crate::aws::auto_scaling::Groups;
use crate::aws::call::{seen, unread};
use crate::aws::failure::Failure;
use crate::aws::launch_templates::Templates;
use crate::aws::network::filter;
use crate::aws::security_groups::read_tags;
use crate::aws::{Aws, Scope};
use crate::model::answers::Answers;
use crate::model::facts::Seen;
use crate::model::names;
use crate::model::observed::{
    Observed, ObservedAutoScalingGroup, ObservedCapacityProvider, ObservedCertificate, ObservedCluster, ObservedLaunchTemplate,
    ObservedLoadBalancer, ObservedRole, ObservedSecurityGroup,
};
use crate::model::tags::OWNER;
use crate::plan::Goal;
use aws_sdk_acm::types::CertificateSummary;
use aws_sdk_ec2::types::LaunchTemplate;
use futures_util::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet};

/// So many certificates are asked for their tags at once, which ACM answers in a second. Of more, the load balancer tells first which can be ours.
const FEW: usize = 10;

type ByName<T> = Result<BTreeMap<String, T>, Failure>;

impl Aws {
    /// Finds what is this instance's by name, tag and parent. A read that fails leaves its part unknown and hinders no other.
    pub async fn look(&self, scope: &Scope) -> Observed {
        let prefix = &scope.owner.name_prefix;
        let groups_of_rules = BTreeSet::from([names::node_security_group(prefix), names::alb_security_group(prefix)]);
        let profile_name = names::instance_profile(prefix);
        let (role, instance_profile, security_groups, nodes, ingress, container_instances) = tokio::join!(
            self.role_to_look_at(scope),
            self.instance_profile(&profile_name),
            self.security_groups(scope, &groups_of_rules),
            self.look_at_nodes(scope),
            self.look_at_ingress(scope),
            self.container_instances(prefix),
        );
        Observed {
            role,
            instance_profile,
            node_security_group: one_of(&security_groups, &names::node_security_group(prefix)),
            alb_security_group: one_of(&security_groups, &names::alb_security_group(prefix)),
            cluster: nodes.cluster,
            launch_templates: nodes.launch_templates,
            auto_scaling_groups: nodes.auto_scaling_groups,
            capacity_providers: nodes.capacity_providers,
            certificates: ingress.certificates,
            load_balancer: ingress.load_balancer,
            container_instances: seen(container_instances.map(Some)),
            answers: Answers::default(),
        }
    }

    /// Embedded policies matter to a plan only if the role may have to go.
    async fn role_to_look_at(&self, scope: &Scope) -> Seen<ObservedRole> {
        let role = self.role(&names::role(&scope.owner.name_prefix)).await;
        let may_go = scope.goal == Goal::Decommission || scope.auto_scaling_groups.is_empty();
        if may_go { self.with_inline_policies(role).await } else { role }
    }

    /// The same role, with the names of the policies embedded in it.
    pub async fn with_inline_policies(&self, role: Seen<ObservedRole>) -> Seen<ObservedRole> {
        match role {
            Seen::Present(role) if role.inline_policies.is_none() => match self.inline_policies(&role.properties.name).await {
                Ok(policies) => Seen::Present(ObservedRole { inline_policies: Some(policies), ..role }),
                Err(failure) => Seen::Unknown(unread(&failure)),
            },
            role => role,
        }
    }

    async fn look_at_nodes(&self, scope: &Scope) -> NodesSeen {
        let prefix = &scope.owner.name_prefix;
        let (cluster, groups, templates) = tokio::join!(self.cluster(prefix), self.tagged_groups(scope), self.tagged_templates(scope));
        let names = provider_names(scope, &cluster, &groups, &templates);
        let nodes = async {
            let (groups, templates) = tokio::join!(self.all_groups(scope, groups), self.own_templates(scope, templates));
            let templates = self.used_templates(scope, &groups, templates).await;
            (groups, templates)
        };
        let ((groups, templates), providers) = tokio::join!(nodes, self.providers(scope, &names));
        NodesSeen {
            cluster: seen(cluster),
            launch_templates: seen(templates.map(Some)),
            auto_scaling_groups: seen(groups.map(Some)),
            capacity_providers: seen(providers.map(Some)),
        }
    }

    async fn tagged_groups(&self, scope: &Scope) -> Result<Groups, Failure> {
        let mut groups = self.groups_tagged(scope.owner.tag_values()).await?;
        groups.retain(|name, group| scope.owner.owns_named(name, &group.properties.tags));
        Ok(groups)
    }

    /// Groups that bear our names without our tags are somebody else's; the plan has to know.
    async fn all_groups(&self, scope: &Scope, tagged: ByName<ObservedAutoScalingGroup>) -> Result<Groups, Failure> {
        let mut groups = tagged?;
        let missing = scope.auto_scaling_groups.iter().filter(|name| !groups.contains_key(*name)).cloned().collect();
        groups.extend(self.groups_named(missing).await?);
        Ok(groups)
    }

    /// EC2 cannot search for a tag's value under any key, so the tags of the OpenTofu bundle are only searched where nothing may be left behind.
    async fn tagged_templates(&self, scope: &Scope) -> Result<Templates, Failure> {
        let prefix = scope.owner.name_prefix.as_str();
        let mut tags = vec![(OWNER, prefix)];
        if scope.goal == Goal::Decommission {
            tags.extend([("md-package", prefix), ("md-instance", scope.owner.instance())]);
        }
        let each = tags.into_iter().map(|(key, value)| self.templates_by(filter(&format!("tag:{key}"), [value])));
        let found = try_join_all(each).await?.into_iter().flatten();
        let is_ours = |name: &str, template: &LaunchTemplate| scope.owner.owns_named(name, &read_tags(template.tags()));
        Ok(found.filter(|(name, template)| is_ours(name, template)).collect())
    }

    async fn own_templates(&self, scope: &Scope, tagged: Result<Templates, Failure>) -> Result<Templates, Failure> {
        let mut templates = tagged?;
        let wanted = scope.auto_scaling_groups.iter().map(|name| names::launch_template(name));
        let missing = wanted.filter(|name| !templates.contains_key(name)).collect();
        templates.extend(self.templates_named(&missing).await?);
        Ok(templates)
    }

    /// Adds the templates that our groups use under other names, and reads the latest version of each.
    async fn used_templates(
        &self,
        scope: &Scope,
        groups: &Result<Groups, Failure>,
        templates: Result<Templates, Failure>,
    ) -> ByName<ObservedLaunchTemplate> {
        let mut templates = templates?;
        let known: BTreeSet<&str> = templates.values().filter_map(|template| template.launch_template_id()).collect();
        let groups = groups.as_ref().map_err(Clone::clone)?;
        let ours = groups.values().filter(|group| scope.owner.owns(&group.properties.tags));
        let used = ours.filter_map(|group| group.launch_template_id.clone()).filter(|id| !known.contains(id.as_str())).collect();
        templates.extend(self.templates_by_id(&used).await?);
        self.with_latest(templates).await
    }

    /// One that has lost its cluster, its group and its template is found by its tags alone, which takes a list of all that the account has in the Region
    /// (docs/aws.md, "ECS: capacity providers").
    async fn providers(&self, scope: &Scope, names: &BTreeSet<String>) -> ByName<ObservedCapacityProvider> {
        let mut found = match scope.goal {
            Goal::Decommission => self.all_capacity_providers().await?,
            Goal::Provision if names.is_empty() => BTreeMap::new(),
            Goal::Provision => self.capacity_providers(names).await?,
        };
        // What tags alone make ours is another instance's unless its group bears our whole prefix, whatever the provider is called.
        let is_ours = |provider: &ObservedCapacityProvider| scope.owner.owns_named(named_after(provider), &provider.properties.tags);
        found.retain(|name, provider| is_ours(provider) || (names.contains(name) && !scope.owner.owns(&provider.properties.tags)));
        Ok(found)
    }

    async fn look_at_ingress(&self, scope: &Scope) -> IngressSeen {
        let name = names::load_balancer(&scope.owner.name_prefix);
        let (load_balancer, (list, few)) = tokio::join!(self.load_balancer(&name), async {
            let list = self.own_list_of_certificates().await;
            let few = match &list {
                Ok(list) if list.iter().filter(|one| is_of_our_form(one)).count() <= FEW => {
                    Some(self.own_certificates(scope, list, None).await)
                }
                _ => None,
            };
            (list, few)
        });
        // Only a load balancer that was read tells that a certificate in use is in use by others.
        let attached = load_balancer.as_ref().ok().and_then(Option::as_ref).map(certificates_of);
        let certificates = match (few, list) {
            (Some(certificates), _) => certificates,
            (None, Ok(list)) => self.own_certificates(scope, &list, attached.as_ref()).await,
            (None, Err(failure)) => Err(failure),
        };
        IngressSeen { load_balancer: seen(load_balancer), certificates: seen(certificates.map(Some)) }
    }

    /// Neither list nor description of a certificate shows its tags, so each candidate costs a call more: only those that can be ours are asked for.
    async fn own_certificates(
        &self,
        scope: &Scope,
        list: &[CertificateSummary],
        attached: Option<&BTreeSet<String>>,
    ) -> Result<Vec<ObservedCertificate>, Failure> {
        let likely = |summary: &&CertificateSummary| {
            let arn = summary.certificate_arn().unwrap_or_default();
            // In use by something that is not our listener: not ours, unless a listener of ours is just gone.
            is_of_our_form(summary)
                && (scope.goal == Goal::Decommission
                    || summary.in_use() != Some(true)
                    || attached.is_none_or(|attached| attached.contains(arn)))
        };
        let candidates = list.iter().filter(likely).filter_map(|summary| summary.certificate_arn());
        let each = candidates.map(|arn| async move {
            // One that our listeners serve is ours in all likelihood, and both answers are needed.
            if attached.is_some_and(|attached| attached.contains(arn)) {
                let (tags, found) = tokio::try_join!(self.certificate_tags(arn), self.certificate(arn))?;
                return Ok(found.filter(|found| found.belongs_to(&scope.owner, &tags)).map(|found| found.tagged(tags)));
            }
            let tags = self.certificate_tags(arn).await?;
            let found = if scope.owner.owns(&tags) { self.certificate(arn).await? } else { None };
            Ok::<_, Failure>(found.filter(|found| found.belongs_to(&scope.owner, &tags)).map(|found| found.tagged(tags)))
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }
}

struct NodesSeen {
    cluster: Seen<ObservedCluster>,
    launch_templates: Seen<BTreeMap<String, ObservedLaunchTemplate>>,
    auto_scaling_groups: Seen<BTreeMap<String, ObservedAutoScalingGroup>>,
    capacity_providers: Seen<BTreeMap<String, ObservedCapacityProvider>>,
}

struct IngressSeen {
    load_balancer: Seen<ObservedLoadBalancer>,
    certificates: Seen<Vec<ObservedCertificate>>,
}

fn one_of(groups: &ByName<ObservedSecurityGroup>, name: &str) -> Seen<ObservedSecurityGroup> {
    seen(groups.as_ref().map(|groups| groups.get(name).cloned()).map_err(Clone::clone))
}

/// Those that the cluster lists, and those that bear the names of our groups and templates, in the form of today or of older versions.
fn provider_names(
    scope: &Scope,
    cluster: &Result<Option<ObservedCluster>, Failure>,
    groups: &Result<Groups, Failure>,
    templates: &Result<Templates, Failure>,
) -> BTreeSet<String> {
    let listed = cluster.iter().flatten().flat_map(|cluster| &cluster.capacity_providers).cloned();
    let ours = groups.iter().flatten().filter(|(_, group)| scope.owner.owns(&group.properties.tags)).map(|(name, _)| name);
    let launched = templates.iter().flat_map(|templates| templates.keys());
    let grouped = ours.chain(&scope.auto_scaling_groups).chain(launched);
    let prefix = &scope.owner.name_prefix;
    let named = grouped.flat_map(|name| [names::capacity_provider(name), names::older_capacity_provider(prefix, name).to_owned()]);
    listed.chain(named).filter(|name| !crate::plan::desired::FARGATE_PROVIDERS.contains(&name.as_str())).collect()
}

/// Older versions of the OpenTofu bundle did not name a provider after the instance, but always its Auto Scaling group.
fn named_after(provider: &ObservedCapacityProvider) -> &str {
    let group = provider.auto_scaling_group_arn.as_deref().and_then(|arn| arn.rsplit('/').next());
    group.unwrap_or(&provider.properties.name)
}

fn certificates_of(load_balancer: &ObservedLoadBalancer) -> BTreeSet<String> {
    let default = load_balancer.listeners.iter().filter_map(|listener| listener.properties.default_certificate.as_ref()?.as_known());
    let extra = load_balancer.listeners.iter().flat_map(|listener| &listener.extra_certificates);
    default.map(str::to_owned).chain(extra.cloned()).collect()
}
