//! What must be known of the account before a cluster can be designed: the network, the zones, the images, the offers. Read once a run.

use crate::model::tags::{Owner, Tagged};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The three answers that a look at AWS can give. `Unknown` is a read that failed: it is shown, and never causes a create or a delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen<T> {
    Present(T),
    Absent,
    Unknown(Unread),
}

/// Why a read failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// In AWS's words.
    pub words: String,
    /// Whether AWS did not answer, however often it was asked, so that a later look may tell.
    pub passes: bool,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl<T> Seen<T> {
    #[must_use]
    pub fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// What was found, if it is this instance's.
    #[must_use]
    pub fn ours(&self, owner: &Owner) -> Option<&T>
    where
        T: Tagged,
    {
        self.present().filter(|found| owner.owns(found.tags()))
    }

    #[must_use]
    pub fn unknown(&self) -> Option<&Unread> {
        match self {
            Self::Unknown(why) => Some(why),
            Self::Present(_) | Self::Absent => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    pub id: String,
    pub vpc_id: String,
    pub availability_zone: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedZone {
    /// Without the `/hostedzone/` that the API puts before it.
    pub id: String,
    /// Lower case, without the trailing dot.
    pub name: String,
    pub private: bool,
}

/// The Amazon ECS-optimized AMI families that we launch, all of Amazon Linux 2023.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageFamily {
    X86,
    Arm64,
    /// NVIDIA drivers; published for `x86_64` only.
    Gpu,
}

impl ImageFamily {
    /// The public SSM parameter whose value is the id of the recommended image.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::X86 => "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
            Self::Arm64 => "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
            Self::Gpu => "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id",
        }
    }
}

/// What the run has read of its surroundings. Whatever the inputs do not need is left `Absent` or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// `Absent` when the VPC does not exist.
    pub vpc: Seen<()>,
    /// The subnets of the connection that exist, by id.
    pub subnets: Seen<BTreeMap<String, Subnet>>,
    /// The public subnets whose route table leads to an internet gateway.
    pub internet_subnets: Seen<BTreeSet<String>>,
    /// The subnets that our load balancer stands on.
    pub load_balancer_subnets: BTreeSet<String>,
    /// Every zone that the inputs name, by id.
    pub zones: BTreeMap<String, Seen<HostedZone>>,
    /// Whether the account's list of zones could be read, which saves a call for each of them.
    pub listed_zones: Seen<()>,
    /// For each instance type of the inputs, the Availability Zones that offer it.
    pub offerings: Seen<BTreeMap<String, BTreeSet<String>>>,
    /// The recommended image of every family that the inputs need and SSM has.
    pub images: Seen<BTreeMap<ImageFamily, String>>,
    /// Which of the TLS policies that we would use the Region has.
    pub tls_policies: Seen<BTreeSet<String>>,
}
