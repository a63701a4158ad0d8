//! EC2 launch templates: client tokens are honoured, tags are those of now, and versions hold nothing that nobody put there.
//!
//! docs/aws.md, "EC2: launch templates".

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::xml::Element;
use super::{Ask, edit_xml, locked, succeeded};
use crate::support::call::Reply;

/// 16384 bytes in base64.
const USER_DATA_LIMIT: usize = 21_848;

#[derive(Default)]
pub struct Templates {
    /// By operation and client token, the parameters and the reply that they got.
    tokens: Mutex<BTreeMap<(String, String), (Vec<String>, Reply)>>,
}

impl Templates {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        match ask.operation() {
            "CreateLaunchTemplate" => match bad_name(&ask.param("LaunchTemplateName")) {
                Some(message) => ask.refuse("InvalidLaunchTemplateName.MalformedException", &message),
                None if is_too_long(ask) => ask.refuse("InvalidUserData.Malformed", "User data is limited to 16384 bytes"),
                None => self.once(ask),
            },
            "CreateLaunchTemplateVersion" if is_too_long(ask) => {
                ask.refuse("InvalidUserData.Malformed", "User data is limited to 16384 bytes")
            }
            "CreateLaunchTemplateVersion" => self.once(ask),
            "DescribeLaunchTemplates" => with_tags(ask, ask.forward()),
            "DescribeLaunchTemplateVersions" => edit_xml(ask.forward(), |root| {
                for version in root.child_mut("launchTemplateVersionSet").into_iter().flat_map(|set| &mut set.children) {
                    strip(version);
                }
            }),
            _ => ask.forward(),
        }
    }

    fn once(&self, ask: Ask<'_>) -> Reply {
        let mut tokens = locked(&self.tokens);
        let key = (ask.operation().to_owned(), ask.param("ClientToken"));
        let mut params: Vec<String> = ask.call.body.split('&').map(str::to_owned).collect();
        params.sort();
        match tokens.get(&key) {
            Some((before, reply)) if *before == params => return reply.clone(),
            Some(_) => {
                let message = "Idempotent parameters do not match those of the request that used the client token before.";
                return ask.refuse("IdempotentParameterMismatch", message);
            }
            None => {}
        }
        let reply = edit_xml(ask.forward(), |root| {
            if let Some(version) = root.child_mut("launchTemplateVersion") {
                strip(version);
            }
        });
        if succeeded(&reply) && !key.1.is_empty() {
            tokens.insert(key, (params, reply.clone()));
        }
        reply
    }
}

/// The emulator files the template's own tags under those of the instances to come.
fn strip(version: &mut Element) {
    if let Some(tags) = version.at_mut("launchTemplateData/tagSpecificationSet") {
        tags.children.retain(|specification| specification.text_at("resourceType") != "launch-template");
    }
}

/// The emulator shows the tags that a template was made with for ever.
fn with_tags(ask: Ask<'_>, reply: Reply) -> Reply {
    edit_xml(reply, |root| {
        for template in root.child_mut("launchTemplates").into_iter().flat_map(|list| &mut list.children) {
            let id = template.text_at("launchTemplateId").to_owned();
            let chosen = [("Filter.1.Name", "resource-id"), ("Filter.1.Value.1", id.as_str())];
            let now = ask.backend().ec2(ask.region(), "DescribeTags", &chosen);
            let tags = now.list("tagSet").iter().map(|tag| {
                let fields = ["key", "value"].map(|field| Element::with_text(field, tag.text_at(field)));
                Element::with_children("item", fields.into())
            });
            let tags = Element::with_children("tagSet", tags.collect());
            template.remove("tagSet");
            template.children.push(tags);
        }
    })
}

fn is_too_long(ask: Ask<'_>) -> bool {
    ask.param("LaunchTemplateData.UserData").len() > USER_DATA_LIMIT
}

fn bad_name(name: &str) -> Option<String> {
    let legal = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "().-/_".contains(letter));
    let sound = legal && (3..=128).contains(&name.len());
    (!sound).then(|| format!("A launch template name must be of 3 to 128 characters of [a-zA-Z0-9().-/_]; `{name}` is not"))
}
