//! The emulator itself, asked past the proxy about the world's own account: nothing of it is recorded, and no rule applies.

use std::net::SocketAddr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::xml::Element;
use crate::support::call::Reply;
use crate::support::emulator;
use crate::support::http::{self, Request};

const ELB: (&str, &str) = ("elasticloadbalancing", "2015-12-01");
const AUTO_SCALING: (&str, &str) = ("autoscaling", "2011-01-01");
const EC2: (&str, &str) = ("ec2", "2016-11-15");
const IAM: (&str, &str) = ("iam", "2010-05-08");

pub struct Backend {
    pub emulator: SocketAddr,
    pub account: String,
}

impl Backend {
    pub fn elb(&self, region: &str, action: &str, params: &[(&str, &str)]) -> Element {
        self.query(region, ELB, action, params)
    }

    pub fn auto_scaling(&self, region: &str, action: &str, params: &[(&str, &str)]) -> Element {
        self.query(region, AUTO_SCALING, action, params)
    }

    pub fn ec2(&self, region: &str, action: &str, params: &[(&str, &str)]) -> Element {
        self.query(region, EC2, action, params)
    }

    pub fn iam(&self, region: &str, action: &str, params: &[(&str, &str)]) -> Element {
        self.query(region, IAM, action, params)
    }

    /// The document under `/2013-04-01/`.
    pub fn route53(&self, path: &str) -> Element {
        let reply = self.send("GET", &format!("/2013-04-01/{path}"), ("us-east-1", "route53"), Vec::new(), String::new());
        Element::parse(&reply.body).unwrap_or_default()
    }

    /// A JSON call, such as `("acm", "CertificateManager.ListCertificates")`, and its answer, whatever its status.
    pub fn json(&self, region: &str, service: &str, target: &str, body: &Value) -> Reply {
        let headers =
            vec![("x-amz-target".to_owned(), target.to_owned()), ("content-type".to_owned(), "application/x-amz-json-1.1".to_owned())];
        self.send("POST", "/", (region, service), headers, body.to_string())
    }

    pub fn ecs(&self, region: &str, operation: &str, body: &Value) -> Value {
        value(&self.json(region, "ecs", &format!("AmazonEC2ContainerServiceV20141113.{operation}"), body))
    }

    pub fn acm(&self, region: &str, operation: &str, body: &Value) -> Value {
        value(&self.json(region, "acm", &format!("CertificateManager.{operation}"), body))
    }

    /// The names of all capacity providers of the Region.
    pub fn capacity_providers(&self, region: &str) -> Vec<String> {
        let path = format!("/emulator/capacity-providers?account={}&region={region}", self.account);
        let reply = self.send("GET", &path, (region, "ecs"), Vec::new(), String::new());
        serde_json::from_str(&reply.body).unwrap_or_default()
    }

    fn query(&self, region: &str, (service, version): (&str, &str), action: &str, params: &[(&str, &str)]) -> Element {
        let pairs = [("Action", action), ("Version", version)].into_iter().chain(params.iter().copied());
        let encoded: Vec<String> = pairs.map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))).collect();
        let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        let reply = self.send("POST", "/", (region, service), headers, encoded.join("&"));
        Element::parse(&reply.body).unwrap_or_default()
    }

    fn send(&self, method: &str, target: &str, (region, service): (&str, &str), mut headers: http::Headers, body: String) -> Reply {
        let scope = format!("{}/20260101/{region}/{service}/aws4_request", self.account);
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        headers.push(("authorization".to_owned(), signature));
        headers.push(("host".to_owned(), self.emulator.to_string()));
        let request = Request { method: method.to_owned(), target: target.to_owned(), headers, body: body.into_bytes() };
        let response = http::send(self.emulator, &request);
        let reply =
            Reply::from(response.unwrap_or_else(|error| panic!("the emulator did not answer {method} {target} of {service}: {error}")));
        // A rule that works with half of what it needs would be worse than none.
        assert!(reply.status < 500, "the emulator failed at {service} {}: see {}", String::from_utf8_lossy(&request.body), emulator::LOG);
        reply
    }
}

fn value(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap_or_default()
}
