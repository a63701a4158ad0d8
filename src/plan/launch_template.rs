//! One launch template per node group; a new version only when the content changes.

use crate::inputs::NodeRefresh;
use crate::model::address::{Address, Kind};
use crate::model::catalog;
use crate::model::facts::Seen;
use crate::model::observed::{Observed, ObservedLaunchTemplate};
use crate::model::properties::LaunchTemplateContent;
use crate::model::reference::{Output, Ref};
use crate::model::tags::Owner;
use crate::plan::action::Action;
use crate::plan::desired::{Desired, DesiredGroup, address_of};
use crate::plan::draft::Draft;
use crate::plan::fields::Fields;
use crate::plan::{auto_scaling_group, capacity_provider};
use std::collections::BTreeSet;

pub fn plan_launch_templates(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let groups = desired.map_or(&[][..], Desired::groups);
    let templates = match &observed.launch_templates {
        Seen::Present(templates) => templates,
        Seen::Absent => return,
        Seen::Unknown(why) => {
            draft.unknown(&address_of(Kind::LaunchTemplate, &draft.owner.clone()), why);
            let names: BTreeSet<&str> = groups.iter().map(|group| group.launch_template_name.as_str()).collect();
            for name in names {
                draft.unknown(&Address::new(Kind::LaunchTemplate, name), why);
            }
            return;
        }
    };
    let mut wanted = BTreeSet::new();
    for group in groups {
        let address = address(group, observed, &draft.owner);
        wanted.insert(address.name.clone());
        match template_of(group, observed, &draft.owner) {
            None => create(draft, &address, group),
            Some(found) if draft.claim(&address, &found.tags) => update(draft, &address, group, found),
            Some(_) => {}
        }
    }
    for found in templates.values().filter(|found| !wanted.contains(&found.name)) {
        if draft.owner.owns(&found.tags) {
            let address = Address::new(Kind::LaunchTemplate, &found.name);
            draft.delete(&address, "no node group uses it");
            let mut needs = auto_scaling_group::all_done(&draft.owner, observed);
            // A provider that has lost its group is found through the template's name.
            needs.extend(capacity_provider::all_done(&draft.owner, observed));
            draft.push(&address, Action::DeleteLaunchTemplate { id: found.id.clone() }, needs);
        }
    }
}

/// The template that the group's Auto Scaling group uses, whatever its name, else the one that bears the name that we would give.
pub fn template_of<'a>(group: &DesiredGroup, observed: &'a Observed, owner: &Owner) -> Option<&'a ObservedLaunchTemplate> {
    let templates = observed.launch_templates.present()?;
    let used = auto_scaling_group::observed_group(observed, &group.auto_scaling_group.name, owner)
        .and_then(|found| found.launch_template_id.as_ref())
        .and_then(|id| templates.values().find(|template| template.id == *id));
    used.or_else(|| templates.get(&group.launch_template_name))
}

fn address(group: &DesiredGroup, observed: &Observed, owner: &Owner) -> Address {
    let name = template_of(group, observed, owner).map_or(&group.launch_template_name, |found| &found.name);
    Address::new(Kind::LaunchTemplate, name)
}

/// The template and the version that the group's Auto Scaling group has to launch from.
pub fn references(group: &DesiredGroup, observed: &Observed, owner: &Owner) -> (Ref, Ref) {
    let address = address(group, observed, owner);
    match template_of(group, observed, owner) {
        Some(found) if is_current(&group.content, found) => (Ref::known(&found.id), Ref::known(found.latest_version.to_string())),
        Some(found) => (Ref::known(&found.id), Ref::Of(address, Output::Version)),
        None => (Ref::Of(address.clone(), Output::Id), Ref::Of(address, Output::Version)),
    }
}

fn is_current(content: &LaunchTemplateContent, found: &ObservedLaunchTemplate) -> bool {
    content.version_description().is_some_and(|description| description == found.description)
}

