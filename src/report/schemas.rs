//! The schemas of what programs read: the plan, and the lines on stderr.

use crate::report::line::Line;
use crate::report::plan_json::PlanView;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use std::collections::BTreeMap;

/// Each schema file by its path within the project, with a final newline.
pub fn files() -> serde_json::Result<BTreeMap<&'static str, String>> {
    let schemas = [
        ("docs/plan.schema.json", schema::<PlanView<'_>>("What `plan --output json` prints")),
        ("docs/events.schema.json", schema::<Line<'_>>("One line of stderr with `--output json`")),
    ];
    schemas.into_iter().map(|(file, schema)| Ok((file, serde_json::to_string_pretty(&schema)? + "\n"))).collect()
}

fn schema<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.contract = schemars::generate::Contract::Serialize);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}
