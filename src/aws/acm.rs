//! AWS Certificate Manager.

use crate::aws::Aws;
use crate::aws::call::{Deleted, Named, all_of, required, unless_missing};
use crate::aws::credentials::client;
use crate::aws::failure::Failure;
use crate::aws::progress::{Progress, Yield};
use crate::model::observed::{CertificateStatus, ObservedCertificate};
use crate::model::properties::{Certificate, DnsRecord};
use crate::model::tags::Tags;
use crate::plan::action::Service;
use aws_config::Region;
use aws_sdk_acm::Client;
use aws_sdk_acm::error::BuildError;
use aws_sdk_acm::types::{
    CertificateDetail, CertificateStatus as Status, CertificateSummary, Filters, KeyAlgorithm, Tag, ValidationMethod,
};
use futures_util::future::try_join_all;
use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

/// Without naming them, `ListCertificates` hides every certificate whose key is not RSA with 1024 or 2048 bits.
const KEY_TYPES: [KeyAlgorithm; 7] = [
    KeyAlgorithm::Rsa1024,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa4096,
    KeyAlgorithm::EcPrime256v1,
    KeyAlgorithm::EcSecp384r1,
    KeyAlgorithm::EcSecp521r1,
];
/// The most that `ListCertificates`, of which ACM takes one a second, gives at once.
const LIST_PAGE: i32 = 1000;
/// Most certificates are issued within a few minutes; why one is not is asked no sooner than this.
const PATIENCE: Duration = Duration::from_mins(1);
const PENDING: &str = "PENDING_VALIDATION";
const MISSING: [&str; 1] = ["ResourceNotFoundException"];

fn acm_tags(tags: &Tags, operation: &'static str) -> Result<Vec<Tag>, Failure> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let failed = |error: BuildError| Failure::local(Service::Acm, operation, error.to_string());
    tags.0.iter().map(|pair| tag(pair).map_err(failed)).collect()
}

/// Whether the certificate can be of the form that we request: a domain and everything one level below it.
pub(super) fn is_of_our_form(summary: &CertificateSummary) -> bool {
    let Some(domain) = summary.domain_name() else { return false };
    let names: BTreeSet<&str> = summary.subject_alternative_name_summaries().iter().map(String::as_str).collect();
    let wildcard = format!("*.{domain}");
    names.is_empty() || (names.contains(wildcard.as_str()) && names.iter().all(|name| *name == domain || *name == wildcard))
}

/// Whether a certificate for these names is validated by the record of this domain.
fn needs_record_of<'a>(names: impl IntoIterator<Item = &'a str>, domain: &str) -> bool {
    names.into_iter().any(|name| name == domain || name.strip_prefix("*.") == Some(domain))
}

/// All names of the certificate, if the summary has them: it holds the first hundred at most.
fn names_of(summary: &CertificateSummary) -> Option<Vec<&str>> {
    let listed = summary.subject_alternative_name_summaries();
    let complete = !listed.is_empty() && summary.has_additional_subject_alternative_names() != Some(true);
    complete.then(|| listed.iter().map(String::as_str).chain(summary.domain_name()).collect())
}

impl Aws {
    /// A client for the certificates of a Region; for ours the one that all calls there take their turn at.
    fn acm_in(&self, region: &str) -> Client {
        if self.is_ours(region) {
            return self.acm.clone();
        }
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        client!(aws_sdk_acm, &config, Acm, &self.ended)
    }

    fn is_ours(&self, region: &str) -> bool {
        self.config.region().is_some_and(|ours| ours.as_ref() == region)
    }

    /// The certificates of our Region, kept for whoever asks for them next.
    pub(super) async fn own_list_of_certificates(&self) -> Result<Vec<CertificateSummary>, Failure> {
        let list = self.list_certificates(&self.acm).await?;
        *self.listed_certificates.lock().unwrap_or_else(PoisonError::into_inner) = Some(list.clone());
        Ok(list)
    }

    async fn list_certificates(&self, client: &Client) -> Result<Vec<CertificateSummary>, Failure> {
        let every_key = Filters::builder().set_key_types(Some(KEY_TYPES.into())).build();
        all_of!(client.list_certificates().includes(every_key).max_items(LIST_PAGE)).await.named(Service::Acm, "ListCertificates")
    }

