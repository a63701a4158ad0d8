//! The turns by which calls leave: never more within a second than AWS takes, and no later than that demands.

use std::time::{Duration, Instant};

use aws_ecs_cluster::aws::rates::{Turns, rate_of};
use aws_ecs_cluster::plan::action::Service;

const SECOND: Duration = Duration::from_secs(1);

/// The moments, after the first, at which so many calls may leave that all come at once.
fn turns(service: Service, operation: &str, calls: usize) -> Vec<Duration> {
    let (mut turns, now) = (Turns::of(service), Instant::now());
    (0..calls).map(|_| turns.take(operation, now) - now).collect()
}

#[test]
fn route_53_gets_five_calls_within_any_second_whatever_they_are() {
    let (mut turns, now) = (Turns::of(Service::Route53), Instant::now());
    let moments: Vec<Duration> = (0..50).map(|call| turns.take(["", "GetHostedZone"][call % 2], now) - now).collect();
    for (place, moment) in moments.iter().enumerate() {
        let within = moments[place..].iter().take_while(|later| **later - *moment < SECOND).count();
        assert!(within <= 5, "{within} calls within the second that begins at {moment:?}");
    }
    assert_eq!(moments[4], Duration::ZERO, "the first five need not wait");
    assert!(moments[49] < SECOND * 10, "fifty calls take more than ten seconds: {:?}", moments[49]);
}

#[test]
fn a_call_that_comes_late_enough_leaves_at_once() {
    let (mut turns, now) = (Turns::of(Service::Route53), Instant::now());
    for call in 0..5 {
        turns.take("", now + Duration::from_millis(call));
    }
    let later = now + SECOND * 2;
    assert_eq!(turns.take("", later), later);
}

#[test]
fn acm_counts_each_operation_by_itself() {
    let (mut turns, now) = (Turns::of(Service::Acm), Instant::now());
    assert_eq!(turns.take("ListCertificates", now), now);
    assert_eq!(turns.take("DescribeCertificate", now), now);
    assert!(turns.take("ListCertificates", now) >= now + SECOND, "one list a second");
    assert!(self::turns(Service::Acm, "DescribeCertificate", 11)[10] >= SECOND, "ten descriptions a second");
    assert!(self::turns(Service::Acm, "RequestCertificate", 6)[5] >= SECOND, "five requests a second");
}

#[test]
fn what_aws_publishes_no_figure_for_is_held_back_by_none_that_a_usual_run_would_feel() {
    let services = [Service::AutoScaling, Service::Ec2, Service::Ecs, Service::Elb, Service::Iam, Service::Ssm, Service::Sts];
    for service in services {
        let (_, rate) = rate_of(service, "");
        assert!(rate.calls >= 20, "{service:?}");
    }
}
