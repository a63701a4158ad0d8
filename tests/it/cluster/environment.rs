//! What the environment says of the way to AWS.

use super::{fargate_only, run};
use crate::support::world::World;
use std::fs;

#[test]
fn what_is_sent_in_clear_goes_through_no_proxy() {
    let mut world = World::seeded_with("proxied", &fargate_only());
    // Nobody listens there.
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        world.set_env(variable, "http://127.0.0.1:9");
    }
    run(&world, &["plan"], 0);
}

#[test]
fn a_process_that_gives_credentials_is_run_once() {
    let mut world = World::seeded_with("process", &fargate_only());
    let credentials = format!(r#"{{"Version": 1, "AccessKeyId": "{}", "SecretAccessKey": "x"}}"#, world.account);
    world.write("give.sh", &format!("echo asked >>asked\necho '{credentials}'\n"));
    world.write("config", "[default]\ncredential_process = sh give.sh\n");
    world.set_env("AWS_ACCESS_KEY_ID", "");
    world.set_env("AWS_SECRET_ACCESS_KEY", "");
    world.set_env("AWS_CONFIG_FILE", &world.dir().join("config").to_string_lossy());
    for (number, args) in [&["plan"][..], &["plan", "--no-assume-role"]].into_iter().enumerate() {
        run(&world, args, 0);
        let asked = fs::read_to_string(world.dir().join("asked")).expect("what the process wrote");
        assert_eq!(asked.lines().count(), number + 1, "{args:?}");
    }
}
