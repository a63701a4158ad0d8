//! What a schema cannot say of the connections. Every check reads the raw JSON and skips what the schema refuses anyway.

use super::params_checks::{groups, may_be_open};
use super::problem::{Document, Problem};
use crate::model::arn::Arn;
use serde_json::Value;
use std::collections::BTreeSet;

const ROLE: &str = "/aws_authentication/data/arn";
const EXTERNAL_ID: &str = "/aws_authentication/data/external_id";
pub const VPC: &str = "/vpc/data/infrastructure/arn";
const REGION: &str = "/vpc/specs/aws/region";
pub const INFRASTRUCTURE: &str = "/vpc/data/infrastructure";
pub const PUBLIC_SUBNETS: &str = "/vpc/data/infrastructure/public_subnets";
pub const PRIVATE_SUBNETS: &str = "/vpc/data/infrastructure/private_subnets";

/// How many distinct subnets the params ask for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    public_subnets: usize,
    private_subnets: usize,
}

impl Needs {
    /// An Application Load Balancer takes subnets of two Availability Zones; nodes run in private subnets.
    pub fn of(params: &Value) -> Self {
        let public_subnets = if may_be_open(params) { 2 } else { 0 };
        let private_subnets = usize::from(groups(params).next().is_some());
        Self { public_subnets, private_subnets }
    }
}

#[must_use]
pub fn problems(connections: &Value, needs: Needs) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(wrong_role(connections));
    problems.extend(wrong_external_id(connections));
    problems.extend(wrong_vpc(connections));
    problems.extend(mixed_partitions(connections));
    problems.extend(wrong_region(connections));
    for (pointer, least) in [(PUBLIC_SUBNETS, needs.public_subnets), (PRIVATE_SUBNETS, needs.private_subnets)] {
        problems.extend(wrong_subnets(connections, pointer));
        problems.extend(too_few_subnets(connections, pointer, least));
    }
    problems
}

/// The Region that the cluster lives in: the connection's, else the one in the VPC's ARN.
pub fn region(connections: &Value) -> Result<String, Problem> {
    let named = connections.pointer(REGION).and_then(Value::as_str).filter(|region| !region.is_empty());
    let vpc = arn_at(connections, VPC);
    let implied = vpc.as_ref().map(|vpc| vpc.region.as_str()).filter(|region| !region.is_empty());
    match (named, implied) {
        (Some(named), _) if !is_region(named) => Err(not_a_region(REGION, named)),
        (None, Some(implied)) if !is_region(implied) => Err(not_a_region(VPC, implied)),
        (Some(named), Some(implied)) if named != implied => Err(other_region(named, implied)),
        (Some(region), _) | (None, Some(region)) => Ok(region.to_owned()),
        (None, None) => Err(problem(REGION, "is missing, and the VPC's ARN names no Region either", "add the Region that the VPC is in")),
    }
}

/// The `vpc-1` of a VPC's ARN.
#[must_use]
pub fn vpc_id(arn: &Arn) -> Option<&str> {
    ec2_id(arn, "vpc", "vpc-")
}

/// The `subnet-1` of a subnet's ARN.
#[must_use]
pub fn subnet_id(arn: &Arn) -> Option<&str> {
    ec2_id(arn, "subnet", "subnet-")
}

fn ec2_id<'a>(arn: &'a Arn, kind: &str, prefix: &str) -> Option<&'a str> {
    let id = arn.resource_id(kind)?;
    (arn.service == "ec2" && id.len() > prefix.len() && id.starts_with(prefix) && !id.contains(['/', ':'])).then_some(id)
}

fn wrong_role(connections: &Value) -> Option<Problem> {
    let role = arn_at(connections, ROLE)?;
    let is_role = role.service == "iam" && !role.account.is_empty() && role.resource_id("role").is_some();
    let remedy = "connect a role, whose ARN looks like arn:aws:iam::123456789012:role/name";
    (!is_role).then(|| shown(connections, ROLE, "is not the ARN of an IAM role", remedy))
}

