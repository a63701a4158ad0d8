//! From a call to what AWS asks its policies about it: the actions, resources and condition keys of the service authorization reference.

use super::evaluator::Ask;
use super::memory::{Memory, Tags};
use crate::support::call::Call;
use aws_ecs_cluster::model::tags::OWNER;
use serde_json::Value;

/// Reads that know a resource; to the others everything is one.
const IAM_READS: [&str; 4] = ["GetRole", "ListAttachedRolePolicies", "ListRolePolicies", "GetInstanceProfile"];
/// Assuming the role is its trust policy's matter, and the platform is not AWS.
const NOT_ASKED: [&str; 2] = ["sts", "massdriver"];
/// What Elastic Load Balancing asks of the caller when it puts a load balancer into subnets.
const LOAD_BALANCER_READS: [&str; 5] = [
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkInterfaces",
    "ec2:GetSecurityGroupsForVpc",
];

/// Everything that must be allowed for the call to be carried out: at least the action that bears its name, so that what nobody has taught this
/// function is not waved through.
pub fn asks(call: &Call, memory: &Memory) -> Vec<Ask> {
    if NOT_ASKED.contains(&call.service.as_str()) {
        return Vec::new();
    }
    let scene = Scene { call, memory };
    let is_plain_read = !call.is_mutation() && !IAM_READS.contains(&call.operation.as_str());
    let taught = match call.service.as_str() {
        _ if is_plain_read => Vec::new(),
        "iam" => scene.iam(),
        "autoscaling" => scene.auto_scaling(),
        "ec2" => scene.ec2(),
        "ecs" => scene.ecs(),
        "elasticloadbalancing" => scene.load_balancing(),
        "acm" => scene.acm(),
        "route53" => vec![scene.records()],
        _ => Vec::new(),
    };
    if taught.is_empty() { vec![Ask::new(&call.action(), "*")] } else { taught }
}

/// The tags that a call sends.
pub fn request_tags(call: &Call) -> Tags {
    let groups: [(&str, &str, &str); 5] = [
        ("Tags.member.", ".Key", ".Value"),
        ("Tag.", ".Key", ".Value"),
        ("TagSpecification.1.Tag.", ".Key", ".Value"),
        ("tags", "key", "value"),
        ("Tags", "Key", "Value"),
    ];
    let mut tags = Tags::new();
    for (list, key, value) in groups {
        if list.ends_with('.') {
            tags.extend(call.params_like(list, key).into_iter().zip(call.params_like(list, value)));
        } else {
            let sent: Value = serde_json::from_str(&call.body).unwrap_or_default();
            let text = |tag: &Value, field: &str| tag[field].as_str().unwrap_or_default().to_owned();
            tags.extend(sent[list].as_array().into_iter().flatten().map(|tag| (text(tag, key), text(tag, value))));
        }
    }
    tags
}

/// A text of a JSON call's body; empty where there is none.
pub fn body(call: &Call, field: &str) -> String {
    let sent: Value = serde_json::from_str(&call.body).unwrap_or_default();
    sent[field].as_str().unwrap_or_default().to_owned()
}

struct Scene<'a> {
    call: &'a Call,
    memory: &'a Memory,
}

