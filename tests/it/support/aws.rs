//! Looking at a world's AWS account, and changing it, behind the provisioner's back and past the proxy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};

use super::emulator::emulator;
use super::world::{REGION, World};

/// How often a census is taken before its error is told.
const CENSUSES: usize = 10;

impl World {
    /// One AWS call by the names of AWS's Python library, such as `("ecs", "describe_clusters")`; `elbv2` is load balancing.
    #[track_caller]
    pub fn aws(&self, service: &str, operation: &str, params: Value) -> Value {
        self.try_aws(service, operation, params).unwrap_or_else(|error| panic!("{service} {operation}: {error}"))
    }

    pub fn try_aws(&self, service: &str, operation: &str, params: Value) -> Result<Value, String> {
        let mut question = json!({ "do": "call", "service": service, "operation": operation });
        question["params"] = params;
        ask(&self.account, question)
    }

    /// Everything in the account that is not part of the seed: lists by kind, each thing with a `name`.
    #[track_caller]
    pub fn census(&self) -> Value {
        let take = || ask(&self.account, json!({ "do": "census" }));
        let mut census = take();
        // What goes between two of its calls makes it fail.
        for _ in 1..CENSUSES {
            if census.is_err() {
                thread::sleep(Duration::from_millis(200));
                census = take();
            }
        }
        census.unwrap_or_else(|error| panic!("cannot take a census: {error}"))
    }

    /// The census as a list for people and assertions: `clusters: demo-dev-ecs-ab12`.
    #[track_caller]
    pub fn leftovers(&self) -> Vec<String> {
        let census = self.census();
        let kinds = census.as_object().expect("a census by kind");
        kinds.iter().flat_map(|(kind, things)| named(things).map(move |name| format!("{kind}: {name}"))).collect()
    }

    /// Plays the ECS agents once: running machines join the cluster that their user data names, gone ones leave.
    #[track_caller]
    pub fn join_nodes(&self) -> Value {
        let disconnected = (self.disconnected_agents())();
        ask(&self.account, json!({ "do": "join", "disconnected": disconnected }))
            .unwrap_or_else(|error| panic!("cannot play the ECS agents: {error}"))
    }