    /// No tags for a certificate that is gone.
    pub(super) async fn certificate_tags(&self, arn: &str) -> Result<Tags, Failure> {
        let answer = self.acm.list_tags_for_certificate().certificate_arn(arn).send().await.named(Service::Acm, "ListTagsForCertificate");
        let tags = unless_missing(answer, &MISSING)?.and_then(|answer| answer.tags).unwrap_or_default();
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
    }

    /// The certificate as its description shows it, which is without its tags.
    pub(super) async fn certificate(&self, arn: &str) -> Result<Option<ObservedCertificate>, Failure> {
        let Some(detail) = self.describe_certificate(arn).await? else { return Ok(None) };
        Ok(Some(ObservedCertificate {
            arn: arn.to_owned(),
            records: all_records(&detail).unwrap_or_default(),
            status: status(&detail)?,
            in_use_by: detail.in_use_by().iter().cloned().collect(),
            properties: Certificate {
                domain: required(detail.domain_name(), Service::Acm, "DescribeCertificate", "DomainName")?.to_owned(),
                alternative_names: detail
                    .subject_alternative_names()
                    .iter()
                    .filter(|name| Some(name.as_str()) != detail.domain_name())
                    .cloned()
                    .collect(),
                tags: Tags::default(),
            },
        }))
    }

    async fn describe_certificate(&self, arn: &str) -> Result<Option<CertificateDetail>, Failure> {
        let answer = self.acm.describe_certificate().certificate_arn(arn).send().await.named(Service::Acm, "DescribeCertificate");
        Ok(unless_missing(answer, &MISSING)?.and_then(|answer| answer.certificate))
    }

    pub(super) async fn request_certificate(&self, certificate: &Certificate, token: &str) -> Result<String, Failure> {
        let call = self
            .acm
            .request_certificate()
            .domain_name(&certificate.domain)
            .set_subject_alternative_names(Some(certificate.alternative_names.iter().cloned().collect()))
            .validation_method(ValidationMethod::Dns)
            .idempotency_token(token)
            .set_tags(Some(acm_tags(&certificate.tags, "RequestCertificate")?));
        let answer = call.send().await.named(Service::Acm, "RequestCertificate")?;
        required(answer.certificate_arn, Service::Acm, "RequestCertificate", "CertificateArn")
    }

    pub(super) async fn tag_certificate(&self, arn: &str, tags: &Tags) -> Result<(), Failure> {
        let call = self.acm.add_tags_to_certificate().certificate_arn(arn).set_tags(Some(acm_tags(tags, "AddTagsToCertificate")?));
        call.send().await.named(Service::Acm, "AddTagsToCertificate")?;
        Ok(())
    }

    pub(super) async fn delete_certificate(&self, arn: &str) -> Result<(), Failure> {
        self.acm.delete_certificate().certificate_arn(arn).send().await.named(Service::Acm, "DeleteCertificate").or_gone()
    }

    /// Done once every name of the certificate has its record: they come one by one.
    pub(super) async fn certificate_records(&self, arn: &str) -> Result<Progress, Failure> {
        let Some(detail) = self.describe_certificate(arn).await? else {
            return Err(Failure::unseen(Service::Acm, "DescribeCertificate", "ACM does not show the certificate yet"));
        };
        Ok(match (status(&detail)?, all_records(&detail)) {
            (CertificateStatus::Dead(why), _) => Progress::Failed(why),
            (_, Some(records)) => Progress::Done(vec![Yield::Records(records)]),
            (_, None) => Progress::Pending("ACM has not named all records yet".to_owned()),
        })
    }

    pub(super) async fn certificate_issued(&self, arn: &str, zone_id: &str) -> Result<Progress, Failure> {
        let Some(detail) = self.describe_certificate(arn).await? else {
            return Err(Failure::unseen(Service::Acm, "DescribeCertificate", "ACM does not show the certificate yet"));
        };
        Ok(match status(&detail)? {
            CertificateStatus::Issued => Progress::Done(Vec::new()),
            CertificateStatus::Dead(why) => Progress::Failed(why),
            CertificateStatus::Pending if is_overdue(&detail) => Progress::Pending(pending(&detail, &self.name_servers(zone_id).await)),
            CertificateStatus::Pending => Progress::Pending(PENDING.to_owned()),
        })
    }

