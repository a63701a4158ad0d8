//! Amazon EC2: launch templates and their versions.

use crate::aws::Aws;
use crate::aws::call::{Deleted, Named, all_of, required, unless_missing};
use crate::aws::failure::Failure;
use crate::aws::network::filter;
use crate::aws::security_groups::{ec2_tags, read_tags, tag_specification};
use crate::model::names::short_hash;
use crate::model::observed::ObservedLaunchTemplate;
use crate::model::properties::{LaunchTemplateContent, MetadataOptions, RootVolume};
use crate::model::reference::{Outputs, Ref};
use crate::model::tags::Tags;
use crate::model::texts;
use crate::plan::action::Service;
use aws_sdk_ec2::types::{
    Filter, LaunchTemplate, LaunchTemplateBlockDeviceMappingRequest, LaunchTemplateEbsBlockDeviceRequest, LaunchTemplateHttpTokensState,
    LaunchTemplateIamInstanceProfileSpecificationRequest, LaunchTemplateInstanceMetadataEndpointState,
    LaunchTemplateInstanceMetadataOptionsRequest, LaunchTemplateInstanceNetworkInterfaceSpecificationRequest,
    LaunchTemplateTagSpecificationRequest, LaunchTemplateVersion, LaunchTemplatesMonitoringRequest, RequestLaunchTemplateData,
    ResourceType, ResponseLaunchTemplateData, VolumeType,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet};

/// The most that `DescribeLaunchTemplates` and `DescribeLaunchTemplateVersions` give at once.
const PAGE: i32 = 200;
/// Of so many templates the latest versions are asked for one by one; of more, those of the whole account come in fewer calls.
const ONE_BY_ONE: usize = 8;
const TEMPLATES: &str = "DescribeLaunchTemplates";
const VERSIONS: &str = "DescribeLaunchTemplateVersions";
const TOKEN_LENGTH: usize = 32;

/// A template without the content of its latest version.
pub(super) type Templates = BTreeMap<String, LaunchTemplate>;

impl Aws {
    /// Templates by a filter: unlike names and ids, it is silent about what does not exist.
    pub(super) async fn templates_by(&self, filter: Filter) -> Result<Templates, Failure> {
        let found = all_of!(self.ec2.describe_launch_templates().filters(filter).max_results(PAGE))
            .await
            .named(Service::Ec2, "DescribeLaunchTemplates")?;
        by_name(found)
    }

    pub(super) async fn templates_by_id(&self, ids: &BTreeSet<String>) -> Result<Templates, Failure> {
        let ids: Vec<String> = ids.iter().cloned().collect();
        // One that is gone fails the call for all of them; then each is asked for by itself.
        let found = match self.templates_of_ids(&ids).await? {
            None => try_join_all(ids.chunks(1).map(|id| self.templates_of_ids(id))).await?.into_iter().flatten().flatten().collect(),
            Some(found) => found,
        };
        by_name(found)
    }

    async fn templates_of_ids(&self, ids: &[String]) -> Result<Option<Vec<LaunchTemplate>>, Failure> {
        if ids.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let call = self.ec2.describe_launch_templates().set_launch_template_ids(Some(ids.to_vec()));
        let found = all_of!(call).await;
        unless_missing(found.named(Service::Ec2, "DescribeLaunchTemplates"), &["InvalidLaunchTemplateId.NotFound"])
    }

    pub(super) async fn templates_named(&self, names: &BTreeSet<String>) -> Result<Templates, Failure> {
        if names.is_empty() { Ok(BTreeMap::new()) } else { self.templates_by(filter("launch-template-name", names)).await }
    }

    /// The templates with their latest versions. One that goes between the two reads is left out: it is gone.
    pub(super) async fn with_latest(&self, templates: Templates) -> Result<BTreeMap<String, ObservedLaunchTemplate>, Failure> {
        let ids: Vec<&str> = templates.values().filter_map(|template| template.launch_template_id()).collect();
        let mut versions = self.latest_versions(&ids).await?;
        let missing = || Failure::missing(Service::Ec2, VERSIONS, "LaunchTemplateVersions");
        let one_by_one = ids.len() <= ONE_BY_ONE;
        let each = templates.into_values().filter_map(|template| match template.launch_template_id().and_then(|id| versions.remove(id)) {
            Some(version) => Some(observed(template, version).map(|found| (found.name.clone(), found))),
            None if one_by_one => None,
            // A list of all says nothing of those that are not on it.
            None => Some(Err(missing())),
        });
        each.collect()
    }

