//! A proxy that opens TLS connections, as companies have them: refused until its authority is named.

use super::{by_name, check, https, list, servers::mitmproxy, stable};

#[test]
fn a_proxy_that_opens_tls_is_refused_until_its_authority_is_named() {
    let Some((proxy, pem)) = mitmproxy() else {
        return;
    };
    let sandbox = https();
    let url = by_name(&sandbox);
    let refused = list(&url)
        .variable("HTTPS_PROXY", proxy.url())
        .end()
        .expect(7);
    assert!(refused.err.contains("UnknownIssuer"), "{}", refused.err);
    refused.says("is not trusted").says("--ca-file FILE");
    let told = check(&url)
        .variable("HTTPS_PROXY", proxy.url())
        .end()
        .expect(7);
    insta::assert_snapshot!("a_proxy_that_opens_tls", stable(&told));
    assert!(
        sandbox.received().is_empty(),
        "no request, and so no key, went through"
    );
    for command in [list(&url), check(&url)] {
        command
            .variable("HTTPS_PROXY", proxy.url())
            .file("proxy.pem", &pem)
            .arguments(&["--ca-file", "proxy.pem"])
            .end()
            .expect(0);
    }
    assert!(!sandbox.received().is_empty());
}
