//! What a schema cannot say of the params. Every check reads the raw JSON and skips what the schema refuses anyway.

use super::params::whole;
use super::problem::{Document, Problem, Warning, below};
use super::unread;
use crate::model::quotas::{FURTHER_CERTIFICATES, SECURITY_GROUP_RULES};
use crate::model::{catalog, names};
use ipnet::Ipv4Net;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const GROUPS: &str = "/cluster/instances";
pub const INGRESS: &str = "/cluster/ingress";

#[must_use]
pub fn problems(params: &Value) -> Vec<Problem> {
    let mut problems = repeated_names(params);
    for (pointer, group) in groups(params) {
        problems.extend(bare_prefix(&pointer, group, params));
        problems.extend(inverted_sizes(&pointer, group));
        problems.extend(unsupported_type(&pointer, group));
    }
    problems
}

/// To be asked of valid params only.
#[must_use]
pub fn warnings(params: &Value) -> Vec<Warning> {
    let mut warnings: Vec<Problem> = groups(params).filter_map(|(pointer, group)| unusual_name(&pointer, group)).collect();
    warnings.extend(unread::problems(params));
    warnings.extend(repeated_zones(params));
    warnings.extend(host_bits(params));
    warnings.extend(open_ingress(params).and_then(many_zones));
    warnings.extend(open_ingress(params).and_then(many_ranges));
    warnings.into_iter().map(Problem::into_warning).collect()
}

/// Each node group with its pointer.
pub fn groups(params: &Value) -> impl Iterator<Item = (String, &Value)> {
    let groups = params.pointer(GROUPS).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    groups.iter().enumerate().map(|(index, group)| (format!("{GROUPS}/{index}"), group))
}

/// The ingress section, when ingress is on.
#[must_use]
pub fn open_ingress(params: &Value) -> Option<&Value> {
    params.pointer(INGRESS).filter(|ingress| ingress["enable_ingress"] == Value::Bool(true))
}

/// Whether ingress is on, or a switch that is neither on nor off may have been meant so.
#[must_use]
pub fn may_be_open(params: &Value) -> bool {
    let switch = params.pointer(INGRESS).map_or(&Value::Null, |ingress| &ingress["enable_ingress"]);
    !matches!(switch, Value::Null | Value::Bool(false)) && !switch.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"))
}

/// The id in a hosted zone's ARN.
#[must_use]
pub fn zone_id(arn: &str) -> Option<&str> {
    arn.rsplit_once(":hostedzone/").map(|(_, id)| id)
}

/// IAM compares role names without regard to case, and so may people: `web` and `Web` would be too easy to mistake. A name that begins with the
/// prefix stands for what comes after it.
fn repeated_names(params: &Value) -> Vec<Problem> {
    let mut seen = BTreeMap::new();
    let mut problems = Vec::new();
    let prefix = params["md_metadata"]["name_prefix"].as_str().unwrap_or_default();
    for (pointer, group) in groups(params) {
        let Some(name) = group["name"].as_str().map(|name| names::bare_group(prefix, name).to_lowercase()) else { continue };
        let place = below(&pointer, "name");
        if let Some(first) = seen.get(&name) {
            let message = format!("is the name of another group already, at {first}");
            problems.push(problem(&place, message, "give each group a name of its own").showing(&group["name"]));
        } else {
            seen.insert(name, place);
        }
    }
    problems
}

fn bare_prefix(pointer: &str, group: &Value, params: &Value) -> Option<Problem> {
    let name = group["name"].as_str()?;
    let is_bare = params["md_metadata"]["name_prefix"].as_str().is_some_and(|prefix| names::bare_group(prefix, name).is_empty());
    let message = "is the instance's prefix with nothing after it";
    (is_bare && !name.is_empty()).then(|| problem(&below(pointer, "name"), message, "give the group a name").showing(&group["name"]))
}

fn inverted_sizes(pointer: &str, group: &Value) -> Option<Problem> {
    let (min, max) = (whole(&group["min_size"])?, whole(&group["max_size"])?);
    let found =
        || problem(&below(pointer, "max_size"), format!("is smaller than min_size `{min}`"), format!("make max_size at least {min}"));
    (max < min).then(|| found().showing(&group["max_size"]))
}

