//! What runs on a cluster: its services, its tasks, and the instances that it knows.

use crate::aws::Aws;
use crate::aws::call::{Named, all_of, required, unless_missing};
use crate::aws::failure::Failure;
use crate::aws::progress::Progress;
use crate::model::answers::{ObservedService, ObservedTask, Tenants, Workload};
use crate::model::observed::ObservedContainerInstance;
use crate::model::quoted::quoted;
use crate::plan::action::{NodeState, Service};
use aws_sdk_ecs::types::{ContainerInstanceStatus, LaunchType, SchedulingStrategy};
use futures_util::future::try_join_all;
use std::collections::BTreeSet;

const INACTIVE: &str = "INACTIVE";
/// Container instances per `DescribeContainerInstances` call, at most.
const INSTANCE_BATCH: usize = 100;
/// Services per `DescribeServices` call, at most.
const SERVICE_BATCH: usize = 10;
/// Tasks per `DescribeTasks` call, and services per page of `ListServices`, at most.
const BATCH: usize = 100;
const PAGE: i32 = 100;

impl Aws {
    /// Services, and tasks that no service started: a service's tasks go with the service.
    pub(super) async fn tenants(&self, cluster: &str) -> Result<Tenants, Failure> {
        let (services, tasks) = tokio::join!(all_of!(self.ecs.list_services().cluster(cluster)), self.tasks(cluster));
        let services = unless_missing(services.named(Service::Ecs, "ListServices"), &["ClusterNotFoundException"])?.unwrap_or_default();
        let name = |arn: String| arn.rsplit('/').next().map(str::to_owned).unwrap_or(arn);
        let alone = tasks?.into_iter().filter(|task| task.service().is_none());
        Ok(Tenants { services: services.into_iter().map(name).collect(), tasks: alone.map(|task| task.arn).collect() })
    }

    /// Every service and every task.
    pub(super) async fn workload(&self, cluster: &str) -> Result<Workload, Failure> {
        let (services, tasks) = tokio::try_join!(self.services(cluster), self.tasks(cluster))?;
        Ok(Workload { services, tasks })
    }

    async fn services(&self, cluster: &str) -> Result<Vec<ObservedService>, Failure> {
        let arns = all_of!(self.ecs.list_services().cluster(cluster).max_results(PAGE)).await.named(Service::Ecs, "ListServices");
        let arns = unless_missing(arns, &["ClusterNotFoundException"])?.unwrap_or_default();
        let described = arns.chunks(SERVICE_BATCH).map(|arns| async move {
            let call = self.ecs.describe_services().cluster(cluster).set_services(Some(arns.to_vec()));
            call.send().await.named(Service::Ecs, "DescribeServices")
        });
        let found = try_join_all(described).await?.into_iter().flat_map(|answer| answer.services.unwrap_or_default());
        let service = |service: aws_sdk_ecs::types::Service| {
            Ok(ObservedService {
                name: required(service.service_name, Service::Ecs, "DescribeServices", "serviceName")?,
                capacity_providers: service.capacity_provider_strategy.into_iter().flatten().map(|item| item.capacity_provider).collect(),
                is_daemon: service.scheduling_strategy == Some(SchedulingStrategy::Daemon),
            })
        };
        found.filter(|service| service.status.as_deref() != Some(INACTIVE)).map(service).collect()
    }

    async fn tasks(&self, cluster: &str) -> Result<Vec<ObservedTask>, Failure> {
        let arns = all_of!(self.ecs.list_tasks().cluster(cluster)).await.named(Service::Ecs, "ListTasks");
        let arns = unless_missing(arns, &["ClusterNotFoundException"])?.unwrap_or_default();
        let described = arns.chunks(BATCH).map(|arns| async move {
            let call = self.ecs.describe_tasks().cluster(cluster).set_tasks(Some(arns.to_vec()));
            call.send().await.named(Service::Ecs, "DescribeTasks")
        });
        let found = try_join_all(described).await?.into_iter().flat_map(|answer| answer.tasks.unwrap_or_default());
        let task = |task: aws_sdk_ecs::types::Task| {
            Ok(ObservedTask {
                arn: required(task.task_arn, Service::Ecs, "DescribeTasks", "taskArn")?,
                // The task of a service has one; a task without one is taken for one that somebody has started by hand, which blocks more.
                group: task.group.unwrap_or_default(),
                container_instance: task.container_instance_arn,
            })
        };
        found.map(task).collect()
    }

