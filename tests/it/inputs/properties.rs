//! What holds for any input at all, and for any valid one.

use super::{connections, open_params, params, parsed, with};
use crate::properties::config;
use aws_ecs_cluster::inputs::{Document, parse, parse_for_decommission};
use aws_ecs_cluster::model::catalog;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-1")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,8}", inner), 0..4).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Every place in `document`, the whole of it included.
fn places(document: &Value) -> Vec<String> {
    fn walk(pointer: &str, value: &Value, found: &mut Vec<String>) {
        found.push(pointer.to_owned());
        match value {
            Value::Object(fields) => fields.iter().for_each(|(key, child)| walk(&format!("{pointer}/{key}"), child, found)),
            Value::Array(items) => items.iter().enumerate().for_each(|(index, child)| walk(&format!("{pointer}/{index}"), child, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk("", document, &mut found);
    found
}

fn replaced(document: &Value, place: prop::sample::Index, value: Value) -> Value {
    let places = places(document);
    let place = place.get(&places);
    if place.is_empty() { value } else { with(document, place, value) }
}

fn group() -> impl Strategy<Value = Value> {
    let usable: Vec<&str> =
        catalog::all().iter().filter(|instance| instance.image_family().is_some()).map(|instance| instance.name).collect();
    let refresh = prop::option::of(prop::sample::select(vec!["never", "rolling"]));
    let sizes = (0_u32..=1000).prop_flat_map(|max| (0..=max, Just(max)));
    ("[A-Za-z0-9_-]{1,64}", prop::sample::select(usable), sizes, prop::option::of(30_u32..=16384), refresh).prop_map(
        |(name, instance_type, (min, max), disk, refresh)| {
            let mut group = json!({ "name": name, "instance_type": instance_type, "min_size": min, "max_size": max });
            let optional = [("root_volume_gb", disk.map(Value::from)), ("node_refresh", refresh.map(Value::from))];
            for (field, value) in optional {
                if let Some(value) = value {
                    group[field] = value;
                }
            }
            group
        },
    )
}

fn groups() -> impl Strategy<Value = Value> {
    prop::collection::vec(group(), 0..6).prop_map(|groups| {
        let mut names = BTreeSet::new();
        groups.into_iter().filter(|group| names.insert(group["name"].as_str().map(str::to_lowercase))).collect()
    })
}

fn ingress() -> impl Strategy<Value = Value> {
    let zone = "[A-Z0-9]{1,32}".prop_map(|id| format!("arn:aws:route53:::hostedzone/{id}"));
    let network = (any::<[u8; 4]>(), 0_u8..=32).prop_map(|([a, b, c, d], bits)| format!("{a}.{b}.{c}.{d}/{bits}"));
    let open =
        (zone.clone(), prop::collection::vec(zone, 0..4), prop::collection::vec(network, 1..4)).prop_map(|(default, more, networks)| {
            json!({
                "enable_ingress": true,
                "default_route53_hosted_zone": default,
                "additional_route53_hosted_zones": more,
                "allowed_cidrs": networks
            })
        });
    prop_oneof![Just(json!({})), Just(json!({ "enable_ingress": false })), open]
}

fn metadata() -> impl Strategy<Value = Value> {
    let tags = prop::collection::btree_map("[a-z][A-Za-z0-9 _.:/=+@-]{0,40}", "[A-Za-z0-9 _./=+@-]{0,60}", 0..47);
    ("[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?", tags).prop_map(|(prefix, tags)| {
        let tags: Map<String, Value> =
            tags.into_iter().filter(|(key, _)| !key.starts_with("aws:")).map(|(key, tag)| (key, tag.into())).collect();
        json!({ "name_prefix": prefix, "default_tags": tags })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..config() })]

    #[test]
    fn no_bytes_make_it_panic(params: Vec<u8>, connections: Vec<u8>) {
        prop_assert!(parse(&params, &connections).is_err());
        prop_assert!(parse_for_decommission(&params, &connections).is_err());
    }

    #[test]
    fn no_text_cut_short_is_accepted_or_makes_it_panic(cut in 0_usize..200) {
        let text = params().to_string();
        let connections = connections().to_string();
        prop_assert!(parse(&text.as_bytes()[..cut.min(text.len() - 1)], connections.as_bytes()).is_err());
    }

    #[test]
    fn nothing_anywhere_in_the_documents_makes_it_panic_or_repeat_itself(
        open: bool, in_params: prop::sample::Index, in_connections: prop::sample::Index, first in any_json(), second in any_json(),
    ) {
        let params = replaced(&if open { open_params() } else { params() }, in_params, first);
        let connections = replaced(&connections(), in_connections, second);
        let _ = parse_for_decommission(params.to_string().as_bytes(), connections.to_string().as_bytes());
        if let Err(problems) = parsed(&params, &connections) {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.is_sorted());
            prop_assert!(!problems.iter().any(|problem| problem.remedy.contains("defect of the bundle")), "{problems:#?}");
            for problem in problems {
                let document = if problem.document == Document::Params { &params } else { &connections };
                let (parent, _) = problem.pointer.rsplit_once('/').unwrap_or_default();
                let named_region = problem.pointer == "/vpc/specs/aws/region";
                prop_assert!(named_region || document.pointer(parent).is_some(), "{problem} points nowhere");
            }
        }
    }

    #[test]
    fn valid_params_are_accepted_and_kept(groups in groups(), ingress in ingress(), metadata in metadata()) {
        let params = json!({ "cluster": { "instances": groups, "ingress": ingress }, "md_metadata": metadata });
        let (inputs, _) = match parsed(&params, &connections()) {
            Ok(parsed) => parsed,
            Err(problems) => return Err(TestCaseError::fail(format!("{problems:#?}"))),
        };
        let names: Vec<&str> = inputs.cluster.groups.iter().map(|group| group.name.as_str()).collect();
        let given: Vec<&str> = groups.as_array().into_iter().flatten().filter_map(|group| group["name"].as_str()).collect();
        prop_assert_eq!(names, given);
        prop_assert_eq!(inputs.cluster.ingress.is_some(), ingress["enable_ingress"] == true);
        if let Some(open) = inputs.cluster.ingress {
            let distinct: BTreeSet<&String> = open.zones.iter().collect();
            prop_assert_eq!(distinct.len(), open.zones.len());
            let default = format!("arn:aws:route53:::hostedzone/{}", open.zones[0]);
            prop_assert_eq!(&ingress["default_route53_hosted_zone"], &Value::from(default));
        }
    }
}
