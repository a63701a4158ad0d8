//! Amazon EC2's view of single instances: whether they are there, and what may keep them from reaching ECS.

use crate::aws::Aws;
use crate::aws::call::{Named, all_of};
use crate::aws::failure::Failure;
use crate::aws::network::{filter, table_of};
use crate::model::properties::ANYWHERE;
use crate::plan::action::Service;
use aws_sdk_ec2::types::{Instance, InstanceStateName, RouteState};
use std::collections::BTreeSet;

/// Instances whose ids one filter takes, at most.
const FILTER_BATCH: usize = 200;
/// How what keeps an instance from ECS is called, for those who advise.
pub const NO_WAY_TO_ECS: &str = "cannot reach ECS";
/// What an agent talks to, as the names of the VPC endpoints end that lead there without the internet.
const AGENT_SERVICES: [&str; 3] = ["ecs", "ecs-agent", "ecs-telemetry"];

impl Aws {
    /// Those of the instances that EC2 knows; it forgets a terminated one after an hour.
    pub(super) async fn instances(&self, ids: &BTreeSet<String>) -> Result<Vec<Instance>, Failure> {
        let ids: Vec<&String> = ids.iter().collect();
        let mut found = Vec::new();
        for ids in ids.chunks(FILTER_BATCH) {
            let call = self.ec2.describe_instances().filters(filter("instance-id", ids.iter().copied()));
            let pages = all_of!(call).await;
            let reservations = pages.named(Service::Ec2, "DescribeInstances")?;
            found.extend(reservations.into_iter().flat_map(|reservation| reservation.instances.unwrap_or_default()));
        }
        Ok(found)
    }

    /// Those of the instances that EC2 has terminated or forgotten.
    pub(super) async fn gone_instances(&self, ids: &BTreeSet<String>) -> Result<BTreeSet<String>, Failure> {
        let known = self.instances(ids).await?;
        let alive = known.iter().filter(|instance| state(instance) != Some(&InstanceStateName::Terminated));
        let alive: BTreeSet<&str> = alive.filter_map(|instance| instance.instance_id()).collect();
        Ok(ids.iter().filter(|id| !alive.contains(id.as_str())).cloned().collect())
    }

    /// What EC2 knows against an instance that has not registered; `None` when it knows nothing.
    pub(super) async fn obstacle(&self, instance: &Instance) -> Result<Option<String>, Failure> {
        let id = instance.instance_id().unwrap_or_default();
        let state = state(instance).map(InstanceStateName::as_str).unwrap_or_default();
        if !["pending", "running"].contains(&state) {
            let reason = instance.state_reason().and_then(|reason| reason.message()).unwrap_or("EC2 gives no reason");
            return Ok(Some(format!("`{id}` is {state}: {reason}")));
        }
        if instance.iam_instance_profile().is_none() {
            return Ok(Some(format!("`{id}` has no instance profile, and so no credentials for ECS")));
        }
        let (Some(vpc), Some(subnet)) = (instance.vpc_id(), instance.subnet_id()) else { return Ok(None) };
        let tables = self.route_tables(vpc).await?;
        let mut routes = table_of(&tables, subnet).into_iter().flat_map(|table| table.routes());
        let Some(route) = routes
            .find(|route| route.destination_cidr_block() == Some(ANYWHERE))
            .filter(|route| route.state() != Some(&RouteState::Blackhole))
        else {
            let missing = self.missing_endpoints(vpc).await?;
            let list: Vec<String> = missing.iter().map(|service| format!("`{service}`")).collect();
            let obstacle =
                format!("`{id}` {NO_WAY_TO_ECS}: its subnet `{subnet}` has no route to the internet, and the VPC no endpoint for");
            return Ok((!missing.is_empty()).then(|| format!("{obstacle} {}", list.join(", "))));
        };
        let needs_address = route.gateway_id().is_some_and(|gateway| gateway.starts_with("igw-"));
        Ok((needs_address && instance.public_ip_address().is_none()).then(|| {
            format!(
                "`{id}` {NO_WAY_TO_ECS}: its subnet `{subnet}` leads to an internet gateway, which takes no node without a public address"
            )
        }))
    }

    /// The services of the agent's that no endpoint of the VPC leads to.
    async fn missing_endpoints(&self, vpc_id: &str) -> Result<Vec<&'static str>, Failure> {
        let found = all_of!(self.ec2.describe_vpc_endpoints().filters(filter("vpc-id", [vpc_id])))
            .await
            .named(Service::Ec2, "DescribeVpcEndpoints")?;
        let names: BTreeSet<&str> = found.iter().filter_map(|endpoint| endpoint.service_name()?.rsplit('.').next()).collect();
        Ok(AGENT_SERVICES.into_iter().filter(|service| !names.contains(service)).collect())
    }
}

fn state(instance: &Instance) -> Option<&InstanceStateName> {
    instance.state().and_then(|state| state.name())
}
