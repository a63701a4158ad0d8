//! Elastic Load Balancing: load balancers, their attributes and everybody's tags.
//!
//! docs/aws.md, "ELB: load balancer".

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::xml::Element;
use super::{Ask, Countdown, edit_xml, locked, succeeded, xml_reply};
use crate::support::call::Reply;

/// What a new application load balancer is set to.
const ATTRIBUTES: [(&str, &str); 19] = [
    ("access_logs.s3.enabled", "false"),
    ("access_logs.s3.bucket", ""),
    ("access_logs.s3.prefix", ""),
    ("client_keep_alive.seconds", "3600"),
    ("connection_logs.s3.enabled", "false"),
    ("connection_logs.s3.bucket", ""),
    ("connection_logs.s3.prefix", ""),
    ("deletion_protection.enabled", "false"),
    ("idle_timeout.timeout_seconds", "60"),
    ("load_balancing.cross_zone.enabled", "true"),
    ("routing.http.desync_mitigation_mode", "defensive"),
    ("routing.http.drop_invalid_header_fields.enabled", "false"),
    ("routing.http.preserve_host_header.enabled", "false"),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
    ("routing.http.xff_client_port.enabled", "false"),
    ("routing.http.xff_header_processing.mode", "append"),
    ("routing.http2.enabled", "true"),
    ("waf.fail_open.enabled", "false"),
    ("zonal_shift.config.enabled", "false"),
];

#[derive(Default)]
pub struct LoadBalancers {
    state: Mutex<State>,
    /// By ARN, the tags that the emulator refuses to take beyond its tenth.
    more_tags: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

#[derive(Default)]
struct State {
    /// By ARN.
    hidden: Countdown,
    provisioning: Countdown,
}

impl LoadBalancers {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        match ask.operation() {
            "CreateLoadBalancer" => self.create(ask),
            "DescribeLoadBalancers" => self.describe(ask),
            "DescribeLoadBalancerAttributes" => edit_xml(ask.forward(), fill_attributes),
            "DeleteLoadBalancer" => delete(ask),
            "AddTags" => self.add_tags(ask),
            "DescribeTags" => edit_xml(ask.forward(), |root| self.fill_tags(root)),
            _ => ask.forward(),
        }
    }

    fn create(&self, ask: Ask<'_>) -> Reply {
        let mut state = locked(&self.state);
        if let Some(message) = bad_name(&ask.param("Name")) {
            return ask.refuse("ValidationError", &message);
        }
        if ask.params("Subnets.member.").len() < 2 {
            let message = "At least two subnets in two different Availability Zones must be specified";
            return ask.refuse("ValidationError", message);
        }
        if let Some(found) = balancer(ask, "Names.member.1", &ask.param("Name")) {
            if !is_as_asked(ask, &found) {
                let message = format!("A load balancer with the same name '{}' exists, but with different settings", ask.param("Name"));
                return ask.refuse("DuplicateLoadBalancerName", &message);
            }
            return xml_reply("CreateLoadBalancer", vec![Element::with_children("LoadBalancers", vec![found])]);
        }
        let reply = ask.forward();
        if let Some(created) = Element::parse(&reply.body).filter(|_| succeeded(&reply)) {
            for balancer in created.list("CreateLoadBalancerResult/LoadBalancers") {
                let arn = balancer.text_at("LoadBalancerArn");
                state.hidden.start(arn, ask.lags().load_balancer_hidden);
                state.provisioning.start(arn, ask.lags().load_balancer_provisioning);
            }
        }
        reply
    }

    fn describe(&self, ask: Ask<'_>) -> Reply {
        let mut left = 0;
        let reply = edit_xml(ask.forward(), |root| {
            let mut state = locked(&self.state);
            let Some(list) = root.at_mut("DescribeLoadBalancersResult/LoadBalancers") else { return };
            list.children.retain(|balancer| !state.hidden.poll(balancer.text_at("LoadBalancerArn")));
            left = list.children.len();
            for balancer in &mut list.children {
                if state.provisioning.poll(balancer.text_at("LoadBalancerArn"))
                    && let Some(code) = balancer.at_mut("State/Code")
                {
                    "provisioning".clone_into(&mut code.text);
                }
            }
        });
        let chosen = ["Names.member.1", "LoadBalancerArns.member.1"].iter().any(|param| ask.call.param(param).is_some());
        if succeeded(&reply) && chosen && left == 0 {
            return ask.refuse("LoadBalancerNotFound", "One or more load balancers not found");
        }
        reply
    }

