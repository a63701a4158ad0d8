//! A cloud in memory: applies every planned operation to a world, and refuses what AWS or our own promises would not allow.
//!
//! It never answers "not yet": a plan that needs AWS's patience to be in order is a wrong plan here.

mod apply;
mod ecs;
mod iam;
mod ingress;
mod nodes;
mod security_groups;

use crate::plan::world::World;
use apply::Refused;
use aws_ecs_cluster::aws::Scope;
use aws_ecs_cluster::aws::failure::{Class, Failure};
use aws_ecs_cluster::aws::progress::{Depth, Progress, Yield};
use aws_ecs_cluster::engine::cloud::Cloud;
use aws_ecs_cluster::model::answers::Answers;
use aws_ecs_cluster::model::facts::{Seen, Unread};
use aws_ecs_cluster::model::observed::Observed;
use aws_ecs_cluster::model::reference::Outputs;
use aws_ecs_cluster::plan::action::{Action, Condition, Service};
use aws_ecs_cluster::plan::questions::Questions;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What goes wrong with a call.
#[derive(Clone, Debug)]
pub enum Strike {
    /// Nothing happened.
    Refused(Failure),
    /// It happened, and the answer was lost.
    Lost(Failure),
    /// AWS says yes and does nothing.
    Ignored,
}

type Faults = Box<dyn FnMut(&Action) -> Option<Strike>>;

pub struct Fake {
    pub world: RefCell<World>,
    /// The mutations that were asked for, in order.
    pub performed: RefCell<Vec<Action>>,
    pub looks: Cell<usize>,
    /// By the number of the look: why it does not show the role.
    pub hidden_roles: BTreeMap<usize, Unread>,
    /// How many calls, waits included, have been begun.
    pub begun: Rc<Cell<usize>>,
    faults: RefCell<Faults>,
    under_way: RefCell<BTreeMap<Service, usize>>,
    /// By service, the most calls that were under way at once.
    pub most_under_way: RefCell<BTreeMap<Service, usize>>,
}

impl Fake {
    pub fn new(world: World) -> Self {
        Self::failing(world, |_| None)
    }

    /// With calls that go wrong. Waits are asked about as actions too.
    pub fn failing(world: World, faults: impl FnMut(&Action) -> Option<Strike> + 'static) -> Self {
        Self {
            world: RefCell::new(world),
            performed: RefCell::default(),
            looks: Cell::new(0),
            hidden_roles: BTreeMap::new(),
            begun: Rc::default(),
            faults: RefCell::new(Box::new(faults)),
            under_way: RefCell::default(),
            most_under_way: RefCell::default(),
        }
    }

    /// Lets others run while the call is under way.
    async fn take_time(&self, service: Service) {
        self.begun.set(self.begun.get() + 1);
        let now = {
            let mut under_way = self.under_way.borrow_mut();
            let now = under_way.entry(service).or_default();
            *now += 1;
            *now
        };
        let most = self.most_under_way.borrow().get(&service).copied().unwrap_or_default();
        self.most_under_way.borrow_mut().insert(service, most.max(now));
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        self.under_way.borrow_mut().entry(service).and_modify(|now| *now -= 1);
    }

    fn strike(&self, action: &Action) -> Option<Strike> {
        (self.faults.borrow_mut())(action)
    }
}

impl Cloud for Fake {
    async fn look(&self, scope: &Scope) -> Observed {
        self.looks.set(self.looks.get() + 1);
        let mut seen = self.world.borrow().look(scope);
        if let Some(why) = self.hidden_roles.get(&self.looks.get()) {
            seen.role = Seen::Unknown(why.clone());
        }
        seen
    }

    async fn answer(&self, questions: &Questions) -> Answers {
        self.world.borrow().answer(questions)
    }

    async fn perform(&self, action: &Action, outputs: &Outputs) -> Result<Vec<Yield>, Failure> {
        self.take_time(action.service()).await;
        let strike = self.strike(action);
        match strike {
            Some(Strike::Refused(failure)) => return Err(failure),
            Some(Strike::Ignored) => return Ok(Vec::new()),
            Some(Strike::Lost(_)) | None => {}
        }
        self.performed.borrow_mut().push(action.clone());
        let result = apply::apply(&mut self.world.borrow_mut(), action, outputs);
        match strike {
            Some(Strike::Lost(failure)) => Err(failure),
            _ => result.map_err(|refused| failure(action, refused)),
        }
    }

    async fn check(&self, condition: &Condition, outputs: &Outputs, _: Depth) -> Result<Progress, Failure> {
        self.take_time(condition.service()).await;
        let action = Action::Wait(condition.clone());
        if let Some(Strike::Refused(failure) | Strike::Lost(failure)) = self.strike(&action) {
            return Err(failure);
        }
        apply::reach(&mut self.world.borrow_mut(), condition, outputs).map(Progress::Done).map_err(|refused| failure(&action, refused))
    }
}

fn failure(action: &Action, refused: Refused) -> Failure {
    let (message, class) = match refused {
        Refused::There => ("it is there already".to_owned(), Class::Overtaken),
        Refused::Gone => ("it is not there".to_owned(), Class::Overtaken),
        Refused::Wrong(why) => (why, Class::Final),
    };
    Failure::local(action.service(), action.operation(), message).of_class(class)
}

/// A failure of an action that the network is to blame for.
pub fn broken(action: &Action) -> Failure {
    refusal(action, Class::Final, "connection reset")
}

/// AWS's refusal of an action.
pub fn refusal(action: &Action, class: Class, message: &str) -> Failure {
    Failure::local(action.service(), action.operation(), message.to_owned()).of_class(class)
}
