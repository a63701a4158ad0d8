//! What the engine asks of AWS. Implemented by the real thing, and by the worlds that tests make up.

use crate::aws::failure::Failure;
use crate::aws::progress::{Depth, Progress, Yield};
use crate::aws::{Aws, Scope};
use crate::model::answers::Answers;
use crate::model::observed::Observed;
use crate::model::reference::Outputs;
use crate::plan::action::{Action, Condition};
use crate::plan::questions::Questions;
use std::future::Future;

pub trait Cloud {
    /// Finds everything that may be this instance's. A read that fails leaves its part unknown.
    fn look(&self, scope: &Scope) -> impl Future<Output = Observed>;

    /// Finds out what only some plans need to know.
    fn answer(&self, questions: &Questions) -> impl Future<Output = Answers>;

    /// Carries out one mutation. A mutation may have happened even when its answer is a failure.
    fn perform(&self, action: &Action, outputs: &Outputs) -> impl Future<Output = Result<Vec<Yield>, Failure>>;

    /// Looks once whether the condition holds.
    fn check(&self, condition: &Condition, outputs: &Outputs, depth: Depth) -> impl Future<Output = Result<Progress, Failure>>;
}

impl Cloud for Aws {
    async fn look(&self, scope: &Scope) -> Observed {
        Self::look(self, scope).await
    }

    async fn answer(&self, questions: &Questions) -> Answers {
        Self::answer(self, questions).await
    }

    async fn perform(&self, action: &Action, outputs: &Outputs) -> Result<Vec<Yield>, Failure> {
        Self::perform(self, action, outputs).await
    }

    async fn check(&self, condition: &Condition, outputs: &Outputs, depth: Depth) -> Result<Progress, Failure> {
        Self::check(self, condition, outputs, depth).await
    }
}