    fn add_tags(&self, ask: Ask<'_>) -> Reply {
        let reply = ask.forward();
        if !reply.body.contains("TooManyTags") {
            return reply;
        }
        let keys = ask.params_of("Tags.member.", ".Key");
        let values = (1..=keys.len()).map(|place| ask.param(&format!("Tags.member.{place}.Value")));
        let tags: BTreeMap<String, String> = keys.iter().cloned().zip(values).collect();
        let mut more = locked(&self.more_tags);
        for arn in ask.params("ResourceArns.member.") {
            more.entry(arn).or_default().extend(tags.clone());
        }
        xml_reply("AddTags", Vec::new())
    }

    fn fill_tags(&self, root: &mut Element) {
        let more = locked(&self.more_tags);
        let descriptions = root.at_mut("DescribeTagsResult/TagDescriptions");
        for description in descriptions.into_iter().flat_map(|list| &mut list.children) {
            let arn = description.text_at("ResourceArn").to_owned();
            let (Some(tags), Some(list)) = (more.get(&arn), description.child_mut("Tags")) else { continue };
            list.children.retain(|tag| !tags.contains_key(tag.text_at("Key")));
            list.children.extend(tags.iter().map(|(key, value)| pair(key, value)));
        }
    }
}

/// The load balancer as the emulator has it.
fn balancer(ask: Ask<'_>, param: &str, value: &str) -> Option<Element> {
    let found = ask.backend().elb(ask.region(), "DescribeLoadBalancers", &[(param, value)]);
    found.list("DescribeLoadBalancersResult/LoadBalancers").first().cloned()
}

fn is_as_asked(ask: Ask<'_>, found: &Element) -> bool {
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    let scheme = |text: &str| if text.is_empty() { "internet-facing".to_owned() } else { text.to_owned() };
    let zones = found.list("AvailabilityZones").iter().map(|zone| zone.text_at("SubnetId").to_owned());
    let groups = found.list("SecurityGroups").iter().map(|group| group.text.clone());
    scheme(&ask.param("Scheme")) == scheme(found.text_at("Scheme"))
        && sorted(ask.params("Subnets.member.")) == sorted(zones.collect())
        && sorted(ask.params("SecurityGroups.member.")) == sorted(groups.collect())
}

fn delete(ask: Ask<'_>) -> Reply {
    let arn = ask.param("LoadBalancerArn");
    let attributes = ask.backend().elb(ask.region(), "DescribeLoadBalancerAttributes", &[("LoadBalancerArn", &arn)]);
    let mut attributes = attributes.list("DescribeLoadBalancerAttributesResult/Attributes").iter();
    if attributes.any(|one| one.text_at("Key") == "deletion_protection.enabled" && one.text_at("Value") == "true") {
        let message = format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
        return ask.refuse("OperationNotPermitted", &message);
    }
    let found = balancer(ask, "LoadBalancerArns.member.1", &arn);
    let reply = ask.forward();
    if succeeded(&reply) {
        for group in found.iter().flat_map(|found| found.list("SecurityGroups")) {
            ask.honest.security_groups.linger(&group.text, ask.lags().network_interfaces_lingering);
        }
    }
    reply
}

fn fill_attributes(root: &mut Element) {
    let Some(list) = root.at_mut("DescribeLoadBalancerAttributesResult/Attributes") else { return };
    for (key, value) in ATTRIBUTES {
        if !list.children.iter().any(|attribute| attribute.text_at("Key") == key) {
            list.children.push(pair(key, value));
        }
    }
}

fn pair(key: &str, value: &str) -> Element {
    Element::with_children("member", vec![Element::with_text("Key", key), Element::with_text("Value", value)])
}

fn bad_name(name: &str) -> Option<String> {
    let legal = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let edges = name.starts_with('-') || name.ends_with('-') || name.starts_with("internal-");
    let sound = legal && !edges && (1..=32).contains(&name.len());
    (!sound)
        .then(|| format!("The load balancer name '{name}' cannot be longer than '32' characters, begin with 'internal-' or end with '-'"))
}
