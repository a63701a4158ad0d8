//! Elastic Load Balancing: the load balancer, its listeners and their certificates.

use crate::aws::Aws;
use crate::aws::call::{Deleted, Named, all_of, required, unless_missing};
use crate::aws::failure::Failure;
use crate::aws::progress::Progress;
use crate::model::answers::ListenerRule;
use crate::model::observed::{ObservedListener, ObservedLoadBalancer};
use crate::model::properties::{DefaultAction, HTTPS_PORT, Listener, LoadBalancer};
use crate::model::reference::{Outputs, Ref};
use crate::model::tags::Tags;
use crate::plan::action::Service;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Certificate, FixedResponseActionConfig, Listener as DescribedListener, LoadBalancer as Described,
    LoadBalancerAttribute, LoadBalancerSchemeEnum, LoadBalancerTypeEnum, ProtocolEnum, RedirectActionConfig, RedirectActionStatusCodeEnum,
    Rule, Tag, TagDescription,
};
use futures_util::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet};

/// ARNs per `DescribeTags` call, at most.
const TAG_BATCH: usize = 20;
const NOT_FOUND_STATUS: &str = "404";
const NOT_FOUND_BODY: &str = "Path not found";
const PLAIN_TEXT: &str = "text/plain";

fn elb_tags(tags: &Tags) -> Vec<Tag> {
    tags.0.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

fn redirect() -> RedirectActionConfig {
    // What is not named here stays as the client sent it: host, path and query.
    let redirect =
        RedirectActionConfig::builder().protocol("HTTPS").port(HTTPS_PORT.to_string()).status_code(RedirectActionStatusCodeEnum::Http301);
    redirect.build()
}

fn default_action(action: &DefaultAction) -> Option<Action> {
    let built = match action {
        DefaultAction::RedirectToHttps => Action::builder().r#type(ActionTypeEnum::Redirect).redirect_config(redirect()),
        DefaultAction::PathNotFound => {
            let response =
                FixedResponseActionConfig::builder().status_code(NOT_FOUND_STATUS).content_type(PLAIN_TEXT).message_body(NOT_FOUND_BODY);
            Action::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(response.build())
        }
        // Only ever observed.
        DefaultAction::Other(_) => return None,
    };
    Some(built.build())
}

fn read_action(actions: &[Action]) -> DefaultAction {
    let first = actions.first();
    let redirects = first.and_then(|action| action.redirect_config()).is_some_and(|redirect| {
        let kept = |field: Option<&str>, placeholder: &str| field.is_none_or(|value| value == placeholder);
        redirect.protocol() == Some("HTTPS")
            && redirect.port() == Some(HTTPS_PORT.to_string().as_str())
            && redirect.status_code() == Some(&RedirectActionStatusCodeEnum::Http301)
            && kept(redirect.host(), "#{host}")
            && kept(redirect.path(), "/#{path}")
            && kept(redirect.query(), "#{query}")
    });
    let not_found = first.and_then(|action| action.fixed_response_config()).is_some_and(|response| {
        response.status_code() == Some(NOT_FOUND_STATUS)
            && response.message_body() == Some(NOT_FOUND_BODY)
            && response.content_type().is_none_or(|kind| kind == PLAIN_TEXT)
    });
    match (redirects, not_found) {
        (true, _) => DefaultAction::RedirectToHttps,
        (_, true) => DefaultAction::PathNotFound,
        _ => DefaultAction::Other(first.map(|action| format!("{action:?}")).unwrap_or_default()),
    }
}

fn certificate(arn: &str) -> Certificate {
    Certificate::builder().certificate_arn(arn).build()
}

impl Aws {
    /// Those of the TLS policies that the Region has.
    pub(super) async fn tls_policies(&self, names: &[&str]) -> Result<BTreeSet<String>, Failure> {
        if names.is_empty() {
            return Ok(BTreeSet::new());
        }
        let call = self.elb.describe_ssl_policies().load_balancer_type(LoadBalancerTypeEnum::Application).page_size(400);
        let answer = call.send().await.named(Service::Elb, "DescribeSSLPolicies")?;
        let found = answer.ssl_policies().iter().filter_map(|policy| policy.name());
        Ok(found.filter(|name| names.contains(name)).map(str::to_owned).collect())
    }

    pub(super) async fn load_balancer(&self, name: &str) -> Result<Option<ObservedLoadBalancer>, Failure> {
        let answer = self.elb.describe_load_balancers().names(name).send().await.named(Service::Elb, "DescribeLoadBalancers");
        let Some(answer) = unless_missing(answer, &["LoadBalancerNotFound"])? else { return Ok(None) };
        let Some(found) = answer.load_balancers.unwrap_or_default().into_iter().next() else { return Ok(None) };
        let arn = required(found.load_balancer_arn.clone(), Service::Elb, "DescribeLoadBalancers", "LoadBalancerArn")?;
        let (attributes, listeners) = tokio::try_join!(self.attributes(&arn), self.listeners(&arn))?;
        let arns: Vec<String> = listeners.iter().filter_map(|listener| listener.listener_arn.clone()).chain([arn.clone()]).collect();
        let (tags, certificates) = tokio::try_join!(self.elb_tags_of(&arns), self.extra_certificates(&listeners))?;
        // It went while it was looked at.
        if !tags.contains_key(&arn) {
            return Ok(None);
        }
        let listeners = listeners.into_iter().map(|listener| observed_listener(&listener, &tags, &certificates));
        let listeners = listeners.collect::<Result<_, _>>()?;
        Ok(Some(observed(found, arn, attributes, listeners, &tags)?))
    }

    async fn attributes(&self, arn: &str) -> Result<BTreeMap<String, String>, Failure> {
        let call = self.elb.describe_load_balancer_attributes().load_balancer_arn(arn);
        let answer = call.send().await.named(Service::Elb, "DescribeLoadBalancerAttributes");
        let found = unless_missing(answer, &["LoadBalancerNotFound"])?.and_then(|answer| answer.attributes).unwrap_or_default();
        Ok(found.into_iter().filter_map(|attribute| Some((attribute.key?, attribute.value.unwrap_or_default()))).collect())
    }

    async fn listeners(&self, load_balancer: &str) -> Result<Vec<DescribedListener>, Failure> {
        let found = all_of!(self.elb.describe_listeners().load_balancer_arn(load_balancer)).await.named(Service::Elb, "DescribeListeners");
        Ok(unless_missing(found, &["LoadBalancerNotFound"])?.unwrap_or_default())
    }

    async fn elb_tags_of(&self, arns: &[String]) -> Result<BTreeMap<String, Tags>, Failure> {
        let pages = arns.chunks(TAG_BATCH).map(|arns| async move {
            // One that is gone fails the call for all of them; then each is asked for by itself.
            match self.tag_descriptions(arns).await? {
                None => Ok(try_join_all(arns.chunks(1).map(|arn| self.tag_descriptions(arn))).await?.into_iter().flatten().collect()),
                Some(described) => Ok::<_, Failure>(vec![described]),
            }
        });
        let described = try_join_all(pages).await?.into_iter().flatten().flatten();
        let tags = |tags: Vec<Tag>| tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect();
        Ok(described.filter_map(|one| Some((one.resource_arn?, tags(one.tags.unwrap_or_default())))).collect())
    }

    async fn tag_descriptions(&self, arns: &[String]) -> Result<Option<Vec<TagDescription>>, Failure> {
        let answer = self.elb.describe_tags().set_resource_arns(Some(arns.to_vec())).send().await.named(Service::Elb, "DescribeTags");
        let answer = unless_missing(answer, &["LoadBalancerNotFound", "ListenerNotFound"])?;
        Ok(answer.map(|answer| answer.tag_descriptions.unwrap_or_default()))
    }

    /// By listener, the certificates beside the default one. The list names the default one too.
    async fn extra_certificates(&self, listeners: &[DescribedListener]) -> Result<BTreeMap<String, BTreeSet<String>>, Failure> {
        let secure = listeners.iter().filter(|listener| listener.protocol == Some(ProtocolEnum::Https));
        let each = secure.filter_map(|listener| listener.listener_arn.clone()).map(|arn| async move {
            let found = all_of!(self.elb.describe_listener_certificates().listener_arn(&arn))
                .await
                .named(Service::Elb, "DescribeListenerCertificates");
            let found = unless_missing(found, &["ListenerNotFound"])?.unwrap_or_default();
            let extra = found.into_iter().filter(|certificate| certificate.is_default != Some(true));
            Ok::<_, Failure>((arn, extra.filter_map(|certificate| certificate.certificate_arn).collect()))
        });
        Ok(try_join_all(each).await?.into_iter().collect())
    }

    /// The hosts and paths of the rules that apps have added to the listener.
    pub(super) async fn listener_rules(&self, listener: &str) -> Result<Option<BTreeSet<ListenerRule>>, Failure> {
        let found = all_of!(self.elb.describe_rules().listener_arn(listener)).await.named(Service::Elb, "DescribeRules");
        let Some(rules) = unless_missing(found, &["ListenerNotFound"])? else { return Ok(None) };
        Ok(Some(rules.iter().filter(|rule| rule.is_default() != Some(true)).flat_map(hosts_and_paths).collect()))
    }

    /// Yields the ARN. The load balancer can be referred to at once, long before it is active.
    pub(super) async fn create_load_balancer(&self, desired: &LoadBalancer, outputs: &Outputs) -> Result<String, Failure> {
        let operation = "CreateLoadBalancer";
        let groups = resolved(&desired.security_groups, outputs, operation)?;
        let call = self
            .elb
            .create_load_balancer()
            .name(&desired.name)
            .r#type(LoadBalancerTypeEnum::Application)
            .scheme(LoadBalancerSchemeEnum::from(desired.scheme.as_str()))
            .set_subnets(Some(desired.subnets.iter().cloned().collect()))
            .set_security_groups(Some(groups))
            .set_tags(Some(elb_tags(&desired.tags)));
        let answer = call.send().await.named(Service::Elb, operation)?;
        let created = answer.load_balancers.unwrap_or_default().into_iter().next();
        required(created.and_then(|created| created.load_balancer_arn), Service::Elb, operation, "LoadBalancerArn")
    }

    pub(super) async fn modify_attributes(&self, arn: &str, attributes: &BTreeMap<String, String>) -> Result<(), Failure> {
        let attributes = attributes.iter().map(|(key, value)| LoadBalancerAttribute::builder().key(key).value(value).build()).collect();
        let call = self.elb.modify_load_balancer_attributes().load_balancer_arn(arn).set_attributes(Some(attributes));
        call.send().await.named(Service::Elb, "ModifyLoadBalancerAttributes")?;
        Ok(())
    }

    pub(super) async fn set_subnets(&self, arn: &str, subnets: &BTreeSet<String>) -> Result<(), Failure> {
        let call = self.elb.set_subnets().load_balancer_arn(arn).set_subnets(Some(subnets.iter().cloned().collect()));
        call.send().await.named(Service::Elb, "SetSubnets")?;
        Ok(())
    }

    pub(super) async fn set_security_groups(&self, arn: &str, groups: &BTreeSet<Ref>, outputs: &Outputs) -> Result<(), Failure> {
        let groups = resolved(groups, outputs, "SetSecurityGroups")?;
        let call = self.elb.set_security_groups().load_balancer_arn(arn).set_security_groups(Some(groups));
        call.send().await.named(Service::Elb, "SetSecurityGroups")?;
        Ok(())
    }

    pub(super) async fn tag_elb_resource(&self, arn: &str, tags: &Tags) -> Result<(), Failure> {
        self.elb.add_tags().resource_arns(arn).set_tags(Some(elb_tags(tags))).send().await.named(Service::Elb, "AddTags")?;
        Ok(())
    }

    pub(super) async fn delete_load_balancer(&self, arn: &str) -> Result<(), Failure> {
        self.elb.delete_load_balancer().load_balancer_arn(arn).send().await.named(Service::Elb, "DeleteLoadBalancer").or_gone()
    }

    pub(super) async fn load_balancer_active(&self, arn: &str) -> Result<Progress, Failure> {
        let answer = self.elb.describe_load_balancers().load_balancer_arns(arn).send().await.named(Service::Elb, "DescribeLoadBalancers");
        let answer = unless_missing(answer, &["LoadBalancerNotFound"])?;
        let state = answer.and_then(|answer| answer.load_balancers.unwrap_or_default().into_iter().next()).and_then(|found| found.state);
        let code = state.as_ref().and_then(|state| state.code()).map(|code| code.as_str().to_owned()).unwrap_or_default();
        let reason = state.and_then(|state| state.reason).unwrap_or_default();
        Ok(match code.as_str() {
            "active" | "active_impaired" => Progress::Done(Vec::new()),
            "failed" => Progress::Failed(format!("its state is failed: {reason}")),
            "" => {
                let words = "Elastic Load Balancing does not show it yet";
                return Err(Failure::unseen(Service::Elb, "DescribeLoadBalancers", words));
            }
            other => Progress::Pending(other.to_owned()),
        })
    }

    pub(super) async fn create_listener(&self, load_balancer: &str, desired: &Listener, outputs: &Outputs) -> Result<String, Failure> {
        let operation = "CreateListener";
        let call = self
            .elb
            .create_listener()
            .load_balancer_arn(load_balancer)
            .port(desired.port)
            .protocol(ProtocolEnum::from(desired.protocol.as_str()))
            .set_ssl_policy(desired.ssl_policy.clone())
            .set_certificates(default_certificate(desired, outputs, operation)?)
            .set_default_actions(default_action(&desired.default_action).map(|action| vec![action]))
            .set_tags(Some(elb_tags(&desired.tags)));
        let answer = call.send().await.named(Service::Elb, operation)?;
        let created = answer.listeners.unwrap_or_default().into_iter().next();
        required(created.and_then(|created| created.listener_arn), Service::Elb, operation, "ListenerArn")
    }

    pub(super) async fn modify_listener(&self, arn: &str, desired: &Listener, outputs: &Outputs) -> Result<(), Failure> {
        let operation = "ModifyListener";
        let call = self
            .elb
            .modify_listener()
            .listener_arn(arn)
            .protocol(ProtocolEnum::from(desired.protocol.as_str()))
            .set_ssl_policy(desired.ssl_policy.clone())
            .set_certificates(default_certificate(desired, outputs, operation)?)
            .set_default_actions(default_action(&desired.default_action).map(|action| vec![action]));
        call.send().await.named(Service::Elb, operation)?;
        Ok(())
    }

    pub(super) async fn add_listener_certificate(&self, listener: &str, arn: &str) -> Result<(), Failure> {
        let call = self.elb.add_listener_certificates().listener_arn(listener).certificates(certificate(arn));
        call.send().await.named(Service::Elb, "AddListenerCertificates")?;
        Ok(())
    }

    pub(super) async fn remove_listener_certificate(&self, listener: &str, arn: &str) -> Result<(), Failure> {
        let call = self.elb.remove_listener_certificates().listener_arn(listener).certificates(certificate(arn));
        call.send().await.named(Service::Elb, "RemoveListenerCertificates").or_gone()
    }
}

/// One entry for each host of the rule, followed by its paths. Host names know no upper case.
fn hosts_and_paths(rule: &Rule) -> Vec<ListenerRule> {
    let of_field = |field: &str, values: Option<&[String]>| -> Vec<String> {
        let named = rule.conditions().iter().filter(|condition| condition.field() == Some(field)).flat_map(|condition| condition.values());
        values.unwrap_or_default().iter().chain(named).cloned().collect()
    };
    let conditions = rule.conditions();
    let hosts = conditions.iter().find_map(|condition| condition.host_header_config()).map(|config| config.values());
    let paths = conditions.iter().find_map(|condition| condition.path_pattern_config()).map(|config| config.values());
    let mut hosts: BTreeSet<Option<String>> = of_field("host-header", hosts).iter().map(|host| Some(host.to_ascii_lowercase())).collect();
    if hosts.is_empty() {
        hosts.insert(None);
    }
    let paths: BTreeSet<String> = of_field("path-pattern", paths).into_iter().collect();
    hosts.into_iter().map(|host| ListenerRule { host, paths: paths.clone() }).collect()
}

fn resolved(groups: &BTreeSet<Ref>, outputs: &Outputs, operation: &'static str) -> Result<Vec<String>, Failure> {
    groups.iter().map(|group| required(outputs.resolve(group).map(str::to_owned), Service::Elb, operation, "SecurityGroups")).collect()
}

fn default_certificate(desired: &Listener, outputs: &Outputs, operation: &'static str) -> Result<Option<Vec<Certificate>>, Failure> {
    let Some(reference) = &desired.default_certificate else { return Ok(None) };
    let arn = required(outputs.resolve(reference), Service::Elb, operation, "Certificates")?;
    Ok(Some(vec![certificate(arn)]))
}

fn observed(
    found: Described,
    arn: String,
    attributes: BTreeMap<String, String>,
    listeners: Vec<ObservedListener>,
    tags: &BTreeMap<String, Tags>,
) -> Result<ObservedLoadBalancer, Failure> {
    let zones = found.availability_zones.unwrap_or_default();
    let operation = "DescribeLoadBalancers";
    let state = found.state.and_then(|state| state.code);
    Ok(ObservedLoadBalancer {
        dns_name: required(found.dns_name, Service::Elb, operation, "DNSName")?,
        state: required(state, Service::Elb, operation, "State.Code")?.as_str().to_owned(),
        properties: LoadBalancer {
            name: required(found.load_balancer_name, Service::Elb, operation, "LoadBalancerName")?,
            // A load balancer of another type that bears our name may have none.
            scheme: found.scheme.map(|scheme| scheme.as_str().to_owned()).unwrap_or_default(),
            vpc_id: required(found.vpc_id, Service::Elb, operation, "VpcId")?,
            subnets: zones.into_iter().filter_map(|zone| zone.subnet_id).collect(),
            security_groups: found.security_groups.unwrap_or_default().into_iter().map(Ref::Known).collect(),
            attributes,
            tags: tags.get(&arn).cloned().unwrap_or_default(),
        },
        listeners,
        arn,
    })
}

fn observed_listener(
    found: &DescribedListener,
    tags: &BTreeMap<String, Tags>,
    certificates: &BTreeMap<String, BTreeSet<String>>,
) -> Result<ObservedListener, Failure> {
    let operation = "DescribeListeners";
    let arn = required(found.listener_arn(), Service::Elb, operation, "ListenerArn")?.to_owned();
    let default = found.certificates().first().and_then(|certificate| certificate.certificate_arn());
    Ok(ObservedListener {
        properties: Listener {
            port: required(found.port(), Service::Elb, operation, "Port")?,
            protocol: required(found.protocol(), Service::Elb, operation, "Protocol")?.as_str().to_owned(),
            ssl_policy: found.ssl_policy().map(str::to_owned),
            default_certificate: default.map(Ref::known),
            default_action: read_action(found.default_actions()),
            tags: tags.get(&arn).cloned().unwrap_or_default(),
        },
        extra_certificates: certificates.get(&arn).cloned().unwrap_or_default(),
        arn,
    })
}
