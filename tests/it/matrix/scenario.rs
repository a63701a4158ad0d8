//! What runs are for: a world before the run, the command, and what a clean run makes of it.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::account::{Standing, assert_same, standing};
use crate::cluster::fargate_only;
use crate::support::call::Call;
use crate::support::honest::Lags;
use crate::support::world::{Output, World};

pub const PROVISION: &[&str] = &["provision", "--no-wait-for-nodes"];
pub const DECOMMISSION: &[&str] = &["decommission"];

/// Whether an account may have got where it is by another way than a clean run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    Same,
    /// By one that has made at most so many versions of each launch template. What is launched from now on is the same all the same.
    Any {
        versions: u64,
    },
}

pub struct Scenario {
    pub name: &'static str,
    seed: fn() -> Value,
    /// From the fresh account to the moment before the run.
    prepare: fn(&mut World),
    pub command: &'static [&'static str],
    lags: fn() -> Lags,
    clean: OnceLock<Clean>,
}

/// A run that nothing disturbed.
pub struct Clean {
    pub calls: Vec<Call>,
    pub standing: Standing,
}

/// Everything is made.
pub static MAKE: Scenario = Scenario {
    name: "a provision",
    seed: || seed(&["general"], &["example.com"]),
    prepare: |_| {},
    command: PROVISION,
    lags: Lags::default,
    clean: OnceLock::new(),
};

/// Everything is made, and AWS does not show at once what it has made.
pub static MAKE_UNSEEN: Scenario = Scenario {
    name: "a provision that AWS is slow to show",
    seed: || seed(&["general"], &["example.com"]),
    prepare: |_| {},
    command: PROVISION,
    lags: || Lags::all(1),
    clean: OnceLock::new(),
};

/// A group comes, a group goes with nodes that have joined, a type changes, and the default zone is another.
pub static CHANGE: Scenario = Scenario {
    name: "an update",
    seed: || seed(&["general", "going"], &["example.com", "example.org"]),
    prepare: |world| {
        stand(world);
        world.set_params(change);
    },
    command: PROVISION,
    lags: Lags::default,
    clean: OnceLock::new(),
};

/// What an update or a decommission finds: a cluster whose nodes have joined.
fn stand(world: &mut World) {
    world.run(PROVISION).expect(0);
    world.join_nodes();
}

/// Everything goes, the nodes that have joined included.
pub static UNMAKE: Scenario = Scenario {
    name: "a decommission",
    seed: || seed(&["general"], &["example.com"]),
    prepare: stand,
    command: DECOMMISSION,
    lags: Lags::default,
    clean: OnceLock::new(),
};

/// The same while AWS takes its time to let go.
pub static UNMAKE_SLOWLY: Scenario = Scenario {
    name: "a slow decommission",
    seed: || seed(&["general"], &["example.com"]),
    prepare: stand,
    command: DECOMMISSION,
    lags: || Lags::all(1),
    clean: OnceLock::new(),
};

/// Fargate alone is made on the platform, where its artifact is published.
pub static PUBLISH: Scenario = Scenario {
    name: "a publication",
    seed: fargate_only,
    prepare: World::deploy,
    command: PROVISION,
    lags: Lags::default,
    clean: OnceLock::new(),
};

/// It goes again, and its artifact with it.
pub static WITHDRAW: Scenario = Scenario {
    name: "a withdrawal",
    seed: fargate_only,
    prepare: |world| {
        world.deploy();
        world.run(PROVISION).expect(0);
    },
    command: DECOMMISSION,
    lags: Lags::default,
    clean: OnceLock::new(),
};

/// What [`MAKE_AT_FIRST`] has to make once its inputs are changed by [`change_mind`].
pub static MAKE_OTHERWISE: Scenario = Scenario {
    name: "a provision with other inputs",
    seed: || seed(&["general"], &["example.com", "example.org"]),
    prepare: |world| world.set_params(change_mind),
    command: PROVISION,
    lags: Lags::default,
    clean: OnceLock::new(),
};

/// Everything goes of a cluster of one group and two zones, before anybody changes their mind.
pub static UNMAKE_AT_FIRST: Scenario = Scenario {
    name: "a decommission of which somebody repents",
    seed: || seed(&["general"], &["example.com", "example.org"]),
    prepare: stand,
    command: DECOMMISSION,
    lags: Lags::default,
    clean: OnceLock::new(),
};

