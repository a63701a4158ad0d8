//! For any valid inputs and any account: what holds of every plan.

use super::samples::{decommission_scope, scope};
use super::world::{Part, World};
use crate::engine::generators::{Case, case, hidden};
use crate::properties::config;
use aws_ecs_cluster::model::address::{Address, Kind};
use aws_ecs_cluster::model::names;
use aws_ecs_cluster::model::observed::ObservedCapacityProvider;
use aws_ecs_cluster::model::reference::Output;
use aws_ecs_cluster::plan::action::Action;
use aws_ecs_cluster::plan::desired::{address_of, alb_security_group_address};
use aws_ecs_cluster::plan::{Change, ChangeAction, OperationId, Plan};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use std::collections::{BTreeMap, BTreeSet};

/// Both plans for a case: to make the cluster, and to unmake it.
fn plans(case: &Case, world: &World) -> [Plan; 2] {
    [world.plan(&scope(&case.desired), Some(&case.desired)), world.plan(&decommission_scope(&case.desired), None)]
}

/// For each operation, everything that comes before it.
fn ancestors(plan: &Plan) -> Vec<BTreeSet<OperationId>> {
    let mut all: Vec<BTreeSet<OperationId>> = Vec::new();
    for operation in &plan.operations {
        let further = operation.after.iter().flat_map(|id| all[*id].iter().copied());
        all.push(operation.after.iter().copied().chain(further).collect());
    }
    all
}

fn is_ordered(plan: &Plan, story: &str) -> TestCaseResult {
    for (id, operation) in plan.operations.iter().enumerate() {
        prop_assert!(operation.after.iter().all(|other| *other < id), "{operation:?} runs before what it needs; {story}");
    }
    let ancestors = ancestors(plan);
    let mut producers: BTreeMap<(Address, Output), OperationId> = BTreeMap::new();
    let mut last: BTreeMap<&Address, OperationId> = BTreeMap::new();
    for (id, operation) in plan.operations.iter().enumerate() {
        for input in operation.action.inputs() {
            let producer = producers.get(&input);
            prop_assert!(producer.is_some_and(|producer| ancestors[id].contains(producer)), "nobody yields {input:?}; {story}");
        }
        if let Some(other) = last.insert(&operation.address, id) {
            prop_assert!(ancestors[id].contains(&other), "two operations on {} could run at once; {story}", operation.address);
        }
        producers.extend(operation.action.outputs().iter().map(|output| ((operation.address.clone(), *output), id)));
    }
    Ok(())
}

/// A size that waits for a provider made anew is told at once and set in the round after.
fn is_put_off(change: &Change) -> bool {
    let sizes = change.fields.iter().all(|field| field.path == "MinSize" || field.path == "MaxSize");
    change.action == ChangeAction::Update && change.address.kind == Kind::AutoScalingGroup && sizes
}

/// Each change has its operations, and each operation its change.
fn is_told(plan: &Plan, story: &str) -> TestCaseResult {
    let changes: BTreeMap<&Address, ChangeAction> = plan.changes.iter().map(|change| (&change.address, change.action)).collect();
    prop_assert_eq!(changes.len(), plan.changes.len(), "an address is told twice; {}", story);
    let acting: BTreeSet<&Address> = plan.operations.iter().map(|operation| &operation.address).collect();
    for address in &acting {
        let told = changes.get(*address);
        prop_assert!(
            told.is_some_and(|action| !matches!(action, ChangeAction::None | ChangeAction::Unknown)),
            "{address} is {told:?}; {story}"
        );
    }
    for change in plan.changes.iter().filter(|change| !is_put_off(change)) {
        let acts = !matches!(change.action, ChangeAction::None | ChangeAction::Unknown);
        prop_assert_eq!(acts, acting.contains(&change.address), "{:?}; {}", change, story);
    }
    Ok(())
}

