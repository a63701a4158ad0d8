//! The files that are generated from the types: fresh, self-consistent and readable for the form.

use super::params;
use aws_ecs_cluster::inputs::{artifact_schema, connections_schema, files, params_schema, rewrite_manifest};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn committed(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every schema inside `schema`, with its pointer.
fn nodes<'a>(pointer: String, value: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, child)| (format!("{pointer}/{key}"), child)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, child)| (format!("{pointer}/{index}"), child)).collect(),
        _ => Vec::new(),
    };
    found.push((pointer, value));
    for (pointer, child) in children {
        nodes(pointer, child, found);
    }
}

fn all_nodes(schema: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    nodes(String::new(), schema, &mut found);
    found
}

#[test]
fn the_committed_schema_files_are_what_the_types_say() {
    let files = files(&committed("massdriver.yaml")).expect("a valid manifest");
    let names: Vec<&str> = files.keys().copied().collect();
    assert_eq!(names, ["schema-artifacts.json", "schema-connections.json", "schema-params.json", "schema-ui.json"]);
    for (name, text) in files {
        assert!(committed(name) == text, "{name} is stale: run `aws-ecs-cluster schema`");
    }
}

#[test]
fn the_params_of_the_committed_manifest_are_what_the_types_say() {
    let manifest = committed("massdriver.yaml");
    assert!(
        rewrite_manifest(&manifest).expect("a manifest with params") == manifest,
        "massdriver.yaml is stale: run `aws-ecs-cluster schema`"
    );
}

#[test]
fn the_params_in_the_manifest_read_back_as_the_schema() {
    let manifest: Value = serde_norway::from_str(&committed("massdriver.yaml")).expect("YAML");
    assert_eq!(manifest["params"], params_schema());
}

#[test]
fn the_manifest_refers_to_the_resource_types_that_the_schemas_describe() {
    let manifest: Value = serde_norway::from_str(&committed("massdriver.yaml")).expect("YAML");
    for (name, resource) in connections_schema()["properties"].as_object().expect("properties") {
        assert_eq!(
            manifest["connections"]["properties"][name]["$ref"],
            format!("massdriver/{}", resource["$md"]["name"].as_str().expect("a name"))
        );
    }
    assert_eq!(manifest["connections"]["required"], connections_schema()["required"]);
    assert_eq!(manifest["artifacts"]["properties"]["cluster"]["$ref"], "massdriver/aws-ecs-cluster");
    assert_eq!(artifact_schema()["$md"]["name"], "aws-ecs-cluster");
}

#[test]
fn only_the_params_of_a_manifest_are_rewritten() {
    let manifest = "name: x\n# above\nparams:\n  stale: 1\n\n  # inside\n  staler: 2\n# below\n\nui: {}\nparams_not: 1\n";
    let rewritten = rewrite_manifest(manifest).expect("a manifest with params");
    assert!(rewritten.starts_with("name: x\n# above\nparams:\n  examples:\n"), "{rewritten}");
    assert!(rewritten.ends_with("\n# below\n\nui: {}\nparams_not: 1\n"), "{rewritten}");
    assert!(!rewritten.contains("stale") && !rewritten.contains("# inside"));
    assert_eq!(rewrite_manifest(&rewritten).expect("a manifest with params"), rewritten);
}

#[test]
fn a_manifest_that_ends_with_its_params_is_rewritten_too() {
    for manifest in ["name: x\nparams:", "name: x\nparams:\n", "name: x\nparams: {}\n"] {
        let rewritten = rewrite_manifest(manifest).expect("a manifest with params");
        assert!(rewritten.starts_with("name: x\nparams:\n  examples:\n"));
        assert_eq!(rewrite_manifest(&rewritten).expect("a manifest with params"), rewritten);
    }
}

#[test]
fn a_manifest_without_params_or_name_is_an_error() {
    assert!(rewrite_manifest("name: x\nother:\n  params: 1\n").is_err());
    assert!(files("schema: draft-07\nui: {}\n").is_err());
}

