//! How many operations of one service may be under way at once. How many calls of it may leave in a second is for `aws::rates` to say.

use crate::plan::action::Service;
use tokio::sync::{Semaphore, SemaphorePermit};

/// ACM takes 5 requests a second of the calls that we make most, per account and Region.
const ACM: usize = 4;
/// Auto Scaling's mutations draw on one small bucket for the whole account.
const AUTO_SCALING: usize = 4;
/// EC2 refills its bucket of mutating calls by 5 a second at the least, from a depth of 50 or more.
const EC2: usize = 8;
/// ECS allows cluster mutations in bursts of 5 to 50.
const ECS: usize = 4;
/// Elastic Load Balancing refills by 4 to 10 a second.
const ELB: usize = 4;
/// IAM publishes no figure and throttles early.
const IAM: usize = 3;
/// Route 53 takes 5 requests a second for the whole account.
const ROUTE_53: usize = 2;

#[derive(Debug)]
pub struct Limits {
    acm: Semaphore,
    auto_scaling: Semaphore,
    ec2: Semaphore,
    ecs: Semaphore,
    elb: Semaphore,
    iam: Semaphore,
    route53: Semaphore,
}

impl Limits {
    pub const fn new() -> Self {
        Self {
            acm: Semaphore::const_new(ACM),
            auto_scaling: Semaphore::const_new(AUTO_SCALING),
            ec2: Semaphore::const_new(EC2),
            ecs: Semaphore::const_new(ECS),
            elb: Semaphore::const_new(ELB),
            iam: Semaphore::const_new(IAM),
            route53: Semaphore::const_new(ROUTE_53),
        }
    }

    /// Waits for a place among the calls of this service. `None` for services of which no operation is planned, which have no limit.
    pub async fn place(&self, service: Service) -> Option<SemaphorePermit<'_>> {
        let semaphore = match service {
            Service::Acm => &self.acm,
            Service::AutoScaling => &self.auto_scaling,
            Service::Ec2 => &self.ec2,
            Service::Ecs => &self.ecs,
            Service::Elb => &self.elb,
            Service::Iam => &self.iam,
            Service::Route53 => &self.route53,
            Service::Ssm | Service::Sts => return None,
        };
        // It fails only when the semaphore was closed, which nothing does.
        semaphore.acquire().await.ok()
    }
}
