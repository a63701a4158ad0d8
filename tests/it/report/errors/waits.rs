//! What is said of waits: what for and how long, and why one has ended without its answer, from what AWS answers.

use super::endings::{REGION, plan_of};
use crate::support::call::Reply;
use crate::support::proxy::Proxy;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_ecs_cluster::aws::Aws;
use aws_ecs_cluster::aws::failure::Failure;
use aws_ecs_cluster::aws::progress::{Depth, Progress};
use aws_ecs_cluster::engine::Context;
use aws_ecs_cluster::engine::converge::Unconverged;
use aws_ecs_cluster::engine::execute::{Fate, Outcome};
use aws_ecs_cluster::engine::interrupt::Interrupt;
use aws_ecs_cluster::engine::refusals::Refusals;
use aws_ecs_cluster::engine::wait::{Awaited, NoAnswer, pace_of_condition, until_final};
use aws_ecs_cluster::model::address::{Address, Kind};
use aws_ecs_cluster::model::properties::{Cluster, ListChange};
use aws_ecs_cluster::model::reference::{Output, Outputs, Ref};
use aws_ecs_cluster::model::tags::Tags;
use aws_ecs_cluster::plan::action::{Action, Condition};
use aws_ecs_cluster::report::ending::explain;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// What AWS answers to an operation; what is not here is denied.
pub type Answers = &'static [(&'static str, &'static str)];

fn cluster() -> String {
    "shop".to_owned()
}

fn issued() -> Condition {
    Condition::CertificateIssued { certificate: Ref::known("arn:certificate"), domain: "example.com".to_owned(), zone_id: "Z1".to_owned() }
}

fn records() -> Condition {
    Condition::CertificateRecords { certificate: Ref::known("arn:certificate"), address: Address::new(Kind::Certificate, "example.com") }
}

fn refreshed() -> Condition {
    Condition::RefreshDone { auto_scaling_group: "shop-web".to_owned(), refresh: Ref::known("refresh-1") }
}

fn joined() -> Condition {
    Condition::NodesJoined { cluster: cluster(), minimums: BTreeMap::from([("shop-web".to_owned(), 1)]) }
}

fn active() -> Condition {
    Condition::LoadBalancerActive { load_balancer: Ref::known("arn:balancer"), name: cluster() }
}

/// Everything that is ever waited for.
fn conditions() -> [Condition; 11] {
    [
        Condition::ClusterActive { cluster: cluster() },
        Condition::AttachmentsSettled { cluster: cluster(), change: ListChange::default() },
        Condition::CapacityProviderUpdated { name: "shop-web".to_owned() },
        Condition::CapacityProviderGone { name: "shop-web".to_owned() },
        Condition::AutoScalingGroupGone { name: "shop-web".to_owned() },
        Condition::NodesDrained { cluster: cluster(), container_instances: vec!["arn:node".to_owned()] },
        joined(),
        refreshed(),
        records(),
        issued(),
        active(),
    ]
}

/// Waits when the bound has just passed, and returns what is said of it.
fn give_up(condition: Condition, ask: impl AsyncFnMut(Depth) -> Result<Option<Progress>, Failure>) -> Failure {
    let pace = pace_of_condition(&condition);
    let (_raise, interrupt) = Interrupt::new();
    let context = Context { report: &|_| {}, interrupt: &interrupt };
    let refusals = Refusals::new(Duration::MAX);
    refusals.begin();
    let address = Address::new(Kind::Cluster, "shop");
    let waiting_for = condition.to_string();
    let action = Action::Wait(condition);
    let since = Instant::now().checked_sub(pace.bound).expect("a time before this one");
    let subject = Awaited { address: &address, pace, action: &action, waiting_for, since, id: 0, refusals: &refusals };
    match super::block_on(until_final(context, subject, ask)) {
        Err(NoAnswer::Failed(failure)) => failure,
        other => panic!("not given up: {other:?}"),
    }
}

