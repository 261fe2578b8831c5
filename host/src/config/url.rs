//! Which URLs are accepted, for a service's API and for the system under test.

use url::Url;

/// Checks the base URL of a service's API and takes the slash off its end.
///
/// # Errors
/// One sentence if it is not an absolute https URL without credentials, query and fragment. Plain http is accepted for
/// a loopback address only, as the key would travel in the clear.
pub fn api(text: &str) -> Result<String, String> {
    let url = absolute(text)?;
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(format!(
            "`{}` would send the key unencrypted; use https (http is accepted for a loopback address only)",
            shown(&url)
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "`{}` has a query or a fragment; give the base URL alone",
            shown(&url)
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL must not hold credentials; keys come from the environment".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Checks a URL of the system under test.
///
/// # Errors
/// One sentence if it is not an absolute http or https URL without credentials: the URL is in reports and handles for
/// everyone to read.
pub fn system(text: &str) -> Result<String, String> {
    let url = absolute(text)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "a URL of the system under test must not hold credentials, as reports show it"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

fn absolute(text: &str) -> Result<Url, String> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "`{}` is not a URL: it contains blanks",
            masked(text).escape_debug()
        ));
    }
    let url = Url::parse(text).map_err(|error| {
        format!(
            "`{}` is not a URL ({error}); write it like `https://staging.example.com`",
            masked(text)
        )
    })?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        other => Err(format!(
            "`{other}:` is not supported; the URL must begin with https:// or http://"
        )),
    }
}

/// Whether a URL leads to this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare == "localhost" || bare.ends_with(".localhost"),
    }
}

/// A URL as it may be printed: without credentials.
#[must_use]
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for URLs that cannot hold credentials, and those have none to hide.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// The text with stars for what may be credentials in a URL, byte for byte, so that all places in it stay the same.
///
/// Takes too much rather than too little: the text need not be a valid URL, and a password may hold what ends a host.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (colon, _) in text.match_indices(':') {
        let (before, after) = (&text[..colon], &text[colon + 1..]);
        if !after.starts_with("//") && !ends_with_scheme(before) {
            continue;
        }
        let begin = text.len() - after.trim_start_matches(['/', '\\']).len();
        let rest = &text[begin..];
        let end = rest.find(['"', '\'', '\n', '\r']).unwrap_or(rest.len());
        if let Some(at) = rest[..end].rfind('@') {
            bytes[begin..begin + at].fill(b'*');
        }
    }
    String::from_utf8(bytes).expect("whole characters were replaced")
}

fn ends_with_scheme(text: &str) -> bool {
    ["http", "https"].iter().any(|scheme| {
        text.len()
            .checked_sub(scheme.len())
            .and_then(|begin| text.get(begin..))
            .is_some_and(|end| end.eq_ignore_ascii_case(scheme))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_url_is_https_or_loopback() {
        assert_eq!(
            api("https://api.example.com/client/v1/"),
            Ok("https://api.example.com/client/v1".to_owned())
        );
        for good in [
            "http://127.0.0.1:8080/keploy",
            "http://[::1]:1",
            "http://localhost/x",
        ] {
            assert!(api(good).is_ok(), "{good}");
        }
        let bad = [
            "http://api.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "https://user:word@example.com",
            "https://example.com/?a=1",
            "https://example.com/#a",
            "ftp://example.com",
            "example.com",
            "https://exa mple.com",
            "",
        ];
        for bad in bad {
            assert!(api(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_credentials() {
        let refusal = api("http://user:pa55word@example.com").unwrap_err();
        assert!(!refusal.contains("pa55word"), "{refusal}");
        for text in [
            "https://user:pa55word@example.com",
            "https://pa55word@example.com",
            "https:user:pa55word@example.com",
            "https://user:pa55word/@example.com",
            "https://user:pa55word @example.com",
            "https://é:pa55word@exa mple.com",
            "HTTPS:\\\\user:pa55word@example.com:x",
        ] {
            let refusal = system(text).unwrap_err();
            assert!(!refusal.contains("pa55word"), "{refusal}");
        }
        assert!(system("https://example.com/@scope?mail=a@b").is_ok());
    }

    #[test]
    fn masking_moves_nothing() {
        let text = "a = \"https://ü:w@h/\" # b@c\nb = 'x@y'\n";
        assert_eq!(masked(text), "a = \"https://****@h/\" # b@c\nb = 'x@y'\n");
    }
}
