//! Any valid inputs, and any account that a run may meet.

use crate::plan::samples;
use crate::plan::world::{PARTS, Part, World, converged, edits, empty};
use aws_ecs_cluster::inputs::{ClusterInputs, ContainerInsights, Ingress, Inputs, NodeGroup, NodeRefresh};
use aws_ecs_cluster::model::catalog;
use aws_ecs_cluster::model::tags::{Owner, Tags};
use aws_ecs_cluster::plan::desired::Desired;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

/// What is desired, and the account that it meets, with all that was done to make it.
#[derive(Clone)]
pub struct Case {
    pub desired: Desired,
    pub world: World,
    pub story: String,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.story)
    }
}

fn told(cluster: &ClusterInputs) -> String {
    let groups =
        cluster.groups.iter().map(|group| format!("{} {}..{} {}", group.name, group.min_size, group.max_size, group.instance.name));
    let ingress = cluster.ingress.as_ref().map(|ingress| (&ingress.zones, &ingress.allowed_cidrs));
    format!("{:?}, groups {:?}, ingress {ingress:?}", cluster.container_insights, groups.collect::<Vec<_>>())
}

fn group(name: String) -> impl Strategy<Value = NodeGroup> {
    let types = ["t3.small", "m5.large", "m7g.large", "g5.xlarge"];
    let refresh = prop::sample::select(vec![NodeRefresh::Never, NodeRefresh::Rolling]);
    (prop::sample::select(types.to_vec()), 0_u32..3, 0_u32..3, refresh).prop_map(move |(instance, min_size, more, node_refresh)| {
        NodeGroup {
            name: name.clone(),
            instance: catalog::find(instance).expect("a type of the catalog"),
            min_size,
            max_size: min_size + more,
            root_volume_gb: 30,
            node_refresh,
        }
    })
}

fn groups() -> impl Strategy<Value = Vec<NodeGroup>> {
    let names = prop::sample::subsequence(vec!["web", "batch", "Gpu_1"], 0..=3).prop_shuffle();
    names.prop_flat_map(|names| names.into_iter().map(|name| group(name.to_owned())).collect::<Vec<_>>())
}

fn ingress() -> impl Strategy<Value = Option<Ingress>> {
    let zones = prop::sample::subsequence(vec!["Z1", "Z2", "Z3"], 1..=3).prop_shuffle();
    let cidrs = prop::sample::subsequence(vec!["0.0.0.0/0", "10.0.0.0/8", "192.0.2.0/24"], 1..=3);
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let open = (zones, cidrs)
        .prop_map(move |(zones, cidrs)| Ingress { zones: owned(zones), allowed_cidrs: owned(cidrs).into_iter().collect::<BTreeSet<_>>() });
    prop::option::weighted(0.7, open)
}

fn cluster() -> impl Strategy<Value = ClusterInputs> {
    let insights = prop::sample::select(vec![ContainerInsights::Enhanced, ContainerInsights::Enabled, ContainerInsights::Disabled]);
    (insights, groups(), ingress()).prop_map(|(container_insights, groups, ingress)| ClusterInputs { container_insights, groups, ingress })
}

/// Short ones, long ones, and such as some service does not take.
pub fn prefix() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("shop-prod-cluster-ab12".to_owned()),
        Just("ecs-prod-cluster-ab12".to_owned()),
        Just("sg-internal-fargate-0001".to_owned()),
        Just(format!("{}-{}-{}-ab12", "p".repeat(20), "e".repeat(20), "c".repeat(20))),
    ]
}

fn inputs(cluster: ClusterInputs, prefix: &str, tag: &str) -> Inputs {
    // Parsing validates against schemas, which is slow a thousand times over.
    static SAMPLE: LazyLock<Inputs> = LazyLock::new(|| samples::inputs(&crate::inputs::params()));
    let mut inputs = SAMPLE.clone();
    inputs.identity.owner = Owner::new(prefix);
    inputs.identity.default_tags = Tags::default().with("managed-by", "massdriver").with("md-project", tag);
    inputs.cluster = cluster;
    inputs
}

/// What is desired, in an account of the same prefix: empty, or as desired by other inputs and changed since.
pub fn case() -> impl Strategy<Value = Case> {
    let names = |edits: Vec<edits::Edit>| edits.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let drifts = prop::sample::subsequence(names(edits::drifts()), 0..=5).prop_shuffle();
    let neighbours = prop::sample::subsequence(names(edits::NEIGHBOURS.to_vec()), 0..=4);
    let before = prop::option::weighted(0.85, cluster());
    let tags = prop::sample::select(vec!["shop", "renamed"]);
    (prefix(), cluster(), before, any::<bool>(), tags, neighbours, drifts).prop_map(
        |(prefix, now, before, same, tag, neighbours, drifts)| {
            let desired = samples::desired(&inputs(now.clone(), &prefix, tag));
            let wanted = told(&now);
            let before = if same { before.map(|_| now) } else { before };
            let mut world = before
                .as_ref()
                .map_or_else(|| empty(&desired.owner), |before| converged(&samples::desired(&inputs(before.clone(), &prefix, "shop"))));
            let mut edits = [neighbours, drifts].concat();
            // A provider that has lost group and template is found on the cluster's list alone: nothing would lead to it after a death
            // between its detachment and its deletion.
            if edits.iter().any(|name| name.starts_with("the group is ")) {
                edits.retain(|name| *name != "the launch template is gone");
            }
            for name in &edits {
                edits::apply(&mut world, name);
            }
            let before = before.map_or_else(|| "nothing".to_owned(), |before| told(&before));
            let story = format!("{prefix} was made as {before}; then {edits:#?}; wanted is {wanted}");
            Case { desired, world, story }
        },
    )
}

/// Parts of the account that cannot be read.
pub fn hidden() -> impl Strategy<Value = BTreeSet<Part>> {
    prop::sample::subsequence(PARTS.to_vec(), 1..=3).prop_map(|parts| parts.into_iter().collect())
}