fn create(draft: &mut Draft, address: &Address, group: &DesiredGroup) {
    let content = &group.content;
    let fields = Fields::default().with("ImageId", &content.image_id).with("InstanceType", &content.instance_type);
    let fields = fields.with("BlockDeviceMappings", &content.root_volume);
    warn_of_interfaces(draft, &content.instance_type);
    draft.create(address, fields, "what the group's nodes are launched from");
    let (name, tags) = (group.launch_template_name.clone(), group.launch_template_tags.clone());
    draft.push(address, Action::CreateLaunchTemplate { name, content: content.clone(), tags }, []);
}

fn update(draft: &mut Draft, address: &Address, group: &DesiredGroup, found: &ObservedLaunchTemplate) {
    let content = &group.content;
    let mut fields = Fields::default();
    let version = if is_current(content, found) {
        Ref::known(found.latest_version.to_string())
    } else {
        compare_content(&mut fields, &found.content, content);
        if found.content.instance_type != content.instance_type {
            warn_of_interfaces(draft, &content.instance_type);
        }
        if fields.is_empty() {
            fields.note("VersionDescription", &found.description, &content.version_description());
        }
        let (template_id, after_version) = (found.id.clone(), found.latest_version);
        draft.push(address, Action::CreateLaunchTemplateVersion { template_id, after_version, content: content.clone() }, []);
        Ref::Of(address.clone(), Output::Version)
    };
    if version.as_known() != Some(found.default_version.to_string().as_str()) {
        if version.as_known().is_some() {
            fields.note("DefaultVersionNumber", &found.default_version, &found.latest_version);
        }
        draft.push(address, Action::ModifyDefaultVersion { template_id: found.id.clone(), version }, []);
    }
    let missing = fields.compare_tags(&found.tags, &group.launch_template_tags);
    if !missing.is_empty() {
        draft.push(address, Action::CreateEc2Tags { resources: BTreeSet::from([found.id.clone()]), tags: missing }, []);
    }
    let reason = match group.node_refresh {
        NodeRefresh::Never => "a new version for new nodes; running nodes stay",
        NodeRefresh::Rolling => "a new version; running nodes are replaced a few at a time",
    };
    draft.update(address, fields, reason);
}

/// Told when a type is chosen, since nothing tells later why tasks stay pending on a node with room to spare.
fn warn_of_interfaces(draft: &mut Draft, instance_type: &str) {
    if let Some(found) = catalog::find(instance_type).filter(|found| found.takes_few_tasks()) {
        draft.warn(format!(
            "a node of type {instance_type} takes {} tasks of network mode awsvpc, however small: each needs a network interface of its own; \
             the account setting awsvpcTrunking raises that for types that have it",
            found.awsvpc_tasks()
        ));
    }
}

fn compare_content(fields: &mut Fields, old: &LaunchTemplateContent, new: &LaunchTemplateContent) {
    let LaunchTemplateContent {
        image_id,
        instance_type,
        instance_profile,
        security_groups,
        network_interface_description,
        network_interface_delete_on_termination,
        associate_public_ip_address,
        user_data,
        detailed_monitoring,
        metadata_options,
        root_volume,
        tags,
    } = new;
    fields.compare("ImageId", &old.image_id, image_id);
    fields.compare("InstanceType", &old.instance_type, instance_type);
    fields.compare("IamInstanceProfile", &old.instance_profile, instance_profile);
    fields.compare("NetworkInterfaces.Groups", &old.security_groups, security_groups);
    fields.compare("NetworkInterfaces.Description", &old.network_interface_description, network_interface_description);
    let deletes = (&old.network_interface_delete_on_termination, network_interface_delete_on_termination);
    fields.compare("NetworkInterfaces.DeleteOnTermination", deletes.0, deletes.1);
    let public = (&old.associate_public_ip_address, associate_public_ip_address);
    fields.compare("NetworkInterfaces.AssociatePublicIpAddress", public.0, public.1);
    fields.compare("UserData", &old.user_data, user_data);
    fields.compare("Monitoring", &old.detailed_monitoring, detailed_monitoring);
    fields.compare("MetadataOptions", &old.metadata_options, metadata_options);
    fields.compare("BlockDeviceMappings", &old.root_volume, root_volume);
    fields.compare("TagSpecifications", &old.tags, tags);
}
