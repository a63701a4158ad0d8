//! ACM: a certificate is issued once the right record stands in the right zone, and goes only when nobody uses it.
//!
//! docs/aws.md, "ACM: certificates".

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Ask, Countdown, Lags, edit_json, listeners, locked, route53, succeeded, text, texts};
use crate::support::call::Reply;

#[derive(Default)]
pub struct Certificates(Mutex<State>);

#[derive(Default)]
struct State {
    /// By ARN. One that is not here was requested past the proxy, and takes no time.
    known: BTreeMap<String, Certificate>,
    /// By token, the names and the ARN that they got.
    tokens: BTreeMap<String, (Vec<String>, String)>,
    failed: usize,
    timed_out: usize,
    hidden: Countdown,
}

#[derive(Clone, Default)]
struct Certificate {
    records: usize,
    pending: usize,
    /// What becomes of it instead of being issued.
    fate: Option<&'static str>,
    decided: bool,
    /// A load balancer that has used it.
    user: Option<String>,
    in_use: usize,
}

impl Certificate {
    fn status(&self) -> &'static str {
        if self.decided { self.fate.unwrap_or("ISSUED") } else { "PENDING_VALIDATION" }
    }
}

/// What decides about certificates, asked of the emulator when it is first needed and once for all of them.
#[derive(Default)]
struct Surroundings {
    dns: route53::Dns,
    uses: OnceCell<Vec<(String, Vec<String>)>>,
}

impl Surroundings {
    /// The first load balancer that uses the certificate.
    fn user_of(&self, ask: Ask<'_>, arn: &str) -> Option<&String> {
        let uses = self.uses.get_or_init(|| listeners::uses(ask));
        uses.iter().find(|(_, certificates)| certificates.iter().any(|certificate| certificate == arn)).map(|(user, _)| user)
    }

    fn have_records_of(&self, ask: Ask<'_>, detail: &Value) -> bool {
        let options = detail["DomainValidationOptions"].as_array().map_or(&[][..], Vec::as_slice);
        let mut records: Vec<&Value> = options.iter().map(|option| &option["ResourceRecord"]).collect();
        records.dedup();
        !records.is_empty() && records.iter().all(|record| self.dns.has(ask, text(&record["Name"]), text(&record["Value"])))
    }
}

impl State {
    fn next_fate(&mut self, lags: &Lags) -> Option<&'static str> {
        if self.failed < lags.certificates_failing {
            self.failed += 1;
            return Some("FAILED");
        }
        (self.timed_out < lags.certificates_timing_out).then(|| {
            self.timed_out += 1;
            "VALIDATION_TIMED_OUT"
        })
    }
}

