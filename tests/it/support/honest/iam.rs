//! IAM: names and trust policies are checked. The emulator does the rest well.
//!
//! docs/aws.md, "IAM: role and instance profile" and docs/aws.md, "Names".

use serde_json::Value;

use super::Ask;
use crate::support::call::Reply;

const ROLE_LIMIT: usize = 64;
const PROFILE_LIMIT: usize = 128;

pub fn answer(ask: Ask<'_>) -> Reply {
    let problem = match ask.operation() {
        "CreateRole" => bad_name(&ask.param("RoleName"), ROLE_LIMIT).or_else(|| bad_policy(&ask.param("AssumeRolePolicyDocument"))),
        "UpdateAssumeRolePolicy" => bad_policy(&ask.param("PolicyDocument")),
        "CreateInstanceProfile" => bad_name(&ask.param("InstanceProfileName"), PROFILE_LIMIT),
        "RemoveRoleFromInstanceProfile" => not_in_profile(ask),
        _ => None,
    };
    problem.map_or_else(|| ask.forward(), |(code, message)| ask.refuse(code, &message))
}

/// The emulator trips over a role that has been removed before.
fn not_in_profile(ask: Ask<'_>) -> Option<(&'static str, String)> {
    let (profile, role) = (ask.param("InstanceProfileName"), ask.param("RoleName"));
    let found = ask.backend().iam(ask.region(), "GetInstanceProfile", &[("InstanceProfileName", &profile)]);
    let mut roles = found.list("GetInstanceProfileResult/InstanceProfile/Roles").iter();
    let missing = !roles.any(|held| held.text_at("RoleName") == role);
    missing.then(|| ("NoSuchEntity", format!("Cannot find role {role} in instance profile {profile}.")))
}

fn bad_name(name: &str, limit: usize) -> Option<(&'static str, String)> {
    let legal = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter));
    let sound = legal && (1..=limit).contains(&name.len());
    (!sound).then(|| ("ValidationError", format!("the name `{name}` must be of 1 to {limit} characters of [\\w+=,.@-]")))
}

fn bad_policy(document: &str) -> Option<(&'static str, String)> {
    let policy: Value = serde_json::from_str(document).unwrap_or_default();
    let sound = policy["Statement"].is_array() || policy["Statement"].is_object();
    (!sound).then(|| ("MalformedPolicyDocument", "Syntax errors in policy.".to_owned()))
}