fn unsupported_type(pointer: &str, group: &Value) -> Option<Problem> {
    let instance = catalog::find(group["instance_type"].as_str()?)?;
    let message = "cannot join an ECS cluster: AWS publishes no ECS image with drivers for its GPUs";
    let found = || problem(&below(pointer, "instance_type"), message, "choose a g4dn, g5 or g6 type");
    instance.image_family().is_none().then(|| found().showing(&group["instance_type"]))
}

fn unusual_name(pointer: &str, group: &Value) -> Option<Problem> {
    let name = group["name"].as_str()?;
    let message = "is outside the documented form, 1 to 20 lower-case letters and digits that begin with a letter";
    let remedy = "keep it if the group exists already, since a new name means new instances; otherwise shorten or respell it";
    (!is_documented_name(name)).then(|| problem(&below(pointer, "name"), message, remedy).showing(&group["name"]))
}

fn is_documented_name(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    name.len() <= 20 && name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(plain)
}

fn repeated_zones(params: &Value) -> Vec<Problem> {
    let Some(ingress) = open_ingress(params) else { return Vec::new() };
    let mut seen: BTreeSet<&str> = ingress["default_route53_hosted_zone"].as_str().and_then(zone_id).into_iter().collect();
    let mut found = Vec::new();
    for (pointer, zone) in entries(ingress, "additional_route53_hosted_zones") {
        if zone.as_str().and_then(zone_id).is_some_and(|id| !seen.insert(id)) {
            found.push(problem(&pointer, "is named already, and counts once", "remove the repeated zone").showing(zone));
        }
    }
    found
}

fn many_zones(ingress: &Value) -> Option<Problem> {
    let id = |zone: &Value| zone.as_str().and_then(zone_id).map(str::to_owned);
    let default = id(&ingress["default_route53_hosted_zone"]);
    let zones: BTreeSet<String> = entries(ingress, "additional_route53_hosted_zones").filter_map(|(_, zone)| id(zone)).collect();
    let many = zones.iter().filter(|zone| Some(*zone) != default.as_ref()).count();
    let message = format!(
        "names {many} zones, each with a certificate of its own, and a load balancer takes {FURTHER_CERTIFICATES} beside the default one unless \
         the account's quota is higher"
    );
    let remedy = "name fewer zones, or have the quota `Certificates per Application Load Balancer` raised before";
    (many > FURTHER_CERTIFICATES).then(|| problem(&format!("{INGRESS}/additional_route53_hosted_zones"), message, remedy))
}

/// Each network may reach two ports.
fn many_ranges(ingress: &Value) -> Option<Problem> {
    let networks = entries(ingress, "allowed_cidrs").filter_map(|(_, range)| range.as_str()?.parse::<Ipv4Net>().ok());
    let many = networks.map(|network| network.trunc()).collect::<BTreeSet<_>>().len();
    let message = format!(
        "names {many} networks, which take {} rules, and a security group takes {SECURITY_GROUP_RULES} unless the account's quota is higher",
        many * 2
    );
    let remedy = "join networks to larger ones, or have the quota `Inbound or outbound rules per security group` raised before";
    (many * 2 > SECURITY_GROUP_RULES).then(|| problem(&format!("{INGRESS}/allowed_cidrs"), message, remedy))
}

fn host_bits(params: &Value) -> Vec<Problem> {
    let Some(ingress) = open_ingress(params) else { return Vec::new() };
    entries(ingress, "allowed_cidrs").filter_map(|(pointer, range)| has_host_bits(&pointer, range)).collect()
}

fn has_host_bits(pointer: &str, range: &Value) -> Option<Problem> {
    let network: Ipv4Net = range.as_str()?.parse().ok()?;
    let whole = network.trunc();
    let found = || problem(pointer, format!("names one address within a network, and is taken for `{whole}`"), format!("write `{whole}`"));
    (whole != network).then(|| found().showing(range))
}

fn entries<'a>(ingress: &'a Value, field: &'a str) -> impl Iterator<Item = (String, &'a Value)> {
    let list = ingress[field].as_array().map_or(&[][..], Vec::as_slice);
    list.iter().enumerate().map(move |(index, entry)| (format!("{INGRESS}/{field}/{index}"), entry))
}

fn problem(pointer: &str, message: impl Into<String>, remedy: impl Into<String>) -> Problem {
    Problem::new(Document::Params, pointer, message, remedy)
}
