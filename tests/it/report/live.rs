//! The frames of the live view, without a terminal.

use super::record::{certificate, finished, listener, under_way};
use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::report::live::{Heading, Window, frame, summary};
use aws_ecs_cluster::report::record::Recording;

fn heading() -> Heading {
    Heading { title: "Provisioning demo in us-west-2".into(), prefix: "demo".into() }
}

fn plain(lines: &[String]) -> String {
    lines.iter().map(|line| anstream::adapter::strip_str(line).to_string() + "\n").collect()
}

fn shown(recording: &Recording, columns: usize, rows: usize, now: f64) -> String {
    plain(&frame(recording, &heading(), Window { columns, rows }, now))
}

#[test]
fn resources_hang_below_what_they_need_and_say_what_they_wait_for() {
    insta::assert_snapshot!(shown(&under_way(), 100, 24, 42.0), @r"
    Provisioning demo in us-west-2  42s, 2 of 4 resources done
    ✓    0.5s  Cluster
    ⠦     42s  Certificate example.com  until ISSUED, usually 1 to 5 min (PENDING_VALIDATION)
    ✓    2.0s  LoadBalancer
    ·          └ Listener :443  after Certificate example.com
    ");
}

#[test]
fn trouble_is_told_on_the_resource_and_on_what_hangs_on_it() {
    let mut recording = under_way();
    recording.note(9.0, &Event::Failed { address: certificate(), operation: "Wait", error: "RequestCertificate failed: CAA_ERROR".into() });
    recording.note(9.0, &Event::Skipped { address: listener(), operation: "CreateListener", because: certificate() });
    insta::assert_snapshot!(shown(&recording, 80, 24, 10.0), @r"
    Provisioning demo in us-west-2  10s, 2 of 4 resources done
    ✓    0.5s  Cluster
    ✗    9.0s  Certificate example.com  RequestCertificate failed: CAA_ERROR
    ✓    2.0s  LoadBalancer
    -          └ Listener :443  not done, since Certificate example.com is not
    ");
}

#[test]
fn a_small_window_shows_what_matters_most_and_counts_the_rest() {
    insta::assert_snapshot!(shown(&under_way(), 40, 5, 42.0), @r"
    Provisioning demo in us-west-2  42s, 2…
    ⠦     42s  Certificate example.com  un…
    ·          Listener :443  after Certif…
    and 2 done
    ");
}

#[test]
fn waits_of_hours_stay_in_their_column() {
    insta::assert_snapshot!(shown(&under_way(), 40, 24, 4352.0), @r"
    Provisioning demo in us-west-2  1h 12m…
    ✓    0.5s  Cluster
    ⠋  1h 12m  Certificate example.com  un…
    ✓    2.0s  LoadBalancer
    ·          └ Listener :443  after Cert…
    ");
}

#[test]
fn no_frame_is_larger_than_its_window() {
    for recording in [Recording::default(), under_way(), finished()] {
        for (columns, rows) in [(1, 1), (2, 2), (10, 3), (39, 5), (40, 6), (80, 24), (300, 100)] {
            let text = shown(&recording, columns, rows, 3661.0);
            assert!(text.lines().count() < rows.max(2), "{columns}x{rows}\n{text}");
            assert!(text.lines().all(|line| line.chars().count() < columns.max(1) + 1), "{columns}x{rows}\n{text}");
        }
    }
}

#[test]
fn what_is_left_at_the_end_says_where_the_time_went() {
    insta::assert_snapshot!(plain(&summary(&finished(), &heading(), Window { columns: 100, rows: 24 }, 62.5)), @r"
    4 operations and 1 wait in 1m 3s
    the longest, 59s: Certificate example.com waits for the certificate for `example.com` to be ISSUED
    ");
}