    /// Plays the ECS agents again and again until the guard is dropped.
    pub fn keep_nodes_joined(&self) -> Agents {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, account, disconnected) = (Arc::clone(&stop), self.account.clone(), self.disconnected_agents());
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                // A cluster deleted between two of the agents' calls is an error to them, as in life.
                drop(ask(&account, json!({ "do": "join", "disconnected": disconnected() })));
                thread::sleep(Duration::from_millis(200));
            }
        });
        Agents { stop, thread: Some(thread) }
    }

    /// An app on the cluster: a service of one task that is always pending.
    #[track_caller]
    pub fn create_service(&self, name: &str) -> Value {
        let containers = json!([{ "name": "app", "image": "app", "memory": 128 }]);
        self.aws("ecs", "register_task_definition", json!({ "family": name, "containerDefinitions": containers }));
        let service = json!({ "cluster": self.name_prefix(), "serviceName": name, "taskDefinition": name, "desiredCount": 1 });
        self.aws("ecs", "create_service", service)["service"].take()
    }

    /// An app's way in: a target group, and a rule for this host on the cluster's HTTPS listener.
    #[track_caller]
    pub fn create_listener_rule(&self, host: &str) -> Value {
        let listener = self.listener_arn(443);
        let group = json!({
            "Name": host.replace('.', "-"), "Protocol": "HTTP", "Port": 80, "VpcId": self.vpc_id(), "TargetType": "ip",
        });
        let group = self.aws("elbv2", "create_target_group", group)["TargetGroups"][0]["TargetGroupArn"].take();
        let taken = self.aws("elbv2", "describe_rules", json!({ "ListenerArn": listener }))["Rules"].as_array().map_or(0, Vec::len);
        let rule = json!({
            "ListenerArn": listener,
            "Priority": taken + 100,
            "Conditions": [{ "Field": "host-header", "HostHeaderConfig": { "Values": [host] } }],
            "Actions": [{ "Type": "forward", "TargetGroupArn": group }],
        });
        self.aws("elbv2", "create_rule", rule)["Rules"][0].take()
    }

    /// The cluster's listener on this port.
    #[track_caller]
    pub fn listener_arn(&self, port: u16) -> String {
        let census = self.census();
        let listeners = census["load_balancers"][0]["listeners"].as_array().expect("a load balancer with listeners");
        let listener = listeners.iter().find(|listener| listener["port"] == port);
        listener.and_then(|listener| listener["arn"].as_str()).unwrap_or_else(|| panic!("no listener on port {port}")).to_owned()
    }

    /// Somebody else makes a thing of this kind under the name that ours would have.
    #[track_caller]
    pub fn take_name(&self, kind: &str) -> Value {
        let name = self.name_prefix();
        let theirs = json!([{ "Key": "owner", "Value": "somebody-else" }]);
        match kind {
            "cluster" => {
                let tags = json!([{ "key": "owner", "value": "somebody-else" }]);
                self.aws("ecs", "create_cluster", json!({ "clusterName": name, "tags": tags }))
            }
            "role" => {
                let role = json!({ "RoleName": name, "AssumeRolePolicyDocument": "{}", "Tags": theirs });
                self.aws("iam", "create_role", role)
            }
            "instance_profile" => self.aws("iam", "create_instance_profile", json!({ "InstanceProfileName": name, "Tags": theirs })),
            "security_group" => self.take_security_group(name, &theirs),
            "alb_security_group" => self.take_security_group(&format!("{name}-alb"), &theirs),
            "load_balancer" => {
                let balancer = json!({ "Name": name, "Subnets": self.subnet_ids("public"), "Tags": theirs });
                self.aws("elbv2", "create_load_balancer", balancer)
            }
            "launch_template" => self.take_launch_template(&self.group_name(), &theirs),
            "auto_scaling_group" => self.take_auto_scaling_group(&self.group_name(), &theirs),
            "capacity_provider" => self.take_capacity_provider(&self.group_name(), &theirs),
            _ => panic!("nobody knows how to take the name of a `{kind}`"),
        }
    }

    fn take_security_group(&self, name: &str, tags: &Value) -> Value {
        let tags = json!([{ "ResourceType": "security-group", "Tags": tags }]);
        let group = json!({ "GroupName": name, "Description": "theirs", "VpcId": self.vpc_id(), "TagSpecifications": tags });
        self.aws("ec2", "create_security_group", group)
    }

    fn take_launch_template(&self, name: &str, tags: &Value) -> Value {
        let tags = json!([{ "ResourceType": "launch-template", "Tags": tags }]);
        // Nothing looks at the image before a machine is launched from it.
        let data = json!({ "InstanceType": "t3.micro", "ImageId": "ami-00000000000000000" });
        self.aws(
            "ec2",
            "create_launch_template",
            json!({ "LaunchTemplateName": name, "LaunchTemplateData": data, "TagSpecifications": tags }),
        )
    }

    /// Theirs has no machines, and a launch template under a name that ours would not have.
    fn take_auto_scaling_group(&self, name: &str, tags: &Value) -> Value {
        let template = format!("theirs-{name}");
        self.take_launch_template(&template, tags);
        let subnets = self.subnet_ids("private").join(",");
        let template = json!({ "LaunchTemplateName": template, "Version": "$Latest" });
        let group = json!({
            "AutoScalingGroupName": name,
            "MinSize": 0,
            "MaxSize": 1,
            "VPCZoneIdentifier": subnets,
            "LaunchTemplate": template,
            "Tags": tags,
        });
        self.aws("autoscaling", "create_auto_scaling_group", group)
    }

    fn take_capacity_provider(&self, name: &str, tags: &Value) -> Value {
        let theirs = format!("theirs-{name}");
        self.take_auto_scaling_group(&theirs, tags);
        let chosen = json!({ "AutoScalingGroupNames": [theirs] });
        let groups = self.aws("autoscaling", "describe_auto_scaling_groups", chosen);
        let group = json!({ "autoScalingGroupArn": groups["AutoScalingGroups"][0]["AutoScalingGroupARN"] });
        let tags = json!([{ "key": "owner", "value": "somebody-else" }]);
        self.aws("ecs", "create_capacity_provider", json!({ "name": name, "autoScalingGroupProvider": group, "tags": tags }))
    }

    /// P-g of the first node group.
    pub fn group_name(&self) -> String {
        let group = self.params()["cluster"]["instances"][0]["name"].as_str().expect("a node group with a name");
        format!("{}-{group}", self.name_prefix())
    }

    pub fn vpc_id(&self) -> &str {
        id_of(&self.connections()["vpc"]["data"]["infrastructure"])
    }

    /// The ids of the `public`, `private` or `internal` subnets.
    pub fn subnet_ids(&self, kind: &str) -> Vec<&str> {
        let subnets = &self.connections()["vpc"]["data"]["infrastructure"][format!("{kind}_subnets")];
        subnets.as_array().expect("a list of subnets").iter().map(id_of).collect()
    }
}

/// Keeps the ECS agents going while it lives.
#[must_use = "the agents stop when this is dropped"]
pub struct Agents {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Agents {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(self.thread.take().map(JoinHandle::join));
    }
}

pub fn ask(account: &str, mut question: Value) -> Result<Value, String> {
    question["account"] = json!(account);
    question["region"] = json!(REGION);
    emulator().ask(&question)
}

fn named(things: &Value) -> impl Iterator<Item = &str> {
    things.as_array().into_iter().flatten().map(|thing| thing["name"].as_str().unwrap_or("without a name"))
}

fn id_of(thing: &Value) -> &str {
    thing["arn"].as_str().and_then(|arn| arn.split_once('/')).map(|(_, id)| id).expect("an ARN with an id")
}
