//! What stands once a cluster of three groups and two zones has been made.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::{PREFIX, PROVISION, entry, names, run};
use crate::support::aws::ask;
use crate::support::world::{REGION, World};

/// The complete cluster, made once for all the tests that only look at it.
struct Standing {
    account: String,
    vpc: Value,
    public_subnets: Vec<String>,
    private_subnets: Vec<String>,
    artifact: Value,
    census: Value,
}

fn standing() -> &'static Standing {
    static STANDING: OnceLock<Standing> = OnceLock::new();
    STANDING.get_or_init(|| {
        let mut world = World::seeded("complete");
        world.set_connections(|connections| connections["vpc"]["data"]["infrastructure"]["of_apps_only"] = json!({ "z": 1.5, "a": "é" }));
        let output = run(&world, PROVISION, 0);
        let sorted = |kind: &str| {
            let mut ids: Vec<String> = world.subnet_ids(kind).into_iter().map(str::to_owned).collect();
            ids.sort();
            ids
        };
        let standing = Standing {
            account: world.account.clone(),
            vpc: world.connections()["vpc"].clone(),
            public_subnets: sorted("public"),
            private_subnets: sorted("private"),
            artifact: output.json(),
            census: world.census(),
        };
        // The account would end with its world.
        std::mem::forget(world);
        standing
    })
}

impl Standing {
    fn aws(&self, service: &str, operation: &str, params: &Value) -> Value {
        let question = json!({ "do": "call", "service": service, "operation": operation, "params": params });
        ask(&self.account, question).unwrap_or_else(|error| panic!("{service} {operation}: {error}"))
    }

    fn auto_scaling_group(&self, group: &str) -> Value {
        let asked = json!({ "AutoScalingGroupNames": [format!("{PREFIX}-{group}")] });
        self.aws("autoscaling", "describe_auto_scaling_groups", &asked)["AutoScalingGroups"][0].take()
    }

    /// What the group's Auto Scaling group launches.
    fn content(&self, group: &str) -> Value {
        let mut group = self.auto_scaling_group(group);
        let mut template = group["LaunchTemplate"].take();
        let asked = json!({ "LaunchTemplateId": template["LaunchTemplateId"].take(), "Versions": [template["Version"].take()] });
        self.aws("ec2", "describe_launch_template_versions", &asked)["LaunchTemplateVersions"][0]["LaunchTemplateData"].take()
    }

    fn listener(&self, port: u16) -> Value {
        let balancer = &entry(&self.census, "load_balancers", PREFIX)["arn"];
        let mut found = self.aws("elbv2", "describe_listeners", &json!({ "LoadBalancerArn": balancer }));
        let listeners = found["Listeners"].as_array_mut().expect("a list of listeners");
        listeners.iter_mut().find(|listener| listener["Port"] == port).expect("a listener on the port").take()
    }

    /// The group's rules as `direction protocol ports peer description`, in order.
    fn rules(&self, group: &str) -> Vec<String> {
        let id = entry(&self.census, "security_groups", group)["id"].as_str().expect("an id");
        let asked = json!({ "Filters": [{ "Name": "group-id", "Values": [id] }] });
        let found = self.aws("ec2", "describe_security_group_rules", &asked);
        let mut rules: Vec<String> = found["SecurityGroupRules"]
            .as_array()
            .expect("a list of rules")
            .iter()
            .map(|rule| {
                let direction = if rule["IsEgress"] == true { "out" } else { "in" };
                let own = rule["ReferencedGroupInfo"]["GroupId"] == id;
                let peer = if own { "itself" } else { rule["CidrIpv4"].as_str().unwrap_or("?") };
                let text = |key: &str| rule[key].as_str().unwrap_or("?").to_owned();
                format!("{direction} {} {} {peer} {}", text("IpProtocol"), rule["FromPort"], text("Description"))
            })
            .collect();
        rules.sort();
        rules
    }
}

#[test]
fn each_kind_of_thing_is_made_once_under_its_own_name() {
    let census = &standing().census;
    let groups = ["arm", "general", "gpu"].map(|group| format!("{PREFIX}-{group}"));
    for kind in ["clusters", "roles", "instance_profiles", "load_balancers"] {
        assert_eq!(names(census, kind), [PREFIX], "{kind}");
    }
    for kind in ["launch_templates", "auto_scaling_groups", "capacity_providers"] {
        assert_eq!(names(census, kind), groups, "{kind}");
    }
    assert_eq!(names(census, "security_groups"), [PREFIX.to_owned(), format!("{PREFIX}-alb")]);
    assert_eq!(names(census, "certificates"), ["example.com", "example.org"]);
    assert_eq!(names(census, "instances").len(), 3, "one node for each group");
}