/// What is waited for, and how long at most.
pub fn bounds() -> Vec<String> {
    let told = |condition| give_up(condition, async |_| Ok(Some(Progress::Pending("...".to_owned())))).to_string();
    conditions().map(told).to_vec()
}

pub fn aws(proxy: &Proxy) -> Aws {
    let credentials = Credentials::new("123456789012", "x", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(proxy.url());
    Aws::new(config.build())
}

/// A proxy that gives these answers in the shape that they are written in.
pub fn answering(answers: Answers) -> Proxy {
    let proxy = Proxy::start(None);
    proxy.before(move |call| {
        let body = answers.iter().find(|(operation, _)| *operation == call.operation).map(|(_, body)| *body);
        Some(match body {
            None => Reply::denied(call),
            Some(body) if body.starts_with('<') => Reply::xml(200, body),
            Some(body) => {
                let status = if body.contains("__type") { 400 } else { 200 };
                Reply::json(status, &serde_json::from_str(body).expect("JSON"))
            }
        })
    });
    proxy
}

/// The failure of a wait whose bound passes while AWS gives these answers, with what is advised.
fn waited((condition, answers): (Condition, Answers)) -> String {
    let proxy = answering(answers);
    let aws = aws(&proxy);
    let failure = give_up(condition.clone(), async |depth| aws.check(&condition, &Outputs::default(), depth).await.map(Some));
    let outcome = Outcome { fates: [(0, Fate::Failed(failure))].into(), ..Outcome::default() };
    let whole = explain(&Unconverged::Failed(plan_of(Action::Wait(condition)), outcome), REGION);
    whole.lines().skip(1).take_while(|line| line.starts_with("  ")).collect::<Vec<_>>().join("\n")
}

pub fn failures() -> Vec<String> {
    let all = [certificates(), clusters(), groups(), balancers(), nodes(), obstacles()].concat();
    all.into_iter().map(waited).collect()
}

const PENDING: &str = r#"{ "Certificate": { "Status": "PENDING_VALIDATION", "DomainName": "example.com", "CreatedAt": 1700000000,
    "DomainValidationOptions": [{ "DomainName": "example.com",
    "ResourceRecord": { "Name": "_x.example.com.", "Type": "CNAME", "Value": "_y.acm-validations.aws." } }] } }"#;
const ZONE: &str = "<GetHostedZoneResponse><HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name><CallerReference>x</CallerReference></HostedZone>\
    <DelegationSet><NameServers><NameServer>ns-1.awsdns-1.org</NameServer></NameServers></DelegationSet></GetHostedZoneResponse>";

/// The wait for a certificate that is overdue, and what is answered to the questions of it.
pub fn pending_certificate() -> (Condition, &'static str, &'static str) {
    (issued(), PENDING, ZONE)
}

