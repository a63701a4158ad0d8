//! Everything that is read from outside and by hand, each as a function that any bytes may be thrown at. Shared with `tests/fuzz`, where
//! cargo-fuzz throws them.

use aws_ecs_cluster::aws::permissions::{Whose, adoption, policy};
use aws_ecs_cluster::aws::{endpoints, is_whole};
use aws_ecs_cluster::inputs::{Inputs, Problem, parse, parse_for_decommission, rewrite_manifest};
use aws_ecs_cluster::massdriver::config;
use aws_ecs_cluster::massdriver::platform::Platform;
use aws_ecs_cluster::model::arn::Arn;
use aws_ecs_cluster::model::secret::Secret;
use aws_ecs_cluster::model::texts::{plain_name, trust_policy, trusted_principals, user_data};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// Every target by its name, which is also its folder in the corpus.
pub const TARGETS: [(&str, fn(&[u8])); 15] = [
    ("params", params),
    ("connections", connections),
    ("config", step_config),
    ("arn", arn),
    ("trust", trust),
    ("name", name),
    ("policy", prefix),
    ("reply", reply),
    ("user-data", launched),
    ("region", region),
    ("url", url),
    ("endpoint", endpoint),
    ("cidr", cidr),
    ("manifest", manifest),
    ("whole", whole),
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

/// As people write it, and once more the same.
fn name(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let plain = plain_name(&text);
    assert!(!plain.ends_with('.') && !plain.contains("\\052") && !plain.chars().any(|letter| letter.is_ascii_uppercase()), "{plain}");
    assert_eq!(plain_name(&plain), plain);
    assert_eq!(plain_name(&format!("{}..", text.to_ascii_uppercase())), plain);
}

fn prefix(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for whose in [Whose::new("aws", &text), Whose::new(&text, "shop-*")].into_iter().flatten() {
        assert!(policy(&whose)["Statement"].is_array() && adoption(&whose)["Statement"].is_array());
    }
}

const TOKEN: &str = "hush-hush-token";

/// What the platform answers is told in one line, without the token in any form that it is sent in.
fn reply(bytes: &[u8]) {
    static PLATFORM: OnceLock<Platform> = OnceLock::new();
    let platform = PLATFORM.get_or_init(|| platform("https://example.com").expect("a platform"));
    let words = platform.words(bytes);
    assert!(!words.chars().any(char::is_control), "{words:?}");
    assert!(!words.contains(TOKEN) && !words.contains(&STANDARD.encode(format!("d-1:{TOKEN}"))), "{words}");
    assert!(words.chars().count() <= 2000, "{words}");
}

fn platform(url: &str) -> Result<Platform, String> {
    Platform::new(url, "d-1", &Secret::new(TOKEN.to_owned())).map_err(|error| error.to_string())
}

/// What was encoded is read, and nothing else is read for it.
fn launched(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(user_data(&STANDARD.encode(text.as_bytes())), text);
    let read = user_data(&text);
    if !read.contains(char::REPLACEMENT_CHARACTER) && !read.is_empty() {
        assert_eq!(STANDARD.encode(&read), text);
    }
}

/// The sound inputs with this text at a place of one of the documents.
fn parsed_with(document: &[u8], pointer: &str, text: &str) -> Result<Inputs, Vec<Problem>> {
    let mut changed: Value = serde_json::from_slice(document).expect("a sound document");
    *changed.pointer_mut(pointer).expect("the place") = json!(text);
    let bytes = changed.to_string().into_bytes();
    let (params, connections) = if document == SOUND_PARAMS { (&bytes[..], SOUND_CONNECTIONS) } else { (SOUND_PARAMS, &bytes[..]) };
    parse(params, connections).map(|(inputs, _)| inputs)
}

/// It becomes part of host names.
fn region(bytes: &[u8]) {
    match parsed_with(SOUND_CONNECTIONS, "/vpc/specs/aws/region", &String::from_utf8_lossy(bytes)) {
        Err(problems) => told(Some(problems)),
        Ok(inputs) => {
            let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
            assert!(!inputs.identity.region.is_empty() && inputs.identity.region.chars().all(plain), "{}", inputs.identity.region);
        }
    }
}

/// A range that is taken is one that AWS would show the same.
fn cidr(bytes: &[u8]) {
    match parsed_with(SOUND_PARAMS, "/cluster/ingress/allowed_cidrs/0", &String::from_utf8_lossy(bytes)) {
        Err(problems) => told(Some(problems)),
        Ok(inputs) => {
            let ranges = &inputs.cluster.ingress.expect("ingress").allowed_cidrs;
            let (address, length) = ranges.first().and_then(|range| range.split_once('/')).expect("a range");
            let (address, length): (std::net::Ipv4Addr, u32) = (address.parse().expect("an address"), length.parse().expect("a length"));
            assert!(length <= 32 && (length == 32 || u32::from(address) & (u32::MAX >> length) == 0), "{ranges:?}");
        }
    }
}

/// The token is sent to where nobody on the way can read it, and a refusal repeats nothing that commands a terminal.
fn url(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match platform(&text) {
        Err(refused) => assert!(!refused.chars().any(|letter| letter.is_control() && letter != '\n'), "{refused:?}"),
        Ok(_) => assert!(is_safe(&text, &LOOPBACK) && !text.contains('@'), "{text}"),
    }
}

/// A session is sent to this machine in clear too, and to the addresses from which AWS gives a machine its credentials.
fn endpoint(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if endpoints::check(std::ffi::OsStr::new(&*text)).is_ok() {
        assert!(is_safe(&text, &[&LOOPBACK[..], &LINK_LOCAL].concat()), "{text}");
    }
}

const LOOPBACK: [&str; 4] = ["localhost", "127.", "[::", "[0"];
const LINK_LOCAL: [&str; 3] = ["169.254.", "[fd00:ec2:", "[fd00:0ec2:"];

/// Judged without the parser that is tested.
fn is_safe(url: &str, near: &[&str]) -> bool {
    let small = url.to_ascii_lowercase();
    let host = |rest: &str| near.iter().any(|host| rest.rsplit('@').next().is_some_and(|rest| rest.starts_with(host)));
    small.starts_with("https://") || small.strip_prefix("http://").is_some_and(host)
}

/// What is written anew is written the same the next time.
fn manifest(bytes: &[u8]) {
    if let Ok(written) = rewrite_manifest(&String::from_utf8_lossy(bytes)) {
        assert_eq!(rewrite_manifest(&written).expect("a manifest"), written);
    }
}

/// XML that is whole is so no more when its last byte is missing.
fn whole(bytes: &[u8]) {
    let text = bytes.trim_ascii();
    if let Some((_, rest)) = text.split_last().filter(|_| text.starts_with(b"<") && is_whole(bytes)) {
        assert!(!is_whole(rest), "{}", String::from_utf8_lossy(bytes));
    }
}