/// The providers of ours that the inputs do not name any more.
fn dropped_providers(case: &Case) -> impl Iterator<Item = (&String, &ObservedCapacityProvider)> {
    let wanted: BTreeSet<&String> = case.desired.groups().iter().map(|group| &group.capacity_provider.name).collect();
    let ours = case.world.capacity_providers.iter().filter(|(_, found)| case.desired.owner.owns(&found.properties.tags));
    ours.filter(move |(name, _)| !wanted.contains(name))
}

/// Whether any domain of ours may hold records that lead to the load balancer.
fn leads_matter(case: &Case) -> bool {
    case.world.certificates.iter().any(|found| case.desired.owner.owns(&found.properties.tags))
}

/// Whether the operation makes, changes or unmakes what the hidden part holds, or something that cannot do without it.
fn needs(part: Part, address: &Address, action: &Action, case: &Case) -> bool {
    let owner = &case.desired.owner;
    let nodes_go = matches!(action, Action::EmptyAutoScalingGroup { .. } | Action::DeleteAutoScalingGroup { .. });
    let of_nodes = matches!(address.kind, Kind::Role | Kind::InstanceProfile) || *address == address_of(Kind::SecurityGroup, owner);
    let unmakes = action.operation().starts_with("Delete");
    match part {
        Part::Role => address.kind == Kind::Role || matches!(action, Action::CreateAutoScalingGroup { .. }),
        Part::InstanceProfile => address.kind == Kind::InstanceProfile || matches!(action, Action::CreateAutoScalingGroup { .. }),
        Part::NodeSecurityGroup => {
            *address == address_of(Kind::SecurityGroup, owner) || matches!(action, Action::CreateLaunchTemplate { .. })
        }
        Part::AlbSecurityGroup => *address == alb_security_group_address(owner) || matches!(action, Action::CreateLoadBalancer(_)),
        Part::Cluster => matches!(address.kind, Kind::Cluster | Kind::ClusterCapacityProviders),
        Part::LaunchTemplates => address.kind == Kind::LaunchTemplate || matches!(action, Action::CreateAutoScalingGroup { .. }),
        Part::AutoScalingGroups => {
            address.kind == Kind::AutoScalingGroup
                || matches!(action, Action::CreateCapacityProvider { .. } | Action::DeleteCluster { .. })
                || (unmakes && (of_nodes || address.kind == Kind::LaunchTemplate))
        }
        Part::CapacityProviders => {
            matches!(address.kind, Kind::CapacityProvider | Kind::ClusterCapacityProviders)
                || matches!(action, Action::DeleteCluster { .. })
        }
        Part::Certificates => matches!(address.kind, Kind::Certificate),
        Part::LoadBalancer => matches!(address.kind, Kind::LoadBalancer | Kind::Listener | Kind::ListenerCertificate),
        Part::ZoneRecords => matches!(action, Action::DeleteRecords { .. }),
        Part::Tenants => nodes_go || matches!(action, Action::DeleteCluster { .. } | Action::DeleteLoadBalancer { .. }),
        Part::ContainerInstances => {
            matches!(action, Action::DeleteCluster { .. } | Action::DeregisterContainerInstance { .. })
                || (address.kind == Kind::ContainerInstance)
                || nodes_go
        }
        Part::GoneInstances => matches!(action, Action::DeregisterContainerInstance { .. }) && address.kind == Kind::ContainerInstance,
        Part::Refreshes => {
            let has_nodes = case.world.auto_scaling_groups.get(&address.name).is_some_and(|group| !group.instances.is_empty());
            (nodes_go && has_nodes) || matches!(action, Action::StartInstanceRefresh { .. } | Action::CancelInstanceRefresh { .. })
        }
        Part::ListenerRules => {
            let any = case.world.load_balancer.as_ref().is_some_and(|balancer| !balancer.listeners.is_empty());
            any && matches!(action, Action::DeleteLoadBalancer { .. })
        }
        Part::ReferringGroups => matches!(action, Action::DeleteSecurityGroup { .. }),
        Part::SecurityGroupRules => matches!(action, Action::RevokeRules { .. }),
        Part::SharingCertificates => matches!(action, Action::DeleteRecords { .. }),
        Part::Ec2Services => false,
        Part::LeadingRecords => {
            case.world.load_balancer.is_some() && matches!(action, Action::DeleteLoadBalancer { .. }) && leads_matter(case)
        }
        Part::Workload => dropped_providers(case).any(|(name, _)| match action {
            Action::DeleteCapacityProvider { .. } => address.name == *name,
            Action::PutClusterCapacityProviders { change, .. } => change.detached.contains(name),
            Action::EmptyAutoScalingGroup { name: group } => names::capacity_provider(group) == *name,
            _ => false,
        }),
    }
}

