//! The EC2 instance types that a node group may have, with the facts about each that the form shows and the plan needs.

use crate::model::facts::ImageFamily;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Architecture {
    X86_64,
    Arm64,
}

/// What AWS says a family is for. The form's choices are grouped by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    Burstable,
    General,
    Compute,
    Memory,
    Gpu,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// `m5.large`.
    pub name: &'static str,
    /// The part of the name before the dot.
    pub family: &'static str,
    /// The part of the name after the dot.
    pub size: &'static str,
    pub purpose: Purpose,
    pub architecture: Architecture,
    pub gpu_model: Option<&'static str>,
    pub gpus: u32,
    pub vcpus: u32,
    pub memory_mib: u32,
}

/// The GPU of p2. NVIDIA's current drivers no longer serve its architecture, so ECS publishes no image that could use it.
const KEPLER: &str = "NVIDIA K80";

/// A line of the table: size, vCPUs, memory in GiB, and the number of GPUs where there are any.
macro_rules! catalog {
    ($($family:literal $purpose:ident $architecture:ident $gpu:expr =>
        $($size:literal $vcpus:literal $gib:literal $(gpus $gpus:literal)?),+;)+) => {
        &[$($(InstanceType {
            name: concat!($family, ".", $size),
            family: $family,
            size: $size,
            purpose: Purpose::$purpose,
            architecture: Architecture::$architecture,
            gpu_model: $gpu,
            gpus: 0 $(+ $gpus)?,
            vcpus: $vcpus,
            memory_mib: $gib * 1024,
        },)+)+]
    };
}

/// In the order in which the form lists them: by purpose, by generation, by size; what cannot be launched comes last.
static ALL: &[InstanceType] = catalog! {
    "t3" Burstable X86_64 None =>
        "small" 2 2, "medium" 2 4, "large" 2 8, "xlarge" 4 16, "2xlarge" 8 32;
    "t4g" Burstable Arm64 None =>
        "small" 2 2, "medium" 2 4, "large" 2 8, "xlarge" 4 16, "2xlarge" 8 32;
    "m5" General X86_64 None =>
        "large" 2 8, "xlarge" 4 16, "2xlarge" 8 32, "4xlarge" 16 64, "8xlarge" 32 128, "12xlarge" 48 192, "16xlarge" 64 256,
        "24xlarge" 96 384;
    "m6i" General X86_64 None =>
        "large" 2 8, "xlarge" 4 16, "2xlarge" 8 32, "4xlarge" 16 64, "8xlarge" 32 128, "12xlarge" 48 192, "16xlarge" 64 256,
        "24xlarge" 96 384, "32xlarge" 128 512;
    "m7i" General X86_64 None =>
        "large" 2 8, "xlarge" 4 16, "2xlarge" 8 32, "4xlarge" 16 64, "8xlarge" 32 128, "12xlarge" 48 192, "16xlarge" 64 256,
        "24xlarge" 96 384, "48xlarge" 192 768;
    "m7g" General Arm64 None =>
        "medium" 1 4, "large" 2 8, "xlarge" 4 16, "2xlarge" 8 32, "4xlarge" 16 64, "8xlarge" 32 128, "12xlarge" 48 192,
        "16xlarge" 64 256;
    "m8g" General Arm64 None =>
        "medium" 1 4, "large" 2 8, "xlarge" 4 16, "2xlarge" 8 32, "4xlarge" 16 64, "8xlarge" 32 128, "12xlarge" 48 192,
        "16xlarge" 64 256, "24xlarge" 96 384, "48xlarge" 192 768;
    "c5" Compute X86_64 None =>
        "large" 2 4, "xlarge" 4 8, "2xlarge" 8 16, "4xlarge" 16 32, "9xlarge" 36 72, "12xlarge" 48 96, "18xlarge" 72 144,
        "24xlarge" 96 192;
    "c6i" Compute X86_64 None =>
        "large" 2 4, "xlarge" 4 8, "2xlarge" 8 16, "4xlarge" 16 32, "8xlarge" 32 64, "12xlarge" 48 96, "16xlarge" 64 128,
        "24xlarge" 96 192, "32xlarge" 128 256;
    "c7i" Compute X86_64 None =>
        "large" 2 4, "xlarge" 4 8, "2xlarge" 8 16, "4xlarge" 16 32, "8xlarge" 32 64, "12xlarge" 48 96, "16xlarge" 64 128,
        "24xlarge" 96 192, "48xlarge" 192 384;
    "c7g" Compute Arm64 None =>
        "medium" 1 2, "large" 2 4, "xlarge" 4 8, "2xlarge" 8 16, "4xlarge" 16 32, "8xlarge" 32 64, "12xlarge" 48 96,
        "16xlarge" 64 128;
    "r6i" Memory X86_64 None =>
        "large" 2 16, "xlarge" 4 32, "2xlarge" 8 64, "4xlarge" 16 128, "8xlarge" 32 256, "12xlarge" 48 384, "16xlarge" 64 512,
        "24xlarge" 96 768, "32xlarge" 128 1024;
    "r7i" Memory X86_64 None =>
        "large" 2 16, "xlarge" 4 32, "2xlarge" 8 64, "4xlarge" 16 128, "8xlarge" 32 256, "12xlarge" 48 384, "16xlarge" 64 512,
        "24xlarge" 96 768, "48xlarge" 192 1536;
    "r7g" Memory Arm64 None =>
        "medium" 1 8, "large" 2 16, "xlarge" 4 32, "2xlarge" 8 64, "4xlarge" 16 128, "8xlarge" 32 256, "12xlarge" 48 384,
        "16xlarge" 64 512;
    "g4dn" Gpu X86_64 Some("NVIDIA T4") =>
        "xlarge" 4 16 gpus 1, "2xlarge" 8 32 gpus 1, "4xlarge" 16 64 gpus 1, "8xlarge" 32 128 gpus 1, "12xlarge" 48 192 gpus 4,
        "16xlarge" 64 256 gpus 1;
    "g5" Gpu X86_64 Some("NVIDIA A10G") =>
        "xlarge" 4 16 gpus 1, "2xlarge" 8 32 gpus 1, "4xlarge" 16 64 gpus 1, "8xlarge" 32 128 gpus 1, "12xlarge" 48 192 gpus 4,
        "16xlarge" 64 256 gpus 1, "24xlarge" 96 384 gpus 4, "48xlarge" 192 768 gpus 8;
    "g6" Gpu X86_64 Some("NVIDIA L4") =>
        "xlarge" 4 16 gpus 1, "2xlarge" 8 32 gpus 1, "4xlarge" 16 64 gpus 1, "8xlarge" 32 128 gpus 1, "12xlarge" 48 192 gpus 4,
        "16xlarge" 64 256 gpus 1, "24xlarge" 96 384 gpus 4, "48xlarge" 192 768 gpus 8;
    "p2" Gpu X86_64 Some(KEPLER) =>
        "xlarge" 4 61 gpus 1, "8xlarge" 32 488 gpus 8, "16xlarge" 64 732 gpus 16;
};

