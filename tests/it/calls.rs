//! What single calls come to, from what AWS answers.

use crate::report::errors::waits::{aws, pending_certificate};
use crate::support::call::Reply;
use crate::support::proxy::Proxy;
use aws_ecs_cluster::aws::failure::{Class, Failure};
use aws_ecs_cluster::aws::progress::{Depth, Progress, Yield};
use aws_ecs_cluster::model::properties::Direction;
use aws_ecs_cluster::model::reference::Outputs;
use aws_ecs_cluster::plan::action::Action;
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

fn performed(proxy: &Proxy, action: &Action) -> Result<Vec<Yield>, Failure> {
    block_on(aws(proxy).perform(action, &Outputs::default()))
}

/// What comes of an action that AWS refuses with this code and these words.
fn refused(action: &Action, code: &'static str, words: &'static str) -> Result<Vec<Yield>, Failure> {
    let proxy = Proxy::start(None);
    proxy.before(move |call| Some(Reply::error(call, 400, code, words)));
    performed(&proxy, action)
}

fn delete_load_balancer() -> Action {
    Action::DeleteLoadBalancer { arn: "arn:balancer".to_owned() }
}

#[test]
fn what_is_gone_is_deleted() {
    refused(&delete_load_balancer(), "LoadBalancerNotFound", "One or more load balancers not found").expect("done");
    let group = Action::DeleteAutoScalingGroup { name: "shop-web".to_owned() };
    refused(&group, "ValidationError", "AutoScalingGroup name not found - AutoScalingGroup 'shop-web' not found").expect("done");
}

#[test]
fn a_load_balancer_that_is_protected_is_not_deleted() {
    let words = "Load balancer 'arn:balancer' cannot be deleted because deletion protection is enabled";
    let failure = refused(&delete_load_balancer(), "OperationNotPermitted", words).expect_err("a failure");
    assert_eq!(failure.class, Class::Overtaken, "{failure}");
}

#[test]
fn a_rule_that_is_gone_does_not_make_the_others_revoked() {
    for direction in [Direction::Ingress, Direction::Egress] {
        let rule_ids = BTreeSet::from(["sgr-1".to_owned(), "sgr-2".to_owned()]);
        let action = Action::RevokeRules { group: "sg-1".to_owned(), direction, rule_ids };
        let failure = refused(&action, "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID 'sgr-1' does not exist");
        assert_eq!(failure.expect_err("a failure").class, Class::Overtaken);
    }
}

#[test]
fn instances_that_leave_do_not_keep_the_others_protected() {
    let proxy = Proxy::start(None);
    proxy.before(|call| {
        let named = |id: &str| call.body.contains(id);
        let words = match () {
            () if named("i-01") => "The instance i-01 is not part of Auto Scaling group shop-web.",
            () if named("i-02") => "The instance i-02 is not in InService or EnteringStandby or Standby.",
            () => {
                return Some(Reply::xml(
                    200,
                    "<SetInstanceProtectionResponse><SetInstanceProtectionResult/></SetInstanceProtectionResponse>",
                ));
            }
        };
        Some(Reply::error(call, 400, "ValidationError", words))
    });
    let instances = ["i-01", "i-02", "i-03"].map(str::to_owned).to_vec();
    performed(&proxy, &Action::ClearInstanceProtection { name: "shop-web".to_owned(), instances }).expect("done");
    let calls = proxy.calls();
    let last = calls.last().expect("a call");
    assert!(calls.len() == 3 && last.body.contains("i-03") && !last.body.contains("i-02"), "{last}");
}

#[test]
fn a_refusal_that_names_no_instance_is_told() {
    let action = Action::ClearInstanceProtection { name: "shop-web".to_owned(), instances: vec!["i-01".to_owned()] };
    let failure = refused(&action, "ValidationError", "An instance is not in InService or EnteringStandby or Standby.");
    assert_eq!(failure.expect_err("a failure").class, Class::Overtaken);
}

#[test]
fn name_servers_that_could_not_be_read_are_asked_for_again() {
    let (condition, certificate, zone) = pending_certificate();
    let proxy = Proxy::start(None);
    let denied = AtomicBool::new(true);
    proxy.before(move |call| {
        Some(match call.operation.as_str() {
            "DescribeCertificate" => Reply::json(200, &serde_json::from_str(certificate).expect("JSON")),
            _ if denied.swap(false, Ordering::SeqCst) => Reply::denied(call),
            _ => Reply::xml(200, zone),
        })
    });
    let aws = aws(&proxy);
    let detail = || match block_on(aws.check(&condition, &Outputs::default(), Depth::Reasons)) {
        Ok(Progress::Pending(detail)) => detail,
        other => panic!("{other:?}"),
    };
    assert!(detail().ends_with("the name servers of the hosted zone"));
    assert!(detail().ends_with("the name servers ns-1.awsdns-1.org"));
}
