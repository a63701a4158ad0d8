//! Looks once whether an awaited condition holds.

use crate::aws::Aws;
use crate::aws::failure::Failure;
use crate::aws::perform::text;
use crate::aws::progress::{Depth, Progress};
use crate::model::reference::Outputs;
use crate::plan::action::{Condition, Service};

impl Aws {
    pub async fn check(&self, condition: &Condition, outputs: &Outputs, depth: Depth) -> Result<Progress, Failure> {
        match condition {
            Condition::ClusterActive { cluster } => self.cluster_active(cluster).await,
            Condition::AttachmentsSettled { cluster, change } => self.attachments_settled(cluster, change).await,
            Condition::CapacityProviderUpdated { name } => self.capacity_provider_updated(name).await,
            Condition::CapacityProviderGone { name } => self.capacity_provider_gone(name).await,
            Condition::AutoScalingGroupGone { name } => self.group_gone(name).await,
            Condition::NodesDrained { cluster, container_instances } => self.nodes_drained(cluster, container_instances).await,
            Condition::NodesJoined { cluster, minimums } => self.nodes_joined(cluster, minimums, depth).await,
            Condition::RefreshDone { auto_scaling_group, refresh } => {
                let refresh = text(outputs, refresh, Service::AutoScaling, "DescribeInstanceRefreshes")?;
                self.refresh_done(auto_scaling_group, refresh).await
            }
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
