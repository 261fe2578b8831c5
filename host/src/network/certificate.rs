//! What stands in a certificate, for people: whom it is for, who issued it, and when it is valid.
//!
//! Nothing is decided by it. What is trusted is decided by the verifier alone. Source: RFC 5280, 4.1 and 4.2.1.6.

use std::{
    net::IpAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use yasna::{ASN1Result, BERReader, BERReaderSeq, Tag, models::TaggedDerValue};

/// Attributes of a name. Source: RFC 5280, appendix A.1.
const COMMON_NAME: [u64; 4] = [2, 5, 4, 3];
const ORGANIZATION: [u64; 4] = [2, 5, 4, 10];

/// The extension with the names that the certificate is for.
const SUBJECT_ALT_NAME: [u64; 4] = [2, 5, 29, 17];

/// Tags of ASN.1's own types. Source: X.680, 8.4.
const UTC_TIME: u64 = 23;
const BMP_STRING: u64 = 30;

/// Tags within the alternative names.
const DNS_NAME: u64 = 2;
const IP_ADDRESS: u64 = 7;

/// A certificate, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// 1 or 3; of version 2 there are none.
    pub version: u8,
    pub subject: Name,
    pub issuer: Name,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    pub not_before: SystemTime,
    pub not_after: SystemTime,
}

/// Who somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    pub common: Option<String>,
    pub organization: Option<String>,
    /// All attributes as they are, to be compared.
    der: Vec<Vec<u8>>,
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.common, &self.organization) {
            (Some(name), Some(of)) if name != of => write!(f, "\"{name}\" of \"{of}\""),
            (Some(name), _) | (None, Some(name)) => write!(f, "\"{name}\""),
            (None, None) => f.write_str("somebody without a name"),
        }
    }
}

impl Certificate {
    /// Reads a certificate; nothing if it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let read = yasna::parse_der(der, |reader| {
            reader.read_sequence(|parts| {
                let certificate = parts.next().read_sequence(signed)?;
                parts.next().read_der()?;
                parts.next().read_der()?;
                Ok(certificate)
            })
        });
        read.ok().flatten()
    }

    /// Whether it vouches for itself.
    pub fn is_self_signed(&self) -> bool {
        self.subject.der == self.issuer.der
    }

    /// From when to when, for people.
    pub fn validity(&self) -> String {
        format!(
            "from {} to {}",
            moment(self.not_before),
            moment(self.not_after)
        )
    }
}

/// A moment to the minute, for people.
pub fn moment(time: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    // 2026-01-02T03:04:05Z
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
        _ => text,
    }
}

