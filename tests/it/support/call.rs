//! One recorded call to AWS, and the replies that a test may give in AWS's place.

use std::fmt;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::http::{self, Headers, Request, Response};

/// How a service writes its requests and its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Json,
    Query,
    Ec2,
    RestXml,
    /// Not AWS: the platform's own API.
    Platform,
    Unknown,
}

#[derive(Clone, Debug)]
pub struct Call {
    /// The service's signing name, which is also its IAM prefix: `ecs`, `ec2`, `elasticloadbalancing`. `massdriver` for the
    /// platform's API.
    pub service: String,
    /// The API's name for the operation, or `?` when the request does not say.
    pub operation: String,
    pub region: String,
    pub access_key: String,
    /// The account that the access key belongs to; empty for a key that nobody here has seen issued.
    pub account: String,
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    pub headers: Headers,
    pub body: String,
    pub protocol: Protocol,
    /// The body of the reply, once there is one.
    pub answer: String,
    /// Zero until the call is answered, and for ever if its connection was dropped instead.
    pub status: u16,
    /// When the request arrived and when its reply was ready, since the proxy was made.
    pub started: Duration,
    pub ended: Option<Duration>,
}

impl Call {
    pub fn of(request: &Request, started: Duration) -> Self {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let [access_key, region, service] = credential(&request.headers).unwrap_or_default();
        let mut call = Self {
            service,
            operation: String::new(),
            region,
            account: if is_account(&access_key) { access_key.clone() } else { String::new() },
            access_key,
            method: request.method.clone(),
            target: request.target.clone(),
            headers: request.headers.clone(),
            body,
            protocol: Protocol::Unknown,
            answer: String::new(),
            status: 0,
            started,
            ended: None,
        };
        call.recognise();
        call
    }

    /// The IAM name of what was called, such as `ecs:CreateCluster`.
    pub fn action(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// Whether the call may have changed anything. An operation that nobody recognised may have.
    pub fn is_mutation(&self) -> bool {
        let reads = ["Describe", "List", "Get", "AssumeRole"];
        !reads.iter().any(|verb| self.operation.starts_with(verb))
    }

    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        http::header(&self.headers, name)
    }

    /// The body as people read it.
    pub fn words(&self) -> String {
        decoded(&self.body)
    }

    /// A parameter of a query-protocol call, by its name on the wire, such as `Filter.1.Name`.
    pub fn param(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        self.body.split('&').chain(query.split('&')).find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (decoded(key) == name).then(|| decoded(value))
        })
    }

    /// The parameters of a query-protocol call whose names begin and end like this around a number, by that number.
    pub fn params_like(&self, begin: &str, end: &str) -> Vec<String> {
        let mut found: Vec<(usize, String)> = Vec::new();
        for pair in self.body.split('&') {
            let Some((key, value)) = pair.split_once('=') else { continue };
            let key = decoded(key);
            let number = key.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end)).and_then(|number| number.parse().ok());
            found.extend(number.map(|number| (number, decoded(value))));
        }
        found.sort();
        found.into_iter().map(|(_, value)| value).collect()
    }

    /// The body of a JSON call.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("the body of {self} is not JSON ({error}): {}", self.body))
    }

    fn recognise(&mut self) {
        let path = self.target.split('?').next().unwrap_or_default().to_owned();
        if self.service.is_empty() && path.starts_with("/v1/") {
            "massdriver".clone_into(&mut self.service);
        }
        let (protocol, operation) = if self.service == "massdriver" {
            (Protocol::Platform, Some(format!("{} {path}", self.method)))
        } else if let Some(target) = self.header("x-amz-target") {
            (Protocol::Json, target.rsplit('.').next().map(str::to_owned))
        } else if let Some((_, operation)) = path.split_once("/operation/") {
            (Protocol::Unknown, Some(operation.to_owned()))
        } else if self.service == "route53" {
            (Protocol::RestXml, route53_operation(&self.method, &path).map(str::to_owned))
        } else {
            let protocol = if self.service == "ec2" { Protocol::Ec2 } else { Protocol::Query };
            (protocol, self.param("Action"))
        };
        self.operation = operation.unwrap_or_else(|| "?".to_owned());
        self.protocol = if self.operation == "?" { Protocol::Unknown } else { protocol };
    }
}

impl fmt::Display for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ", self.action())?;
        match self.status {
            0 => write!(out, "unanswered"),
            status => write!(out, "{status}"),
        }
    }
}

