# The same cluster by Terraform, for comparison: one node group, and a way in with a certificate for each zone.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "name" { type = string }
variable "region" { type = string }
variable "vpc_id" { type = string }
variable "public_subnets" { type = list(string) }
variable "private_subnets" { type = list(string) }
# Name by id, the default zone being the first by name.
variable "zones" { type = map(string) }

provider "aws" {
  region                      = var.region
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
  default_tags {
    tags = { managed-by = "terraform", benchmark = var.name }
  }
}

data "aws_ssm_parameter" "image" {
  name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
}

data "aws_route53_zone" "each" {
  for_each = var.zones
  zone_id  = each.key
}

resource "aws_iam_role" "nodes" {
  name = var.name
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = toset([
    "service-role/AmazonEC2ContainerServiceforEC2Role",
    "AmazonSSMManagedInstanceCore",
    "AmazonEC2ContainerRegistryReadOnly",
  ])
  role       = aws_iam_role.nodes.name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}

resource "aws_iam_instance_profile" "nodes" {
  name = var.name
  role = aws_iam_role.nodes.name
}

resource "aws_security_group" "nodes" {
  name        = var.name
  description = "nodes"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "nodes" {
  security_group_id            = aws_security_group.nodes.id
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "nodes" {
  security_group_id = aws_security_group.nodes.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_launch_template" "general" {
  name          = "${var.name}-general"
  image_id      = data.aws_ssm_parameter.image.insecure_value
  instance_type = "t3.medium"
  user_data     = base64encode("#!/bin/bash\necho ECS_CLUSTER=${var.name} >> /etc/ecs/ecs.config\n")
  iam_instance_profile {
    name = aws_iam_instance_profile.nodes.name
  }
  network_interfaces {
    security_groups = [aws_security_group.nodes.id]
  }
}

resource "aws_autoscaling_group" "general" {
  name                  = "${var.name}-general"
  min_size              = 0
  max_size              = 3
  vpc_zone_identifier   = var.private_subnets
  protect_from_scale_in = true
  launch_template {
    id      = aws_launch_template.general.id
    version = aws_launch_template.general.latest_version
  }
  tag {
    key                 = "AmazonECSManaged"
    value               = "true"
    propagate_at_launch = true
  }
}

resource "aws_ecs_capacity_provider" "general" {
  name = "${var.name}-general"
  auto_scaling_group_provider {
    auto_scaling_group_arn         = aws_autoscaling_group.general.arn
    managed_termination_protection = "ENABLED"
    managed_scaling {
      status          = "ENABLED"
      target_capacity = 100
    }
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT", aws_ecs_capacity_provider.general.name]
}

resource "aws_security_group" "alb" {
  name        = "${var.name}-alb"
  description = "load balancer"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "alb" {
  for_each          = { http = 80, https = 443 }
  security_group_id = aws_security_group.alb.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_egress_rule" "alb" {
  security_group_id = aws_security_group.alb.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_lb" "this" {
  name                       = var.name
  load_balancer_type         = "application"
  subnets                    = var.public_subnets
  security_groups            = [aws_security_group.alb.id]
  drop_invalid_header_fields = true
}

resource "aws_acm_certificate" "each" {
  for_each                  = var.zones
  domain_name               = each.value
  subject_alternative_names = ["*.${each.value}"]
  validation_method         = "DNS"
}

resource "aws_route53_record" "validation" {
  for_each        = var.zones
  zone_id         = data.aws_route53_zone.each[each.key].zone_id
  name            = tolist(aws_acm_certificate.each[each.key].domain_validation_options)[0].resource_record_name
  type            = tolist(aws_acm_certificate.each[each.key].domain_validation_options)[0].resource_record_type
  records         = [tolist(aws_acm_certificate.each[each.key].domain_validation_options)[0].resource_record_value]
  ttl             = 60
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "each" {
  for_each                = var.zones
  certificate_arn         = aws_acm_certificate.each[each.key].arn
  validation_record_fqdns = [aws_route53_record.validation[each.key].fqdn]
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

locals {
  default_zone = keys(var.zones)[0]
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate_validation.each[local.default_zone].certificate_arn
  default_action {
    type = "fixed-response"
    fixed_response {
      status_code  = "404"
      content_type = "text/plain"
      message_body = "Path not found"
    }
  }
}

resource "aws_lb_listener_certificate" "other" {
  for_each        = { for id, name in var.zones : id => name if id != local.default_zone }
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = aws_acm_certificate_validation.each[each.key].certificate_arn
}