impl Certificates {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        match ask.operation() {
            "RequestCertificate" => self.request(ask),
            "DescribeCertificate" => edit_json(ask.forward(), |body| self.show(ask, &mut body["Certificate"])),
            "ListCertificates" => edit_json(ask.forward(), |body| self.list(ask, body)),
            "DeleteCertificate" => self.delete(ask),
            _ => ask.forward(),
        }
    }

    pub fn exists(&self, ask: Ask<'_>, arn: &str) -> bool {
        !detail(ask, arn).is_null()
    }

    pub fn is_issued(&self, ask: Ask<'_>, arn: &str) -> bool {
        let detail = detail(ask, arn);
        !detail.is_null() && self.judged(ask, &Surroundings::default(), &detail, false).status() == "ISSUED"
    }

    fn request(&self, ask: Ask<'_>) -> Reply {
        let mut state = locked(&self.0);
        let wanted = ask.call.json();
        let token = text(&wanted["IdempotencyToken"]).to_owned();
        if token.len() > 32 || !token.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            return ask.refuse("ValidationException", "Value at 'idempotencyToken' failed to satisfy constraint: \\w+, at most 32");
        }
        let mut names = texts(&wanted["SubjectAlternativeNames"]);
        names.push(text(&wanted["DomainName"]).to_owned());
        names.sort();
        names.dedup();
        let before = state.tokens.get(&token).filter(|(before, arn)| *before == names && self.exists(ask, arn));
        if let Some((_, arn)) = before.filter(|_| !token.is_empty()) {
            return Reply::json(200, &json!({ "CertificateArn": arn }));
        }
        let reply = ask.forward();
        let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        if succeeded(&reply) {
            let (arn, lags) = (text(&body["CertificateArn"]).to_owned(), ask.lags());
            let fate = state.next_fate(&lags);
            let certificate =
                Certificate { records: lags.certificate_records, pending: lags.certificate_pending, fate, ..Certificate::default() };
            state.hidden.start(&arn, lags.certificate_hidden);
            state.known.insert(arn.clone(), certificate);
            state.tokens.insert(token, (names, arn));
        }
        reply
    }

    /// The certificate's state after a look at the DNS. A poll brings it nearer to its end.
    fn judged(&self, ask: Ask<'_>, around: &Surroundings, detail: &Value, poll: bool) -> Certificate {
        let arn = text(&detail["CertificateArn"]);
        let before = locked(&self.0).known.get(arn).cloned().unwrap_or_default();
        let stands = !before.decided && around.have_records_of(ask, detail);
        let user = around.user_of(ask, arn).cloned();
        let mut state = locked(&self.0);
        let certificate = state.known.entry(arn.to_owned()).or_default();
        if stands && certificate.records == 0 {
            if certificate.pending == 0 {
                certificate.decided = true;
            } else if poll {
                certificate.pending -= 1;
            }
        }
        if user.is_some() {
            certificate.user = user;
            certificate.in_use = ask.lags().certificate_in_use;
        }
        certificate.clone()
    }

    fn show(&self, ask: Ask<'_>, detail: &mut Value) {
        if detail["Type"] == "IMPORTED" {
            return;
        }
        let around = Surroundings::default();
        let certificate = self.judged(ask, &around, detail, true);
        let status = certificate.status();
        detail["Status"] = json!(status);
        let in_use = around.user_of(ask, text(&detail["CertificateArn"])).is_some() || certificate.in_use > 0;
        detail["InUseBy"] = json!(certificate.user.iter().filter(|_| in_use).collect::<Vec<_>>());
        if status == "FAILED" {
            detail["FailureReason"] = json!("CAA_ERROR");
        }
        if let Some(fields) = detail.as_object_mut().filter(|_| status != "ISSUED") {
            ["IssuedAt", "NotBefore", "NotAfter", "Serial"].iter().for_each(|field| drop(fields.shift_remove(*field)));
        }
        let shown = if status == "ISSUED" { "SUCCESS" } else { status };
        // The last but one describe shows all records but one: they come one by one.
        let missing = if certificate.records == 1 { 1 } else { usize::MAX };
        for (place, option) in detail["DomainValidationOptions"].as_array_mut().into_iter().flatten().enumerate() {
            option["ValidationStatus"] = json!(shown);
            if let Some(fields) = option.as_object_mut().filter(|_| certificate.records > 0 && place < missing) {
                fields.shift_remove("ResourceRecord");
            }
        }
        if let Some(certificate) = locked(&self.0).known.get_mut(text(&detail["CertificateArn"])) {
            certificate.records = certificate.records.saturating_sub(1);
        }
    }

    fn list(&self, ask: Ask<'_>, body: &mut Value) {
        let Some(list) = body["CertificateSummaryList"].as_array_mut() else { return };
        list.retain(|summary| !locked(&self.0).hidden.poll(text(&summary["CertificateArn"])));
        let around = Surroundings::default();
        for summary in list.iter_mut().filter(|summary| summary["Type"] != "IMPORTED") {
            let detail = detail(ask, text(&summary["CertificateArn"]));
            let certificate = self.judged(ask, &around, &detail, false);
            let in_use = around.user_of(ask, text(&detail["CertificateArn"])).is_some() || certificate.in_use > 0;
            summary["Status"] = json!(certificate.status());
            summary["InUse"] = json!(in_use);
            summary["SubjectAlternativeNameSummaries"] = detail["SubjectAlternativeNames"].clone();
            summary["HasAdditionalSubjectAlternativeNames"] = json!(false);
        }
        let wanted = ask.call.json();
        let statuses = texts(&wanted["CertificateStatuses"]);
        list.retain(|summary| statuses.is_empty() || statuses.iter().any(|status| *status == text(&summary["Status"])));
    }

    fn delete(&self, ask: Ask<'_>) -> Reply {
        let wanted = ask.call.json();
        let arn = text(&wanted["CertificateArn"]);
        let in_use = Surroundings::default().user_of(ask, arn).is_some();
        let lingers = locked(&self.0).known.get_mut(arn).is_some_and(|certificate| {
            let lingers = certificate.in_use > 0;
            certificate.in_use = certificate.in_use.saturating_sub(usize::from(!in_use));
            lingers
        });
        if in_use || lingers {
            return ask.refuse("ResourceInUseException", &format!("Certificate {arn} in account {} is in use.", ask.backend().account));
        }
        ask.forward()
    }
}

/// The certificate as the emulator has it; null when it has none.
fn detail(ask: Ask<'_>, arn: &str) -> Value {
    ask.backend().acm(ask.region(), "DescribeCertificate", &json!({ "CertificateArn": arn }))["Certificate"].take()
}