fn certificates() -> Vec<(Condition, Answers)> {
    vec![
        (records(), &[("DescribeCertificate", r#"{ "__type": "ResourceNotFoundException", "message": "Could not find certificate" }"#)]),
        (records(), &[("DescribeCertificate", r#"{ "Certificate": { "Status": "PENDING_VALIDATION" } }"#)]),
        (issued(), &[("DescribeCertificate", r#"{ "Certificate": { "Status": "FAILED", "FailureReason": "CAA_ERROR" } }"#)]),
        (issued(), &[("DescribeCertificate", PENDING), ("GetHostedZone", ZONE)]),
        (issued(), &[("DescribeCertificate", PENDING)]),
        (issued(), &[("DescribeCertificate", r#"{ "__type": "LimitExceededException" }"#)]),
        (Condition::CertificateRecords { certificate: unknown(), address: Address::new(Kind::Certificate, "example.com") }, &[]),
    ]
}

/// An identifier that no operation has yielded.
fn unknown() -> Ref {
    Ref::Of(Address::new(Kind::Certificate, "example.com"), Output::Arn)
}

const ATTACHED: &str = r#"{ "clusters": [{ "clusterArn": "arn", "clusterName": "shop", "status": "ACTIVE", "attachmentsStatus": "UPDATE_FAILED",
    "attachments": [{ "id": "1", "type": "managed_draining", "status": "FAILED", "details": [{ "name": "capacityProviderName", "value": "shop-web" }] }] }] }"#;

const UPDATING: &str = r#"{ "capacityProviders": [{ "capacityProviderArn": "arn", "name": "shop-web", "status": "ACTIVE", "updateStatus": "UPDATE_IN_PROGRESS" }] }"#;
const UPDATE_FAILED: &str = r#"{ "capacityProviders": [{ "capacityProviderArn": "arn", "name": "shop-web", "status": "ACTIVE", "updateStatus": "UPDATE_FAILED" }] }"#;

fn clusters() -> Vec<(Condition, Answers)> {
    let active = || Condition::ClusterActive { cluster: cluster() };
    let settled = || Condition::AttachmentsSettled { cluster: cluster(), change: ListChange::default() };
    let web = || ListChange { attached: BTreeSet::from(["shop-web".to_owned()]), ..ListChange::default() };
    let attached = || Condition::AttachmentsSettled { cluster: cluster(), change: web() };
    let gone = || Condition::CapacityProviderGone { name: "shop-web".to_owned() };
    let updated = || Condition::CapacityProviderUpdated { name: "shop-web".to_owned() };
    vec![
        (updated(), &[("DescribeCapacityProviders", UPDATING)]),
        (updated(), &[("DescribeCapacityProviders", UPDATE_FAILED)]),
        (active(), &[("DescribeClusters", r#"{ "clusters": [] }"#)]),
        (active(), &[("DescribeClusters", r#"{ "clusters": [{ "clusterArn": "arn", "clusterName": "shop", "status": "FAILED" }] }"#)]),
        (
            active(),
            &[("DescribeClusters", r#"{ "clusters": [{ "clusterArn": "arn", "clusterName": "shop", "status": "PROVISIONING" }] }"#)],
        ),
        (active(), &[("DescribeClusters", r#"{ "clusters": [{ "clusterName": "shop", "status": "ACTIVE" }] }"#)]),
        (settled(), &[("DescribeClusters", ATTACHED)]),
        (
            attached(),
            &[(
                "DescribeClusters",
                r#"{ "clusters": [{ "clusterArn": "arn", "clusterName": "shop", "status": "ACTIVE", "attachmentsStatus": "UPDATE_COMPLETE" }] }"#,
            )],
        ),
        (
            settled(),
            &[(
                "DescribeClusters",
                r#"{ "clusters": [{ "clusterArn": "arn", "clusterName": "shop", "status": "ACTIVE", "attachmentsStatus": "UPDATE_FAILED" }] }"#,
            )],
        ),
        (
            gone(),
            &[(
                "DescribeCapacityProviders",
                r#"{ "capacityProviders": [{ "capacityProviderArn": "arn", "name": "shop-web", "status": "ACTIVE", "updateStatus": "DELETE_FAILED",
                    "updateStatusReason": "The capacity provider is in use by a cluster." }] }"#,
            )],
        ),
        (
            gone(),
            &[(
                "DescribeCapacityProviders",
                r#"{ "capacityProviders": [{ "capacityProviderArn": "arn", "name": "shop-web", "status": "ACTIVE", "updateStatus": "DELETE_IN_PROGRESS" }] }"#,
            )],
        ),
    ]
}

const FAILED_REFRESH: &str = "<DescribeInstanceRefreshesResponse><DescribeInstanceRefreshesResult><InstanceRefreshes><member>\
    <InstanceRefreshId>refresh-1</InstanceRefreshId><Status>Failed</Status><StatusReason>An instance failed to launch.</StatusReason>\
    </member></InstanceRefreshes></DescribeInstanceRefreshesResult></DescribeInstanceRefreshesResponse>";
const SLOW_REFRESH: &str = "<DescribeInstanceRefreshesResponse><DescribeInstanceRefreshesResult><InstanceRefreshes><member>\
    <InstanceRefreshId>refresh-1</InstanceRefreshId><Status>InProgress</Status><PercentageComplete>50</PercentageComplete>\
    <StatusReason>Waiting for instances to warm up.</StatusReason></member></InstanceRefreshes></DescribeInstanceRefreshesResult></DescribeInstanceRefreshesResponse>";
const NO_REFRESH: &str = "<DescribeInstanceRefreshesResponse><DescribeInstanceRefreshesResult><InstanceRefreshes/></DescribeInstanceRefreshesResult></DescribeInstanceRefreshesResponse>";

macro_rules! group {
    ($instances:literal) => {
        concat!(
            "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>",
            "<AutoScalingGroupName>shop-web</AutoScalingGroupName><AutoScalingGroupARN>arn</AutoScalingGroupARN>",
            "<MinSize>1</MinSize><MaxSize>3</MaxSize><DesiredCapacity>1</DesiredCapacity><Instances>",
            $instances,
            "</Instances></member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>"
        )
    };
}

const EMPTY: &str = group!("");
const ONE: &str = group!("<member><InstanceId>i-1</InstanceId><LifecycleState>InService</LifecycleState></member>");
const TWO: &str = group!(
    "<member><InstanceId>i-1</InstanceId><LifecycleState>InService</LifecycleState></member><member><InstanceId>i-2</InstanceId><LifecycleState>Terminating</LifecycleState></member>"
);

fn groups() -> Vec<(Condition, Answers)> {
    let gone = || Condition::AutoScalingGroupGone { name: "shop-web".to_owned() };
    vec![
        (refreshed(), &[("DescribeInstanceRefreshes", FAILED_REFRESH)]),
        (refreshed(), &[("DescribeInstanceRefreshes", SLOW_REFRESH)]),
        (refreshed(), &[("DescribeInstanceRefreshes", NO_REFRESH)]),
        (gone(), &[("DescribeAutoScalingGroups", EMPTY)]),
        (gone(), &[("DescribeAutoScalingGroups", ONE)]),
        (gone(), &[("DescribeAutoScalingGroups", TWO)]),
    ]
}

macro_rules! balancer {
    ($state:literal) => {
        concat!(
            "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers><member><LoadBalancerArn>arn</LoadBalancerArn><State>",
            $state,
            "</State></member></LoadBalancers></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>"
        )
    };
}

fn balancers() -> Vec<(Condition, Answers)> {
    vec![
        (active(), &[("DescribeLoadBalancers", balancer!("<Code>failed</Code><Reason>No addresses are left.</Reason>"))]),
        (active(), &[("DescribeLoadBalancers", balancer!("<Code>provisioning</Code>"))]),
        (active(), &[("DescribeLoadBalancers", balancer!(""))]),
        (active(), &[("DescribeLoadBalancers", "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult>")]),
    ]
}

const NOBODY: (&str, &str) = ("ListContainerInstances", r#"{ "containerInstanceArns": [] }"#);
const SOMEBODY: (&str, &str) = ("ListContainerInstances", r#"{ "containerInstanceArns": ["arn:node"] }"#);
const FAILED_LAUNCH: &str = "<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities><member><ActivityId>1</ActivityId>\
    <AutoScalingGroupName>shop-web</AutoScalingGroupName><Cause>x</Cause><StartTime>2026-01-01T00:00:00Z</StartTime><StatusCode>Failed</StatusCode>\
    <StatusMessage>You have requested more vCPU capacity than your current vCPU limit of 32 allows. VcpuLimitExceeded</StatusMessage>\
    </member></Activities></DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>";

fn nodes() -> Vec<(Condition, Answers)> {
    let silent = r#"{ "containerInstances": [{ "containerInstanceArn": "arn:node", "ec2InstanceId": "i-1", "agentConnected": false, "runningTasksCount": 0 }] }"#;
    let busy = r#"{ "containerInstances": [{ "containerInstanceArn": "arn:node", "ec2InstanceId": "i-1", "agentConnected": true, "runningTasksCount": 2 }] }"#;
    let drained = Condition::NodesDrained { cluster: cluster(), container_instances: vec!["arn:node".to_owned()] };
    let answers: [Answers; 3] = [
        &[("DescribeAutoScalingGroups", EMPTY), NOBODY, ("DescribeScalingActivities", FAILED_LAUNCH)],
        &[("DescribeAutoScalingGroups", EMPTY), NOBODY],
        &[
            ("DescribeAutoScalingGroups", ONE),
            NOBODY,
            ("DescribeInstances", "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>"),
        ],
    ];
    let mut all: Vec<(Condition, Answers)> = answers.into_iter().map(|answers| (joined(), answers)).collect();
    all.push((joined(), leak([("DescribeAutoScalingGroups", ONE), SOMEBODY, ("DescribeContainerInstances", silent)])));
    all.push((drained, leak([SOMEBODY, ("DescribeContainerInstances", busy), NOBODY])));
    all
}

/// Answers for as long as the tests run.
fn leak(answers: [(&'static str, &'static str); 3]) -> Answers {
    Box::leak(Box::new(answers))
}

macro_rules! instance {
    ($more:literal) => {
        concat!(
            "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>",
            "<vpcId>vpc-1</vpcId><subnetId>subnet-c</subnetId>",
            $more,
            "</item></instancesSet></item></reservationSet></DescribeInstancesResponse>"
        )
    };
}

const RUNNING: &str =
    instance!("<instanceState><name>running</name></instanceState><iamInstanceProfile><arn>arn</arn></iamInstanceProfile>");
const NO_PROFILE: &str = instance!("<instanceState><name>running</name></instanceState>");
const STOPPED: &str = instance!("<instanceState><name>terminated</name></instanceState>");
const NO_KEY: &str = instance!(
    "<instanceState><name>terminated</name></instanceState><stateReason><message>Client.InternalError: Client error on launch</message></stateReason>"
);
const NO_ROUTES: &str = "<DescribeRouteTablesResponse><routeTableSet/></DescribeRouteTablesResponse>";
const PUBLIC: &str = "<DescribeRouteTablesResponse><routeTableSet><item><associationSet><item><main>true</main></item></associationSet><routeSet><item>\
    <destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId><state>active</state></item></routeSet></item></routeTableSet></DescribeRouteTablesResponse>";
const NO_ENDPOINTS: &str = "<DescribeVpcEndpointsResponse><vpcEndpointSet/></DescribeVpcEndpointsResponse>";

/// What EC2 knows against an instance that has not registered.
fn obstacles() -> Vec<(Condition, Answers)> {
    const UP: (&str, &str) = ("DescribeAutoScalingGroups", ONE);
    let answers: [Answers; 5] = [
        &[UP, NOBODY, ("DescribeInstances", STOPPED)],
        &[UP, NOBODY, ("DescribeInstances", NO_KEY)],
        &[UP, NOBODY, ("DescribeInstances", NO_PROFILE)],
        &[UP, NOBODY, ("DescribeInstances", RUNNING), ("DescribeRouteTables", NO_ROUTES), ("DescribeVpcEndpoints", NO_ENDPOINTS)],
        &[UP, NOBODY, ("DescribeInstances", RUNNING), ("DescribeRouteTables", PUBLIC)],
    ];
    answers.into_iter().map(|answers| (joined(), answers)).collect()
}

/// What is said of mutations whose answer tells more than that they were made.
pub fn performed() -> Vec<String> {
    let ours = Cluster { name: cluster(), container_insights: "enabled".to_owned(), tags: Tags::default().with("md-name-prefix", "shop") };
    let theirs = r#"{ "cluster": { "clusterArn": "arn", "clusterName": "shop", "status": "ACTIVE" } }"#;
    let listed = r#"{ "clusters": [{ "clusterArn": "arn", "clusterName": "shop", "status": "ACTIVE" }] }"#;
    let taken = answering(leak([("CreateCluster", theirs), ("DescribeClusters", listed), NOBODY]));
    let failed = super::block_on(aws(&taken).perform(&Action::CreateCluster(ours), &Outputs::default())).expect_err("a failure");
    vec![format!("overtaken: {failed}")]
}
