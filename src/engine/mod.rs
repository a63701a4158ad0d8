//! Observe, plan, execute, look again, until nothing is left to do. Knows no resource's fields.

pub mod cloud;
pub mod converge;
pub mod event;
pub mod execute;
pub mod interrupt;
mod limits;
pub mod refusals;
pub mod rounds;
mod usual;
pub mod wait;

/// What every part of a run needs: where to report, and whether to stop.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub report: &'a dyn Fn(&event::Event),
    pub interrupt: &'a interrupt::Interrupt,
}
