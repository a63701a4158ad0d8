//! Everything that is read from outside and by hand, each as a function that any bytes may be thrown at. Shared with `tests/fuzz`, where
//! cargo-fuzz throws them.

use aws_ecs_cluster::aws::permissions::{Whose, adoption, policy};
use aws_ecs_cluster::inputs::{Problem, parse, parse_for_decommission};
use aws_ecs_cluster::massdriver::config;
use aws_ecs_cluster::model::arn::Arn;
use aws_ecs_cluster::model::texts::{plain_name, trust_policy, trusted_principals};

/// Every target by its name, which is also its folder in the corpus.
pub const TARGETS: [(&str, fn(&[u8])); 7] = [
    ("params", params),
    ("connections", connections),
    ("config", step_config),
    ("arn", arn),
    ("trust", trust),
    ("name", name),
    ("policy", prefix),
];

const SOUND_PARAMS: &[u8] = include_bytes!("../../fuzz/corpus/params/sound.json");
const SOUND_CONNECTIONS: &[u8] = include_bytes!("../../fuzz/corpus/connections/sound.json");
/// The external id in the sound connections.
const SECRET: &str = "hush-hush-external-id";

fn params(bytes: &[u8]) {
    told(parse(bytes, SOUND_CONNECTIONS).err());
    told(parse_for_decommission(bytes, SOUND_CONNECTIONS).err());
}

fn connections(bytes: &[u8]) {
    told(parse(SOUND_PARAMS, bytes).err());
    told(parse_for_decommission(SOUND_PARAMS, bytes).err());
}

fn step_config(bytes: &[u8]) {
    told(config::parse(Some(bytes)).err());
}

/// A refusal says something, in lines that neither break nor command a terminal, and never what is secret.
fn told(problems: Option<Vec<Problem>>) {
    let Some(problems) = problems else { return };
    assert!(!problems.is_empty(), "refused without a reason");
    for problem in problems {
        let text = problem.to_string();
        assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{text:?}");
        assert_eq!(text.lines().count(), 2, "{text:?}");
        assert!(!text.contains(SECRET), "{text}");
    }
}

fn arn(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(arn) = text.parse::<Arn>() {
        assert_eq!(arn.to_string(), text);
    }
}

fn trust(bytes: &[u8]) {
    let services = trusted_principals(&String::from_utf8_lossy(bytes));
    let written = trust_policy(&services);
    // A service name with a percent sign in it would be decoded once more.
    if !written.contains('%') {
        assert_eq!(trusted_principals(&written), services);
    }
}

fn name(bytes: &[u8]) {
    let plain = plain_name(&String::from_utf8_lossy(bytes));
    assert!(!plain.ends_with('.'));
}

fn prefix(bytes: &[u8]) {
    if let Ok(whose) = Whose::new("aws", &String::from_utf8_lossy(bytes)) {
        assert!(policy(&whose)["Statement"].is_array() && adoption(&whose)["Statement"].is_array());
    }
}
