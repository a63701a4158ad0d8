//! `params.json` as the form fills it in; the form itself is generated from these types.

use super::shapes;
use crate::model::catalog;
use crate::model::properties::ANYWHERE;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value, json};

/// A hosted zone of any partition; what the platform's zone picker yields.
const ZONE_ARN: &str = "^arn:aws(-[a-z]+)*:route53:::hostedzone/[A-Z0-9]+$";
/// What AWS accepts in every name that the group's name becomes a part of. Clusters with such names as `web-nodes` exist.
const GROUP_NAME: &str = "^[A-Za-z0-9_-]{1,64}$";
const IPV4_CIDR: &str =
    concat!(r"^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}", r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])/(3[0-2]|[12]?[0-9])$");
/// What the form fills in for a new group; left to itself its renderer takes whichever choice comes first.
const FORM_INSTANCE_TYPE: &str = "t3.medium";
const DEFAULT_ROOT_VOLUME_GB: u32 = 30;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(extend("examples" = presets()))]
pub struct Params {
    pub cluster: Cluster,
}

/// Where your containers run, and how the internet reaches them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "Cluster")]
pub struct Cluster {
    /// Groups of EC2 instances (virtual machines) that run your containers. Leave the list empty to run everything on Fargate, where AWS
    /// provides the machines; Fargate is always available, also beside groups.
    #[schemars(title = "Instance groups")]
    pub instances: Vec<Instance>,
    /// How traffic from the internet reaches your applications.
    #[schemars(title = "Ingress")]
    pub ingress: Ingress,
    /// How closely AWS measures the cluster and its containers. What it measures is charged for.
    #[serde(default)]
    #[schemars(title = "Container Insights")]
    pub container_insights: ContainerInsights,
}

/// Instances of one type that grow and shrink in number with what the applications need.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "Instance group")]
pub struct Instance {
    /// A name for this group, such as web. It cannot be changed later without replacing the group's instances.
    #[schemars(title = "Name", regex(pattern = GROUP_NAME))]
    #[schemars(extend("message" = {"pattern": "Use 1 to 20 lower-case letters and digits, beginning with a letter"}))]
    pub name: String,
    /// The kind of virtual machine. Containers must be built for its processor, amd64 or arm64.
    #[schemars(title = "Instance type", extend("oneOf" = instance_types(), "default" = FORM_INSTANCE_TYPE))]
    pub instance_type: String,
    /// The group never has fewer instances than this, even when nothing runs on them. With 0 it can shrink to none.
    #[serde(deserialize_with = "whole_number")]
    #[schemars(title = "Minimum size", range(min = 0, max = 1000), extend("default" = 1))]
    pub min_size: u32,
    /// The group never has more instances than this, whatever the applications ask for.
    #[serde(deserialize_with = "whole_number")]
    #[schemars(title = "Maximum size", range(min = 0, max = 1000), extend("default" = 10))]
    pub max_size: u32,
    /// The size of each instance's encrypted disk, which holds the operating system and the container images. A change reaches new instances only.
    #[serde(default = "default_root_volume", deserialize_with = "whole_number")]
    #[schemars(title = "Disk size (GiB)", range(min = 30, max = 16384))]
    pub root_volume_gb: u32,
    /// What happens to running instances when their operating system image or settings change.
    #[serde(default)]
    #[schemars(title = "Refresh of instances")]
    pub node_refresh: NodeRefresh,
}

/// Whether a change of the launch template reaches the nodes that run already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(transform = as_choice)]
pub enum NodeRefresh {
    #[default]
    #[schemars(title = "Never: only new instances get the change")]
    Never,
    #[schemars(title = "Rolling: instances are drained and replaced a few at a time")]
    Rolling,
}

/// What Container Insights records of the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(transform = as_choice)]
pub enum ContainerInsights {
    #[schemars(title = "Enhanced: down to each container")]
    Enhanced,
    #[default]
    #[schemars(title = "Enabled: down to each service")]
    Enabled,
    #[schemars(title = "Disabled")]
    Disabled,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(transform = with_conditional_fields)]