/// Every instance type that the form knows, in the form's order.
#[must_use]
pub fn all() -> &'static [InstanceType] {
    ALL
}

#[must_use]
pub fn find(name: &str) -> Option<&'static InstanceType> {
    ALL.iter().find(|instance| instance.name == name)
}

impl InstanceType {
    /// The image that a node of this type boots, `None` when ECS publishes none for it.
    #[must_use]
    pub fn image_family(&self) -> Option<ImageFamily> {
        match (self.gpu_model, self.architecture) {
            (Some(KEPLER), _) => None,
            // The GPU image exists for x86_64 only; the table holds no type that has both Graviton and GPUs.
            (Some(_), _) => Some(ImageFamily::Gpu),
            (None, Architecture::X86_64) => Some(ImageFamily::X86),
            (None, Architecture::Arm64) => Some(ImageFamily::Arm64),
        }
    }

    /// The label of this choice in the form: `Compute optimized: c5.xlarge (4 vCPU, 8 GiB, amd64)`. The purpose comes first, so that a
    /// list in this order reads as groups; AWS's own name follows, which prices and documentation go by.
    #[must_use]
    pub fn title(&self) -> String {
        let mut facts = vec![format!("{} vCPU", self.vcpus), format!("{} GiB", self.memory_mib / 1024)];
        facts.push(self.architecture.container_platform().to_owned());
        if let Some(model) = self.gpu_model {
            facts.push(format!("{} x {model}", self.gpus));
        }
        if self.image_family().is_none() {
            facts.push("no longer supported".to_owned());
        }
        format!("{}: {} ({})", self.purpose.title(), self.name, facts.join(", "))
    }
}

impl Architecture {
    /// As it is called where containers are built.
    const fn container_platform(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }
}

impl Purpose {
    const fn title(self) -> &'static str {
        match self {
            Self::Burstable => "Burstable",
            Self::General => "General purpose",
            Self::Compute => "Compute optimized",
            Self::Memory => "Memory optimized",
            Self::Gpu => "GPU",
        }
    }
}
