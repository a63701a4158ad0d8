//! The names of what is made: legal for every service, the original's where that is legal, and never two alike.

use crate::properties::config;
use aws_ecs_cluster::model::names;
use aws_ecs_cluster::model::observed::{CertificateStatus, ObservedCertificate};
use aws_ecs_cluster::model::properties::Certificate;
use aws_ecs_cluster::model::tags::{OWNER, Owner, Tags};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What a service says about a name: the most characters, the beginnings that it reserves, and whether it forbids edge hyphens.
struct Rule {
    service: &'static str,
    limit: usize,
    reserved: &'static [&'static str],
    hyphen_at_an_edge: bool,
}

const LOAD_BALANCER: Rule = Rule { service: "load balancer", limit: 32, reserved: &["internal-"], hyphen_at_an_edge: false };
const ROLE: Rule = Rule { service: "role", limit: 64, reserved: &[], hyphen_at_an_edge: true };
const INSTANCE_PROFILE: Rule = Rule { service: "instance profile", limit: 128, reserved: &[], hyphen_at_an_edge: true };
const SECURITY_GROUP: Rule = Rule { service: "security group", limit: 255, reserved: &["sg-"], hyphen_at_an_edge: true };
const GROUP: Rule = Rule { service: "Auto Scaling group", limit: 255, reserved: &[], hyphen_at_an_edge: true };
const PROVIDER: Rule = Rule { service: "capacity provider", limit: 255, reserved: &["aws", "ecs", "fargate"], hyphen_at_an_edge: true };
const TEMPLATE: Rule = Rule { service: "launch template", limit: 128, reserved: &[], hyphen_at_an_edge: true };

impl Rule {
    fn allows(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        let characters = name.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character));
        let edges = self.hyphen_at_an_edge || !(name.starts_with('-') || name.ends_with('-'));
        let free = !self.reserved.iter().any(|prefix| lower.starts_with(prefix));
        (1..=self.limit).contains(&name.len()) && characters && edges && free
    }
}

/// Every name for a prefix and a group: the rule it has to keep, the name that the OpenTofu bundle would give, and ours.
fn all(prefix: &str, group: &str) -> Vec<(Rule, String, String)> {
    let of_group = names::auto_scaling_group(prefix, group);
    let original = format!("{prefix}-{group}");
    vec![
        (LOAD_BALANCER, prefix.to_owned(), names::load_balancer(prefix)),
        (ROLE, prefix.to_owned(), names::role(prefix)),
        (INSTANCE_PROFILE, prefix.to_owned(), names::instance_profile(prefix)),
        (SECURITY_GROUP, prefix.to_owned(), names::node_security_group(prefix)),
        (SECURITY_GROUP, format!("{prefix}-alb"), names::alb_security_group(prefix)),
        (GROUP, original.clone(), of_group.clone()),
        (PROVIDER, original.clone(), names::capacity_provider(&of_group)),
        (TEMPLATE, original, names::launch_template(&of_group)),
    ]
}

/// As the platform makes them, with such as begin with what some service reserves.
fn prefix() -> impl Strategy<Value = String> {
    let part = "[a-z0-9]{1,20}";
    let beginning = prop_oneof![
        Just(String::new()),
        prop::sample::select(vec!["aws", "ecs", "ecs-", "fargate", "sg-", "internal-", "sg", "internal"]).prop_map(str::to_owned),
    ];
    (beginning, part, part, part, "[a-z0-9]{4}").prop_map(|(beginning, project, environment, component, suffix)| {
        let whole = format!("{beginning}{project}-{environment}-{component}-{suffix}");
        whole.chars().take(67).collect::<String>().trim_end_matches('-').to_owned()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..config() })]

    #[test]
    fn every_name_is_legal_where_it_is_used(prefix in prefix(), group in "[A-Za-z0-9_-]{1,64}") {
        for (rule, _, name) in all(&prefix, &group) {
            prop_assert!(rule.allows(&name), "{} `{name}`", rule.service);
        }
    }

    #[test]
    fn a_legal_original_is_kept(prefix in prefix(), group in "[A-Za-z0-9_-]{1,64}") {
        for (rule, original, name) in all(&prefix, &group) {
            prop_assert_eq!(rule.allows(&original), original == name, "{} `{}`", rule.service, name);
        }
    }

    #[test]
    fn the_same_prefix_gives_the_same_names(prefix in prefix(), group in "[A-Za-z0-9_-]{1,64}") {
        let names = |all: Vec<(Rule, String, String)>| all.into_iter().map(|(.., name)| name).collect::<Vec<_>>();
        prop_assert_eq!(names(all(&prefix, &group)), names(all(&prefix, &group)));
    }

    #[test]
    fn prefixes_that_differ_only_at_the_end_give_different_names(stem in "[a-z0-9]{20}-[a-z0-9]{20}-[a-z0-9]{20}", ends in ("[a-z0-9]{4}", "[a-z0-9]{4}")) {
        prop_assume!(ends.0 != ends.1);
        let (one, other) = (all(&format!("{stem}-{}", ends.0), "web"), all(&format!("{stem}-{}", ends.1), "web"));
        for ((rule, _, one), (_, _, other)) in one.iter().zip(&other) {
            prop_assert_ne!(one, other, "{}", rule.service);
        }
    }

    #[test]
    fn groups_of_one_prefix_have_different_names(prefix in prefix(), groups in ("[A-Za-z0-9_-]{1,64}", "[A-Za-z0-9_-]{1,64}")) {
        prop_assume!(groups.0 != groups.1);
        let (one, other) = (all(&prefix, &groups.0), all(&prefix, &groups.1));
        for ((rule, _, one), (_, _, other)) in one.iter().zip(&other).skip(5) {
            prop_assert_ne!(one, other, "{}", rule.service);
        }
    }

    #[test]
    fn the_two_security_groups_never_share_a_name(prefix in prefix()) {
        prop_assert_ne!(names::node_security_group(&prefix), names::alb_security_group(&prefix));
    }
}