    /// By template. Without a template, `$Latest` stands for the latest version of every template of the account.
    async fn latest_versions(&self, ids: &[&str]) -> Result<BTreeMap<String, LaunchTemplateVersion>, Failure> {
        let all = self.ec2.describe_launch_template_versions().versions("$Latest");
        let calls = if ids.len() > ONE_BY_ONE {
            vec![all.max_results(PAGE)]
        } else {
            ids.iter().map(|id| all.clone().launch_template_id(*id)).collect()
        };
        let pages = calls.into_iter().map(|call| async {
            let found = all_of!(call).await;
            unless_missing(found.named(Service::Ec2, "DescribeLaunchTemplateVersions"), &["InvalidLaunchTemplateId.NotFound"])
        });
        let found = try_join_all(pages).await?.into_iter().flatten().flatten();
        let template =
            |version: &LaunchTemplateVersion| required(version.launch_template_id.clone(), Service::Ec2, VERSIONS, "LaunchTemplateId");
        found.map(|version| Ok((template(&version)?, version))).collect()
    }

    /// Yields the template's id. Its first version is version 1. The name keeps a repeated call from making a second; a token of our own would bring
    /// back a template that was deleted since.
    pub(super) async fn create_template(
        &self,
        name: &str,
        content: &LaunchTemplateContent,
        tags: &Tags,
        outputs: &Outputs,
    ) -> Result<String, Failure> {
        let operation = "CreateLaunchTemplate";
        let content = known(content, outputs, operation)?;
        let description = content.version_description().unwrap_or_default();
        let call = self.ec2.create_launch_template().launch_template_name(name).launch_template_data(request(&content));
        let call = call.tag_specifications(tag_specification(ResourceType::LaunchTemplate, tags)).version_description(&description);
        let answer = call.send().await.named(Service::Ec2, operation)?;
        let id = answer.launch_template.and_then(|template| template.launch_template_id);
        required(id, Service::Ec2, operation, "LaunchTemplateId")
    }

    /// Yields the version's number. The token makes a repeated call answer with the same version, where the template has not moved on.
    pub(super) async fn create_template_version(
        &self,
        template_id: &str,
        after_version: i64,
        content: &LaunchTemplateContent,
        outputs: &Outputs,
    ) -> Result<String, Failure> {
        let operation = "CreateLaunchTemplateVersion";
        let content = known(content, outputs, operation)?;
        let description = content.version_description().unwrap_or_default();
        let token = short_hash(&format!("{template_id} {after_version} {description}"), TOKEN_LENGTH);
        let call = self.ec2.create_launch_template_version().launch_template_id(template_id).launch_template_data(request(&content));
        let answer = call.version_description(&description).client_token(token).send().await.named(Service::Ec2, operation)?;
        let number = answer.launch_template_version.and_then(|version| version.version_number);
        required(number, Service::Ec2, operation, "VersionNumber").map(|number| number.to_string())
    }

    pub(super) async fn modify_default_version(&self, template_id: &str, version: &str) -> Result<(), Failure> {
        let call = self.ec2.modify_launch_template().launch_template_id(template_id).default_version(version);
        call.send().await.named(Service::Ec2, "ModifyLaunchTemplate")?;
        Ok(())
    }

    pub(super) async fn delete_template(&self, id: &str) -> Result<(), Failure> {
        self.ec2.delete_launch_template().launch_template_id(id).send().await.named(Service::Ec2, "DeleteLaunchTemplate").or_gone()
    }
}

fn observed(template: LaunchTemplate, version: LaunchTemplateVersion) -> Result<ObservedLaunchTemplate, Failure> {
    Ok(ObservedLaunchTemplate {
        name: name_of(&template)?,
        id: required(template.launch_template_id, Service::Ec2, TEMPLATES, "LaunchTemplateId")?,
        tags: read_tags(template.tags.as_deref().unwrap_or_default()),
        latest_version: required(version.version_number, Service::Ec2, VERSIONS, "VersionNumber")?,
        default_version: required(template.default_version_number, Service::Ec2, TEMPLATES, "DefaultVersionNumber")?,
        description: version.version_description.unwrap_or_default(),
        content: read_content(&required(version.launch_template_data, Service::Ec2, VERSIONS, "LaunchTemplateData")?),
    })
}

fn by_name(found: Vec<LaunchTemplate>) -> Result<Templates, Failure> {
    found.into_iter().map(|template| Ok((name_of(&template)?, template))).collect()
}

fn name_of(template: &LaunchTemplate) -> Result<String, Failure> {
    required(template.launch_template_name.clone(), Service::Ec2, TEMPLATES, "LaunchTemplateName")
}

/// The content with every security group's id filled in.
fn known(content: &LaunchTemplateContent, outputs: &Outputs, operation: &'static str) -> Result<LaunchTemplateContent, Failure> {
    let resolved: Option<Vec<Ref>> = content.security_groups.iter().map(|group| outputs.resolve(group).map(Ref::known)).collect();
    let security_groups = required(resolved, Service::Ec2, operation, "SecurityGroups")?;
    Ok(LaunchTemplateContent { security_groups, ..content.clone() })
}

