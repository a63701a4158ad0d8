//! Inputs for worlds where nothing exists behind them.

use serde_json::{Value, json};

pub fn params() -> Value {
    json!({
        "cluster": {
            "instances": [{ "name": "general", "instance_type": "t3.medium", "min_size": 1, "max_size": 3 }],
            "ingress": {
                "enable_ingress": true,
                "default_route53_hosted_zone": "arn:aws:route53:::hostedzone/Z0000000000000000001",
                "additional_route53_hosted_zones": ["arn:aws:route53:::hostedzone/Z0000000000000000002"],
            },
        },
        "md_metadata": {
            "name_prefix": "demo-dev-ecs-ab12",
            "default_tags": {
                "managed-by": "massdriver",
                "md-project": "demo",
                "md-environment": "dev",
                "md-component": "ecs",
                "md-instance": "demo-dev-ecs",
            },
            "deployment": { "id": "00000000-0000-4000-8000-000000000001" },
            "observability": { "alarm_webhook_url": "https://alarms.example.com/hook" },
            "package": {
                "created_at": "2026-01-01T00:00:00Z",
                "updated_at": "2026-01-01T00:00:00Z",
                "deployment_enqueued_at": "2026-01-01T00:00:00Z",
                "previous_status": "INITIALIZED",
            },
            "target": { "contact_email": "platform@example.com" },
        },
    })
}

pub fn connections(account: &str, region: &str) -> Value {
    let arn = |kind: &str, id: &str| json!({ "arn": format!("arn:aws:ec2:{region}:{account}:{kind}/{id}") });
    let subnets = |ids: [&str; 2]| ids.map(|id| arn("subnet", id));
    let mut infrastructure = arn("vpc", "vpc-00000000000000001");
    infrastructure["cidr"] = json!("10.0.0.0/16");
    infrastructure["public_subnets"] = json!(subnets(["subnet-00000000000000001", "subnet-00000000000000002"]));
    infrastructure["private_subnets"] = json!(subnets(["subnet-00000000000000003", "subnet-00000000000000004"]));
    infrastructure["internal_subnets"] = json!(subnets(["subnet-00000000000000005", "subnet-00000000000000006"]));
    json!({
        "aws_authentication": {
            "data": { "arn": format!("arn:aws:iam::{account}:role/massdriver-provisioner"), "external_id": "7f0c1d5e-external-id" },
        },
        "vpc": { "data": { "infrastructure": infrastructure }, "specs": { "aws": { "region": region } } },
    })
}