#[test]
fn stdout_is_an_artifact_that_satisfies_the_schema_of_the_bundle() {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schema-artifacts.json"));
    let schema: Value = serde_json::from_str(text).expect("the schema is JSON");
    let validator = jsonschema::draft7::new(&schema["properties"]["cluster"]).expect("the schema is valid");
    let errors: Vec<String> = validator.iter_errors(&standing().artifact).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(!validator.is_valid(&json!({})), "the schema accepts anything");
}

#[test]
fn the_artifact_names_the_way_in_as_apps_read_it() {
    let Standing { artifact, census, account, .. } = standing();
    let balancer = entry(census, "load_balancers", PREFIX);
    let group = entry(census, "security_groups", &format!("{PREFIX}-alb"))["id"].as_str().expect("an id");
    let expected = json!([{
        "load_balancer_arn": balancer["arn"],
        "security_group_arn": format!("arn:aws:ec2:{REGION}:{account}:security-group/{group}"),
        "listeners": [{
            "arn": balancer["listeners"][1]["arn"],
            "domains": ["example.com", "example.org"],
            "port": 443,
            "protocol": "https",
        }],
    }]);
    assert_eq!(artifact["data"]["capabilities"]["ingress"], expected);
    assert_eq!(artifact["data"]["infrastructure"]["arn"], entry(census, "clusters", PREFIX)["arn"]);
    assert_eq!(artifact["data"]["security"], json!({}));
    assert_eq!(artifact["specs"]["aws"]["region"], REGION);
}

#[test]
fn the_vpc_connection_is_passed_on_as_it_is_in_its_own_order() {
    let Standing { artifact, vpc, .. } = standing();
    assert_eq!(artifact["data"]["infrastructure"]["vpc"].to_string(), vpc.to_string());
}

#[test]
fn each_group_launches_an_image_for_its_own_processor() {
    let standing = standing();
    for (group, instance_type, architecture) in
        [("general", "t3.medium", "x86_64"), ("arm", "m7g.large", "arm64"), ("gpu", "g5.xlarge", "x86_64")]
    {
        let content = standing.content(group);
        assert_eq!(content["InstanceType"], instance_type);
        let image = standing.aws("ec2", "describe_images", &json!({ "ImageIds": [content["ImageId"]] }));
        assert_eq!(image["Images"][0]["Architecture"], architecture, "{group}");
    }
}

#[test]
fn the_images_are_the_recommended_ones_and_the_gpu_group_has_the_one_with_drivers() {
    let standing = standing();
    let flavours = [("general", "recommended"), ("arm", "arm64/recommended"), ("gpu", "gpu/recommended")];
    for (group, flavour) in flavours {
        let name = format!("/aws/service/ecs/optimized-ami/amazon-linux-2023/{flavour}/image_id");
        let parameter = standing.aws("ssm", "get_parameter", &json!({ "Name": name }));
        assert_eq!(standing.content(group)["ImageId"], parameter["Parameter"]["Value"], "{group}");
    }
}

#[test]
fn nodes_have_encrypted_disks_and_ask_for_metadata_tokens() {
    let content = standing().content("general");
    let disk = &content["BlockDeviceMappings"][0];
    assert_eq!(disk["DeviceName"], "/dev/xvda");
    assert_eq!(disk["Ebs"]["Encrypted"], true);
    assert_eq!(disk["Ebs"]["VolumeType"], "gp3");
    assert_eq!(disk["Ebs"]["VolumeSize"], 30);
    assert_eq!(content["MetadataOptions"]["HttpTokens"], "required");
    assert_eq!(content["MetadataOptions"]["HttpPutResponseHopLimit"], 1);
}

#[test]
fn nodes_join_the_cluster_by_its_name_in_private() {
    let content = standing().content("general");
    let interface = &content["NetworkInterfaces"][0];
    assert_eq!(interface["AssociatePublicIpAddress"], false);
    assert_eq!(interface["Groups"], json!([entry(&standing().census, "security_groups", PREFIX)["id"]]));
    let profile = &content["IamInstanceProfile"];
    assert!(profile.to_string().contains(PREFIX), "{profile}");
    let data = decoded(content["UserData"].as_str().expect("user data"));
    assert!(data.lines().any(|line| line == format!("ECS_CLUSTER={PREFIX}")), "{data}");
    assert!(data.lines().any(|line| line == "ECS_AWSVPC_BLOCK_IMDS=true"), "{data}");
}