    /// The names of the services with launch type EC2, daemons left out.
    pub(super) async fn ec2_services(&self, cluster: &str) -> Result<BTreeSet<String>, Failure> {
        let call = self.ecs.list_services().cluster(cluster).max_results(PAGE);
        let call = call.launch_type(LaunchType::Ec2).scheduling_strategy(SchedulingStrategy::Replica);
        let arns = all_of!(call).await.named(Service::Ecs, "ListServices");
        let arns = unless_missing(arns, &["ClusterNotFoundException"])?.unwrap_or_default();
        Ok(arns.iter().filter_map(|arn| arn.rsplit('/').next()).map(str::to_owned).collect())
    }

    pub(super) async fn container_instances(&self, cluster: &str) -> Result<Vec<ObservedContainerInstance>, Failure> {
        let arns = all_of!(self.ecs.list_container_instances().cluster(cluster)).await.named(Service::Ecs, "ListContainerInstances");
        let arns = unless_missing(arns, &["ClusterNotFoundException"])?.unwrap_or_default();
        let described = arns.chunks(INSTANCE_BATCH).map(|arns| async move {
            let call = self.ecs.describe_container_instances().cluster(cluster).set_container_instances(Some(arns.to_vec()));
            call.send().await.named(Service::Ecs, "DescribeContainerInstances")
        });
        let found = try_join_all(described).await?.into_iter().flat_map(|answer| answer.container_instances.unwrap_or_default());
        let instance = |instance: aws_sdk_ecs::types::ContainerInstance| {
            let draining = instance.status.as_deref() == Some(ContainerInstanceStatus::Draining.as_str());
            Ok(ObservedContainerInstance {
                arn: required(instance.container_instance_arn, Service::Ecs, "DescribeContainerInstances", "containerInstanceArn")?,
                // An agent can register without proof of the instance that it runs on: then it is none of ours.
                ec2_instance_id: instance.ec2_instance_id.unwrap_or_default(),
                agent_connected: instance.agent_connected,
                draining,
                running_tasks: instance.running_tasks_count,
            })
        };
        found.map(instance).collect()
    }

    /// ECS tells in an answer of success which of them it did not take: one that is gone needs no other state, one that is still registering takes it
    /// in a moment.
    pub(super) async fn set_state(&self, cluster: &str, arns: &[String], state: NodeState) -> Result<(), Failure> {
        let state = match state {
            NodeState::Active => ContainerInstanceStatus::Active,
            NodeState::Draining => ContainerInstanceStatus::Draining,
        };
        let operation = "UpdateContainerInstancesState";
        let call = self.ecs.update_container_instances_state().cluster(cluster).status(state);
        let answer = call.set_container_instances(Some(arns.to_vec())).send().await.named(Service::Ecs, operation)?;
        let words = |text: Option<String>| text.unwrap_or_default();
        let refused = answer.failures.unwrap_or_default().into_iter().filter(|one| one.reason.as_deref() != Some("MISSING"));
        let refused: Vec<String> = refused.map(|one| format!("{} {} {}", words(one.arn), words(one.reason), words(one.detail))).collect();
        let refused: Vec<&str> = refused.iter().map(|one| one.trim_end()).collect();
        if refused.is_empty() { Ok(()) } else { Err(Failure::unseen(Service::Ecs, operation, &quoted(&refused.join(", "), &[]))) }
    }

    pub(super) async fn nodes_drained(&self, cluster: &str, arns: &[String]) -> Result<Progress, Failure> {
        let registered = self.container_instances(cluster).await?;
        let busy = registered.iter().filter(|instance| arns.contains(&instance.arn)).map(|instance| instance.running_tasks).sum::<i32>();
        Ok(if busy == 0 {
            Progress::Done(Vec::new())
        } else {
            Progress::Pending(format!("tasks still running: {busy}; one that no service started has to be stopped by hand"))
        })
    }

    /// By force: what it ran is gone with its instance.
    pub(super) async fn deregister(&self, cluster: &str, arn: &str) -> Result<(), Failure> {
        let call = self.ecs.deregister_container_instance().cluster(cluster).container_instance(arn).force(true);
        let result = call.send().await.named(Service::Ecs, "DeregisterContainerInstance");
        // ECS deregisters an instance by itself when its agent was connected at the end.
        unless_missing(result, &["InvalidParameterException", "ClusterNotFoundException"])?;
        Ok(())
    }
}
