//! Certificates behind an AWS that validates by DNS: swapped without a gap, and replaced when they can never be used.

use serde_json::{Value, json};

use super::seed;
use crate::support::honest::Lags;
use crate::support::world::{Output, World};

/// When the first call of this action that carries this text began and ended.
#[track_caller]
fn span(output: &Output, action: &str, text: &str) -> (std::time::Duration, std::time::Duration) {
    let calls = output.calls_of(action);
    let found = calls.iter().find(|call| call.body.contains(text)).unwrap_or_else(|| panic!("no {action} with {text}\n{output}"));
    (found.started, found.ended.unwrap_or_else(|| panic!("{action} was not answered\n{output}")))
}

#[track_caller]
fn certificate(world: &World, domain: &str) -> String {
    let census = world.census();
    let found: Vec<&Value> = census["certificates"].as_array().into_iter().flatten().filter(|one| one["name"] == domain).collect();
    assert_eq!(found.len(), 1, "certificates for {domain}: {:#}", census["certificates"]);
    found[0]["arn"].as_str().expect("an ARN").to_owned()
}

/// The default certificate first.
fn served(world: &World) -> Vec<String> {
    let asked = json!({ "ListenerArn": world.listener_arn(443) });
    let found = world.aws("elbv2", "describe_listener_certificates", asked);
    let list = found["Certificates"].as_array().into_iter().flatten();
    list.map(|one| one["CertificateArn"].as_str().expect("an ARN").to_owned()).collect()
}

fn swap_default(world: &mut World, place: usize) {
    world.set_params(|params| {
        let ingress = &mut params["cluster"]["ingress"];
        let first = ingress["default_route53_hosted_zone"].take();
        let other = std::mem::replace(&mut ingress["additional_route53_hosted_zones"][place], first);
        ingress["default_route53_hosted_zone"] = other;
    });
}

#[test]
fn another_default_zone_leaves_no_domain_without_its_certificate_at_any_moment() {
    let mut world = World::seeded_with("swap", &json!({ "groups": [], "zones": ["example.com", "example.org", "example.net"] }));
    world.run(&["provision"]).expect(0);
    let [com, org, net] = ["example.com", "example.org", "example.net"].map(|domain| certificate(&world, domain));
    swap_default(&mut world, 0);
    let output = world.run(&["provision"]).expect(0);
    let now = served(&world);
    assert_eq!(now[0], org);
    assert!(now.contains(&com) && now.contains(&net), "{now:?}");
    assert_eq!(output.calls_of("acm:RequestCertificate").len() + output.calls_of("acm:DeleteCertificate").len(), 0, "{output}");
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
    let id = com.rsplit('/').next().expect("an id");
    let (_, added) = span(&output, "elasticloadbalancing:AddListenerCertificates", id);
    let (swapped, _) = span(&output, "elasticloadbalancing:ModifyListener", "Certificates.member.1");
    assert!(added <= swapped, "visitors of the former default zone were without a certificate for a moment\n{output}");
}

#[test]
fn a_certificate_that_fails_is_requested_anew_and_the_dead_one_deleted() {
    let world = World::seeded_with("dead", &json!({ "groups": [], "zones": ["example.com"] }));
    world.lag(Lags { certificates_failing: 1, ..Lags::default() });
    let failed = world.run(&["provision"]).expect(1);
    assert!(failed.stderr.contains("CAA_ERROR"), "the reason is not said\n{failed}");
    let dead = certificate(&world, "example.com");
    let output = world.run(&["provision"]).expect(0);
    let alive = certificate(&world, "example.com");
    assert_ne!(alive, dead);
    assert_eq!(output.calls_of("acm:RequestCertificate").len(), 1, "{output}");
    assert_eq!(served(&world), [alive]);
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
    world.run(&["decommission"]).expect(0);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn a_certificate_that_timed_out_is_requested_anew() {
    let world = World::seeded_with("timed-out", &json!({ "groups": [], "zones": ["example.com"] }));
    world.lag(Lags { certificates_timing_out: 1, ..Lags::default() });
    let failed = world.run(&["provision"]).expect(1);
    assert!(failed.stderr.contains("VALIDATION_TIMED_OUT"), "{failed}");
    let dead = certificate(&world, "example.com");
    world.run(&["provision"]).expect(0);
    let alive = certificate(&world, "example.com");
    assert_ne!(alive, dead);
    assert_eq!(served(&world), [alive]);
}

/// That a wait which passes its bound ends with the same words is the engine's, and tested there.
#[test]
fn a_certificate_that_stays_pending_names_its_record_and_the_zones_name_servers() {
    let world = World::seeded_with("stays-pending", &json!({ "groups": [], "zones": ["example.com"] }));
    world.lag(Lags { certificate_pending: 1_000, ..Lags::default() });
    // Long overdue: a certificate is given a minute before anybody asks why.
    world.proxy.after(|call, mut reply| {
        if call.operation == "DescribeCertificate" && reply.status == 200 {
            let mut body: Value = serde_json::from_str(&reply.body).expect("a reply in JSON");
            body["Certificate"]["CreatedAt"] = json!(1_700_000_000);
            reply.body = body.to_string();
        }
        reply
    });
    let mut running = world.start(&["provision"]);
    while world.proxy.count(|call| call.operation == "DescribeCertificate" && call.succeeded()) < 3 {
        assert!(!running.has_ended(), "the run ended before it had asked often enough");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    running.signal("INT");
    let output = running.wait().expect(130);
    let arn = certificate(&world, "example.com");
    let detail = world.aws("acm", "describe_certificate", json!({ "CertificateArn": arn }));
    let record = &detail["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"];
    let zones = world.aws("route53", "list_hosted_zones", json!({}));
    let zone = world.aws("route53", "get_hosted_zone", json!({ "Id": zones["HostedZones"][0]["Id"] }));
    let server = zone["DelegationSet"]["NameServers"][0].as_str().expect("a name server");
    for word in [record["Name"].as_str().expect("a name").trim_end_matches('.'), record["Value"].as_str().expect("a value"), server] {
        assert!(output.stderr.contains(word), "`{word}` is not said\n{output}");
    }
}

#[test]
fn a_certificate_is_not_issued_while_its_record_is_missing_and_is_once_it_is_put_back() {
    let world = World::seeded_with("record", &seed(&["example.com"]));
    world.run(&["provision"]).expect(0);
    let zones = world.aws("route53", "list_hosted_zones", json!({}));
    let zone = zones["HostedZones"][0]["Id"].clone();
    let records = world.aws("route53", "list_resource_record_sets", json!({ "HostedZoneId": zone }));
    let record = records["ResourceRecordSets"].as_array().into_iter().flatten().find(|record| record["Type"] == "CNAME").expect("a record");
    let batch = json!({ "Changes": [{ "Action": "DELETE", "ResourceRecordSet": record }] });
    world.aws("route53", "change_resource_record_sets", json!({ "HostedZoneId": zone, "ChangeBatch": batch }));
    world.run(&["plan", "--detailed-exitcode"]).expect(3);
    let output = world.run(&["provision"]).expect(0);
    assert_eq!(output.calls_of("route53:ChangeResourceRecordSets").len(), 1, "{output}");
    assert_eq!(output.mutations().iter().filter(|call| call.service != "sts").count(), 1, "{output}");
}
