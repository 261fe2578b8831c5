use super::*;
use crate::secret::Secret;

#[test]
fn bodies_are_text_or_base64_and_never_torn() {
    let redactor = Redactor::new([&Secret::new("kep_0123456789")]);
    let written = |bytes: &[u8]| {
        let Written {
            text, is_base64, ..
        } = Body::whole(bytes).written("application/json", &redactor);
        (text, is_base64)
    };
    assert_eq!(
        written("né </script>".as_bytes()),
        ("né </script>".to_owned(), false)
    );
    assert_eq!(
        written(br#"{"a":"\ud800"}"#),
        (r#"{"a":"\ud800"}"#.to_owned(), false)
    );
    assert_eq!(written(b"\xff\xfe"), ("//4=".to_owned(), true));
    // Raw lone surrogates are no UTF-8.
    assert_eq!(
        written(b"\xed\xa0\x80"),
        (BASE64.encode(b"\xed\xa0\x80"), true)
    );
    assert_eq!(
        written(b"\xffkep_0123456789"),
        (BASE64.encode(b"\xff***"), true)
    );
    for offset in 0..20 {
        let text = format!("{}kep_0123456789 é", "x".repeat(LONGEST_BODY - offset));
        let (text, is_base64) = written(text.as_bytes());
        assert!(!is_base64 && !text.contains("kep_") && text.len() <= LONGEST_BODY);
        let text = format!("{}é", "x".repeat(LONGEST_BODY - 1));
        assert_eq!(
            written(text.as_bytes()),
            ("x".repeat(LONGEST_BODY - 1), false)
        );
    }
}

#[test]
fn headers_and_urls_lose_what_is_secret() {
    let redactor = Redactor::new([&Secret::new("kep_0123456789")]);
    let mut given = HeaderMap::new();
    let mut own = HeaderValue::from_static("own");
    own.set_sensitive(true);
    given.insert("x-own", own);
    given.insert("set-cookie", HeaderValue::from_static("sid=abc"));
    given.insert("x-echo", HeaderValue::from_static("kep_0123456789"));
    given.insert("location", HeaderValue::from_static("/next?token=abc"));
    given.insert("x-bytes", HeaderValue::from_bytes(b"n\xe9").unwrap());
    let request = Request {
        method: "GET".to_owned(),
        url: "https://u:p@example.com/a?b=c+d&api_key=kep&e=kep_0123456789".to_owned(),
        headers: given,
        body: Body::default(),
    };
    let object = request.object(None, &redactor);
    let value = |name: &str| {
        let all = object["headers"].as_array().unwrap();
        let header = all.iter().find(|header| header["name"] == name);
        header.unwrap()["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(value("x-own"), "***");
    assert_eq!(value("set-cookie"), "***");
    assert_eq!(value("x-echo"), "***");
    assert_eq!(value("location"), "/next?token=***");
    assert_eq!(value("x-bytes"), "né");
    assert_eq!(
        object["url"],
        "https://***@example.com/a?b=c+d&api_key=***&e=***"
    );
    assert_eq!(
        object["queryString"],
        json!([
            {"name": "b", "value": "c d"},
            {"name": "api_key", "value": "***"},
            {"name": "e", "value": "***"},
        ])
    );
}

#[test]
fn media_types_are_masked_and_forms_known_in_any_letters() {
    let redactor = Redactor::new([&Secret::new("kep_0123456789")]);
    let kind = "Application/X-WWW-Form-URLEncoded; x=kep_0123456789; token=abc";
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(kind));
    let expected = "Application/X-WWW-Form-URLEncoded; x=***; token=***";
    let request = Request {
        method: "POST".to_owned(),
        url: "https://example.com/".to_owned(),
        headers: headers.clone(),
        body: Body::whole(b"token=abc&a=b"),
    };
    let data = request.object(None, &redactor)["postData"].clone();
    assert_eq!(data, json!({"mimeType": expected, "text": "token=***&a=b"}));
    let response = Response {
        status: 200,
        reason: "OK",
        version: Version::HTTP_11,
        headers,
        body: Body::whole(b"password=abc"),
    };
    let content = &response.object(&redactor)["content"];
    assert_eq!(content["mimeType"], expected);
    assert_eq!(content["text"], "password=***");
}
