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
const SSM: usize = 4;
const STS: usize = 4;

#[derive(Debug)]
pub struct Limits {
    semaphores: [(Service, Semaphore); 9],
}

impl Limits {
    pub fn new() -> Self {
        let semaphores = [
            (Service::Acm, ACM),
            (Service::AutoScaling, AUTO_SCALING),
            (Service::Ec2, EC2),
            (Service::Ecs, ECS),
            (Service::Elb, ELB),
            (Service::Iam, IAM),
            (Service::Route53, ROUTE_53),
            (Service::Ssm, SSM),
            (Service::Sts, STS),
        ];
        Self { semaphores: semaphores.map(|(service, permits)| (service, Semaphore::new(permits))) }
    }

    /// Waits for a place among the calls of this service. `None` only if the semaphore was closed, which nothing does.
    pub async fn place(&self, service: Service) -> Option<SemaphorePermit<'_>> {
        let (_, semaphore) = self.semaphores.iter().find(|(other, _)| *other == service)?;
        semaphore.acquire().await.ok()
    }
}
