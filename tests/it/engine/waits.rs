//! The one waiter: what it says when the bound has passed.

use super::harness::block_on;
use aws_ecs_cluster::aws::failure::{Class, Failure};
use aws_ecs_cluster::aws::progress::{Progress, Yield};
use aws_ecs_cluster::engine::Context;
use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::engine::interrupt::Interrupt;
use aws_ecs_cluster::engine::refusals::Refusals;
use aws_ecs_cluster::engine::wait::{Awaited, NoAnswer, Pace, told_meanwhile, until_final};
use aws_ecs_cluster::model::address::{Address, Kind};
use aws_ecs_cluster::model::reference::Ref;
use aws_ecs_cluster::plan::action::{Action, Condition, Service};
use std::cell::Cell;
use std::time::{Duration, Instant};

const IMPATIENT: Pace =
    Pace { quiet: Duration::ZERO, shortest: Duration::from_millis(1), longest: Duration::from_millis(1), bound: Duration::from_millis(5) };
/// Of which the bound has not passed before the first question, however slow the machine is.
const PATIENT: Pace = Pace { bound: Duration::from_mins(1), ..IMPATIENT };

/// Waits for a certificate with so short a bound that it passes, and returns the failure's message.
fn give_up_on(answer: impl Fn() -> Result<Option<Progress>, Failure>) -> String {
    match wait(IMPATIENT, answer, &Refusals::new(Duration::MAX)) {
        Err(NoAnswer::Failed(failure)) => failure.message,
        other => panic!("not given up: {other:?}"),
    }
}

fn wait(pace: Pace, answer: impl Fn() -> Result<Option<Progress>, Failure>, refusals: &Refusals) -> Result<Vec<Yield>, NoAnswer> {
    let condition =
        Condition::CertificateIssued { certificate: Ref::known("arn"), domain: "example.com".to_owned(), zone_id: "Z1".to_owned() };
    let waiting_for = condition.to_string();
    let action = Action::Wait(condition);
    let address = Address::new(Kind::Certificate, "example.com");
    let (_raise, interrupt) = Interrupt::new();
    let context = Context { report: &|_| {}, interrupt: &interrupt };
    refusals.begin();
    let subject = Awaited { address: &address, pace, action: &action, waiting_for, since: Instant::now(), id: 0, refusals };
    block_on(until_final(context, subject, async |_| answer()))
}

#[test]
fn a_wait_that_passes_its_bound_names_what_it_waited_for_how_long_and_what_was_last_seen() {
    let message = give_up_on(|| Ok(Some(Progress::Pending("PENDING_VALIDATION: ACM looks for _x.example.com".to_owned()))));
    for word in ["the certificate for `example.com` to be ISSUED", "not within 5ms", "ACM looks for _x.example.com"] {
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn a_refusal_that_does_not_pass_is_told_as_it_was_given() {
    let refusal = || Failure::local(Service::Acm, "DeleteCertificate", "in use by others".to_owned()).of_class(Class::NotYet);
    assert!(give_up_on(|| Err(refusal())).contains("in use by others"));
}

#[test]
fn a_refusal_that_leaves_the_run_at_a_standstill_ends_the_wait_for_a_fresh_look_and_mere_waiting_does_not() {
    let refusal = || Failure::local(Service::Acm, "DeleteCertificate", "in use by others".to_owned()).of_class(Class::NotYet);
    let ended = wait(PATIENT, || Err(refusal()), &Refusals::new(Duration::ZERO));
    assert!(matches!(&ended, Err(NoAnswer::Standstill(failure)) if failure.message == "in use by others"), "{ended:?}");
    let ended = wait(IMPATIENT, || Ok(Some(Progress::Pending("PENDING".to_owned()))), &Refusals::new(Duration::ZERO));
    assert!(matches!(ended, Err(NoAnswer::Failed(_))), "{ended:?}");
}

#[test]
fn a_run_stands_still_when_everything_under_way_has_been_refused_for_long_enough() {
    let patient = Refusals::new(Duration::from_mins(1));
    patient.begin();
    assert!(!patient.refused(0), "it has been refused for a moment only");
    let refusals = Refusals::new(Duration::ZERO);
    refusals.begin();
    refusals.begin();
    assert!(!refusals.refused(0), "the other has not been answered");
    assert!(refusals.refused(1));
    refusals.accepted(1);
    assert!(!refusals.refused(0), "the other is waited for");
    refusals.end(1);
    assert!(refusals.refused(0));
}

#[test]
fn what_takes_its_time_in_any_case_is_left_alone_for_so_long_and_then_asked_at_a_growing_pace() {
    let seconds = Duration::from_secs;
    let pace = Pace { quiet: seconds(5), shortest: seconds(1), longest: seconds(10), bound: seconds(900) };
    let asked_after = |elapsed: u64, least: u64| {
        let pause = pace.pause(seconds(elapsed));
        assert!((seconds(least)..=seconds(least).mul_f64(1.1)).contains(&pause), "{pause:?} after {elapsed} s");
    };
    asked_after(0, 5);
    asked_after(3, 2);
    asked_after(5, 1);
    asked_after(64, 4);
    asked_after(800, 10);
}

#[test]
fn a_look_that_takes_long_is_told_to_go_on() {
    let told = Cell::new(0);
    let report = |event: &Event| told.set(told.get() + usize::from(matches!(event, Event::StillLooking { .. })));
    let look = async |long| tokio::time::sleep(long).await;
    block_on(told_meanwhile(&report, Duration::from_secs(60), look(Duration::ZERO)));
    assert_eq!(told.get(), 0, "a look is short as a rule");
    block_on(told_meanwhile(&report, Duration::from_millis(1), look(Duration::from_millis(200))));
    assert!(told.get() >= 2, "told {} times", told.get());
}

#[test]
fn a_failure_of_a_moment_ago_may_be_that_of_an_earlier_try() {
    let answers = Cell::new(0);
    let answer = || {
        answers.set(answers.get() + 1);
        Ok(Some(if answers.get() < 3 { Progress::Failed("UPDATE_FAILED".to_owned()) } else { Progress::Done(Vec::new()) }))
    };
    let ended = wait(PATIENT, answer, &Refusals::new(Duration::MAX));
    assert!(ended.is_ok() && answers.get() == 3, "{ended:?}");
}
