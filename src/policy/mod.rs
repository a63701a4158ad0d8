//! Named rules that the planned cluster is held against, before anything is made. Pure, and no part of the plan: they judge, and change nothing.

mod cluster;
mod ingress;
mod nodes;

use crate::inputs::Identity;
use crate::model::address::Address;
use crate::model::facts::Facts;
use crate::model::observed::Observed;
use crate::plan::Refusal;
use crate::plan::desired::Desired;
use schemars::JsonSchema;
use serde::Serialize;

/// What a rule may look at: what will stand once the plan is carried out, and what others have put on it and stays.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub identity: &'a Identity,
    pub facts: &'a Facts,
    pub desired: &'a Desired,
    pub observed: &'a Observed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
}

impl Severity {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One requirement. Ids are never given to another rule: people write them into their exceptions.
pub struct Rule {
    pub id: &'static str,
    /// What holds where the rule is kept.
    pub title: &'static str,
    pub why: &'static str,
    pub remedy: &'static str,
    pub severity: Severity,
    /// The controls of AWS Security Hub (`ECS.12`), of AWS Control Tower (`CT.…`), of the CIS AWS Foundations Benchmark (`CIS 3.0.0/…`) or the
    /// rules of AWS Config that ask for the same.
    pub controls: &'static [&'static str],
    /// Why this bundle does not keep the rule, where it does not by design. Such a failure never stops a run.
    pub exempt: Option<&'static str>,
    check: fn(&Subject) -> Checked,
}

const NO_ZONES: &str = "the Availability Zones of the subnets could not be read";

/// Every resource that the rule is about, or why there is none to judge.
type Checked = Result<Vec<Examined>, Unjudged>;

/// Why a rule says nothing.
enum Unjudged {
    /// What it is about is not part of the cluster.
    NotApplicable(&'static str),
    /// What it is about was not read.
    NotChecked(&'static str),
}

struct Examined {
    address: Address,
    /// What is wrong with it, to be read after its address.
    fault: Option<String>,
}

impl Examined {
    fn new(address: Address, fault: Option<String>) -> Self {
        Self { address, fault }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    Failed,
    /// Not kept, by this bundle's design.
    Exempt,
    NotApplicable,
    /// What it is about was not read.
    NotChecked,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    pub address: Address,
    pub reason: String,
}

/// What one rule says of the planned cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verdict {
    pub id: &'static str,
    pub title: &'static str,
    pub severity: Severity,
    pub controls: &'static [&'static str],
    pub outcome: Outcome,
    /// Why the rule is exempt, does not apply or was not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// What was judged.
    pub resources: Vec<Address>,
    /// What is wrong, and with what.
    pub findings: Vec<Finding>,
    pub why: &'static str,
    pub remedy: &'static str,
}

/// Every rule, in the order of the ids.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    cluster::RULES.iter().chain(nodes::RULES).chain(ingress::RULES)
}

/// What every rule says of this plan.
#[must_use]
pub fn judge(subject: &Subject) -> Vec<Verdict> {
    rules().map(|rule| rule.judge(subject)).collect()
}

/// Each finding of a failed rule as a reason not to carry the plan out.
#[must_use]
pub fn refusals(verdicts: &[Verdict]) -> Vec<Refusal> {
    let failed = verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Failed);
    let refusal = |verdict: &Verdict, finding: &Finding| Refusal {
        address: finding.address.clone(),
        reason: format!("{}; policy rule {} demands that {}", finding.reason, verdict.id, verdict.title),
        remedy: format!("{}; or set `policy.halt_on_failure` of the step to false", verdict.remedy),
    };
    failed.flat_map(|verdict| verdict.findings.iter().map(move |finding| refusal(verdict, finding))).collect()
}

impl Rule {
    fn judge(&self, subject: &Subject) -> Verdict {
        let (examined, missing) = match (self.check)(subject) {
            Ok(examined) => (examined, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        let resources = examined.iter().map(|one| one.address.clone()).collect();
        let findings: Vec<Finding> =
            examined.into_iter().filter_map(|one| Some(Finding { address: one.address, reason: one.fault? })).collect();
        let (outcome, note) = match (missing, findings.is_empty(), self.exempt) {
            (Some(Unjudged::NotApplicable(why)), _, _) => (Outcome::NotApplicable, Some(why)),
            (Some(Unjudged::NotChecked(why)), _, _) => (Outcome::NotChecked, Some(why)),
            (None, true, _) => (Outcome::Passed, None),
            (None, false, Some(why)) => (Outcome::Exempt, Some(why)),
            (None, false, None) => (Outcome::Failed, None),
        };
        let Self { id, title, why, remedy, severity, controls, .. } = *self;
        Verdict { id, title, severity, controls, outcome, note, resources, findings, why, remedy }
    }
}
