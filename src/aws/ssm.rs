//! AWS Systems Manager: the public parameters that name the recommended images.

use crate::aws::Aws;
use crate::aws::call::Named;
use crate::aws::failure::Failure;
use crate::model::facts::ImageFamily;
use crate::plan::action::Service;
use std::collections::{BTreeMap, BTreeSet};

impl Aws {
    /// The recommended image of each family that has one here. `GetParameters` takes ten names, and there are three families.
    pub(super) async fn recommended_images(&self, families: &BTreeSet<ImageFamily>) -> Result<BTreeMap<ImageFamily, String>, Failure> {
        if families.is_empty() {
            return Ok(BTreeMap::new());
        }
        let names = families.iter().map(|family| family.parameter().to_owned()).collect();
        let answer = self.ssm.get_parameters().set_names(Some(names)).send().await.named(Service::Ssm, "GetParameters")?;
        let value = |family: ImageFamily| {
            let found = answer.parameters().iter().find(|parameter| parameter.name() == Some(family.parameter()));
            found.and_then(|parameter| parameter.value()).map(|image| (family, image.to_owned()))
        };
        Ok(families.iter().filter_map(|family| value(*family)).collect())
    }
}
