//! One harmless request without a key, by the client that every run uses.

use std::time::{Instant, SystemTime};

use reqwest::{Client, Response, StatusCode, header};
use rustls::AlertDescription;

use super::{LIMIT, Part, Probe, Taken, Trouble, trouble};
use crate::bindings::proctor::ci::types::Code;
use crate::network::{
    clients::visitor,
    fault::{Tunnel, chain, find_tls, is_about_client, tunnel},
};

/// How much of a page is looked at, in bytes.
const MOST: usize = 4 << 10;

/// Answers of nginx to a client certificate that is wrong or not there. Source: ngx_http_ssl_module, "error processing".
const ABOUT_CERTIFICATE: [u16; 2] = [495, 496];

/// Of the answer what the next step needs.
pub struct Answer {
    /// `Date`, as it was sent.
    pub date: Option<String>,
    /// When the request was sent and when its answer was there.
    pub between: (SystemTime, SystemTime),
}

impl Probe<'_> {
    pub(super) async fn request(&mut self) -> Taken<Answer> {
        let began = Instant::now();
        let client = match self.client() {
            Ok(client) => client,
            Err(reason) => {
                let trouble = Trouble::usage(reason, "correct the settings of the network");
                return self.fail("HTTP", Some(began), Vec::new(), trouble);
            }
        };
        let sent = SystemTime::now();
        let asked = client.get(self.url.clone()).timeout(LIMIT * 2).send().await;
        let response = match asked {
            Ok(response) => response,
            Err(error) => {
                let trouble = self.no_answer(&error.without_url());
                return self.fail("HTTP", Some(began), Vec::new(), trouble);
            }
        };
        let answer = Answer {
            date: text(&response, &header::DATE),
            between: (sent, SystemTime::now()),
        };
        let status = response.status();
        let fact = self.told(&response);
        let page = page(response).await;
        match self.refused(status, &page) {
            None => {
                self.done("HTTP", Some(began), vec![fact]);
                Ok(answer)
            }
            Some(trouble) => self.fail("HTTP", Some(began), vec![fact], trouble),
        }
    }

    fn client(&self) -> Result<Client, String> {
        match (self.part, self.origin()) {
            (Part::Service, Some(origin)) => self.network.client(&origin).cloned(),
            _ => visitor(self.reach, LIMIT, LIMIT * 2),
        }
    }

    /// What was answered, in words.
    fn told(&self, response: &Response) -> String {
        let status = response.status();
        let mut told = format!(
            "GET {} without a key is answered {}",
            self.url.path(),
            status.as_u16()
        );
        if let Some(reason) = status.canonical_reason() {
            told.push_str(&format!(" {reason}"));
        }
        match (text(response, &header::LOCATION), self.part) {
            (Some(location), _) if status.is_redirection() => {
                let location = self.reach.conceal(&location);
                told.push_str(&format!(
                    ", redirecting to {location}; redirects are not followed"
                ));
            }
            (_, Part::Service) if [401, 403].contains(&status.as_u16()) => {
                told.push_str(", as it should be")
            }
            _ => {}
        }
        told
    }

    /// Whether what answered is not what was asked.
    fn refused(&self, status: StatusCode, page: &str) -> Option<Trouble> {
        let host = self.url.host_str().unwrap_or_default();
        let about_certificate = ABOUT_CERTIFICATE.contains(&status.as_u16())
            || status.as_u16() == 400 && page.contains("SSL certificate");
        match status.as_u16() {
            _ if about_certificate => {
                Some(self.certificate_refused(&format!("answers {}", status.as_u16())))
            }
            407 => Some(Trouble::usage(
                "the proxy wants a user name and password that it accepts (407)",
                "put them into the variable that names the proxy, as http://USER:PASSWORD@HOST:PORT",
            )),
            511 => Some(Trouble::unavailable(
                trouble::NETWORK,
                "this network wants a login first (511)",
                "sign this machine in, or take it to another network",
            )),
            502..=504 => Some(self.dead(Trouble::unavailable(
                trouble::SERVICE,
                format!(
                    "a gateway answers {} for {host}, with nothing behind it",
                    status.as_u16()
                ),
                "wait until it is up again; behind a proxy, look whether that is the gateway",
            ))),
            _ => None,
        }
    }

    fn no_answer(&self, error: &reqwest::Error) -> Trouble {
        let host = self.url.host_str().unwrap_or_default();
        if let Some(rustls::Error::InvalidCertificate(wrong)) = find_tls(error) {
            return Trouble::unavailable(
                trouble::AUTHOR,
                format!("a certificate on the way to {host} is not trusted ({wrong})"),
                "if its authority is a company's own, or that of a proxy that opens TLS connections, name that authority's \
                 certificate with --ca-file FILE",
            )
            .lasting();
        }
        if let Some(tls) = find_tls(error).filter(|tls| is_about_client(tls)) {
            return self.certificate_refused_by(tls);
        }
        match tunnel(error) {
            Some(Tunnel::Unauthorized) => Trouble::usage(
                "the proxy wants a user name and password that it accepts (407)",
                "correct the variable that names the proxy",
            ),
            Some(Tunnel::Refused) => Trouble::unavailable(
                trouble::PROXY,
                format!("the proxy opens no way to {host}"),
                "look whether it allows CONNECT to that port",
            ),
            None if error.is_timeout() => Trouble::unavailable(
                trouble::SERVICE,
                format!("{host} did not answer within {} s", (LIMIT * 2).as_secs()),
                "try again, and then ask whoever runs it",
            ),
            None => Trouble::unavailable(
                trouble::SERVICE,
                format!(
                    "no answer came from {host} ({})",
                    self.reach.conceal(&chain(error))
                ),
                "try the same URL with `curl -v` from this machine",
            ),
        }
    }

    /// A service that breaks off TLS because of the client's certificate, or the lack of one.
    pub(super) fn certificate_refused_by(&self, tls: &rustls::Error) -> Trouble {
        let word = match tls {
            rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
                "a client certificate is required".to_owned()
            }
            rustls::Error::AlertReceived(AlertDescription::CertificateExpired) => {
                "it has expired".to_owned()
            }
            rustls::Error::AlertReceived(AlertDescription::UnknownCA) => {
                "its authority is not known there".to_owned()
            }
            other => other.to_string(),
        };
        self.certificate_refused(&format!("breaks off: {word}"))
    }

    fn certificate_refused(&self, how: &str) -> Trouble {
        let host = self.url.host_str().unwrap_or_default();
        match (self.part, self.reach.identity()) {
            (Part::Service, Some(identity)) => Trouble::new(
                Code::Authentication,
                trouble::KEY,
                format!(
                    "{host} refuses the client certificate in {} ({how})",
                    identity.shown
                ),
                "look until when it is valid, and whether its authority is the one that the service asks for",
            ),
            (Part::Service, None) => Trouble::usage(
                format!("{host} wants a client certificate ({how})"),
                "give one with --client-cert FILE and --client-key FILE, or PROCTOR_CLIENT_CERT and PROCTOR_CLIENT_KEY",
            ),
            (Part::System, _) => Trouble::unavailable(
                trouble::AUTHOR,
                format!("{host} wants a client certificate ({how})"),
                "systems under test are shown none: have it let the tests in, and use --skip-preflight",
            ),
        }
    }
}

fn text(response: &Response, name: &header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The beginning of the body, as far as it comes.
async fn page(mut response: Response) -> String {
    let mut page = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        page.extend_from_slice(&piece);
        if page.len() > MOST {
            break;
        }
    }
    String::from_utf8_lossy(&page).into_owned()
}