#[test]
fn reserved_beginnings_are_avoided_whatever_their_case() {
    assert_eq!(names::node_security_group("sg-shop"), "md-sg-shop-cc08de67");
    assert_eq!(names::load_balancer("internal-shop"), "md-internal-shop-54763424");
    for provider in ["aws-shop-web", "AWS-web", "ecs-shop-web", "Ecs", "fargate1-web", "FARGATE_SPOT"] {
        let name = names::capacity_provider(provider);
        assert!(name.starts_with("md-"), "{name}");
    }
}

#[test]
fn the_longest_prefix_of_the_platform_is_shortened_only_where_it_has_to_be() {
    let prefix = format!("{}-{}-{}-ab12", "p".repeat(20), "e".repeat(20), "c".repeat(20));
    assert_eq!(prefix.len(), 67);
    let shortened: Vec<&str> =
        all(&prefix, "web").into_iter().filter(|(_, original, name)| original != name).map(|(rule, ..)| rule.service).collect();
    assert_eq!(shortened, ["load balancer", "role"]);
}

#[test]
fn a_group_whose_name_begins_with_the_prefix_is_named_after_the_rest() {
    assert_eq!(names::auto_scaling_group("shop-ab12", "shop-ab12-web"), "shop-ab12-web");
    assert_eq!(names::auto_scaling_group("shop-ab12", "shop-ab12-shop-ab12-web"), "shop-ab12-shop-ab12-web");
    assert_eq!(names::auto_scaling_group("shop-ab12", "shop-ab12web"), "shop-ab12-shop-ab12web");
    assert_eq!(names::older_capacity_provider("shop-ab12", "shop-ab12-web"), "web");
}

/// Two instances of one name, of which one was made anew, bear the same `md-instance`.
#[test]
fn what_is_found_by_the_tag_of_the_instance_has_to_bear_the_whole_prefix() {
    let owner = Owner::new("demo-dev-ecs-ab12");
    let opentofu = Tags::default().with("managed-by", "massdriver");
    let instance = opentofu.clone().with("md-instance", "demo-dev-ecs");
    assert!(owner.owns_named("demo-dev-ecs-ab12-web", &instance));
    assert!(!owner.owns_named("demo-dev-ecs-zz99-web", &instance));
    assert!(owner.owns_named("web", &opentofu.with("md-package", "demo-dev-ecs-ab12")));
    assert!(owner.owns_named("web", &Tags::default().with(OWNER, "demo-dev-ecs-ab12")));
}

#[test]
fn a_certificate_that_only_the_tag_of_the_instance_makes_ours_is_anothers_where_only_others_use_it() {
    let owner = Owner::new("demo-dev-ecs-ab12");
    let instance = Tags::default().with("managed-by", "massdriver").with("md-instance", "demo-dev-ecs");
    let package = instance.clone().with("md-package", "demo-dev-ecs-ab12");
    let user = |name: &str| format!("arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/{name}/50dc6c495c0c9188");
    let used_by = |users: &[&str]| ObservedCertificate {
        arn: "arn:aws:acm:us-west-2:123456789012:certificate/1".to_owned(),
        properties: Certificate { domain: "example.com".to_owned(), alternative_names: BTreeSet::new(), tags: Tags::default() },
        status: CertificateStatus::Issued,
        records: Vec::new(),
        in_use_by: users.iter().map(|name| user(name)).collect(),
    };
    assert!(used_by(&[]).belongs_to(&owner, &instance));
    assert!(used_by(&["demo-dev-ecs-ab12"]).belongs_to(&owner, &instance));
    assert!(used_by(&["demo-dev-ecs-ab12", "theirs"]).belongs_to(&owner, &instance));
    assert!(!used_by(&["demo-dev-ecs-zz99"]).belongs_to(&owner, &instance));
    assert!(used_by(&["demo-dev-ecs-zz99"]).belongs_to(&owner, &package));
    assert!(!used_by(&["demo-dev-ecs-ab12"]).belongs_to(&owner, &Tags::default()));
}