/// STS takes 2 to 1224 of `[\w+=,.@:/-]`. A space or an end of line comes with pasting; an empty one is none. It is a secret, so it is not shown.
fn wrong_external_id(connections: &Value) -> Option<Problem> {
    let id = connections.pointer(EXTERNAL_ID)?.as_str()?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@:/-".contains(letter);
    let legal = id.is_empty() || ((2..=1224).contains(&id.len()) && id.chars().all(fits));
    let message = "is not of the form that STS takes: 2 to 1224 letters, digits and _+=,.@:/-";
    (!legal).then(|| {
        problem(EXTERNAL_ID, message, "enter it anew in the credential, as it is in the role's trust policy; look for a space at its end")
    })
}

fn wrong_vpc(connections: &Value) -> Option<Problem> {
    let vpc = arn_at(connections, VPC)?;
    let remedy = "connect a VPC, whose ARN looks like arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0abc";
    vpc_id(&vpc).is_none().then(|| shown(connections, VPC, "is not the ARN of a VPC", remedy))
}

fn mixed_partitions(connections: &Value) -> Option<Problem> {
    let (role, vpc) = (arn_at(connections, ROLE)?, arn_at(connections, VPC)?);
    let message = format!("is in the partition `{}`, but the VPC is in `{}`", role.partition, vpc.partition);
    (role.partition != vpc.partition).then(|| shown(connections, ROLE, message, "connect a role of the account that holds the VPC"))
}

/// While the VPC's ARN is missing or misspelt, a Region that it should have named is no problem of its own.
fn wrong_region(connections: &Value) -> Option<Problem> {
    let problem = region(connections).err()?;
    let named = connections.pointer(REGION).and_then(Value::as_str).is_some_and(|region| !region.is_empty());
    (named || arn_at(connections, VPC).is_some()).then_some(problem)
}

fn wrong_subnets(connections: &Value, list: &str) -> Vec<Problem> {
    let remedy = "connect a VPC whose subnets have ARNs like arn:aws:ec2:us-east-1:123456789012:subnet/subnet-0abc";
    let entries = connections.pointer(list).and_then(Value::as_array).map_or(0, Vec::len);
    let pointers = (0..entries).map(|index| format!("{list}/{index}/arn"));
    let wrong = pointers.filter(|pointer| arn_at(connections, pointer).is_some_and(|arn| subnet_id(&arn).is_none()));
    wrong.map(|pointer| shown(connections, &pointer, "is not the ARN of a subnet", remedy)).collect()
}

/// A list that is missing or not a list violates the schema, and is reported for that.
fn too_few_subnets(connections: &Value, list: &str, least: usize) -> Option<Problem> {
    let subnets = connections.pointer(list)?.as_array()?;
    let distinct: BTreeSet<&str> = subnets.iter().filter_map(|subnet| subnet["arn"].as_str()).collect();
    let (message, remedy) = if list == PUBLIC_SUBNETS {
        ("has fewer than two distinct subnets, and a load balancer needs two", "connect a VPC with two public subnets, or disable ingress")
    } else {
        ("is empty, and instances run in private subnets", "connect a VPC with a private subnet, or remove the instance groups")
    };
    (distinct.len() < least).then(|| problem(list, message, remedy))
}

fn other_region(named: &str, implied: &str) -> Problem {
    let message = format!("is not the Region of the VPC's ARN, `{implied}`");
    problem(REGION, message, "make the two agree").showing(&named.into())
}

fn not_a_region(pointer: &str, region: &str) -> Problem {
    problem(pointer, format!("does not name an AWS Region: `{}`", region.escape_debug()), "name a Region such as us-east-1")
}

/// The Region becomes part of host names, so nothing but the shape of one may pass.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let plain = |part: &&str| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    parts.len() >= 3 && text.len() <= 32 && parts.iter().all(plain) && text.ends_with(|last: char| last.is_ascii_digit())
}

/// `None` too when the text is no ARN, since then it violates the schema.
fn arn_at(connections: &Value, pointer: &str) -> Option<Arn> {
    connections.pointer(pointer)?.as_str()?.parse().ok()
}

fn shown(connections: &Value, pointer: &str, message: impl Into<String>, remedy: &str) -> Problem {
    let problem = problem(pointer, message, remedy);
    match connections.pointer(pointer) {
        Some(value) => problem.showing(value),
        None => problem,
    }
}

fn problem(pointer: &str, message: impl Into<String>, remedy: &str) -> Problem {
    Problem::new(Document::Connections, pointer, message, remedy)
}
