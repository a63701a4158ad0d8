//! AWS as it is, in front of an emulator that is too kind: refusals, states that take time, and replies in their real shape.
//!
//! One file a service. What the emulator holds is read from it afresh, so that a test may change the account past the proxy; only
//! what it cannot hold is kept here.

mod acm;
mod auto_scaling;
mod backend;
mod busy;
mod capacity_providers;
mod clusters;
mod iam;
mod instances;
mod lags;
mod launch_templates;
mod launches;
mod listeners;
mod load_balancers;
mod marks;
mod newborn;
mod nodes;
mod pages;
mod platform;
mod refreshes;
mod replay;
mod route53;
mod security_groups;
mod stale;
mod xml;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use self::backend::Backend;
pub use self::lags::Lags;
pub use self::launches::LaunchFailure;
use self::xml::Element;
use super::call::{Call, Reply};
use super::locked;

/// One account's AWS.
pub struct Honest {
    backend: Backend,
    lags: Mutex<Lags>,
    acm: acm::Certificates,
    auto_scaling: auto_scaling::Groups,
    busy: busy::Busy,
    capacity_providers: capacity_providers::Providers,
    clusters: clusters::Clusters,
    launch_templates: launch_templates::Templates,
    launches: launches::Launches,
    listeners: listeners::Listeners,
    load_balancers: load_balancers::LoadBalancers,
    newborn: newborn::Newborn,
    nodes: nodes::Nodes,
    pages: pages::Pages,
    platform: platform::Platform,
    refreshes: refreshes::Refreshes,
    route53: route53::Zones,
    security_groups: security_groups::SecurityGroups,
    stale: stale::Stale,
}

/// One call on its way, with everything that it takes to answer it.
#[derive(Clone, Copy)]
struct Ask<'a> {
    honest: &'a Honest,
    call: &'a Call,
    forward: &'a dyn Fn() -> Reply,
}

impl Honest {
    pub fn new(emulator: SocketAddr, account: &str) -> Arc<Self> {
        Arc::new(Self {
            backend: Backend { emulator, account: account.to_owned() },
            lags: Mutex::default(),
            acm: acm::Certificates::default(),
            auto_scaling: auto_scaling::Groups::default(),
            busy: busy::Busy::default(),
            capacity_providers: capacity_providers::Providers::default(),
            clusters: clusters::Clusters::default(),
            launch_templates: launch_templates::Templates::default(),
            launches: launches::Launches::default(),
            listeners: listeners::Listeners::default(),
            load_balancers: load_balancers::LoadBalancers::default(),
            newborn: newborn::Newborn::default(),
            nodes: nodes::Nodes::default(),
            pages: pages::Pages::default(),
            platform: platform::Platform::default(),
            refreshes: refreshes::Refreshes::default(),
            route53: route53::Zones::default(),
            security_groups: security_groups::SecurityGroups::default(),
            stale: stale::Stale::default(),
        })
    }

    /// What takes how long from now on; what is under way keeps the pace that it began with.
    pub fn set(&self, lags: Lags) {
        *locked(&self.lags) = lags;
    }

    /// The agent of this EC2 instance has lost its connection for good.
    pub fn disconnect(&self, instance: &str) {
        self.nodes.disconnect(instance);
    }

    /// The instances whose agents have lost their connection.
    pub fn disconnected(&self) -> Vec<String> {
        self.nodes.disconnected()
    }

    /// The lists that somebody began to read and did not read to their end.
    pub fn unread_pages(&self) -> Vec<String> {
        self.pages.unread()
    }

    /// What is published on the platform under the bundle's name for the artifact.
    pub fn published(&self, field: &str) -> Option<Value> {
        self.platform.published(field)
    }

    /// Answers a call, with or without the emulator's help.
    pub fn answer(&self, call: &Call, forward: &dyn Fn() -> Reply) -> Reply {
        let ask = Ask { honest: self, call, forward };
        self.pages.answer(ask, || self.stale.answer(ask, || self.newborn.answer(ask, || self.busy.answer(ask, || self.rule(ask)))))
    }

