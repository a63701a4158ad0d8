//! Bytes that no editor would write: names twice, depth, length, and letters that are not what they seem.

use super::{connections, params};
use aws_ecs_cluster::inputs::{MOST_BYTES, Problem, parse};
use serde_json::Value;

fn refused(params: &str) -> Vec<Problem> {
    parse(params.as_bytes(), connections().to_string().as_bytes()).expect_err("the inputs were accepted")
}

fn told(params: &str) -> Vec<String> {
    refused(params).iter().map(ToString::to_string).collect()
}

#[test]
fn a_name_that_is_written_twice_is_refused_wherever_it_is() {
    let text = params().to_string();
    let twice =
        text.replace(r#""min_size":1"#, r#""min_size":1,"min_size":2"#).replace(r#""md_metadata":"#, r#""cluster":{},"md_metadata":"#);
    let pointers: Vec<String> = refused(&twice).into_iter().map(|problem| problem.pointer).collect();
    assert_eq!(pointers, ["/cluster", "/cluster/instances/0/min_size"]);
    assert!(told(&twice)[0].contains("is written twice\n  keep one of the two"), "{:?}", told(&twice));
}

#[test]
fn names_that_only_look_alike_are_two() {
    let text = params().to_string();
    let escaped = text.replace(r#""cluster":"#, r#""cluster":{},"\u0063luster":"#);
    assert!(told(&escaped)[0].starts_with("params.json#/cluster: is written twice"), "an escape is another way to write a letter");
    let composed = text.replace(r#""deployment":"#, r#""caf\u00e9":1,"cafe\u0301":2,"deployment":"#);
    assert!(parse(composed.as_bytes(), connections().to_string().as_bytes()).is_ok());
}

#[test]
fn many_repeats_are_one_mistake() {
    let text = format!("{{{}\"a\":1}}", r#""a":1,"#.repeat(50_000));
    assert_eq!(refused(&text).len(), 1);
    let each: String = (0..1000).map(|number| format!(r#""k{number}":1,"k{number}":2,"#)).collect();
    assert_eq!(refused(&format!("{{{}\"z\":1}}", each)).len(), 20);
}

#[test]
fn depth_is_refused_and_not_followed() {
    for bomb in ["[".repeat(500_000), r#"{"a":"#.repeat(150_000), format!("{{\"cluster\":{}1{}}}", "[".repeat(5000), "]".repeat(5000))] {
        assert!(told(&bomb)[0].contains("is not JSON: recursion limit exceeded"), "{:?}", told(&bomb));
    }
}

#[test]
fn what_is_far_too_long_is_refused_by_its_length() {
    let text = params().to_string();
    let padded = |length: usize| format!("{}{}", text, " ".repeat(length - text.len()));
    assert!(parse(padded(MOST_BYTES).as_bytes(), connections().to_string().as_bytes()).is_ok());
    assert!(told(&padded(MOST_BYTES + 1))[0].contains("is longer than 1 MiB"));
}

#[test]
fn numbers_that_are_none_are_refused() {
    for size in ["NaN", "Infinity", "-Infinity", "1e999", "0x10", "+1", "01", "1.", ".5"] {
        let text = params().to_string().replace(r#""min_size":1"#, &format!(r#""min_size":{size}"#));
        let told = told(&text);
        assert!(told[0].contains("is not JSON") || told[0].contains("is "), "{size}: {told:?}");
    }
    for size in ["1.5", "1e3000", "-0.1", "18446744073709551616", "2147483648"] {
        let text = params().to_string().replace(r#""min_size":1"#, &format!(r#""min_size":{size}"#));
        assert!(!refused(&text).is_empty(), "{size}");
    }
}

#[test]
fn line_ends_and_a_mark_before_the_text_do_not_matter() {
    let pretty = format!("\u{feff}{:#}\r\n", params()).replace('\n', "\r\n");
    assert!(parse(pretty.as_bytes(), connections().to_string().as_bytes()).is_ok());
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let connections = connections().to_string();
    for bytes in [&b"{\"cluster\": \"\xff\"}"[..], b"\x00", b"\xff\xfe{\x00}\x00", b"{}\x00"] {
        let problems = parse(bytes, connections.as_bytes()).expect_err("accepted");
        assert!(problems[0].to_string().contains("is not JSON"), "{problems:?}");
    }
}

#[test]
fn a_name_commands_no_terminal() {
    let text = params().to_string().replace(r#""min_size":1"#, r#""min_size":1,"\u001b[2J\nerror":1,"\u001b[2J\nerror":1"#);
    let told = told(&text).join("\n");
    assert!(told.contains(r"\u{1b}[2J\nerror"), "{told:?}");
    assert!(!told.contains('\u{1b}'), "{told:?}");
}

#[test]
fn a_document_is_read_as_the_usual_reader_reads_it() {
    let text = r#"{"a":[1,-2,3.5,1e3,18446744073709551615,true,false,null,"\u00e9\ud83d\ude00"],"b":{"c":{}},"":[]}"#;
    let expected: Value = serde_json::from_str(text).expect("JSON");
    let read = aws_ecs_cluster::inputs::read_document(aws_ecs_cluster::inputs::Document::Params, text.as_bytes());
    assert_eq!(read, Ok(expected));
}
