//! Plain data: what an ECS cluster is made of, how its parts are named, tagged and addressed. Depends on nothing else here.

pub mod address;
pub mod answers;
pub mod arn;
pub mod catalog;
pub mod facts;
pub mod names;
pub mod observed;
pub mod properties;
pub mod quotas;
pub mod quoted;
pub mod reference;
pub mod secret;
pub mod tags;
pub mod texts;