/// What goes back to the caller instead of, or after, the emulator's reply.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Headers,
    pub body: String,
    /// How long the caller waits for it.
    pub delay: Duration,
    /// Drop the connection instead of answering.
    pub hang_up: bool,
    /// Drop the connection in the middle of the body.
    pub cut: bool,
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/x-amz-json-1.1", body.to_string())
    }

    pub fn xml(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "text/xml", body.into())
    }

    /// No reply: the connection closes. Given before the emulator, the call was lost on its way; after, its reply was.
    pub fn hang_up() -> Self {
        Self { hang_up: true, ..Self::new(0, "text/plain", String::new()) }
    }

    /// An AWS error in the shape of the called service's protocol.
    pub fn error(call: &Call, status: u16, code: &str, message: &str) -> Self {
        let fault = format!("<Code>{}</Code><Message>{}</Message>", escaped(code), escaped(message));
        match call.protocol {
            Protocol::Platform => Self::new(status, "application/json", json!({ "error": message }).to_string()),
            Protocol::Json | Protocol::Unknown => Self::json(status, &json!({ "__type": code, "message": message })),
            Protocol::Ec2 => {
                let body = format!("<Response><Errors><Error>{fault}</Error></Errors><RequestID>emulated</RequestID></Response>");
                Self::xml(status, body)
            }
            Protocol::Query | Protocol::RestXml => {
                let kind = if status < 500 { "Sender" } else { "Receiver" };
                let error = format!("<Error><Type>{kind}</Type>{fault}</Error>");
                Self::xml(status, format!("<ErrorResponse>{error}<RequestId>emulated</RequestId></ErrorResponse>"))
            }
        }
    }

    /// The service's own way to say that the caller may not do this.
    pub fn denied(call: &Call) -> Self {
        Self::not_allowed(call, &call.action())
    }

    /// The same where AWS demands another permission for the call besides its own.
    pub fn not_allowed(call: &Call, action: &str) -> Self {
        let message = format!("User is not authorized to perform: {action}");
        match call.protocol {
            Protocol::Ec2 => Self::error(call, 403, "UnauthorizedOperation", &message),
            Protocol::Json => Self::error(call, 400, "AccessDeniedException", &message),
            _ => Self::error(call, 403, "AccessDenied", &message),
        }
    }

    /// The service's own way to ask for fewer calls.
    pub fn throttled(call: &Call) -> Self {
        match call.protocol {
            Protocol::Ec2 => Self::error(call, 503, "RequestLimitExceeded", "Request limit exceeded."),
            Protocol::Json => Self::error(call, 400, "ThrottlingException", "Rate exceeded"),
            Protocol::Platform => Self::error(call, 429, "", "Too many requests"),
            _ => Self::error(call, 400, "Throttling", "Rate exceeded"),
        }
    }

    /// The same reply, whose end never arrives.
    pub fn cut_short(self) -> Self {
        Self { cut: true, ..self }
    }

    /// A reply of the same length and type that nobody can read.
    pub fn garbled(self) -> Self {
        Self { body: "?".repeat(self.body.len()), ..self }
    }

    /// The first half of the reply, framed as if it were all of it.
    pub fn truncated(mut self) -> Self {
        let half = (0..=self.body.len() / 2).rev().find(|end| self.body.is_char_boundary(*end));
        self.body.truncate(half.unwrap_or_default());
        self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("x-amz-crc32"));
        self
    }

    /// The same reply, later.
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    fn new(status: u16, kind: &str, body: String) -> Self {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        Self { status, headers, body, delay: Duration::ZERO, hang_up: false, cut: false }
    }
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        let body = String::from_utf8_lossy(&response.body).into_owned();
        Self { status: response.status, headers: response.headers, body, delay: Duration::ZERO, hang_up: false, cut: false }
    }
}

/// Access key, region and service, from the signature's credential scope.
fn credential(headers: &Headers) -> Option<[String; 3]> {
    let authorization = http::header(headers, "authorization")?;
    let scope = authorization.split_once("Credential=")?.1.split(',').next()?;
    let mut parts = scope.split('/');
    let (key, _date, region, service) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some([key, region, service].map(str::to_owned))
}

fn is_account(key: &str) -> bool {
    key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit())
}

fn route53_operation(method: &str, path: &str) -> Option<&'static str> {
    let mut parts = path.trim_matches('/').split('/').skip(1);
    let (kind, id, part) = (parts.next()?, parts.next(), parts.next());
    match (method, kind, id, part) {
        ("GET", "hostedzone", None, None) => Some("ListHostedZones"),
        ("POST", "hostedzone", None, None) => Some("CreateHostedZone"),
        ("GET", "hostedzone", Some(_), None) => Some("GetHostedZone"),
        ("DELETE", "hostedzone", Some(_), None) => Some("DeleteHostedZone"),
        ("GET", "hostedzone", Some(_), Some("rrset")) => Some("ListResourceRecordSets"),
        ("POST", "hostedzone", Some(_), Some("rrset")) => Some("ChangeResourceRecordSets"),
        ("GET", "hostedzonesbyname", ..) => Some("ListHostedZonesByName"),
        ("GET", "hostedzonesbyvpc", ..) => Some("ListHostedZonesByVPC"),
        ("GET", "hostedzonecount", ..) => Some("GetHostedZoneCount"),
        ("GET", "change", Some(_), _) => Some("GetChange"),
        ("GET", "tags", Some(_), Some(_)) => Some("ListTagsForResource"),
        ("POST", "tags", Some(_), None) => Some("ListTagsForResources"),
        ("POST", "tags", Some(_), Some(_)) => Some("ChangeTagsForResource"),
        _ => None,
    }
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
