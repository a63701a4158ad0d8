//! EC2 instances: one that was launched from a template has the instance profile of that template's version.
//!
//! docs/aws.md, "EC2: launch templates".

use super::xml::Element;
use super::{Ask, edit_xml};
use crate::support::call::Reply;

pub fn describe(ask: Ask<'_>) -> Reply {
    edit_xml(ask.forward(), |root| {
        let reservations = root.child_mut("reservationSet").into_iter().flat_map(|set| &mut set.children);
        let instances = reservations.filter_map(|reservation| reservation.child_mut("instancesSet"));
        for instance in instances.flat_map(|set| &mut set.children) {
            if let Some(profile) = profile(ask, instance) {
                let arn = format!("arn:aws:iam::{}:instance-profile/{profile}", ask.call.account);
                instance.remove("iamInstanceProfile");
                instance.children.push(Element::with_children("iamInstanceProfile", vec![Element::with_text("arn", &arn)]));
            }
        }
    })
}

/// The name of the profile, as long as the template that the instance's tags name is there.
fn profile(ask: Ask<'_>, instance: &Element) -> Option<String> {
    let tag = |key: &str| {
        let tag = instance.list("tagSet").iter().find(|tag| tag.text_at("key") == key)?;
        Some(tag.text_at("value").to_owned())
    };
    let (template, version) = (tag("aws:ec2launchtemplate:id")?, tag("aws:ec2launchtemplate:version")?);
    let chosen = [("LaunchTemplateId", template.as_str()), ("LaunchTemplateVersion.1", version.as_str())];
    let versions = ask.backend().ec2(ask.region(), "DescribeLaunchTemplateVersions", &chosen);
    let found = versions.list("launchTemplateVersionSet").first()?;
    let name = found.text_at("launchTemplateData/iamInstanceProfile/name");
    (!name.is_empty()).then(|| name.to_owned())
}