/// What stood before [`CHANGE`], and has to stand again once its inputs are taken back.
pub static CHANGE_BACK: Scenario = Scenario {
    name: "an update that is taken back",
    seed: || seed(&["general", "going"], &["example.com", "example.org"]),
    prepare: |_| {},
    command: PROVISION,
    lags: Lags::default,
    clean: OnceLock::new(),
};

/// One group and two zones, before anybody changes their mind.
pub static MAKE_AT_FIRST: Scenario = Scenario {
    name: "a provision whose inputs change",
    seed: || seed(&["general"], &["example.com", "example.org"]),
    prepare: |_| {},
    command: PROVISION,
    lags: Lags::default,
    clean: OnceLock::new(),
};

fn seed(groups: &[&str], zones: &[&str]) -> Value {
    let groups: Vec<Value> = groups.iter().map(|name| group(name, "t3.medium")).collect();
    json!({ "groups": groups, "zones": zones })
}

fn group(name: &str, instance_type: &str) -> Value {
    json!({ "name": name, "instance_type": instance_type, "min_size": 1, "max_size": 3 })
}

fn change(params: &mut Value) {
    params["cluster"]["instances"] = json!([group("general", "t3.large"), group("coming", "t3.medium")]);
    swap_zones(params);
}

fn swap_zones(params: &mut Value) {
    let ingress = &mut params["cluster"]["ingress"];
    let (default, other) = (ingress["default_route53_hosted_zone"].take(), ingress["additional_route53_hosted_zones"][0].take());
    ingress["default_route53_hosted_zone"] = other;
    ingress["additional_route53_hosted_zones"] = json!([default]);
}

/// The inputs of [`CHANGE`] as they were before.
pub fn take_back(params: &mut Value) {
    params["cluster"]["instances"] = json!([group("general", "t3.medium"), group("going", "t3.medium")]);
    swap_zones(params);
}

/// Another type, another group beside it, and the second zone alone.
pub fn change_mind(params: &mut Value) {
    params["cluster"]["instances"] = json!([group("general", "t3.large"), group("coming", "t3.medium")]);
    let ingress = &mut params["cluster"]["ingress"];
    ingress["default_route53_hosted_zone"] = ingress["additional_route53_hosted_zones"][0].take();
    ingress["additional_route53_hosted_zones"] = json!([]);
}

impl Scenario {
    /// The option by which `plan` shows what the command does.
    pub fn of_plan(&self) -> &'static str {
        if self.command == DECOMMISSION { "--decommission" } else { "--no-wait-for-nodes" }
    }

    /// Whether AWS takes its time.
    pub fn is_slow(&self) -> bool {
        [MAKE_UNSEEN.name, UNMAKE_SLOWLY.name].contains(&self.name)
    }

    /// A world in which the run may begin.
    #[track_caller]
    pub fn world(&self) -> World {
        let mut world = World::seeded_with("matrix", &(self.seed)());
        (self.prepare)(&mut world);
        world.lag((self.lags)());
        world
    }

    /// What a run does and leaves that nothing disturbs; found out once.
    pub fn clean(&self) -> &Clean {
        self.clean.get_or_init(|| {
            let world = self.world();
            let output = world.run(self.command).expect(0);
            Clean { calls: output.calls, standing: standing(&world) }
        })
    }

    /// One more run, undisturbed, leaves what a clean run leaves.
    #[track_caller]
    pub fn assert_finishes(&self, world: &World) -> Output {
        world.proxy.clear_rules();
        let output = world.run(self.command).expect(0);
        self.assert_stands(world, History::Same);
        output
    }

    /// The account holds what a clean run leaves, once each and nothing besides.
    #[track_caller]
    pub fn assert_stands(&self, world: &World, history: History) {
        let (found, wanted) = (standing(world), &self.clean().standing);
        match history {
            History::Same => assert_same(&found.all, &wanted.all),
            History::Any { versions } => {
                assert_same(&found.without_history, &wanted.without_history);
                assert_eq!(found.launches, wanted.launches, "other machines are launched than after a clean run");
                assert!(found.versions <= versions, "a launch template has {} versions, not {versions} at most", found.versions);
            }
        }
    }

    /// Another run of the same command changes nothing.
    #[track_caller]
    pub fn assert_quiet(&self, world: &World) {
        let output = world.run(self.command).expect(0);
        assert!(output.mutations().is_empty(), "a further run changes something\n{output}");
    }
}

/// One decommission leaves nothing, on the platform neither.
#[track_caller]
pub fn assert_unmade(world: &World) {
    world.proxy.clear_rules();
    world.run(DECOMMISSION).expect(0);
    assert_eq!(world.leftovers(), [""; 0]);
    assert_eq!(world.published(), None);
}