    /// The certificates of this Region, other than `ours`, that are validated by the record of one of these domains: domain and ARN.
    pub(super) async fn certificates_sharing(
        &self,
        region: &str,
        domains: &BTreeSet<String>,
        ours: &BTreeSet<String>,
    ) -> Result<Vec<(String, String)>, Failure> {
        let client = &self.acm_in(region);
        // ACM takes one list a second, and the look has just read that of our own Region.
        let known =
            if self.is_ours(region) { self.listed_certificates.lock().unwrap_or_else(PoisonError::into_inner).take() } else { None };
        let list = match known {
            Some(list) => list,
            None => self.list_certificates(client).await?,
        };
        let others = list.iter().filter_map(|summary| summary.certificate_arn().map(|arn| (arn, summary)));
        let each = others.filter(|(arn, _)| !ours.contains(*arn)).map(|(arn, summary)| async move {
            let names = match names_of(summary) {
                Some(names) => names.into_iter().map(str::to_owned).collect(),
                None => self.described_names(client, summary).await?.unwrap_or_default(),
            };
            let needed = domains.iter().filter(|domain| needs_record_of(names.iter().map(String::as_str), domain));
            Ok::<_, Failure>(needed.map(|domain| (domain.clone(), arn.to_owned())).collect::<Vec<_>>())
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    async fn described_names(&self, client: &Client, summary: &CertificateSummary) -> Result<Option<Vec<String>>, Failure> {
        let call = client.describe_certificate().set_certificate_arn(summary.certificate_arn.clone());
        let answer = unless_missing(call.send().await.named(Service::Acm, "DescribeCertificate"), &MISSING)?;
        Ok(answer.and_then(|answer| answer.certificate).and_then(|detail| detail.subject_alternative_names))
    }
}

/// Whether the certificate has been pending for so long that the reader may begin to wonder.
fn is_overdue(detail: &CertificateDetail) -> bool {
    let requested = detail.created_at().and_then(|created| SystemTime::try_from(*created).ok());
    requested.and_then(|requested| requested.elapsed().ok()).is_some_and(|pending| pending > PATIENCE)
}

/// What the reader needs to find out why nothing happens: the record that ACM looks for, and where it has to find it.
fn pending(detail: &CertificateDetail, name_servers: &[String]) -> String {
    let records = all_records(detail).unwrap_or_default();
    let shown: Vec<String> = records.iter().map(|record| format!("{} {} {}", record.name, record.record_type, record.value)).collect();
    let servers = if name_servers.is_empty() { "of the hosted zone".to_owned() } else { name_servers.join(", ") };
    format!("{PENDING}: ACM looks for {}; the domain's registrar has to name the name servers {servers}", shown.join(", "))
}

fn status(detail: &CertificateDetail) -> Result<CertificateStatus, Failure> {
    Ok(match required(detail.status(), Service::Acm, "DescribeCertificate", "Status")? {
        Status::Issued => CertificateStatus::Issued,
        Status::PendingValidation => CertificateStatus::Pending,
        other => {
            let reason = detail.failure_reason().map(|reason| format!(" ({})", reason.as_str())).unwrap_or_default();
            CertificateStatus::Dead(format!("its status is {}{reason}", other.as_str()))
        }
    })
}

/// The records of all names without repeats, since a domain and its wildcard share one; `None` while any is missing.
fn all_records(detail: &CertificateDetail) -> Option<Vec<DnsRecord>> {
    let options = detail.domain_validation_options();
    let records: Option<BTreeSet<DnsRecord>> = options
        .iter()
        .map(|option| {
            option.resource_record().map(|record| DnsRecord {
                name: crate::model::texts::plain_name(record.name()),
                record_type: record.r#type().as_str().to_owned(),
                value: record.value().to_owned(),
                ttl: crate::plan::RECORD_TTL,
            })
        })
        .collect();
    records.filter(|records| !records.is_empty()).map(|records| records.into_iter().collect())
}
