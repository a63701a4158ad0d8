//! How runs end, and what is advised where AWS's words tell what to do.

use aws_ecs_cluster::aws::failure::{Class, Failure};
use aws_ecs_cluster::engine::converge::Unconverged;
use aws_ecs_cluster::engine::execute::{Fate, Outcome};
use aws_ecs_cluster::engine::rounds::RoundEnd;
use aws_ecs_cluster::model::address::{Address, Kind};
use aws_ecs_cluster::model::reference::Ref;
use aws_ecs_cluster::plan::action::{Action, Condition, Service, WAIT};
use aws_ecs_cluster::plan::{Change, ChangeAction, Goal, Operation, Plan, Refusal};
use aws_ecs_cluster::report::ending::{self, explain};
use std::collections::BTreeSet;

/// The Region that every one of these runs is for.
pub const REGION: &str = "eu-west-1";

pub fn plan(goal: Goal) -> Plan {
    let cluster = Address::new(Kind::Cluster, "shop");
    let balancer = Address::new(Kind::LoadBalancer, "shop");
    let listener = Address::new(Kind::Listener, "shop:80");
    let active = Condition::LoadBalancerActive { load_balancer: Ref::known("arn"), name: "shop".into() };
    let operation = |address: &Address, action, after: &[usize]| Operation { address: address.clone(), action, after: after.to_vec() };
    let change = |address: &Address, action, reason: &str| Change {
        address: address.clone(),
        action,
        fields: Vec::new(),
        disruptive: false,
        reason: reason.into(),
        depends_on: BTreeSet::new(),
        adoption: None,
    };
    Plan {
        goal,
        changes: vec![change(&cluster, ChangeAction::Unknown, "could not be read: DescribeClusters failed: AccessDeniedException: no")],
        operations: vec![
            operation(&cluster, Action::DeleteCluster { cluster: "shop".into() }, &[]),
            operation(&balancer, Action::Wait(active), &[]),
            operation(&listener, Action::DeleteLoadBalancer { arn: "arn".into() }, &[1]),
            operation(&balancer, Action::DeleteLoadBalancer { arn: "arn".into() }, &[1]),
        ],
        lags: false,
        warnings: Vec::new(),
        refusals: vec![Refusal {
            address: cluster,
            reason: "apps are on it: `web`".into(),
            remedy: "decommission those apps; then run this again".into(),
        }],
    }
}

/// One operation alone.
fn single() -> Plan {
    let mut plan = plan(Goal::Provision);
    plan.operations.truncate(1);
    plan
}

/// The same plan with another operation at its beginning.
pub fn plan_of(action: Action) -> Plan {
    let mut plan = plan(Goal::Provision);
    plan.operations[0].action = action;
    plan
}

pub fn failure(class: Class, code: Option<&str>, message: &str) -> Failure {
    let request_id = code.map(|_| "6f1d7a3c".to_owned());
    Failure { service: Service::Ecs, operation: "DeleteCluster", code: code.map(str::to_owned), message: message.into(), request_id, class }
}

pub fn endings() -> Vec<String> {
    let failures = [
        failure(
            Class::Denied,
            Some("AccessDeniedException"),
            "User: arn:aws:sts::1:assumed-role/r is not authorized to perform: ecs:DeleteCluster",
        ),
        failure(Class::NotYet, Some("ClusterContainsTasksException"), "The Cluster cannot be deleted while Tasks are active."),
        failure(Class::Final, Some("LimitExceededException"), "The maximum number of clusters has been reached."),
        failure(Class::Final, Some("InvalidParameterException"), "Identifier is for something else."),
        failure(Class::Final, None, "dispatch failure: timed out"),
    ];
    let failed = failures.into_iter().map(|failure| {
        let skipped = Fate::Skipped(Address::new(Kind::LoadBalancer, "shop"));
        Outcome { fates: [(0, Fate::Failed(failure)), (1, Fate::Done), (2, skipped)].into(), ..Outcome::default() }
    });
    let interrupted = Outcome { started: [0, 1].into(), interrupted: true, ..Outcome::default() };
    let failed = failed.map(|outcome| Unconverged::Failed(plan(Goal::Decommission), outcome));
    let others = [
        Unconverged::Interrupted(plan(Goal::Provision), interrupted),
        Unconverged::Unknown(plan(Goal::Provision)),
        Unconverged::Stuck(plan(Goal::Provision), RoundEnd::Done),
        Unconverged::Stuck(single(), RoundEnd::Overtaken),
        Unconverged::Stuck(single(), RoundEnd::Refused),
        Unconverged::Refused(plan(Goal::Decommission), 1),
        Unconverged::Refused(plan(Goal::Decommission), 2),
    ];
    let defect = [ending::defect("src/engine/execute.rs:1:1")];
    failed.chain(others).map(|ending| explain(&ending, REGION)).chain(defect).collect()
}

/// What is advised where AWS's words tell what to do.
pub fn advice() -> Vec<String> {
    let codes = ["ThrottlingException", "ServiceUnavailable", "ExpiredTokenException", "AuthFailure"];
    let refused = codes.map(|code| failure(Class::Final, Some(code), "AWS's words"));
    let words = [
        "VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit allows",
        "InstanceLimitExceeded: You have requested more instances than your current instance limit allows",
        "InsufficientInstanceCapacity: We currently do not have sufficient capacity",
        "Your requested instance type is not supported in your requested Availability Zone",
        "InvalidAMIID.NotFound: The image id does not exist",
        "The architecture of the specified instance type does not match the architecture of the specified AMI",
        "`i-1` cannot reach ECS: its subnet `subnet-c` has no route to the internet",
        "not within 10m; at the end: 0 of 1 have joined",
    ];
    let joined = || Action::Wait(Condition::NodesJoined { cluster: "shop".into(), minimums: [("shop-web".to_owned(), 1)].into() });
    let held = [
        Action::DeleteSecurityGroup { id: "sg-1".into() },
        Action::DeleteCertificate { arn: "arn:certificate".into() },
        Action::DeleteAutoScalingGroup { name: "shop-web".into() },
        Action::DeleteCluster { cluster: "shop".into() },
    ];
    let held = held.map(|action| (action, failure(Class::NotYet, Some("InUse"), "AWS's words")));
    let refused = refused.map(|failure| (Action::DeleteCluster { cluster: "shop".into() }, failure));
    let waited = words.map(|words| (joined(), Failure { operation: WAIT, ..failure(Class::Final, None, words) }));
    let told = refused.into_iter().chain(held).chain(waited).map(|(action, failure)| {
        let outcome = Outcome { fates: [(0, Fate::Failed(failure))].into(), ..Outcome::default() };
        let whole = explain(&Unconverged::Failed(plan_of(action), outcome), REGION);
        whole.lines().filter(|line| line.starts_with("  ") && !line.contains("done:")).collect::<Vec<_>>().join("\n")
    });
    told.collect()
}
