//! When the loop looks again, and when it gives up.

use aws_ecs_cluster::engine::rounds::{MOST_ROUNDS, RoundEnd, Rounds, StepKey};
use aws_ecs_cluster::model::address::{Address, Kind};
use std::time::{Duration, Instant};

fn steps(operation: &'static str) -> Vec<StepKey> {
    vec![(Address::new(Kind::Role, "P"), operation)]
}

/// How long such rounds go on, one after the other, when each look takes so long; and how many there are.
fn lasts(look: Duration, round: impl Fn(usize) -> (RoundEnd, Vec<StepKey>)) -> (Duration, usize) {
    let (mut rounds, began) = (Rounds::default(), Instant::now());
    let mut now = began;
    for number in 0.. {
        let (round, steps) = round(number);
        let Some(pause) = rounds.pause(round, steps, now) else { return (now - began, number + 1) };
        now += pause + look;
    }
    unreachable!("the rounds end")
}

#[test]
fn what_aws_says_is_there_and_does_not_show_is_waited_for_for_five_minutes_however_fast_a_look_is() {
    for look in [10, 700, 3000].map(Duration::from_millis) {
        let (lasted, rounds) = lasts(look, |_| (RoundEnd::Overtaken, steps("CreateRole")));
        assert!(lasted >= Duration::from_mins(5) && lasted < Duration::from_secs(320), "{lasted:?}");
        assert!(rounds > MOST_ROUNDS, "{rounds}");
    }
}

#[test]
fn what_is_to_be_done_again_each_time_is_given_two_minutes() {
    let (lasted, _) = lasts(Duration::from_millis(10), |_| (RoundEnd::Done, steps("TagRole")));
    assert!(lasted >= Duration::from_mins(2) && lasted < Duration::from_secs(140), "{lasted:?}");
}

#[test]
fn rounds_that_move_on_follow_each_other_at_once_and_end_some_time() {
    let turns = ["CreateRole", "DeleteRole"];
    assert_eq!(lasts(Duration::ZERO, |number| (RoundEnd::Done, steps(turns[number % 2]))), (Duration::ZERO, MOST_ROUNDS));
    assert_eq!(lasts(Duration::ZERO, |_| (RoundEnd::Refused, steps("DeleteRole"))), (Duration::ZERO, MOST_ROUNDS));
}

#[test]
fn a_round_that_moves_on_gives_those_after_it_their_time_again() {
    let (mut rounds, began) = (Rounds::default(), Instant::now());
    let late = began + Duration::from_mins(4);
    assert!(rounds.pause(RoundEnd::Overtaken, steps("CreateRole"), began).is_some());
    assert_eq!(rounds.pause(RoundEnd::Done, steps("TagRole"), late), Some(Duration::ZERO));
    assert!(rounds.pause(RoundEnd::Overtaken, steps("CreateRole"), late).is_some());
    assert!(rounds.pause(RoundEnd::Overtaken, steps("CreateRole"), late + Duration::from_mins(4)).is_some());
    assert_eq!(rounds.pause(RoundEnd::Overtaken, steps("CreateRole"), late + Duration::from_mins(5)), None);
}