/// What each plan has to read, whatever the inputs: without it nobody knows that nothing is left to do.
const ALWAYS_READ: [Part; 10] = [
    Part::Role,
    Part::InstanceProfile,
    Part::NodeSecurityGroup,
    Part::AlbSecurityGroup,
    Part::Cluster,
    Part::LaunchTemplates,
    Part::AutoScalingGroups,
    Part::CapacityProviders,
    Part::Certificates,
    Part::LoadBalancer,
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_same_arguments_give_the_same_plan(case in case()) {
        prop_assert_eq!(plans(&case, &case.world), plans(&case, &case.world));
    }

    #[test]
    fn an_operation_runs_after_everything_that_it_needs(case in case(), hidden in hidden()) {
        let blind = World { hidden, ..case.world.clone() };
        for plan in plans(&case, &case.world).into_iter().chain(plans(&case, &blind)) {
            is_ordered(&plan, &case.story)?;
        }
    }

    #[test]
    fn a_plan_says_what_it_does_and_does_what_it_says(case in case(), hidden in hidden()) {
        let blind = World { hidden, ..case.world.clone() };
        for plan in plans(&case, &case.world).into_iter().chain(plans(&case, &blind)) {
            is_told(&plan, &case.story)?;
        }
    }

    #[test]
    fn nothing_is_done_to_what_could_not_be_read_or_to_what_needs_it(case in case(), hidden in hidden()) {
        let blind = World { hidden: hidden.clone(), ..case.world.clone() };
        let [provision, decommission] = plans(&case, &blind);
        for part in hidden {
            let asking = match part {
                Part::Tenants => vec![&decommission],
                Part::Workload | Part::GoneInstances => vec![&provision],
                _ => vec![&provision, &decommission],
            };
            for operation in asking.into_iter().flat_map(|plan| &plan.operations) {
                let needs = needs(part, &operation.address, &operation.action, &case);
                prop_assert!(!needs, "{part:?} is hidden, and yet {} {}; {}", operation.action.operation(), operation.address, case.story);
            }
        }
    }

    #[test]
    fn no_provider_is_given_up_while_its_group_cannot_be_read(case in case()) {
        let blind = World { hidden: BTreeSet::from([Part::AutoScalingGroups]), ..case.world.clone() };
        let [provision, _] = plans(&case, &blind);
        let wanted: Vec<&String> = case.desired.groups().iter().map(|group| &group.capacity_provider.name).collect();
        for operation in &provision.operations {
            let given_up = |name: &String| match &operation.action {
                Action::DeleteCapacityProvider { name: deleted } => name == deleted,
                Action::PutClusterCapacityProviders { change, .. } => change.detached.contains(name),
                _ => false,
            };
            prop_assert!(!wanted.iter().any(|name| given_up(name)), "{} {}; {}", operation.action.operation(), operation.address, case.story);
        }
    }

    #[test]
    fn a_plan_that_could_not_see_everything_is_never_empty(case in case(), part in prop::sample::select(ALWAYS_READ.to_vec())) {
        let blind = World { hidden: BTreeSet::from([part]), ..case.world.clone() };
        for plan in plans(&case, &blind) {
            prop_assert!(plan.unknown().next().is_some(), "nobody is told that {part:?} could not be read; {:?}; {}", plan.goal, case.story);
        }
    }
}
