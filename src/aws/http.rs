//! The way to the network that all clients share: one pool of connections, one list of certificate authorities, and each service at its rate.

use crate::aws::endpoints::stays_private;
use crate::aws::rates::Turns;
use crate::plan::action::Service;
use aws_config::SdkConfig;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::config_bag::ConfigBag;
use http::Uri;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_rustls::builderstates::WantsSchemes;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The SDK's own default, but one for all services: each by itself would read the machine's certificate authorities again. It sends nothing in
/// clear to another machine, whatever profile, setting or reply names the address.
pub(super) fn shared_client() -> SharedHttpClient {
    let secure = client_through(ProxyConfig::from_env);
    // What may be sent in clear stays on this machine or its link, and a proxy is neither.
    let plain = client_through(ProxyConfig::disabled);
    around(secure, move |secure, settings, components| {
        let plain = plain.http_connector(settings, components);
        SharedHttpConnector::new(Private { secure, plain })
    })
}

fn client_through(proxy: fn() -> ProxyConfig) -> SharedHttpClient {
    let client = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.set_proxy_config(Some(proxy()));
        connector.build()
    });
    client.into_shared()
}

/// The beginning of a connector that trusts this machine's certificate authorities.
///
/// # Errors
/// When the machine has none, so that nothing could be sent to anybody.
pub(crate) fn secured() -> std::io::Result<HttpsConnectorBuilder<WantsSchemes>> {
    HttpsConnectorBuilder::new().with_provider_and_native_roots(rustls::crypto::aws_lc_rs::default_provider())
}

/// The configuration with a client that keeps to the service's rates. Each call makes a new count: make one for each service and Region.
pub(super) fn paced(config: &SdkConfig, service: Service) -> SdkConfig {
    let Some(inner) = config.http_client() else { return config.clone() };
    let turns = Arc::new(Mutex::new(Turns::of(service)));
    let paced = around(inner, move |inner, _, _| SharedHttpConnector::new(Paced { inner, turns: Arc::clone(&turns) }));
    config.to_builder().http_client(paced).build()
}

fn around<F: Wrap + 'static>(inner: SharedHttpClient, wrap: F) -> SharedHttpClient {
    Around { inner, wrap }.into_shared()
}

/// Makes one of our connectors of one of the SDK's.
trait Wrap: Fn(SharedHttpConnector, &HttpConnectorSettings, &RuntimeComponents) -> SharedHttpConnector + Send + Sync {}
impl<F: Fn(SharedHttpConnector, &HttpConnectorSettings, &RuntimeComponents) -> SharedHttpConnector + Send + Sync> Wrap for F {}

/// A client whose connectors are each wrapped in one of ours.
struct Around<F> {
    inner: SharedHttpClient,
    wrap: F,
}

impl<F> fmt::Debug for Around<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Around").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<F: Wrap> HttpClient for Around<F> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        (self.wrap)(self.inner.http_connector(settings, components), settings, components)
    }

    fn validate_base_client_config(&self, components: &RuntimeComponentsBuilder, config: &ConfigBag) -> Result<(), BoxError> {
        self.inner.validate_base_client_config(components, config)
    }

    fn validate_final_config(&self, components: &RuntimeComponents, config: &ConfigBag) -> Result<(), BoxError> {
        self.inner.validate_final_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

/// Sends in clear only what nobody on the way can read, and that through no proxy.
#[derive(Debug)]
struct Private {
    secure: SharedHttpConnector,
    plain: SharedHttpConnector,
}

impl HttpConnector for Private {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match request.uri().parse::<Uri>() {
            Ok(url) if url.scheme_str() == Some("https") => self.secure.call(request),
            Ok(url) if stays_private(&url) => self.plain.call(request),
            _ => {
                let words = format!("`{}` is plain http to another machine, which would see the credentials; use https", request.uri());
                HttpConnectorFuture::ready(Err(ConnectorError::user(words.into())))
            }
        }
    }
}

#[derive(Debug)]
struct Paced {
    inner: SharedHttpConnector,
    turns: Arc<Mutex<Turns>>,
}

impl HttpConnector for Paced {
    /// Every attempt passes here, those of the SDK's own retries too.
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let turn = self.turns.lock().unwrap_or_else(PoisonError::into_inner).take(operation(&request), Instant::now());
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            tokio::time::sleep_until(turn.into()).await;
            inner.call(request).await
        })
    }
}

/// The operation, where the protocol names it in a header: enough for ACM, the one service whose operations have rates of their own.
fn operation(request: &HttpRequest) -> &str {
    request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next()).unwrap_or_default()
}
