//! Runs the engine over the fake, with everything that it reports written down.

use super::fake::Fake;
use aws_ecs_cluster::aws::Scope;
use aws_ecs_cluster::engine::Context;
use aws_ecs_cluster::engine::converge::{Unconverged, converge, look_and_plan};
use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::engine::interrupt::Interrupt;
use aws_ecs_cluster::model::address::Address;
use aws_ecs_cluster::model::observed::Observed;
use aws_ecs_cluster::plan::desired::Desired;
use aws_ecs_cluster::report::ending;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(future)
}

pub struct Run {
    pub end: Result<Observed, Unconverged>,
    pub events: Vec<Event>,
}

impl Run {
    pub fn expect_converged(&self) -> &Observed {
        self.end.as_ref().unwrap_or_else(|end| panic!("not converged: {}", ending::explain(end, "us-west-2")))
    }

    /// How often it looked and planned, its end included.
    pub fn rounds(&self) -> usize {
        self.expect_converged();
        self.events.iter().filter(|event| matches!(event, Event::Planned { .. })).count()
    }

    /// Whether anything was changed.
    pub fn changed(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::Done { .. }))
    }

    /// An address on which an operation was started while another was under way.
    pub fn overlap(&self) -> Option<&Address> {
        let mut under_way: BTreeSet<&Address> = BTreeSet::new();
        self.events.iter().find_map(|event| match event {
            Event::Started { address, .. } => (!under_way.insert(address)).then_some(address),
            Event::Done { address, .. }
            | Event::Ready { address, .. }
            | Event::Overtaken { address, .. }
            | Event::PutOff { address, .. }
            | Event::Failed { address, .. } => {
                under_way.remove(address);
                None
            }
            _ => None,
        })
    }
}

/// From a look to the end of the loop.
pub fn run(fake: &Fake, scope: &Scope, desired: Option<&Desired>) -> Run {
    let (_raise, interrupt) = Interrupt::new();
    run_with(fake, scope, desired, &interrupt, |_| {})
}

/// As [`run`], with an interrupt and somebody who watches the events.
pub fn run_with(fake: &Fake, scope: &Scope, desired: Option<&Desired>, interrupt: &Interrupt, watch: impl Fn(&Event)) -> Run {
    let events = RefCell::new(Vec::new());
    let report = |event: &Event| {
        watch(event);
        events.borrow_mut().push(event.clone());
    };
    let context = Context { report: &report, interrupt };
    let end = block_on(async {
        let first = look_and_plan(fake, scope, desired).await;
        converge(fake, scope, desired, first, context).await
    });
    Run { end, events: events.into_inner() }
}
