//! Looks once whether an awaited condition holds.

use crate::aws::Aws;
use crate::aws::failure::Failure;
use crate::aws::perform::text;
use crate::aws::progress::Progress;
use crate::model::reference::Outputs;
use crate::plan::action::{Condition, Service};

impl Aws {
    pub async fn check(&self, condition: &Condition, outputs: &Outputs) -> Result<Progress, Failure> {
        match condition {
            Condition::ClusterActive { cluster } => self.cluster_active(cluster).await,
            Condition::AttachmentsSettled { cluster } => self.attachments_settled(cluster).await,
            Condition::CapacityProviderGone { name } => self.capacity_provider_gone(name).await,
            Condition::AutoScalingGroupGone { name } => self.group_gone(name).await,
            Condition::CertificateRecords { certificate, .. } => {
                self.certificate_records(text(outputs, certificate, Service::Acm, "DescribeCertificate")?).await
            }
            Condition::CertificateIssued { certificate, .. } => {
                self.certificate_issued(text(outputs, certificate, Service::Acm, "DescribeCertificate")?).await
            }
            Condition::LoadBalancerActive { load_balancer, .. } => {
                self.load_balancer_active(text(outputs, load_balancer, Service::Elb, "DescribeLoadBalancers")?).await
            }
        }
    }
}
