//! The platform's API: publishing the cluster's artifact, and taking it back.

use crate::aws::chain;
use crate::aws::endpoints::is_loopback;
use crate::model::quoted::quoted;
use crate::model::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::time::Duration;
use thiserror::Error;

/// The bundle's name for the artifact, and the end of its id on the platform.
const FIELD: &str = "cluster";
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
    #[error("the platform refused to {what}: {status}: {words}")]
    Refused { what: &'static str, status: StatusCode, words: String },
    #[error("the platform did not answer when asked to {what}: {words}")]
    Unreachable { what: &'static str, words: String },
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

/// How one request ended.
enum Answer {
    Done,
    Again(PlatformError),
    Refused(StatusCode, String),
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
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::aws_lc_rs::default_provider())
            .map_err(PlatformError::NoRoots)?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            authorization,
            hidden: [token.clone(), Secret::new(credentials)],
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    /// Publishes the artifact under this title, replacing what the last deployment published.
    pub async fn publish(&self, title: &str, artifact: &Value) -> Result<(), PlatformError> {
        let body = json!({ "field": FIELD, "name": title, "payload": artifact }).to_string();
        match self.send(Method::POST, "/v1/resources", Some(body), "publish the artifact").await? {
            (status, words) if !status.is_success() => Err(PlatformError::Refused { what: "publish the artifact", status, words }),
            _ => Ok(()),
        }
    }

    /// Takes the artifact back. One that is not there counts as taken back.
    pub async fn withdraw(&self, name_prefix: &str) -> Result<(), PlatformError> {
        let what = "delete the artifact";
        match self.send(Method::DELETE, &format!("/v1/resources/{name_prefix}-{FIELD}"), None, what).await? {
            (status, words) if !status.is_success() && status != StatusCode::NOT_FOUND => {
                Err(PlatformError::Refused { what, status, words })
            }
            _ => Ok(()),
        }
    }

    /// Sends until an answer comes that another try would not change.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        what: &'static str,
    ) -> Result<(StatusCode, String), PlatformError> {
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            match self.send_once(&method, path, body.as_deref(), what).await {
                Answer::Done => return Ok((StatusCode::OK, String::new())),
                Answer::Refused(status, words) => return Ok((status, words)),
                Answer::Again(error) if attempt >= MOST_ATTEMPTS => return Err(error),
                Answer::Again(_) => tokio::time::sleep(pause.mul_f64(1.0 + fastrand::f64() / 5.0)).await,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Err(PlatformError::Unreachable { what, words: "out of attempts".to_owned() })
    }

    /// What an answer says, in one line without the token, whatever it repeats.
    #[must_use]
    pub fn words(&self, body: &[u8]) -> String {
        quoted(&words(body), &self.hidden.each_ref())
    }

    async fn send_once(&self, method: &Method, path: &str, body: Option<&str>, what: &'static str) -> Answer {
        let unreachable = |words: String| Answer::Again(PlatformError::Unreachable { what, words });
        let bytes: Full<Bytes> = body.map(|body| Full::from(body.to_owned())).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(bytes);
        let request = match request {
            Ok(request) => request,
            Err(error) => return unreachable(error.to_string()),
        };
        let exchange = async {
            let answer = self.client.request(request).await.map_err(|error| chain(&error))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await.map_err(|error| error.to_string())?;
            Ok::<_, String>((status, body.to_bytes()))
        };
        match tokio::time::timeout(TIMEOUT, exchange).await {
            Err(_) => unreachable(format!("no answer within {}", humantime::format_duration(TIMEOUT))),
            Ok(Err(words)) => unreachable(words),
            Ok(Ok((status, _))) if status.is_success() => Answer::Done,
            Ok(Ok((status, body))) if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                Answer::Again(PlatformError::Refused { what, status, words: self.words(&body) })
            }
            Ok(Ok((status, body))) => Answer::Refused(status, self.words(&body)),
        }
    }
}

/// The platform's own words: `errors` by field, one `error`, or whatever it sent.
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
    by_field.or_else(|| value.get("error").map(plain)).unwrap_or_else(|| text.into_owned())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