impl Scene<'_> {
    fn arn(&self, service: &str, region: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{region}:{}:{rest}", self.call.account)
    }

    fn here(&self, service: &str, rest: &str) -> String {
        self.arn(service, &self.call.region, rest)
    }

    /// The call's own action on something that stands. What nobody saw being made is taken to be this instance's: the planner's tests prove
    /// that nothing else is touched.
    fn change(&self, resource: &str, known_as: &str) -> Ask {
        self.of(&self.call.action(), resource, known_as)
    }

    fn of(&self, action: &str, resource: &str, known_as: &str) -> Ask {
        let ask = self.requested(action, resource);
        match self.memory.tags(known_as) {
            Some(tags) => tags.iter().fold(ask, |ask, (key, value)| ask.with(&format!("aws:ResourceTag/{key}"), value)),
            None => ask.with(&format!("aws:ResourceTag/{OWNER}"), "assumed"),
        }
    }

    /// An action on something new.
    fn requested(&self, action: &str, resource: &str) -> Ask {
        request_tags(self.call).iter().fold(Ask::new(action, resource), |ask, (key, value)| {
            ask.with(&format!("aws:RequestTag/{key}"), value).with("aws:TagKeys", key)
        })
    }

    fn linked_role(&self, service: &str) -> Ask {
        let role = self.arn("iam", "", &format!("role/aws-service-role/{service}/AWSServiceRoleFor"));
        Ask::new("iam:CreateServiceLinkedRole", &role).with("iam:AWSServiceName", service)
    }

    fn pass_role(&self) -> Option<Ask> {
        let role = self.memory.role.as_ref()?;
        let ask = Ask::new("iam:PassRole", &self.arn("iam", "", &format!("role/{role}")));
        Some(ask.with("iam:PassedToService", "ec2.amazonaws.com"))
    }

    fn iam(&self) -> Vec<Ask> {
        let named = |parameter: &str, kind: &str| self.call.param(parameter).map(|name| format!("{kind}/{name}"));
        let known_as = named("InstanceProfileName", "instance-profile").or_else(|| named("RoleName", "role")).unwrap_or_default();
        let resource = self.arn("iam", "", &known_as);
        let action = self.call.action();
        match self.call.operation.as_str() {
            "CreateRole" => vec![self.requested(&action, &resource), self.requested("iam:TagRole", &resource)],
            "CreateInstanceProfile" => vec![self.requested(&action, &resource), self.requested("iam:TagInstanceProfile", &resource)],
            "AttachRolePolicy" | "DetachRolePolicy" => {
                let policy = self.call.param("PolicyArn").unwrap_or_default();
                vec![self.change(&resource, &known_as).with("iam:PolicyARN", &policy)]
            }
            "AddRoleToInstanceProfile" => {
                let role = self.arn("iam", "", &named("RoleName", "role").unwrap_or_default());
                let passed = Ask::new("iam:PassRole", &role).with("iam:PassedToService", "ec2.amazonaws.com");
                vec![self.change(&resource, &known_as), passed]
            }
            _ => vec![self.change(&resource, &known_as)],
        }
    }

    fn auto_scaling(&self) -> Vec<Ask> {
        let group = |name: &String| self.here("autoscaling", &format!("autoScalingGroup:0:autoScalingGroupName/{name}"));
        let names: Vec<String> = match self.call.param("AutoScalingGroupName") {
            Some(name) => vec![name],
            None => self.call.params_like("Tags.member.", ".ResourceId"),
        };
        let mut asks: Vec<Ask> = if self.call.operation == "CreateAutoScalingGroup" {
            let actions = [self.call.action(), "autoscaling:CreateOrUpdateTags".to_owned()];
            actions
                .iter()
                .map(|action| self.requested(action, &group(&names[0])))
                .chain([self.linked_role("autoscaling.amazonaws.com")])
                .collect()
        } else {
            names.iter().map(|name| self.change(&group(name), &format!("group/{name}"))).collect()
        };
        if let Some(template) = self.call.param("LaunchTemplate.LaunchTemplateId") {
            asks.extend(self.launch(&template));
        }
        asks
    }

    /// What Auto Scaling asks of whoever sets a launch template: whether the caller could launch from it.
    fn launch(&self, template: &str) -> Vec<Ask> {
        let action = "ec2:RunInstances";
        let arn = |kind: &str, id: &str| self.here("ec2", &format!("{kind}/{id}"));
        let source = arn("launch-template", template);
        let mut asks = vec![self.of(action, &source, template)];
        asks.extend(self.memory.groups(template).iter().map(|group| self.of(action, &arn("security-group", group), group)));
        asks.extend(["instance", "network-interface", "subnet", "volume"].map(|kind| Ask::new(action, &arn(kind, "x"))));
        asks.push(Ask::new(action, &format!("arn:aws:ec2:{}::image/ami-1", self.call.region)));
        asks = asks.into_iter().map(|ask| ask.with("ec2:LaunchTemplate", &source)).collect();
        let tagged = |kind: &str| Ask::new("ec2:CreateTags", &arn(kind, "x")).with("ec2:CreateAction", "RunInstances");
        asks.extend(["instance", "network-interface", "volume"].map(tagged));
        asks.extend(self.pass_role());
        asks
    }

    fn ec2(&self) -> Vec<Ask> {
        let (call, action) = (self.call, self.call.action());
        let arn = |kind: &str, id: &str| self.here("ec2", &format!("{kind}/{id}"));
        let tagging = |kind: &str| self.requested("ec2:CreateTags", &arn(kind, "new")).with("ec2:CreateAction", &call.operation);
        let kind_of = |id: &str| match id.split('-').next() {
            Some("sgr") => "security-group-rule",
            Some("sg") => "security-group",
            _ => "launch-template",
        };
        match call.operation.as_str() {
            "CreateSecurityGroup" => vec![
                self.requested(&action, &arn("security-group", "new")),
                Ask::new(&action, &arn("vpc", "vpc-1")),
                tagging("security-group"),
            ],
            "CreateLaunchTemplate" => vec![self.requested(&action, &arn("launch-template", "new")), tagging("launch-template")],
            "CreateTags" => call.params_like("ResourceId.", "").iter().map(|id| self.change(&arn(kind_of(id), id), id)).collect(),
            "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress" => {
                let group = call.param("GroupId").unwrap_or_default();
                let rule = self.requested(&action, &arn("security-group-rule", "new"));
                vec![self.change(&arn("security-group", &group), &group), rule, tagging("security-group-rule")]
            }
            _ => {
                let id = call.param("GroupId").or_else(|| call.param("LaunchTemplateId")).unwrap_or_default();
                let rules = call.params_like("SecurityGroupRuleId.", "");
                let rules = rules.iter().map(|rule| self.change(&arn("security-group-rule", rule), rule));
                rules.chain([self.change(&arn(kind_of(&id), &id), &id)]).collect()
            }
        }
    }

    fn ecs(&self) -> Vec<Ask> {
        let (call, action) = (self.call, self.call.action());
        let kinds = |kind: &str, field: &str| format!("{kind}/{}", body(call, field).rsplit('/').next().unwrap_or_default());
        let change = |known_as: String| self.change(&self.here("ecs", &known_as), &known_as);
        let new = |known_as: String| {
            let tagging = self.requested("ecs:TagResource", &self.here("ecs", &known_as)).with("ecs:CreateAction", &call.operation);
            vec![self.requested(&action, "*"), tagging]
        };
        match call.operation.as_str() {
            "CreateCluster" => [new(kinds("cluster", "clusterName")), vec![self.linked_role("ecs.amazonaws.com")]].concat(),
            "CreateCapacityProvider" => {
                let group = body_at(call, "/autoScalingGroupProvider/autoScalingGroupArn");
                let name = group.rsplit('/').next().unwrap_or_default().to_owned();
                // ECS marks the group in the caller's name.
                [new(kinds("capacity-provider", "name")), vec![self.of("autoscaling:CreateOrUpdateTags", &group, &format!("group/{name}"))]]
                    .concat()
            }
            "UpdateCapacityProvider" => vec![change(kinds("capacity-provider", "name"))],
            "DeleteCapacityProvider" => vec![change(kinds("capacity-provider", "capacityProvider"))],
            "TagResource" => {
                let arn = body(call, "resourceArn");
                let known_as = arn.splitn(6, ':').nth(5).unwrap_or_default().to_owned();
                vec![self.change(&arn, &known_as)]
            }
            "UpdateContainerInstancesState" => {
                let sent: Value = serde_json::from_str(&call.body).unwrap_or_default();
                let arns = sent["containerInstances"].as_array().into_iter().flatten().filter_map(Value::as_str);
                arns.map(|arn| Ask::new(&action, arn)).collect()
            }
            "DeregisterContainerInstance" => vec![Ask::new(&action, &self.here("ecs", &kinds("cluster", "cluster")))],
            _ => vec![change(kinds("cluster", "cluster"))],
        }
    }

    fn load_balancing(&self) -> Vec<Ask> {
        let (call, action) = (self.call, self.call.action());
        let tagging =
            |arn: &str| self.requested("elasticloadbalancing:AddTags", arn).with("elasticloadbalancing:CreateAction", &call.operation);
        let given = |name: &str| call.param(name).unwrap_or_default();
        match call.operation.as_str() {
            "CreateLoadBalancer" => {
                let arn = self.here("elasticloadbalancing", &format!("loadbalancer/app/{}/0", given("Name")));
                let mut asks = vec![self.requested(&action, &arn), tagging(&arn), self.linked_role("elasticloadbalancing.amazonaws.com")];
                asks.extend(LOAD_BALANCER_READS.map(|action| Ask::new(action, "*")));
                asks
            }
            "CreateListener" => {
                let balancer = given("LoadBalancerArn");
                let listener = format!("{}/0", balancer.replace(":loadbalancer/", ":listener/"));
                vec![self.change(&balancer, &balancer), tagging(&listener)]
            }
            "AddTags" => call.params_like("ResourceArns.member.", "").iter().map(|arn| self.change(arn, arn)).collect(),
            _ => {
                let arn = call.param("ListenerArn").unwrap_or_else(|| given("LoadBalancerArn"));
                vec![self.change(&arn, &arn)]
            }
        }
    }

    fn acm(&self) -> Vec<Ask> {
        let arn = body(self.call, "CertificateArn");
        match self.call.operation.as_str() {
            "RequestCertificate" => {
                let new = self.here("acm", "certificate/new");
                vec![self.requested(&self.call.action(), "*"), self.requested("acm:AddTagsToCertificate", &new)]
            }
            _ => vec![self.change(&arn, &arn)],
        }
    }

    fn records(&self) -> Ask {
        let zone = self.call.target.trim_matches('/').split('/').nth(2).unwrap_or_default();
        let texts = |element: &str| super::memory::within(&self.call.body, element);
        let ask = Ask::new(&self.call.action(), &format!("arn:aws:route53:::hostedzone/{zone}"));
        let keys = "route53:ChangeResourceRecordSets";
        let ask = texts("Type").iter().fold(ask, |ask, kind| ask.with(&format!("{keys}RecordTypes"), kind));
        let normal = |name: &String| name.trim_end_matches('.').to_ascii_lowercase();
        texts("Name").iter().map(normal).fold(ask, |ask, name| ask.with(&format!("{keys}NormalizedRecordNames"), &name))
    }
}

fn body_at(call: &Call, pointer: &str) -> String {
    let sent: Value = serde_json::from_str(&call.body).unwrap_or_default();
    sent.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