#[test]
fn auto_scaling_groups_are_protected_tagged_and_pinned_to_a_version() {
    for name in ["general", "arm", "gpu"] {
        let group = standing().auto_scaling_group(name);
        assert_eq!(group["NewInstancesProtectedFromScaleIn"], true, "{name}");
        assert_eq!((&group["MinSize"], &group["MaxSize"]), (&json!(1), &json!(3)), "{name}");
        let version = group["LaunchTemplate"]["Version"].as_str().expect("a version");
        assert!(version.parse::<u32>().is_ok(), "the version of {name} is `{version}`");
        let subnets: Vec<&str> = group["VPCZoneIdentifier"].as_str().expect("subnets").split(',').collect();
        assert!(subnets.iter().all(|id| standing().private_subnets.iter().any(|known| known == id)), "{subnets:?}");
        assert_eq!(subnets.len(), 2);
        let tags = group["Tags"].as_array().expect("tags");
        assert!(tags.iter().any(|tag| tag["Key"] == "AmazonECSManaged"), "{tags:?}");
        assert!(tags.iter().all(|tag| tag["PropagateAtLaunch"] == true), "{tags:?}");
    }
}

#[test]
fn capacity_providers_scale_to_the_full_and_drain_before_they_terminate() {
    let names = ["general", "arm", "gpu"].map(|group| format!("{PREFIX}-{group}"));
    let asked = json!({ "capacityProviders": names });
    let found = standing().aws("ecs", "describe_capacity_providers", &asked);
    for provider in found["capacityProviders"].as_array().expect("providers") {
        let settings = &provider["autoScalingGroupProvider"];
        let scaling = &settings["managedScaling"];
        let name = provider["name"].as_str().expect("a name");
        assert_eq!(settings["autoScalingGroupArn"], entry(&standing().census, "auto_scaling_groups", name)["arn"]);
        assert_eq!(scaling["status"], "ENABLED");
        assert_eq!(scaling["targetCapacity"], 100);
        assert_eq!((&scaling["minimumScalingStepSize"], &scaling["maximumScalingStepSize"]), (&json!(1), &json!(10_000)));
        assert_eq!(scaling["instanceWarmupPeriod"], 300);
        assert_eq!(settings["managedTerminationProtection"], "ENABLED");
        assert_eq!(settings["managedDraining"], "ENABLED");
    }
    assert_eq!(found["capacityProviders"].as_array().map(Vec::len), Some(3));
}

#[test]
fn the_cluster_offers_fargate_beside_its_groups_and_insists_on_neither() {
    let cluster = entry(&standing().census, "clusters", PREFIX);
    let offered = ["FARGATE", "FARGATE_SPOT", "demo-dev-ecs-ab12-arm", "demo-dev-ecs-ab12-general", "demo-dev-ecs-ab12-gpu"];
    assert_eq!(cluster["capacity_providers"], json!(offered));
    assert_eq!(cluster["default_strategy"], json!([]));
    assert_eq!(cluster["settings"], json!([{ "name": "containerInsights", "value": "enabled" }]));
}

#[test]
fn http_is_sent_to_https_and_unknown_hosts_get_404() {
    let redirect = &standing().listener(80)["DefaultActions"][0];
    assert_eq!(redirect["Type"], "redirect");
    assert_eq!(redirect["RedirectConfig"]["Protocol"], "HTTPS");
    assert_eq!(redirect["RedirectConfig"]["Port"], "443");
    assert_eq!(redirect["RedirectConfig"]["StatusCode"], "HTTP_301");
    let https = standing().listener(443);
    assert_eq!(https["Protocol"], "HTTPS");
    assert_eq!(https["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"], "404");
    assert_eq!(https["SslPolicy"], "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09");
    assert_eq!(https["Certificates"][0]["CertificateArn"], entry(&standing().census, "certificates", "example.com")["arn"]);
}

#[test]
fn the_load_balancer_stands_in_the_public_subnets_and_is_protected() {
    let balancer = entry(&standing().census, "load_balancers", PREFIX);
    assert_eq!(balancer["subnets"], json!(standing().public_subnets));
    assert_eq!(balancer["security_groups"], json!([entry(&standing().census, "security_groups", &format!("{PREFIX}-alb"))["id"]]));
    let found = standing().aws("elbv2", "describe_load_balancer_attributes", &json!({ "LoadBalancerArn": balancer["arn"] }));
    for key in ["deletion_protection.enabled", "routing.http.drop_invalid_header_fields.enabled"] {
        let attribute = json!({ "Key": key, "Value": "true" });
        assert!(found["Attributes"].as_array().expect("attributes").contains(&attribute), "{key}: {found:#}");
    }
}

#[test]
fn the_two_firewalls_have_their_rules_and_no_others() {
    let expected = ["in -1 -1 itself Cluster internal ingress", "out -1 -1 0.0.0.0/0 Allow all egress"];
    assert_eq!(standing().rules(PREFIX), expected);
    let expected = ["in tcp 443 0.0.0.0/0 HTTPS ingress", "in tcp 80 0.0.0.0/0 HTTP ingress", "out -1 -1 0.0.0.0/0 Allow all egress"];
    assert_eq!(standing().rules(&format!("{PREFIX}-alb")), expected);
}