#[test]
fn schema_files_have_the_heading_and_the_layout_of_the_bundle_tool() {
    let manifest = "schema: draft-07\nname: some-bundle\ndescription: Fast & <small>\nui:\n  ui:order:\n    - b\n    - a\n  a: 1\n";
    let files = files(manifest).expect("a valid manifest");
    let params: Value = files["schema-params.json"].parse().expect("JSON");
    assert_eq!(params["$schema"], "http://json-schema.org/draft-07/schema");
    assert_eq!(params["$id"], "https://schemas.massdriver.cloud/schemas/bundles/some-bundle/schema-params.json");
    assert_eq!((params["title"].as_str(), params["description"].as_str()), (Some("some-bundle"), Some("Fast & <small>")));
    assert!(files["schema-artifacts.json"].contains(r#""description": "Fast \u0026 \u003csmall\u003e""#));
    assert_eq!(files["schema-ui.json"], "{\n    \"a\": 1,\n    \"ui:order\": [\n        \"b\",\n        \"a\"\n    ]\n}\n");
}

#[test]
fn keys_are_sorted_at_every_depth() {
    for (name, text) in files(&committed("massdriver.yaml")).expect("a valid manifest") {
        let schema: Value = text.parse().expect("JSON");
        for (pointer, node) in all_nodes(&schema) {
            let keys: Vec<&String> = node.as_object().map(|fields| fields.keys().collect()).unwrap_or_default();
            assert!(keys.is_sorted(), "{name}{pointer}");
        }
    }
}

#[test]
fn every_schema_is_valid_draft_07_and_refers_to_nothing_outside_itself() {
    for schema in [params_schema(), connections_schema(), artifact_schema()] {
        assert!(jsonschema::draft7::meta::is_valid(&schema));
        assert!(!all_nodes(&schema).iter().any(|(_, node)| node.get("$ref").is_some() || node.get("format").is_some()));
    }
}

#[test]
fn every_preset_fills_the_form_with_valid_values() {
    let schema = params_schema();
    let presets = schema["examples"].as_array().expect("presets");
    assert_eq!(presets.iter().map(|preset| preset["__name"].as_str()).collect::<Vec<_>>(), [Some("Development"), Some("Production")]);
    for preset in presets {
        assert!(jsonschema::draft7::is_valid(&schema, preset), "{preset}");
        let mut filled = params();
        filled["cluster"] = preset["cluster"].clone();
        super::assert_warned(&super::accepted(&filled, &super::connections()).1, &[]);
    }
}

#[test]
fn the_presets_are_the_documented_ones() {
    let schema = params_schema();
    for (index, instance_type) in ["t3.medium", "c5.2xlarge"].into_iter().enumerate() {
        let expected = json!([{ "name": "instances", "instance_type": instance_type, "min_size": 1, "max_size": 10 }]);
        assert_eq!(schema["examples"][index]["cluster"]["instances"], expected);
    }
}

#[test]
fn every_field_of_the_form_has_a_title_and_a_description() {
    let schema = params_schema();
    let mut fields = 0;
    for (pointer, node) in all_nodes(&schema) {
        let (parent, field) = pointer.rsplit_once('/').unwrap_or_default();
        // A field that only tells the branches apart is not shown.
        if (!parent.ends_with("/properties") && field != "items") || node.get("const").is_some() {
            continue;
        }
        fields += 1;
        for words in ["title", "description"].map(|key| node[key].as_str().unwrap_or_default()) {
            assert!(!words.is_empty() && !words.contains('\n'), "{pointer}: {node}");
        }
        assert!(node["description"].as_str().is_some_and(|text| text.ends_with('.')), "{pointer}");
    }
    assert_eq!(fields, 17);
}

#[test]
fn every_pattern_of_the_form_has_a_message() {
    let schema = params_schema();
    let nodes = all_nodes(&schema);
    let patterned: Vec<_> = nodes.iter().filter(|(pointer, node)| node["pattern"].is_string() && !pointer.ends_with("/message")).collect();
    assert_eq!(patterned.len(), 4);
    for (pointer, node) in patterned {
        assert!(node["message"]["pattern"].is_string(), "{pointer}");
    }
}

#[test]
fn every_number_of_the_form_has_bounds_and_every_box_a_default() {
    let schema = params_schema();
    for (pointer, node) in all_nodes(&schema) {
        match node["type"].as_str() {
            Some("integer") => assert!(node["minimum"].is_number() && node["maximum"].is_number(), "{pointer}"),
            Some("boolean") => assert!(node["default"].is_boolean(), "{pointer}"),
            _ => {}
        }
    }
}

#[test]
fn optional_fields_are_not_nullable() {
    for schema in [params_schema(), connections_schema(), artifact_schema()] {
        for (pointer, node) in all_nodes(&schema) {
            assert!(!node["type"].is_array() && node.get("anyOf").is_none(), "{pointer}");
            assert!(node.get("default").is_none_or(|default| !default.is_null()), "{pointer}");
        }
    }
}

#[test]
fn the_connections_schema_decides_as_the_platform_does() {
    let valid = super::connections();
    let accepts = |value: &Value| jsonschema::draft7::is_valid(&connections_schema(), value);
    assert!(accepts(&valid));
    for optional in ["/vpc/specs", "/vpc/specs/aws", "/vpc/specs/aws/region", "/aws_authentication/data/external_id"] {
        assert!(accepts(&super::without(&valid, optional)), "{optional}");
        assert!(!accepts(&super::with(&valid, optional, Value::Null)), "{optional}");
    }
    for list in ["public_subnets", "private_subnets", "internal_subnets"] {
        let pointer = format!("/vpc/data/infrastructure/{list}");
        assert!(accepts(&super::with(&valid, &pointer, json!([]))), "{list}");
        assert!(!accepts(&super::without(&valid, &pointer)), "{list}");
        assert!(!accepts(&super::with(&valid, &pointer, json!([{}]))), "{list}");
    }
    for (cidr, valid_cidr) in
        [("10.0.0.0/8", true), ("00.0.0.0/0", true), ("10.0.0.0", false), ("10.0.0.0/33", false), ("300.0.0.0/8", false)]
    {
        assert_eq!(accepts(&super::with(&valid, "/vpc/data/infrastructure/cidr", json!(cidr))), valid_cidr, "{cidr}");
    }
    let arns = [
        ("arn:aws-iso-b:a:b::c/d:e", true),
        ("arn:aws::::x", true),
        ("arn:aws:a:b:12345:c", false),
        ("arn:awsome:a:b::c", false),
        ("arn:aws:a:b::", false),
    ];
    for (arn, valid_arn) in arns {
        assert_eq!(accepts(&super::with(&valid, "/vpc/data/infrastructure/arn", json!(arn))), valid_arn, "{arn}");
    }
}
