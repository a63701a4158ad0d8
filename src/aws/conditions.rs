//! Looks once whether an awaited condition holds.

use crate::aws::Aws;
use crate::aws::failure::Failure;
use crate::aws::perform::text;
use crate::aws::progress::Progress;
use crate::model::reference::Outputs;
use crate::plan::action::{Condition, Service};
use std::collections::BTreeSet;

impl Aws {
    /// Why a node has not joined is asked of whatever can tell: its launch, its agent.
    async fn nodes_joined(&self, cluster: &str, group: &str, minimum: usize) -> Result<Progress, Failure> {
        let (groups, registered) =
            tokio::try_join!(self.groups_named(BTreeSet::from([group.to_owned()])), self.container_instances(cluster))?;
        let launched: BTreeSet<&str> = groups.values().flat_map(|found| &found.instances).map(|instance| instance.id.as_str()).collect();
        let ours: Vec<_> = registered.iter().filter(|instance| launched.contains(instance.ec2_instance_id.as_str())).collect();
        let joined = ours.iter().filter(|instance| instance.agent_connected).count();
        if joined >= minimum {
            return Ok(Progress::Done(Vec::new()));
        }
        let failed = if launched.len() < minimum { self.failed_launch(group).await? } else { None };
        let reason = match failed {
            Some(message) => format!("the newest launch failed: {message}"),
            None if launched.len() < minimum => format!("{} launched so far", launched.len()),
            None if ours.len() > joined => "an agent has lost its connection".to_owned(),
            None => {
                "the others are starting; if they stay away, look at their route to the internet, their role and their image".to_owned()
            }
        };
        Ok(Progress::Pending(format!("{joined} of {minimum} have joined; {reason}")))
    }

    pub async fn check(&self, condition: &Condition, outputs: &Outputs) -> Result<Progress, Failure> {
        match condition {
            Condition::ClusterActive { cluster } => self.cluster_active(cluster).await,
            Condition::AttachmentsSettled { cluster } => self.attachments_settled(cluster).await,
            Condition::CapacityProviderGone { name } => self.capacity_provider_gone(name).await,
            Condition::AutoScalingGroupGone { name } => self.group_gone(name).await,
            Condition::NodesDrained { cluster, container_instances } => self.nodes_drained(cluster, container_instances).await,
            Condition::NodesJoined { cluster, auto_scaling_group, minimum } => {
                self.nodes_joined(cluster, auto_scaling_group, *minimum).await
            }
            Condition::RefreshDone { auto_scaling_group } => self.refresh_done(auto_scaling_group).await,
            Condition::CertificateRecords { certificate, .. } => {
                self.certificate_records(text(outputs, certificate, Service::Acm, "DescribeCertificate")?).await
            }
            Condition::CertificateIssued { certificate, zone_id, .. } => {
                let arn = text(outputs, certificate, Service::Acm, "DescribeCertificate")?;
                self.certificate_issued(arn, zone_id).await
            }
            Condition::LoadBalancerActive { load_balancer, .. } => {
                self.load_balancer_active(text(outputs, load_balancer, Service::Elb, "DescribeLoadBalancers")?).await
            }
        }
    }
}