    fn rule(&self, ask: Ask<'_>) -> Reply {
        let call = ask.call;
        match call.service.as_str() {
            "acm" => self.acm.answer(ask),
            "autoscaling" => self.auto_scaling.answer(ask),
            "ec2" if call.operation.contains("LaunchTemplate") => self.launch_templates.answer(ask),
            "ec2" if call.operation == "DescribeInstances" => instances::describe(ask),
            "ec2" => self.security_groups.answer(ask),
            "ecs" if call.operation.contains("CapacityProvider") && !call.operation.contains("Cluster") => {
                self.capacity_providers.answer(ask)
            }
            "ecs" if call.operation.contains("ContainerInstance") => self.nodes.answer(ask),
            "ecs" => self.clusters.answer(ask),
            "elasticloadbalancing" if call.operation.contains("Listener") => self.listeners.answer(ask),
            "elasticloadbalancing" => self.load_balancers.answer(ask),
            "iam" => iam::answer(ask),
            "route53" => self.route53.answer(ask),
            "massdriver" => self.platform.answer(ask),
            "ssm" | "sts" => ask.forward(),
            // The emulator takes what it does not know for a bucket.
            _ => Reply::error(call, 501, "ServiceNotImplemented", &format!("no rule and no emulator knows {}", call.action())),
        }
    }
}

impl Ask<'_> {
    fn forward(&self) -> Reply {
        (self.forward)()
    }

    fn backend(&self) -> &Backend {
        &self.honest.backend
    }

    fn lags(&self) -> Lags {
        locked(&self.honest.lags).clone()
    }

    fn operation(&self) -> &str {
        &self.call.operation
    }

    fn region(&self) -> &str {
        &self.call.region
    }

    /// A parameter of a query-protocol call; empty when it was not sent.
    fn param(&self, name: &str) -> String {
        self.call.param(name).unwrap_or_default()
    }

    /// A list of a query-protocol call by what stands before the numbers, such as `Names.member.`.
    fn params(&self, before: &str) -> Vec<String> {
        self.params_of(before, "")
    }

    /// The same for one field of a list of structures, such as `Certificates.member.` and `.CertificateArn`.
    fn params_of(&self, before: &str, after: &str) -> Vec<String> {
        (1..).map_while(|place| self.call.param(&format!("{before}{place}{after}"))).collect()
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.call.param(name).and_then(|value| value.parse().ok())
    }

    /// The service refuses.
    fn refuse(&self, code: &str, message: &str) -> Reply {
        Reply::error(self.call, 400, code, message)
    }
}

/// Things that take a number of polls, by name or ARN.
#[derive(Default)]
struct Countdown(BTreeMap<String, usize>);

impl Countdown {
    fn start(&mut self, key: &str, polls: usize) {
        if polls > 0 {
            self.0.insert(key.to_owned(), polls);
        }
    }

    /// Whether it is still under way, one poll nearer to its end.
    fn poll(&mut self, key: &str) -> bool {
        let Some(left) = self.0.get_mut(key) else { return false };
        *left -= 1;
        if *left == 0 {
            self.0.remove(key);
        }
        true
    }

    fn is_running(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
}

fn succeeded(reply: &Reply) -> bool {
    reply.status == 200 && !reply.hang_up
}

/// Changes a reply in XML; errors pass as they are.
fn edit_xml(reply: Reply, change: impl FnOnce(&mut Element)) -> Reply {
    match Element::parse(&reply.body).filter(|_| succeeded(&reply)) {
        Some(mut root) => {
            change(&mut root);
            with_body(reply, root.to_string())
        }
        None => reply,
    }
}

/// Changes a reply in JSON; errors pass as they are.
fn edit_json(reply: Reply, change: impl FnOnce(&mut Value)) -> Reply {
    match serde_json::from_str(&reply.body) {
        Ok(mut body) if succeeded(&reply) => {
            change(&mut body);
            with_body(reply, body.to_string())
        }
        _ => reply,
    }
}

fn with_body(mut reply: Reply, body: String) -> Reply {
    reply.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("x-amz-crc32"));
    reply.body = body;
    reply
}

/// A query-protocol reply of this operation with these results.
fn xml_reply(operation: &str, results: Vec<Element>) -> Reply {
    let result = Element::with_children(&format!("{operation}Result"), results);
    let metadata = Element::with_children("ResponseMetadata", vec![Element::with_text("RequestId", "emulated")]);
    Reply::xml(200, Element::with_children(&format!("{operation}Response"), vec![result, metadata]).to_string())
}

/// The parameters of a call that speaks forms, in order.
fn form(ask: Ask<'_>) -> Vec<(String, String)> {
    let plain = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    ask.call.body.split('&').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (plain(key), plain(value))).collect()
}

/// The texts in a JSON list.
fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What stands after the last slash of an ARN, or all of what is no ARN.
fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
