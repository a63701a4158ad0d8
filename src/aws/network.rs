//! Amazon EC2's view of the network that the cluster is put into, and of what it offers there.

use crate::aws::Aws;
use crate::aws::call::{Named, all_of};
use crate::aws::failure::Failure;
use crate::model::facts::Subnet;
use crate::model::properties::ANYWHERE;
use crate::plan::action::Service;
use aws_sdk_ec2::types::{Filter, LocationType, RouteState, RouteTable};
use std::collections::{BTreeMap, BTreeSet};

/// Filters find what exists and stay silent about what does not, where ids fail the whole call.
pub(super) fn filter(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Filter {
    Filter::builder().name(name).set_values(Some(values.into_iter().map(Into::into).collect())).build()
}

impl Aws {
    pub(super) async fn vpc_exists(&self, vpc_id: &str) -> Result<Option<()>, Failure> {
        let call = self.ec2.describe_vpcs().filters(filter("vpc-id", [vpc_id]));
        let answer = call.send().await.named(Service::Ec2, "DescribeVpcs")?;
        Ok((!answer.vpcs().is_empty()).then_some(()))
    }

    pub(super) async fn subnets(&self, ids: &BTreeSet<String>) -> Result<BTreeMap<String, Subnet>, Failure> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = all_of!(self.ec2.describe_subnets().filters(filter("subnet-id", ids))).await.named(Service::Ec2, "DescribeSubnets")?;
        let subnet = |subnet: aws_sdk_ec2::types::Subnet| {
            let id = subnet.subnet_id?;
            Some((id.clone(), Subnet { id, vpc_id: subnet.vpc_id?, availability_zone: subnet.availability_zone? }))
        };
        Ok(found.into_iter().filter_map(subnet).collect())
    }

    /// Those of the subnets whose route table leads to an internet gateway.
    pub(super) async fn internet_subnets(&self, vpc_id: &str, subnets: &[String]) -> Result<BTreeSet<String>, Failure> {
        if subnets.is_empty() {
            return Ok(BTreeSet::new());
        }
        let tables = self.route_tables(vpc_id).await?;
        Ok(subnets.iter().filter(|subnet| table_of(&tables, subnet).is_some_and(leads_to_internet)).cloned().collect())
    }

    pub(super) async fn route_tables(&self, vpc_id: &str) -> Result<Vec<RouteTable>, Failure> {
        all_of!(self.ec2.describe_route_tables().filters(filter("vpc-id", [vpc_id]))).await.named(Service::Ec2, "DescribeRouteTables")
    }

    /// For each instance type, the Availability Zones of the Region that offer it.
    pub(super) async fn offerings(&self, types: &BTreeSet<&str>) -> Result<BTreeMap<String, BTreeSet<String>>, Failure> {
        let mut offerings: BTreeMap<String, BTreeSet<String>> = types.iter().map(|name| ((*name).to_owned(), BTreeSet::new())).collect();
        if types.is_empty() {
            return Ok(offerings);
        }
        let call = self.ec2.describe_instance_type_offerings().location_type(LocationType::AvailabilityZone);
        let found = all_of!(call.filters(filter("instance-type", types.iter().copied())))
            .await
            .named(Service::Ec2, "DescribeInstanceTypeOfferings")?;
        for offering in found {
            if let (Some(name), Some(zone)) = (offering.instance_type(), offering.location()) {
                offerings.entry(name.as_str().to_owned()).or_default().insert(zone.to_owned());
            }
        }
        Ok(offerings)
    }

    /// Every Region that is enabled for the account.
    pub(super) async fn regions(&self) -> Result<Vec<String>, Failure> {
        let answer = self.ec2.describe_regions().send().await.named(Service::Ec2, "DescribeRegions")?;
        Ok(answer.regions().iter().filter_map(|region| region.region_name()).map(str::to_owned).collect())
    }
}

/// The table that a subnet follows: its own, else the VPC's main one.
pub(super) fn table_of<'a>(tables: &'a [RouteTable], subnet: &str) -> Option<&'a RouteTable> {
    let main = tables.iter().find(|table| table.associations().iter().any(|association| association.main() == Some(true)));
    let own = tables.iter().find(|table| table.associations().iter().any(|association| association.subnet_id() == Some(subnet)));
    own.or(main)
}

fn leads_to_internet(table: &RouteTable) -> bool {
    table.routes().iter().any(|route| {
        route.gateway_id().is_some_and(|gateway| gateway.starts_with("igw-"))
            && route.destination_cidr_block() == Some(ANYWHERE)
            // The gateway of such a route has been detached.
            && route.state() != Some(&RouteState::Blackhole)
    })
}
