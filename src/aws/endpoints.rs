//! Where calls may be sent when the environment says otherwise than AWS.

use http::Uri;
use std::ffi::OsStr;
use std::net::IpAddr;
use thiserror::Error;

/// The network of the addresses from which instances and pods get their credentials over IPv6.
const AWS_V6: [u16; 2] = [0xfd00, 0x0ec2];

/// The variables that name an endpoint for all services, and for each that is called. SSO is one where a profile gets its credentials there.
pub const VARIABLES: [&str; 12] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_ACM",
    "AWS_ENDPOINT_URL_AUTO_SCALING",
    "AWS_ENDPOINT_URL_EC2",
    "AWS_ENDPOINT_URL_ECS",
    "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_ROUTE_53",
    "AWS_ENDPOINT_URL_SSM",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_STS",
];

/// To be read after the name of the variable that holds it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum WrongEndpoint {
    #[error("is plain http to another machine, which would see the credentials\nuse https, or unset it to reach AWS itself")]
    Insecure,
    #[error("is not an http or https URL\nunset it to reach AWS itself")]
    NotAUrl,
}

/// Whether the SDK can be given this endpoint: it does not survive one that is not a URL, and would send a session in clear.
pub fn check(endpoint: &OsStr) -> Result<(), WrongEndpoint> {
    let url = endpoint.to_str().and_then(|text| text.parse::<Uri>().ok()).filter(|url| url.host().is_some());
    let url = url.ok_or(WrongEndpoint::NotAUrl)?;
    match url.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if stays_private(&url) => Ok(()),
        Some("http") => Err(WrongEndpoint::Insecure),
        _ => Err(WrongEndpoint::NotAUrl),
    }
}

/// Whether nobody on the way can read what is sent there: over TLS, to this machine, or to the addresses from which AWS gives a machine its own
/// credentials, which are link-local and answer to plain http alone (docs/aws.md, "Permissions of the caller").
#[must_use]
pub fn stays_private(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let link_local = match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.segments().starts_with(&AWS_V6),
        Err(_) => false,
    };
    url.scheme_str() == Some("https") || is_loopback(url) || link_local
}

/// Whether what is sent there stays on this machine.
#[must_use]
pub fn is_loopback(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
