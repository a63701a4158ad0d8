//! What AWS allows of something unless the account has asked for more. A plan keeps to it on the way, and inputs that need more are warned of.

/// Rules of one direction in a security group (docs/aws.md, "EC2: security groups").
pub const SECURITY_GROUP_RULES: usize = 60;
/// Certificates on a load balancer beside the default ones (docs/aws.md, "ELB: listeners").
pub const FURTHER_CERTIFICATES: usize = 25;
