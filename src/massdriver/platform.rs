//! The platform's API: publishing the cluster's artifact, and taking it back.

use crate::aws::endpoints::is_loopback;
use crate::aws::{chain, secured};
use crate::model::quoted::quoted;
use crate::model::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::time::Duration;
use thiserror::Error;

/// The bundle's name for the artifact, and the end of its id on the platform.
const FIELD: &str = "cluster";
const PUBLISH: &str = "publish the artifact";
/// Said in place of a web page.
const PAGE: &str = "a page of HTML, perhaps from a proxy in between";
const TIMEOUT: Duration = Duration::from_secs(30);
/// Tries in all, for answers that another try can change: 429, 5xx, and none at all.
const MOST_ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// No answer of the platform's comes near this; one that does is not read to its end.
const LONGEST_ANSWER: usize = 1 << 20;

#[derive(Debug, Error)]
pub enum PlatformError {
    #[error(
        "MASSDRIVER_URL `{0}` is not an https URL\nthe deployment token is sent there, so plain http is only allowed to this machine itself"
    )]
    Insecure(String),
    #[error("MASSDRIVER_URL holds credentials, which would be shown wherever it is\nleave out what stands before the `@`")]
    Credentials,
    #[error(
        "MASSDRIVER_TOKEN is set, but MASSDRIVER_DEPLOYMENT_ID is not\nboth are needed to talk to the platform; unset the token to leave the platform alone"
    )]
    NoDeployment,
    #[error(
        "this machine knows no certificate authority, so the platform cannot be told from anybody else: {0}\ninstall the usual ones (ca-certificates), or name a file of them in SSL_CERT_FILE; nothing was touched"
    )]
    NoRoots(std::io::Error),
    #[error("the platform refused to {what}: {status}: {words}\n{remedy}")]
    Refused { what: &'static str, status: StatusCode, words: String, remedy: String },
    #[error("the platform did not answer when asked to {what}: {words}")]
    Unreachable { what: &'static str, words: String },
    #[error("the platform cannot be asked to {what}: {words}\ncheck MASSDRIVER_URL")]
    Unsendable { what: &'static str, words: String },
}

impl PlatformError {
    fn may_pass(&self) -> bool {
        match self {
            Self::Refused { status, .. } => passes(*status),
            Self::Unreachable { .. } => true,
            _ => false,
        }
    }
}

/// A deployment's access to the platform.
#[derive(Debug)]
pub struct Platform {
    url: String,
    authorization: HeaderValue,
    /// The forms in which an answer might repeat the token.
    hidden: [Secret; 2],
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// One request, and what it is for.
struct Asked {
    method: Method,
    path: String,
    body: String,
    what: &'static str,
}

/// Whether the artifact was there to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    Now,
    GoneAlready,
}

impl Platform {
    /// Access to the platform at `url` as this deployment. Makes no call.
    pub fn new(url: &str, deployment_id: &str, token: &Secret) -> Result<Self, PlatformError> {
        if url.contains('@') {
            return Err(PlatformError::Credentials);
        }
        let insecure = || PlatformError::Insecure(url.escape_debug().to_string());
        let parsed: Uri = url.parse().map_err(|_| insecure())?;
        let secure = parsed.scheme_str() == Some("https") && parsed.host().is_some_and(|host| !host.is_empty());
        let within = parsed.scheme_str() == Some("http") && is_loopback(&parsed);
        if !secure && !within {
            return Err(insecure());
        }
        let credentials = STANDARD.encode(format!("{deployment_id}:{}", token.expose()));
        let mut authorization = HeaderValue::from_str(&format!("Basic {credentials}")).map_err(|_| PlatformError::NoDeployment)?;
        authorization.set_sensitive(true);
        let connector = secured().map_err(PlatformError::NoRoots)?.https_or_http().enable_http1().build();
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            authorization,
            hidden: [token.clone(), Secret::new(credentials)],
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    /// Publishes the artifact under this title, replacing what the last deployment published. Each try after the first is announced.
    pub async fn publish(&self, title: &str, artifact: &Value, announce: &dyn Fn(&str)) -> Result<(), PlatformError> {
        let body = json!({ "field": FIELD, "name": title, "payload": artifact }).to_string();
        let asked = Asked { method: Method::POST, path: "/v1/resources".to_owned(), body, what: PUBLISH };
        self.send(&asked, announce).await
    }

    /// Takes the artifact back. One that is not there counts as taken back.
    pub async fn withdraw(&self, name_prefix: &str, announce: &dyn Fn(&str)) -> Result<Withdrawn, PlatformError> {
        let path = format!("/v1/resources/{name_prefix}-{FIELD}");
        let asked = Asked { method: Method::DELETE, path, body: String::new(), what: "delete the artifact" };
        match self.send(&asked, announce).await {
            Err(PlatformError::Refused { status: StatusCode::NOT_FOUND, .. }) => Ok(Withdrawn::GoneAlready),
            sent => sent.map(|()| Withdrawn::Now),
        }
    }

    /// Sends until an answer comes that another try would not change.
    async fn send(&self, asked: &Asked, announce: &dyn Fn(&str)) -> Result<(), PlatformError> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let error = match self.send_once(asked).await {
                Err(error) if error.may_pass() && attempt < MOST_ATTEMPTS => error.to_string(),
                ended => return ended,
            };
            let jittered = pause.mul_f64(1.0 + fastrand::f64() / 5.0);
            let why = error.lines().next().unwrap_or_default();
            announce(&format!("{why}; trying again in {:.1} s", jittered.as_secs_f64()));
            tokio::time::sleep(jittered).await;
            attempt += 1;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// What an answer says, in one line without the token, whatever it repeats.
    #[must_use]
    pub fn words(&self, body: &[u8]) -> String {
        quoted(&words(body), &self.hidden.each_ref())
    }

    async fn send_once(&self, asked: &Asked) -> Result<(), PlatformError> {
        let what = asked.what;
        let request = self.request(asked).map_err(|error| PlatformError::Unsendable { what, words: error.to_string() })?;
        let exchange = async {
            let answer = self.client.request(request).await.map_err(|error| chain(&error))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await.map_err(|error| error.to_string())?;
            Ok::<_, String>((status, body.to_bytes()))
        };
        let late = |_| Err(format!("no answer within {}", humantime::format_duration(TIMEOUT)));
        let answer = tokio::time::timeout(TIMEOUT, exchange).await.unwrap_or_else(late);
        match answer.map_err(|words| PlatformError::Unreachable { what, words })? {
            (status, _) if status.is_success() => Ok(()),
            (status, body) => Err(PlatformError::Refused { what, status, words: self.words(&body), remedy: self.remedy(what, status) }),
        }
    }

    fn request(&self, asked: &Asked) -> Result<Request<Full<Bytes>>, http::Error> {
        let request = Request::builder().method(&asked.method).uri(format!("{}{}", self.url, asked.path));
        let request = request.header(AUTHORIZATION, self.authorization.clone());
        let request = request.header(CONTENT_TYPE, "application/json").header(ACCEPT, "application/json");
        request.body(Full::from(asked.body.clone()))
    }

    fn remedy(&self, what: &str, status: StatusCode) -> String {
        let url = &self.url;
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                format!("the token of this deployment is not accepted by `{url}`; deploy again, which brings a fresh one")
            }
            StatusCode::NOT_FOUND => format!("`{url}` knows no such path; check MASSDRIVER_URL"),
            StatusCode::UNPROCESSABLE_ENTITY if what == PUBLISH => {
                "the artifact is not admitted: its type on the platform may be older than this bundle; publish the type anew".to_owned()
            }
            _ if passes(status) => "the platform has trouble of its own; wait until it passes".to_owned(),
            _ => "put right what the platform names".to_owned(),
        }
    }
}

/// Whether another try can change the answer.
fn passes(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// The platform's own words: `errors` by field, one `error`, or whatever it sent, but for pages, which are for browsers.
fn words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    let by_field = value.get("errors").and_then(Value::as_object).map(|fields| {
        let field = |(name, messages): (&String, &Value)| match messages.as_array() {
            Some(messages) => format!("{name}: {}", messages.iter().map(plain).collect::<Vec<_>>().join(", ")),
            None => format!("{name}: {}", plain(messages)),
        };
        fields.iter().map(field).collect::<Vec<_>>().join("; ")
    });
    by_field
        .or_else(|| value.get("error").map(plain))
        .unwrap_or_else(|| if text.trim_start().starts_with('<') { PAGE.to_owned() } else { text.into_owned() })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