/// The part that is signed.
fn signed(parts: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Option<Certificate>> {
    let version = parts
        .read_optional(|version| version.read_tagged(Tag::context(0), |number| number.read_u8()))?;
    parts.next().read_der()?; // the serial number
    parts.next().read_der()?; // the algorithm of the signature
    let issuer = name(parts.next())?;
    let (not_before, not_after) = parts.next().read_sequence(|validity| {
        let from = validity.next().read_tagged_der()?;
        Ok((time(&from), time(&validity.next().read_tagged_der()?)))
    })?;
    let subject = name(parts.next())?;
    parts.next().read_der()?; // the public key
    for unique_id in [1, 2] {
        let tag = Tag::context(unique_id);
        parts.read_optional(|id| id.read_tagged_implicit(tag, |bits| bits.read_bitvec_bytes()))?;
    }
    let extensions = parts.read_optional(|all| {
        all.read_tagged(Tag::context(3), |all| all.collect_sequence_of(extension))
    })?;
    let names = extensions
        .unwrap_or_default()
        .into_iter()
        .flatten()
        .collect();
    Ok(not_before
        .zip(not_after)
        .map(|(not_before, not_after)| Certificate {
            // Counted from 0, which is left out.
            version: version.unwrap_or_default().saturating_add(1),
            subject,
            issuer,
            names,
            not_before,
            not_after,
        }))
}

fn name(reader: BERReader<'_, '_>) -> ASN1Result<Name> {
    let mut name = Name::default();
    reader.read_sequence_of(|several| {
        several.read_set_of(|one| {
            one.read_sequence(|pair| {
                let kind = pair.next().read_oid()?;
                let value = pair.next().read_tagged_der()?;
                let place = match kind.components().as_slice() {
                    kind if kind == COMMON_NAME => Some(&mut name.common),
                    kind if kind == ORGANIZATION => Some(&mut name.organization),
                    _ => None,
                };
                if let Some(place) = place {
                    *place = Some(text(&value));
                }
                name.der.push(value.value().to_vec());
                Ok(())
            })
        })
    })?;
    Ok(name)
}

fn text(value: &TaggedDerValue) -> String {
    let bytes = value.value();
    if value.tag().tag_number == BMP_STRING {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect();
        return String::from_utf16_lossy(&units);
    }
    String::from_utf8_lossy(bytes).into_owned()
}

/// The names in an extension, if it is the one that holds them.
fn extension(reader: BERReader<'_, '_>) -> ASN1Result<Vec<String>> {
    let (kind, value) = reader.read_sequence(|parts| {
        let kind = parts.next().read_oid()?;
        parts.read_optional(|critical| critical.read_bool())?;
        Ok((kind, parts.next().read_bytes()?))
    })?;
    if kind.components().as_slice() != SUBJECT_ALT_NAME {
        return Ok(Vec::new());
    }
    let all = yasna::parse_der(&value, |names| {
        names.collect_sequence_of(|name| name.read_tagged_der())
    })?;
    Ok(all.iter().filter_map(alternative).collect())
}

fn alternative(name: &TaggedDerValue) -> Option<String> {
    let bytes = name.value();
    match name.tag().tag_number {
        DNS_NAME => Some(String::from_utf8_lossy(bytes).into_owned()),
        IP_ADDRESS => match bytes.len() {
            4 => Some(IpAddr::from(<[u8; 4]>::try_from(bytes).ok()?).to_string()),
            _ => Some(IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?).to_string()),
        },
        _ => None,
    }
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`. Source: RFC 5280, 4.1.2.5.
fn time(value: &TaggedDerValue) -> Option<SystemTime> {
    let written = std::str::from_utf8(value.value()).ok()?;
    let whole = match (value.tag().tag_number, written.get(..2)?) {
        (UTC_TIME, year) if year >= "50" => format!("19{written}"),
        (UTC_TIME, _) => format!("20{written}"),
        _ => written.to_owned(),
    };
    let part = |from: usize, to: usize| whole.get(from..to);
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    );
    match humantime::parse_rfc3339(&text) {
        Ok(time) => Some(time),
        // Before 1970, where the library's time begins.
        Err(_) if whole.as_str() < "1970" => Some(UNIX_EPOCH),
        Err(_) => None,
    }
}

/// How long ago something was, or how long it takes until then, in the largest unit that fits.
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (number, unit) = match seconds {
        0..=119 => (seconds, "second"),
        120..=7_199 => (seconds / 60, "minute"),
        7_200..=172_799 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{s}")
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType, date_time_ymd};

    use super::*;

    fn made() -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["*.example.com".to_owned()]).expect("names");
        params
            .subject_alt_names
            .push(SanType::IpAddress("192.0.2.1".parse().expect("an address")));
        params.subject_alt_names.push(SanType::IpAddress(
            "2001:db8::1".parse().expect("an address"),
        ));
        params
            .distinguished_name
            .push(DnType::CommonName, "Bücher & Co");
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Example");
        params.not_before = date_time_ymd(1999, 12, 31);
        params.not_after = date_time_ymd(2060, 1, 2);
        let key = KeyPair::generate().expect("a key");
        params
            .self_signed(&key)
            .expect("a certificate")
            .der()
            .to_vec()
    }

    #[test]
    fn a_certificate_is_read_for_people() {
        let read = Certificate::read(&made()).expect("a certificate");
        assert_eq!(read.subject.to_string(), "\"Bücher & Co\" of \"Example\"");
        assert!(read.is_self_signed());
        assert_eq!(read.version, 3);
        assert_eq!(read.names, ["*.example.com", "192.0.2.1", "2001:db8::1"]);
        assert_eq!(
            read.validity(),
            "from 1999-12-31 00:00 UTC to 2060-01-02 00:00 UTC"
        );
    }

    #[test]
    fn every_authority_that_mozilla_trusts_is_read() {
        for root in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
            let read = Certificate::read(root).expect("a certificate");
            assert!(
                read.is_self_signed() && read.not_before < read.not_after,
                "{read:?}"
            );
        }
    }

    #[test]
    fn what_is_no_certificate_is_not_read() {
        let whole = made();
        for end in 0..whole.len() {
            assert_eq!(Certificate::read(&whole[..end]), None);
        }
        let _ = Certificate::read(&[0x30; 4096]);
        for at in 0..whole.len() {
            let mut other = whole.clone();
            other[at] ^= 0xff;
            let _ = Certificate::read(&other);
        }
    }

    #[test]
    fn spans_are_rounded_down_to_one_unit() {
        let spans = [1, 119, 120, 7_200, 172_800].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(
            spans,
            ["1 second", "119 seconds", "2 minutes", "2 hours", "2 days"]
        );
    }
}
