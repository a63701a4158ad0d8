//! Where calls may be sent when the environment says otherwise than AWS.

use http::Uri;
use std::ffi::OsStr;
use std::net::IpAddr;
use thiserror::Error;

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
        Some("http") if is_loopback(&url) => Ok(()),
        Some("http") => Err(WrongEndpoint::Insecure),
        _ => Err(WrongEndpoint::NotAUrl),
    }
}

/// Whether what is sent there stays on this machine.
#[must_use]
pub fn is_loopback(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
