//! The two files as such: syntax, shape, and how problems are shown and ordered.

use super::{accepted, assert_refused, connections, group, params, parsed, with, without};
use aws_ecs_cluster::inputs::{Document, Problem, parse, parse_for_decommission};
use aws_ecs_cluster::model::secret::Secret;
use serde_json::{Value, json};

fn problems_of(params: &[u8], connections: &[u8]) -> Vec<String> {
    parse(params, connections).expect_err("the inputs were accepted").iter().map(ToString::to_string).collect()
}

#[test]
fn a_syntax_error_is_named_with_its_line_and_column() {
    let problems = problems_of(b"{\n  \"cluster\": ]", connections().to_string().as_bytes());
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("params.json#: is not JSON: ") && problems[0].contains("at line 2 column 14"), "{problems:?}");
}

#[test]
fn both_files_are_judged_even_when_neither_can_be_read() {
    let problems = problems_of(b"", b"[1]");
    assert_eq!(problems.len(), 2);
    assert!(problems[0].starts_with("params.json#: is empty"), "{problems:?}");
    assert!(problems[1].starts_with("connections.json#: is not an object"), "{problems:?}");
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_problems_of_the_other() {
    let wrong = with(&connections(), "/vpc/data/infrastructure/cidr", json!("10.0.0.0"));
    let problems = problems_of(b"{", wrong.to_string().as_bytes());
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[1].starts_with("connections.json#/vpc/data/infrastructure/cidr `10.0.0.0`"), "{problems:?}");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let marked = format!("\u{feff}{}", params());
    assert!(parse(marked.as_bytes(), connections().to_string().as_bytes()).is_ok());
}

#[test]
fn problems_of_both_files_come_at_once_sorted_by_file_and_pointer() {
    let mut wrong = with(&params(), "/cluster/instances", json!([group("web", "m5.large"), group("web", "m5.lrage")]));
    wrong = with(&wrong, "/cluster/instances/0/max_size", json!(0));
    wrong = without(&wrong, "/md_metadata/default_tags");
    assert_refused(
        &wrong,
        &without(&connections(), "/vpc/data/infrastructure/internal_subnets"),
        &[
            ("/cluster/instances/0/max_size", "`0`: is smaller than min_size `1`\n  make max_size at least 1"),
            ("/cluster/instances/1/instance_type", "did you mean `m5.large`"),
            ("/cluster/instances/1/name", "is the name of another group already, at /cluster/instances/0/name"),
            ("/md_metadata/default_tags", "is missing"),
            ("/vpc/data/infrastructure/internal_subnets", "is missing\n  add `internal_subnets`"),
        ],
    );
}

#[test]
fn one_cause_is_one_problem() {
    // Neither the comparison of the sizes nor the list of choices may say again that these are no numbers and no text.
    let wrong = with(&params(), "/cluster/instances/0", json!({ "name": "web", "instance_type": 5, "min_size": "1", "max_size": -1 }));
    assert_refused(
        &wrong,
        &connections(),
        &[
            ("/cluster/instances/0/instance_type", "`5`: is not text in quotes"),
            ("/cluster/instances/0/max_size", "`-1`: is less than 0"),
            ("/cluster/instances/0/min_size", "`\"1\"`: is not a whole number"),
        ],
    );
}

#[test]
fn a_problem_shows_no_more_than_eighty_characters_of_a_value() {
    let problem = Problem::new(Document::Params, "/x", "is wrong", "correct it").showing(&json!("é".repeat(100)));
    assert_eq!(problem.value, Some(format!("{}...", "é".repeat(80))));
}

#[test]
fn line_breaks_in_a_value_do_not_break_the_line() {
    let problem = Problem::new(Document::Params, "/x", "is wrong", "correct it").showing(&json!("a\nb"));
    assert_eq!(problem.to_string(), "params.json#/x `a\\nb`: is wrong\n  correct it");
}

#[test]
fn an_external_id_is_never_shown_wherever_it_was_put_by_mistake() {
    let places = ["/aws_authentication", "/aws_authentication/data", "/aws_authentication/data/external_id"];
    for place in places {
        for value in [json!(4_711_471_147_u64), json!(["4711471147"]), json!("4711471147")] {
            let wrong = without(&with(&connections(), place, value), "/vpc/specs");
            let Err(problems) = parsed(&params(), &with(&wrong, "/vpc/data", json!(1))) else { panic!("accepted") };
            assert!(!format!("{problems:?}").contains("4711471147"), "{problems:?}");
        }
    }
    let all = problems_of(params().to_string().as_bytes(), b"\"4711471147\"");
    assert!(!format!("{all:?}").contains("4711471147"), "{all:?}");
}

#[test]
fn inputs_can_be_printed_for_debugging_without_the_external_id() {
    let (inputs, _) = accepted(&params(), &connections());
    assert_eq!(inputs.identity.role.external_id.as_ref().map(Secret::expose), Some("hush-hush"));
    assert!(!format!("{:?}", inputs.identity.role).contains("hush-hush"));
}

#[test]
fn problems_are_written_as_json_with_the_name_of_their_file() {
    let problem = Problem::new(Document::Connections, "/vpc", "is missing", "add `vpc`");
    let written: Value = serde_json::to_value(&problem).expect("a problem is plain data");
    assert_eq!(written, json!({ "document": "connections.json", "pointer": "/vpc", "message": "is missing", "remedy": "add `vpc`" }));
}

#[test]
fn a_cluster_section_that_has_become_invalid_does_not_block_a_decommission() {
    for cluster in [json!("gone"), json!({ "instances": [group("web", "p2.xlarge")] })] {
        let broken = with(&params(), "/cluster", cluster);
        assert!(parsed(&broken, &connections()).is_err());
        let identity = parse_for_decommission(broken.to_string().as_bytes(), connections().to_string().as_bytes()).expect("an identity");
        assert_eq!(identity.owner.name_prefix, "shop-prod-cluster-ab12");
    }
}

#[test]
fn a_decommission_needs_no_subnets_and_no_tags() {
    for subnets in [json!([]), json!([{ "arn": "arn:aws:ec2:eu-west-1:123456789012:subnt/subnet-1" }]), json!(7)] {
        let spoilt = with(&connections(), "/vpc/data/infrastructure/private_subnets", subnets);
        let params = with(&params(), "/md_metadata/default_tags", json!({ "team": "a&b" }));
        assert!(parsed(&params, &spoilt).is_err());
        assert!(parse_for_decommission(params.to_string().as_bytes(), spoilt.to_string().as_bytes()).is_ok());
    }
}

#[test]
fn a_decommission_still_needs_metadata_and_connections() {
    let problems = parse_for_decommission(b"{}", b"{}").expect_err("nothing was given");
    let pointers: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(pointers, ["/md_metadata", "/aws_authentication", "/vpc"]);
}