#[test]
fn everything_that_takes_tags_carries_the_defaults_its_name_and_our_proof() {
    let census = &standing().census;
    let kinds = [
        "clusters",
        "auto_scaling_groups",
        "instances",
        "launch_templates",
        "security_groups",
        "load_balancers",
        "certificates",
        "roles",
        "instance_profiles",
    ];
    for kind in kinds {
        for thing in census[kind].as_array().expect("a list") {
            let name = if kind == "instances" { &thing["tags"]["aws:autoscaling:groupName"] } else { &thing["name"] };
            assert_tagged(&thing["tags"], name, kind);
        }
    }
}

#[test]
fn providers_and_listeners_carry_the_tags_too() {
    let standing = standing();
    let name = format!("{PREFIX}-gpu");
    let asked = json!({ "capacityProviders": [name], "include": ["TAGS"] });
    let provider = standing.aws("ecs", "describe_capacity_providers", &asked)["capacityProviders"][0]["tags"].take();
    assert_tagged(&as_map(&provider, "key", "value"), &json!(name), "capacity provider");
    for port in [80, 443] {
        let asked = json!({ "ResourceArns": [standing.listener(port)["ListenerArn"]] });
        let tags = standing.aws("elbv2", "describe_tags", &asked)["TagDescriptions"][0]["Tags"].take();
        assert_tagged(&as_map(&tags, "Key", "Value"), &json!(PREFIX), "listener");
    }
}

#[test]
fn each_zone_has_the_record_that_its_certificate_is_validated_by() {
    let Standing { census, .. } = standing();
    for domain in ["example.com", "example.org"] {
        let certificate = entry(census, "certificates", domain);
        assert_eq!(certificate["status"], "ISSUED");
        let asked = json!({ "CertificateArn": certificate["arn"] });
        let described = standing().aws("acm", "describe_certificate", &asked);
        let record = &described["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"];
        let name = record["Name"].as_str().expect("a name").trim_end_matches('.');
        let standing = entry(census, "records", &format!("{name}."));
        assert_eq!(standing["zone"], format!("{domain}."));
        assert_eq!((&standing["type"], &standing["ttl"]), (&record["Type"], &json!(60)));
        assert_eq!(standing["values"], json!([record["Value"]]));
        let mut covered: Vec<&str> =
            described["Certificate"]["SubjectAlternativeNames"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
        covered.sort_unstable();
        assert_eq!(covered, [format!("*.{domain}"), domain.to_owned()]);
    }
    assert_eq!(names(census, "records").len(), 2);
}

#[test]
fn the_nodes_role_has_no_more_than_a_node_needs() {
    let role = entry(&standing().census, "roles", PREFIX);
    let policies =
        ["AmazonEC2ContainerRegistryReadOnly", "AmazonSSMManagedInstanceCore", "service-role/AmazonEC2ContainerServiceforEC2Role"];
    assert_eq!(role["policies"], json!(policies.map(|policy| format!("arn:aws:iam::aws:policy/{policy}"))));
    assert_eq!(entry(&standing().census, "instance_profiles", PREFIX)["roles"], json!([PREFIX]));
}

#[track_caller]
fn assert_tagged(tags: &Value, name: &Value, kind: &str) {
    assert_eq!(&tags["Name"], name, "{kind}");
    let expected = [
        ("managed-by", "massdriver"),
        ("md-project", "demo"),
        ("md-environment", "dev"),
        ("md-component", "ecs"),
        ("md-instance", "demo-dev-ecs"),
        ("md-name-prefix", PREFIX),
    ];
    for (key, value) in expected {
        assert_eq!(tags[key], value, "{key} of the {kind} {name}");
    }
}

fn as_map(tags: &Value, key: &str, value: &str) -> Value {
    let pairs = tags.as_array().into_iter().flatten();
    pairs.map(|tag| (tag[key].as_str().unwrap_or_default().to_owned(), tag[value].clone())).collect::<serde_json::Map<_, _>>().into()
}

/// Base64, as launch templates hold it.
fn decoded(text: &str) -> String {
    let value = |byte: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|known| *known == byte);
    let mut bytes = Vec::new();
    let (mut bits, mut width) = (0_usize, 0);
    for digit in text.bytes().filter_map(value) {
        bits = (bits << 6 | digit) & 0xFFFF;
        width += 6;
        if width >= 8 {
            width -= 8;
            bytes.push(u8::try_from(bits >> width & 0xFF).expect("eight bits"));
        }
    }
    String::from_utf8(bytes).expect("text")
}
