//! A plan in the making: gathers changes and operations, then links, checks and orders them.

use crate::model::address::Address;
use crate::model::facts::Seen;
use crate::model::reference::Output;
use crate::model::tags::{OWNER, Owner, Tagged, Tags};
use crate::plan::action::Action;
use crate::plan::adoption::{self, Adoption};
use crate::plan::fields::Fields;
use crate::plan::{Change, ChangeAction, Goal, Operation, OperationId, Plan, Refusal};
use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What an operation needs beside the operations before it on its own resource and the outputs in its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The resource can be referred to.
    Exists(Address),
    /// Everything planned for the resource is done, its waits and its deletion included.
    Done(Address),
}

/// What the plan makes of one resource, once it is known whose it is.
pub enum Decision<'a, D, O> {
    Create(&'a D),
    Keep(&'a D, &'a O),
    Remove(&'a O),
    Leave,
}

struct DraftOperation {
    address: Address,
    action: Action,
    needs: Vec<Need>,
}

pub struct Draft {
    pub goal: Goal,
    pub owner: Owner,
    changes: BTreeMap<Address, Change>,
    /// Those that carry only the tags of the OpenTofu bundle, and have a place in what is desired.
    adopted: BTreeSet<Address>,
    /// Those that stay as they are for a reason, under the label that says which.
    left: BTreeMap<Address, Adoption>,
    /// Those that AWS shows differently in two places, which passes.
    lagging: BTreeSet<Address>,
    operations: Vec<DraftOperation>,
    warnings: Vec<String>,
    refusals: Vec<Refusal>,
}

impl Draft {
    pub fn new(goal: Goal, owner: Owner) -> Self {
        Self {
            goal,
            owner,
            changes: BTreeMap::new(),
            adopted: BTreeSet::new(),
            left: BTreeMap::new(),
            lagging: BTreeSet::new(),
            operations: Vec::new(),
            warnings: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// Decides what becomes of a resource, recording on the way that it could not be read or that its name is somebody else's.
    pub fn decide<'a, D, O: Tagged>(&mut self, address: &Address, desired: Option<&'a D>, observed: &'a Seen<O>) -> Decision<'a, D, O> {
        match (desired, observed) {
            (_, Seen::Unknown(why)) => {
                self.unknown(address, why);
                Decision::Leave
            }
            (Some(desired), Seen::Absent) => Decision::Create(desired),
            (Some(desired), Seen::Present(found)) if self.claim(address, found.tags()) => Decision::Keep(desired, found),
            (None, Seen::Present(found)) if self.owner.owns(found.tags()) => Decision::Remove(found),
            _ => Decision::Leave,
        }
    }

    /// Whether the resource that bears our name is ours; if not, the plan is refused, naming its owner's tags.
    pub fn claim(&mut self, address: &Address, tags: &Tags) -> bool {
        let ours = self.owner.owns(tags);
        if !ours {
            let theirs: Vec<String> = tags.0.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let shown = if theirs.is_empty() { "it has no tags".to_owned() } else { format!("its tags are {}", theirs.join(", ")) };
            self.refuse(
                address,
                format!("the name is taken by a resource that is not this instance's: {shown}"),
                format!("rename or delete that resource; if it does belong to this instance, tag it {}={}", OWNER, self.owner.name_prefix),
            );
        }
        self.adopt(address, tags);
        ours
    }

    /// Notes that the resource is taken over, if it carries only the tags of the OpenTofu bundle.
    pub fn adopt(&mut self, address: &Address, tags: &Tags) {
        if self.owner.owns(tags) && tags.value(OWNER).is_none() {
            self.adopted.insert(address.clone());
        }
    }

    pub fn adopts(&self, address: &Address) -> bool {
        self.adopted.contains(address)
    }

    /// Records that a resource stays as it is until somebody asks for the change.
    pub fn put_off(&mut self, address: &Address, reason: &str) {
        self.record(address, ChangeAction::None, Fields::default(), reason);
        self.left.insert(address.clone(), Adoption::WaitsForConsent);
    }

    /// Records that a resource stays, though nothing that is desired needs it.
    pub fn keep(&mut self, address: &Address, reason: &str) {
        self.record(address, ChangeAction::None, Fields::default(), reason);
        self.left.insert(address.clone(), Adoption::Kept);
    }

    pub fn refuse(&mut self, address: &Address, reason: String, remedy: String) {
        self.refusals.push(Refusal { address: address.clone(), reason, remedy });
    }

    pub fn warn(&mut self, warning: String) {
        if self.warnings.contains(&warning) {
            return;
        }
        self.warnings.push(warning);
    }

    pub fn unknown(&mut self, address: &Address, why: impl fmt::Display) {
        self.record(address, ChangeAction::Unknown, Fields::default(), &format!("could not be read: {why}"));
    }

    /// Records that AWS does not show all of the resource yet.
    pub fn lags(&mut self, address: &Address, why: &str) {
        self.unknown(address, why);
        self.lagging.insert(address.clone());
    }

    pub fn unchanged(&mut self, address: &Address) {
        self.record(address, ChangeAction::None, Fields::default(), "");
    }

    pub fn create(&mut self, address: &Address, fields: Fields, reason: &str) {
        self.record(address, ChangeAction::Create, fields, reason);
    }

    pub fn delete(&mut self, address: &Address, reason: &str) {
        self.record(address, ChangeAction::Delete, Fields::default(), reason);
    }

    pub fn wait(&mut self, address: &Address, reason: &str) {
        self.record(address, ChangeAction::Wait, Fields::default(), reason);
    }

    /// Records an update, or that nothing changes when no field does.
    pub fn update(&mut self, address: &Address, fields: Fields, reason: &str) {
        if fields.is_empty() {
            self.unchanged(address);
        } else {
            self.record(address, ChangeAction::Update, fields, reason);
        }
    }

    /// What is unknown stays unknown, whatever is recorded after that.
    pub fn record(&mut self, address: &Address, action: ChangeAction, fields: Fields, reason: &str) {
        if self.changes.get(address).is_some_and(|change| change.action == ChangeAction::Unknown) {
            return;
        }
        let change = Change {
            address: address.clone(),
            action,
            fields: fields.0,
            disruptive: false,
            reason: reason.to_owned(),
            adoption: None,
            depends_on: BTreeSet::new(),
        };
        self.changes.insert(address.clone(), change);
    }

    /// Marks a change that was recorded as one that running apps may notice.
    pub fn disrupts(&mut self, address: &Address) {
        if let Some(change) = self.changes.get_mut(address) {
            change.disruptive = true;
        }
    }

    /// Adds an operation. Operations on one resource run one after the other, in the order in which they were added.
    pub fn push(&mut self, address: &Address, action: Action, needs: impl IntoIterator<Item = Need>) {
        self.operations.push(DraftOperation { address: address.clone(), action, needs: needs.into_iter().collect() });
    }

    pub fn finish(mut self) -> Plan {
        let links = self.links();
        let mut unknown = self.changes.values().filter(|change| change.action == ChangeAction::Unknown).peekable();
        let lags = unknown.peek().is_some() && unknown.all(|change| self.lagging.contains(&change.address));
        let kept = self.unblocked(&links);
        let order = sorted(&links, &kept);
        let place: BTreeMap<OperationId, OperationId> = order.iter().enumerate().map(|(new, old)| (*old, new)).collect();
        let mut operations = Vec::with_capacity(order.len());
        for old in order {
            let draft = &self.operations[old];
            let mut after: Vec<OperationId> = links[old].iter().filter_map(|needed| place.get(needed).copied()).collect();
            after.sort_unstable();
            for needed in &links[old] {
                let other = &self.operations[*needed].address;
                if let Some(change) = self.changes.get_mut(&draft.address).filter(|_| *other != draft.address) {
                    change.depends_on.insert(other.clone());
                }
            }
            operations.push(Operation { address: draft.address.clone(), action: draft.action.clone(), after });
        }
        self.label();
        let changes = in_order(self.changes, &operations);
        Plan { goal: self.goal, changes, operations, lags, warnings: self.warnings, refusals: self.refusals }
    }

    fn label(&mut self) {
        if self.adopted.is_empty() {
            return;
        }
        for change in self.changes.values_mut() {
            change.adoption = self.left.get(&change.address).copied().or_else(|| adoption::label(change));
        }
    }

    /// For each operation, the operations that it must follow.
    fn links(&self) -> Vec<BTreeSet<OperationId>> {
        let mut of_address: BTreeMap<&Address, Vec<OperationId>> = BTreeMap::new();
        let mut producers: BTreeMap<(&Address, Output), OperationId> = BTreeMap::new();
        for (id, operation) in self.operations.iter().enumerate() {
            of_address.entry(&operation.address).or_default().push(id);
            producers.extend(operation.action.outputs().iter().map(|output| ((&operation.address, *output), id)));
        }
        let mut links = Vec::with_capacity(self.operations.len());
        for (id, operation) in self.operations.iter().enumerate() {
            let siblings = of_address.get(&operation.address).map_or(&[][..], Vec::as_slice);
            let mut after: BTreeSet<OperationId> = siblings.iter().copied().rfind(|other| *other < id).into_iter().collect();
            after.extend(operation.action.inputs().iter().filter_map(|(address, output)| producers.get(&(address, *output))));
            for need in &operation.needs {
                let (Need::Exists(address) | Need::Done(address)) = need;
                let others = of_address.get(address).map_or(&[][..], Vec::as_slice).iter().copied();
                match need {
                    Need::Exists(_) => after.extend(others.filter(|other| self.operations[*other].action.establishes())),
                    Need::Done(_) => after.extend(others.filter(|other| *other != id)),
                }
            }
            links.push(after);
        }
        links
    }

    /// The operations that touch or need nothing unknown. A resource of which one operation is out of reach is left alone altogether, and becomes
    /// unknown itself.
    fn unblocked(&mut self, links: &[BTreeSet<OperationId>]) -> BTreeSet<OperationId> {
        // Each hidden resource with the one that hides it.
        let unread = self.changes.values().filter(|change| change.action == ChangeAction::Unknown);
        let mut hidden: BTreeMap<Address, Address> = unread.map(|change| (change.address.clone(), change.address.clone())).collect();
        // Nothing is hidden in most plans; else each pass hides what needs what the last one hid, until a pass finds nothing more.
        let mut known = 0;
        while hidden.len() > known {
            known = hidden.len();
            for (id, operation) in self.operations.iter().enumerate() {
                let linked = links[id].iter().find_map(|other| hidden.get(&self.operations[*other].address));
                if let Some(cause) = operation.hidden_need(&hidden).or(linked).cloned() {
                    hidden.entry(operation.address.clone()).or_insert(cause);
                }
            }
        }
        for (address, cause) in hidden.iter().filter(|(address, cause)| address != cause) {
            self.record(address, ChangeAction::Unknown, Fields::default(), &format!("needs {cause}, which could not be read"));
        }
        (0..self.operations.len()).filter(|id| !hidden.contains_key(&self.operations[*id].address)).collect()
    }
}

impl DraftOperation {
    fn hidden_need<'a>(&self, hidden: &'a BTreeMap<Address, Address>) -> Option<&'a Address> {
        let named = self.needs.iter().map(|(Need::Exists(address) | Need::Done(address))| address.clone());
        let read = self.action.inputs().into_iter().map(|(address, _)| address);
        named.chain(read).chain([self.address.clone()]).find_map(|address| hidden.get(&address))
    }
}

/// The kept operations in an order that respects every link. A cycle cannot come from any inputs, only from a mistake in a planner;
/// its operations are then left in the order in which they were drafted, which the property tests refuse.
fn sorted(links: &[BTreeSet<OperationId>], kept: &BTreeSet<OperationId>) -> Vec<OperationId> {
    let mut graph: DiGraph<OperationId, ()> = DiGraph::new();
    // Last first: toposort visits the last node first, and the order should stay close to the drafted one.
    let nodes: BTreeMap<OperationId, NodeIndex> = kept.iter().rev().map(|id| (*id, graph.add_node(*id))).collect();
    for (id, node) in &nodes {
        for needed in links[*id].iter().filter_map(|needed| nodes.get(needed)) {
            graph.add_edge(*needed, *node, ());
        }
    }
    match toposort(&graph, None) {
        Ok(order) => order.into_iter().map(|node| graph[node]).collect(),
        Err(_) => kept.iter().copied().collect(),
    }
}

/// Changes by the first of their operations; those without any by kind and name, before the others.
fn in_order(changes: BTreeMap<Address, Change>, operations: &[Operation]) -> Vec<Change> {
    let mut first: BTreeMap<&Address, OperationId> = BTreeMap::new();
    for (id, operation) in operations.iter().enumerate() {
        first.entry(&operation.address).or_insert(id);
    }
    let mut ordered: Vec<Change> = changes.into_values().collect();
    ordered.sort_by_key(|change| first.get(&change.address).copied());
    ordered
}
