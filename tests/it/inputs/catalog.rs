//! The instance types that the form offers.

use aws_ecs_cluster::model::catalog::{Architecture, InstanceType, all, find};
use aws_ecs_cluster::model::facts::ImageFamily;
use std::collections::BTreeSet;

fn named(name: &str) -> &'static InstanceType {
    find(name).unwrap_or_else(|| panic!("`{name}` is not in the catalog"))
}

fn sizes(family: &str) -> Vec<&'static str> {
    all().iter().filter(|instance| instance.family == family).map(|instance| instance.size).collect()
}

#[test]
fn names_and_titles_are_unique() {
    let names: BTreeSet<&str> = all().iter().map(|instance| instance.name).collect();
    let titles: BTreeSet<String> = all().iter().map(InstanceType::title).collect();
    assert_eq!((names.len(), titles.len()), (all().len(), all().len()));
}

#[test]
fn every_type_has_an_image_but_those_with_kepler_gpus() {
    let without: BTreeSet<&str> =
        all().iter().filter(|instance| instance.image_family().is_none()).map(|instance| instance.family).collect();
    assert_eq!(without, BTreeSet::from(["p2"]));
}

#[test]
fn the_families_of_graviton_and_no_others_are_arm64() {
    for instance in all() {
        // Graviton's families end in `g` after the generation: m7g, t4g. The g of g5 stands before it.
        let graviton = instance.family.ends_with('g');
        assert_eq!(instance.architecture == Architecture::Arm64, graviton, "{}", instance.name);
        assert_eq!(instance.image_family() == Some(ImageFamily::Arm64), graviton, "{}", instance.name);
    }
}

#[test]
fn types_with_gpus_and_no_others_boot_the_gpu_image() {
    for instance in all().iter().filter(|instance| instance.family != "p2") {
        assert_eq!(instance.gpus > 0, instance.family.starts_with('g'), "{}", instance.name);
        assert_eq!(instance.gpu_model.is_some(), instance.gpus > 0, "{}", instance.name);
        assert_eq!(instance.image_family() == Some(ImageFamily::Gpu), instance.gpus > 0, "{}", instance.name);
    }
}

#[test]
fn everything_that_the_earlier_bundle_offered_is_still_known() {
    assert_eq!(sizes("c5"), ["large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "12xlarge", "18xlarge", "24xlarge"]);
    assert_eq!(sizes("m5"), ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"]);
    assert_eq!(sizes("t3"), ["small", "medium", "large", "xlarge", "2xlarge"]);
    assert_eq!(sizes("p2"), ["xlarge", "8xlarge", "16xlarge"]);
    assert_eq!(sizes("g5"), ["xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"]);
    assert_eq!(sizes("m7g"), ["medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"]);
}

#[test]
fn sizes_follow_aws_rule_of_four_vcpus_for_each_x() {
    for instance in all() {
        let Some(times) = instance.size.strip_suffix("xlarge") else { continue };
        let times: u32 = if times.is_empty() { 1 } else { times.parse().expect("a number before xlarge") };
        assert_eq!(instance.vcpus, 4 * times, "{}", instance.name);
    }
}

#[test]
fn memory_follows_the_ratio_of_the_family() {
    for instance in all().iter().filter(|instance| instance.vcpus >= 4 && instance.family != "p2") {
        let gib_per_vcpu = match instance.family.chars().next() {
            Some('c') => 2,
            Some('r') => 8,
            _ => 4,
        };
        assert_eq!(instance.memory_mib, instance.vcpus * gib_per_vcpu * 1024, "{}", instance.name);
    }
}

#[test]
fn several_gpus_come_with_the_sizes_that_aws_gives_them_to() {
    let several: Vec<(&str, u32)> =
        all().iter().filter(|instance| instance.gpus > 1).map(|instance| (instance.name, instance.gpus)).collect();
    let expected = [
        ("g4dn.12xlarge", 4),
        ("g5.12xlarge", 4),
        ("g5.24xlarge", 4),
        ("g5.48xlarge", 8),
        ("g6.12xlarge", 4),
        ("g6.24xlarge", 4),
        ("g6.48xlarge", 8),
        ("p2.8xlarge", 8),
        ("p2.16xlarge", 16),
    ];
    assert_eq!(several, expected);
}

#[test]
fn titles_say_what_a_developer_chooses_by() {
    assert_eq!(named("c5.xlarge").title(), "Compute optimized: c5.xlarge (4 vCPU, 8 GiB, amd64)");
    assert_eq!(named("t4g.small").title(), "Burstable: t4g.small (2 vCPU, 2 GiB, arm64)");
    assert_eq!(named("g5.12xlarge").title(), "GPU: g5.12xlarge (48 vCPU, 192 GiB, amd64, 4 x NVIDIA A10G)");
    assert!(named("p2.xlarge").title().contains("no longer supported"));
}

#[test]
fn the_form_lists_each_purpose_in_one_piece() {
    let mut purposes: Vec<_> = all().iter().map(|instance| instance.purpose).collect();
    purposes.dedup();
    let distinct: BTreeSet<_> = purposes.iter().copied().collect();
    assert_eq!(purposes.len(), distinct.len(), "{purposes:?}");
}

#[test]
fn what_is_not_in_the_catalog_is_not_found() {
    assert_eq!(find("m5.metal"), None);
    assert_eq!(find(""), None);
}