pub struct Ingress {
    /// Makes a load balancer that the internet can reach, with HTTPS certificates for your domains.
    #[serde(default)]
    #[schemars(title = "Enable ingress", extend("default" = false))]
    pub enable_ingress: bool,
    /// The fields of [`OpenIngress`], kept as they are since nothing reads them while ingress is off.
    #[serde(flatten)]
    #[schemars(skip)]
    pub fields: Map<String, Value>,
}

/// What the form asks for once ingress is on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct OpenIngress {
    /// The Route 53 domain that applications are served under: with example.com here, an application can be www.example.com.
    #[schemars(title = "Default domain", regex(pattern = ZONE_ARN), extend("message" = zone_message()))]
    pub default_route53_hosted_zone: String,
    /// More Route 53 domains that applications can be served under.
    #[serde(default)]
    #[schemars(title = "Additional domains", inner(regex(pattern = ZONE_ARN)), transform = describe_zones)]
    pub additional_route53_hosted_zones: Vec<String>,
    /// The networks that may reach the load balancer, as IPv4 ranges. 0.0.0.0/0 is the whole internet.
    #[serde(default = "anywhere")]
    #[schemars(title = "Allowed networks", length(min = 1), inner(regex(pattern = IPV4_CIDR)), transform = describe_networks)]
    pub allowed_cidrs: Vec<String>,
}

/// The value of a JSON number that is whole, `3.0` included, and fits. Draft 7 counts `3.0` as an integer.
#[must_use]
pub fn whole(value: &Value) -> Option<u32> {
    // Adding zero turns `-0` into `0`.
    value.as_f64().and_then(|number| format!("{}", number + 0.0).parse().ok())
}

fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let value = Value::deserialize(deserializer)?;
    whole(&value).ok_or_else(|| de::Error::custom("not a whole number"))
}

fn default_root_volume() -> u32 {
    DEFAULT_ROOT_VOLUME_GB
}

fn anywhere() -> Vec<String> {
    vec![ANYWHERE.to_owned()]
}

fn instance_types() -> Value {
    catalog::all().iter().map(|instance| json!({ "title": instance.title(), "const": instance.name })).collect()
}

fn presets() -> Value {
    json!([preset("Development", FORM_INSTANCE_TYPE), preset("Production", "c5.2xlarge")])
}

fn preset(label: &str, instance_type: &str) -> Value {
    json!({
        "__name": label,
        "cluster": {
            "instances": [{ "name": "instances", "instance_type": instance_type, "min_size": 1, "max_size": 10 }],
            "ingress": { "enable_ingress": false }
        }
    })
}

fn zone_message() -> Value {
    json!({ "pattern": "Choose a Route 53 hosted zone (arn:aws:route53:::hostedzone/ and its id)" })
}

fn describe_zones(schema: &mut Schema) {
    describe_items(
        schema,
        json!({ "title": "Domain", "description": "A Route 53 domain, such as example.org.", "message": zone_message() }),
    );
}

fn describe_networks(schema: &mut Schema) {
    let message = json!({ "pattern": "Use an IPv4 range in CIDR notation, such as 203.0.113.0/24" });
    describe_items(schema, json!({ "title": "Network", "description": "An IPv4 range, such as 203.0.113.0/24.", "message": message }));
}

fn describe_items(schema: &mut Schema, words: Value) {
    let (Some(items), Value::Object(words)) = (schema.get_mut("items").and_then(Value::as_object_mut), words) else { return };
    items.extend(words);
}

/// The form needs the type beside the choices. The Rust type's comment is for us; the form's text stands at the field.
fn as_choice(schema: &mut Schema) {
    schema.remove("description");
    schema.insert("type".to_owned(), "string".into());
    for choice in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        choice.as_object_mut().and_then(|choice| choice.shift_remove("type"));
    }
}

/// The form shows the fields of [`OpenIngress`] while the box is ticked. `const` is what tells the two branches apart.
fn with_conditional_fields(schema: &mut Schema) {
    let mut open = shapes::schema_of::<OpenIngress>();
    open.remove("type");
    open.remove("description");
    if let Some(properties) = open.get_mut("properties").and_then(Value::as_object_mut) {
        properties.shift_insert(0, "enable_ingress".to_owned(), json!({ "const": true }));
    }
    let closed = json!({ "properties": { "enable_ingress": { "const": false } } });
    schema.insert("dependencies".to_owned(), json!({ "enable_ingress": { "oneOf": [closed, open] } }));
}
