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
    /// How many network interfaces a node may have, its own included.
    pub network_interfaces: u32,
}

/// The GPU of p2. NVIDIA's current drivers no longer serve its architecture, so ECS publishes no image that could use it.
const KEPLER: &str = "NVIDIA K80";

/// A line of the table: size, vCPUs, memory in GiB, network interfaces, and the number of GPUs where there are any.
macro_rules! catalog {
    ($($family:literal $purpose:ident $architecture:ident $gpu:expr =>
        $($size:literal $vcpus:literal $gib:literal enis $interfaces:literal $(gpus $gpus:literal)?),+;)+) => {
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
            network_interfaces: $interfaces,
        },)+)+]
    };
}

/// In the order in which the form lists them: by purpose, by generation, by size; what cannot be launched comes last.
static ALL: &[InstanceType] = catalog! {
    "t3" Burstable X86_64 None =>
        "small" 2 2 enis 3, "medium" 2 4 enis 3, "large" 2 8 enis 3, "xlarge" 4 16 enis 4, "2xlarge" 8 32 enis 4;
    "t4g" Burstable Arm64 None =>
        "small" 2 2 enis 3, "medium" 2 4 enis 3, "large" 2 8 enis 3, "xlarge" 4 16 enis 4, "2xlarge" 8 32 enis 4;
    "m5" General X86_64 None =>
        "large" 2 8 enis 3, "xlarge" 4 16 enis 4, "2xlarge" 8 32 enis 4, "4xlarge" 16 64 enis 8, "8xlarge" 32 128 enis 8,
        "12xlarge" 48 192 enis 8, "16xlarge" 64 256 enis 15, "24xlarge" 96 384 enis 15;
    "m6i" General X86_64 None =>
        "large" 2 8 enis 3, "xlarge" 4 16 enis 4, "2xlarge" 8 32 enis 4, "4xlarge" 16 64 enis 8, "8xlarge" 32 128 enis 8,
        "12xlarge" 48 192 enis 8, "16xlarge" 64 256 enis 15, "24xlarge" 96 384 enis 15, "32xlarge" 128 512 enis 15;
    "m7i" General X86_64 None =>
        "large" 2 8 enis 3, "xlarge" 4 16 enis 4, "2xlarge" 8 32 enis 4, "4xlarge" 16 64 enis 8, "8xlarge" 32 128 enis 8,
        "12xlarge" 48 192 enis 8, "16xlarge" 64 256 enis 15, "24xlarge" 96 384 enis 15, "48xlarge" 192 768 enis 15;
    "m7g" General Arm64 None =>
        "medium" 1 4 enis 2, "large" 2 8 enis 3, "xlarge" 4 16 enis 4, "2xlarge" 8 32 enis 4, "4xlarge" 16 64 enis 8,
        "8xlarge" 32 128 enis 8, "12xlarge" 48 192 enis 8, "16xlarge" 64 256 enis 15;
    "m8g" General Arm64 None =>
        "medium" 1 4 enis 2, "large" 2 8 enis 3, "xlarge" 4 16 enis 4, "2xlarge" 8 32 enis 4, "4xlarge" 16 64 enis 8,
        "8xlarge" 32 128 enis 8, "12xlarge" 48 192 enis 8, "16xlarge" 64 256 enis 15, "24xlarge" 96 384 enis 15,
        "48xlarge" 192 768 enis 15;
    "c5" Compute X86_64 None =>
        "large" 2 4 enis 3, "xlarge" 4 8 enis 4, "2xlarge" 8 16 enis 4, "4xlarge" 16 32 enis 8, "9xlarge" 36 72 enis 8,
        "12xlarge" 48 96 enis 8, "18xlarge" 72 144 enis 15, "24xlarge" 96 192 enis 15;
    "c6i" Compute X86_64 None =>
        "large" 2 4 enis 3, "xlarge" 4 8 enis 4, "2xlarge" 8 16 enis 4, "4xlarge" 16 32 enis 8, "8xlarge" 32 64 enis 8,
        "12xlarge" 48 96 enis 8, "16xlarge" 64 128 enis 15, "24xlarge" 96 192 enis 15, "32xlarge" 128 256 enis 15;
    "c7i" Compute X86_64 None =>
        "large" 2 4 enis 3, "xlarge" 4 8 enis 4, "2xlarge" 8 16 enis 4, "4xlarge" 16 32 enis 8, "8xlarge" 32 64 enis 8,
        "12xlarge" 48 96 enis 8, "16xlarge" 64 128 enis 15, "24xlarge" 96 192 enis 15, "48xlarge" 192 384 enis 15;
    "c7g" Compute Arm64 None =>
        "medium" 1 2 enis 2, "large" 2 4 enis 3, "xlarge" 4 8 enis 4, "2xlarge" 8 16 enis 4, "4xlarge" 16 32 enis 8,
        "8xlarge" 32 64 enis 8, "12xlarge" 48 96 enis 8, "16xlarge" 64 128 enis 15;
    "r6i" Memory X86_64 None =>
        "large" 2 16 enis 3, "xlarge" 4 32 enis 4, "2xlarge" 8 64 enis 4, "4xlarge" 16 128 enis 8, "8xlarge" 32 256 enis 8,
        "12xlarge" 48 384 enis 8, "16xlarge" 64 512 enis 15, "24xlarge" 96 768 enis 15, "32xlarge" 128 1024 enis 15;
    "r7i" Memory X86_64 None =>
        "large" 2 16 enis 3, "xlarge" 4 32 enis 4, "2xlarge" 8 64 enis 4, "4xlarge" 16 128 enis 8, "8xlarge" 32 256 enis 8,
        "12xlarge" 48 384 enis 8, "16xlarge" 64 512 enis 15, "24xlarge" 96 768 enis 15, "48xlarge" 192 1536 enis 15;
    "r7g" Memory Arm64 None =>
        "medium" 1 8 enis 2, "large" 2 16 enis 3, "xlarge" 4 32 enis 4, "2xlarge" 8 64 enis 4, "4xlarge" 16 128 enis 8,
        "8xlarge" 32 256 enis 8, "12xlarge" 48 384 enis 8, "16xlarge" 64 512 enis 15;
    "g4dn" Gpu X86_64 Some("NVIDIA T4") =>
        "xlarge" 4 16 enis 3 gpus 1, "2xlarge" 8 32 enis 3 gpus 1, "4xlarge" 16 64 enis 3 gpus 1, "8xlarge" 32 128 enis 4 gpus 1,
        "12xlarge" 48 192 enis 8 gpus 4, "16xlarge" 64 256 enis 4 gpus 1;
    "g5" Gpu X86_64 Some("NVIDIA A10G") =>
        "xlarge" 4 16 enis 4 gpus 1, "2xlarge" 8 32 enis 4 gpus 1, "4xlarge" 16 64 enis 8 gpus 1, "8xlarge" 32 128 enis 8 gpus 1,
        "12xlarge" 48 192 enis 15 gpus 4, "16xlarge" 64 256 enis 8 gpus 1, "24xlarge" 96 384 enis 15 gpus 4,
        "48xlarge" 192 768 enis 7 gpus 8;
    "g6" Gpu X86_64 Some("NVIDIA L4") =>
        "xlarge" 4 16 enis 4 gpus 1, "2xlarge" 8 32 enis 4 gpus 1, "4xlarge" 16 64 enis 8 gpus 1, "8xlarge" 32 128 enis 8 gpus 1,
        "12xlarge" 48 192 enis 8 gpus 4, "16xlarge" 64 256 enis 15 gpus 1, "24xlarge" 96 384 enis 15 gpus 4,
        "48xlarge" 192 768 enis 15 gpus 8;
    "p2" Gpu X86_64 Some(KEPLER) =>
        "xlarge" 4 61 enis 4 gpus 1, "8xlarge" 32 488 enis 8 gpus 8, "16xlarge" 64 732 enis 8 gpus 16;
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

/// Readers expect two small tasks on each vCPU, and from a node of any size at least so many.
const EXPECTED_TASKS: u32 = 4;

impl InstanceType {
    /// How many tasks of network mode `awsvpc` a node takes: each has a network interface of its own, and so has the node. With
    /// interface trunking, which accounts may turn on for some types, it is more.
    #[must_use]
    pub const fn awsvpc_tasks(&self) -> u32 {
        self.network_interfaces.saturating_sub(1)
    }

    /// Whether that is fewer than its processors and GPUs would let a reader expect.
    #[must_use]
    pub fn takes_few_tasks(&self) -> bool {
        let tasks = self.awsvpc_tasks();
        tasks < EXPECTED_TASKS && tasks < 2 * self.vcpus && (self.gpus == 0 || tasks < self.gpus)
    }

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
