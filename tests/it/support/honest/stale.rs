//! Reads that lag behind writes: after a change, what was read before is read a few times more, be it that nothing is there.
//!
//! docs/aws.md, "All services: errors and retries".

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use percent_encoding::percent_decode_str;

use super::{Ask, locked, name_of, succeeded};
use crate::support::call::{Protocol, Reply};

/// Changes of what is there already: what is new has lags of its own.
const WRITES: [&str; 20] = [
    "AddTags",
    "AddTagsToCertificate",
    "AttachRolePolicy",
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "CreateOrUpdateTags",
    "CreateTags",
    "EnableMetricsCollection",
    "ModifyLaunchTemplate",
    "ModifyListener",
    "ModifyLoadBalancerAttributes",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "SetSecurityGroups",
    "SetSubnets",
    "TagInstanceProfile",
    "TagResource",
    "TagRole",
    "UpdateAssumeRolePolicy",
    "UpdateCapacityProvider",
];
/// What makes or deletes something, and the read that tells of it later. Other kinds have lags of their own, by resource.
const BIRTHS_AND_DEATHS: [(&str, &str); 10] = [
    ("CreateCapacityProvider", "DescribeCapacityProviders"),
    ("CreateCluster", "DescribeClusters"),
    ("CreateInstanceProfile", "GetInstanceProfile"),
    ("CreateLaunchTemplate", "DescribeLaunchTemplates"),
    ("CreateListener", "DescribeListeners"),
    ("CreateRole", "GetRole"),
    ("DeleteLaunchTemplate", "DescribeLaunchTemplates"),
    ("DeleteLoadBalancer", "DescribeLoadBalancers"),
    ("DeleteRole", "GetRole"),
    ("DeleteSecurityGroup", "DescribeSecurityGroups"),
];
/// Parameters that say what is changed.
const SUBJECTS: [&str; 10] = [
    "ResourceArns.member.1",
    "RoleName",
    "Tags.member.1.ResourceId",
    "ResourceId.1",
    "AutoScalingGroupName",
    "GroupId",
    "LaunchTemplateId",
    "ListenerArn",
    "LoadBalancerArn",
    "InstanceProfileName",
];
const JSON_SUBJECTS: [&str; 3] = ["resourceArn", "CertificateArn", "name"];

#[derive(Default)]
pub struct Stale(Mutex<State>);

type Key = (String, String, String);

#[derive(Default)]
struct State {
    /// The last reply to each read.
    last: BTreeMap<Key, Reply>,
    /// Reads that are answered as before, and how often.
    stale: BTreeMap<Key, (usize, Reply)>,
    /// A change that is made once more changes nothing, and nothing has to catch up with it.
    made: BTreeSet<Key>,
}

impl Stale {
    pub fn answer(&self, ask: Ask<'_>, fresh: impl FnOnce() -> Reply) -> Reply {
        let key = (ask.call.action(), ask.call.target.clone(), ask.call.body.clone());
        if !ask.call.is_mutation() {
            return self.read(ask, key, fresh);
        }
        let reply = fresh();
        let mut state = locked(&self.0);
        if succeeded(&reply) && state.made.insert((key.0, key.1, without_token(&key.2))) {
            state.outdate_what_tells_of(ask);
        }
        reply
    }

    fn read(&self, ask: Ask<'_>, key: Key, fresh: impl FnOnce() -> Reply) -> Reply {
        let mut state = locked(&self.0);
        if let Some((left, reply)) = state.stale.get_mut(&key) {
            let reply = reply.clone();
            *left -= 1;
            if *left == 0 {
                state.stale.remove(&key);
            }
            return reply;
        }
        drop(state);
        let reply = fresh();
        // That something is not there is told by an error too.
        let tells = BIRTHS_AND_DEATHS.iter().any(|(_, read)| *read == ask.operation());
        if succeeded(&reply) || tells {
            locked(&self.0).last.insert(key, reply.clone());
        }
        reply
    }
}

impl State {
    fn outdate_what_tells_of(&mut self, ask: Ask<'_>) {
        let (lags, operation) = (ask.lags(), ask.operation());
        if WRITES.contains(&operation) {
            self.outdate_subject(ask, lags.stale_reads);
        }
        if let Some((_, read)) = BIRTHS_AND_DEATHS.iter().find(|(write, _)| *write == operation) {
            let read = format!("{}:{read}", ask.call.service);
            self.outdate(lags.unnoticed_reads, |key, _| key.0 == read);
        }
    }

    /// What was read of the changed thing is read again as it was.
    fn outdate_subject(&mut self, ask: Ask<'_>, reads: usize) {
        let Some(subject) = subject(ask) else { return };
        let service = format!("{}:", ask.call.service);
        self.outdate(reads, |key, reply| {
            let asked = percent_decode_str(&key.2).decode_utf8_lossy();
            key.0.starts_with(&service) && (asked.contains(&subject) || reply.body.contains(&subject))
        });
    }

    fn outdate(&mut self, reads: usize, tells: impl Fn(&Key, &Reply) -> bool) {
        if reads == 0 {
            return;
        }
        let told: Vec<(Key, Reply)> =
            self.last.iter().filter(|(key, reply)| tells(key, reply)).map(|(key, reply)| (key.clone(), reply.clone())).collect();
        for (key, reply) in told {
            self.stale.entry(key).or_insert((reads, reply));
        }
    }
}

/// The SDK makes up a token for each call that takes one.
fn without_token(body: &str) -> String {
    body.split('&').filter(|pair| !pair.starts_with("ClientToken=")).collect::<Vec<_>>().join("&")
}

fn subject(ask: Ask<'_>) -> Option<String> {
    let subject = if ask.call.protocol == Protocol::Json {
        let body = ask.call.json();
        JSON_SUBJECTS.iter().find_map(|field| body[*field].as_str().map(str::to_owned))
    } else {
        SUBJECTS.iter().find_map(|name| ask.call.param(name))
    };
    subject.map(|subject| name_of(&subject).to_owned())
}