fn request(content: &LaunchTemplateContent) -> RequestLaunchTemplateData {
    let groups = content.security_groups.iter().filter_map(|group| group.as_known().map(str::to_owned)).collect();
    let interface = LaunchTemplateInstanceNetworkInterfaceSpecificationRequest::builder()
        .device_index(0)
        .description(&content.network_interface_description)
        .set_associate_public_ip_address(content.associate_public_ip_address)
        .set_delete_on_termination(content.network_interface_delete_on_termination)
        .set_groups(Some(groups))
        .build();
    let tags = [ResourceType::Instance, ResourceType::Volume, ResourceType::NetworkInterface].map(|resource| {
        LaunchTemplateTagSpecificationRequest::builder().resource_type(resource).set_tags(Some(ec2_tags(&content.tags))).build()
    });
    RequestLaunchTemplateData::builder()
        .image_id(&content.image_id)
        .instance_type(content.instance_type.as_str().into())
        .iam_instance_profile(LaunchTemplateIamInstanceProfileSpecificationRequest::builder().name(&content.instance_profile).build())
        .monitoring(LaunchTemplatesMonitoringRequest::builder().enabled(content.detailed_monitoring).build())
        .metadata_options(metadata_request(&content.metadata_options))
        .network_interfaces(interface)
        .set_block_device_mappings(content.root_volume.as_ref().map(|volume| vec![volume_request(volume)]))
        .user_data(STANDARD.encode(&content.user_data))
        .set_tag_specifications(Some(tags.into()))
        .build()
}

fn metadata_request(options: &MetadataOptions) -> LaunchTemplateInstanceMetadataOptionsRequest {
    LaunchTemplateInstanceMetadataOptionsRequest::builder()
        .http_endpoint(LaunchTemplateInstanceMetadataEndpointState::from(options.http_endpoint.as_str()))
        .http_tokens(LaunchTemplateHttpTokensState::from(options.http_tokens.as_str()))
        .http_put_response_hop_limit(options.http_put_response_hop_limit)
        .build()
}

fn volume_request(volume: &RootVolume) -> LaunchTemplateBlockDeviceMappingRequest {
    let ebs = LaunchTemplateEbsBlockDeviceRequest::builder()
        .volume_size(volume.volume_size)
        .volume_type(VolumeType::from(volume.volume_type.as_str()))
        .encrypted(volume.encrypted)
        .set_delete_on_termination(volume.delete_on_termination)
        .build();
    LaunchTemplateBlockDeviceMappingRequest::builder().device_name(&volume.device_name).ebs(ebs).build()
}

/// What of a version's data we would write ourselves; what others add to it shows in the description, which is then not ours.
fn read_content(data: &ResponseLaunchTemplateData) -> LaunchTemplateContent {
    let interface = data.network_interfaces().first();
    let profile = data.iam_instance_profile();
    let metadata = data.metadata_options();
    let tags = data.tag_specifications().iter().find(|tags| tags.resource_type() == Some(&ResourceType::Instance));
    LaunchTemplateContent {
        image_id: data.image_id().unwrap_or_default().to_owned(),
        instance_type: data.instance_type().map(|name| name.as_str().to_owned()).unwrap_or_default(),
        instance_profile: profile.and_then(|profile| profile.name().or_else(|| profile.arn())).unwrap_or_default().to_owned(),
        security_groups: interface.map(|interface| interface.groups().iter().map(Ref::known).collect()).unwrap_or_default(),
        network_interface_description: interface.and_then(|interface| interface.description()).unwrap_or_default().to_owned(),
        network_interface_delete_on_termination: interface.and_then(|interface| interface.delete_on_termination()),
        associate_public_ip_address: interface.and_then(|interface| interface.associate_public_ip_address()),
        user_data: texts::user_data(data.user_data().unwrap_or_default()),
        detailed_monitoring: data.monitoring().and_then(|monitoring| monitoring.enabled()).unwrap_or_default(),
        metadata_options: MetadataOptions {
            http_endpoint: metadata
                .and_then(|metadata| metadata.http_endpoint())
                .map(|state| state.as_str().to_owned())
                .unwrap_or_default(),
            http_tokens: metadata.and_then(|metadata| metadata.http_tokens()).map(|state| state.as_str().to_owned()).unwrap_or_default(),
            http_put_response_hop_limit: metadata.and_then(|metadata| metadata.http_put_response_hop_limit()).unwrap_or_default(),
        },
        root_volume: root_volume(data),
        tags: tags.map(|tags| read_tags(tags.tags())).unwrap_or_default(),
    }
}

fn root_volume(data: &ResponseLaunchTemplateData) -> Option<RootVolume> {
    let mapping = data.block_device_mappings().first()?;
    let ebs = mapping.ebs()?;
    Some(RootVolume {
        device_name: mapping.device_name().unwrap_or_default().to_owned(),
        volume_size: ebs.volume_size().unwrap_or_default(),
        volume_type: ebs.volume_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        encrypted: ebs.encrypted().unwrap_or_default(),
        delete_on_termination: ebs.delete_on_termination(),
    })
}
