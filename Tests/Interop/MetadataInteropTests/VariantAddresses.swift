// SPDX-License-Identifier: Apache-2.0

/// Addresses of images, sensible and not: the schema's anyURI is read in many ways.
extension BenignVariant {
    static let addresses: [BenignVariant] = [
        "http://", "http:", "http:/a", "http:///path", "http://[::1", "http://[::1]:80/a",
        "http://a:b:c/", "http://exa mple.org/", "http://a/%", "http://a/%4", "http://a/%41",
        "mailto:", "mailto:a@b", "a:", ":a", "//", "//host/a", "/", "?", "#", "?a#b", "#a#b",
        "http://host:port/", "http://host:/", "http://host:99999/", "http://user@@host/",
        "http://user:p@host/", "\\\\server\\share", "c:\\images\\a.img", "{}", "http://a/{b}",
        "http://a/&lt;b&gt;", "a b", "%", "%zz", "file:///x", "HTTP://X", "1:2", "a1+-.:b",
        "http://1.2.3.4/", "http://1.2.3.256/", "http://1.2.3/", "http://-a.org/",
        "http://a-.org/", "http://a_b.org/", "http://a..b/", "http://.a/", "http://a./",
        "urn:isbn:1", "urn:", "http://a/b|c", "http://a/b^c", "http://a/`b`", "http://a/\"b\"",
        "http://a/[b]", "http://[v1.a]/", "http://a?b?c", "http://a#b?c", "../a", ".", "a/b:c",
        "pdisk:endpoint:9445:uuid", "http://a/\u{E9}", "http://\u{E9}/", "http://a/\u{1F600}",
        "http://a//b", "http://a/;b=c,d", "http://a/~b", "http://a/b'c", "http://a/b!*()",
        "//:", "http://:80/", "http://@/", "http://?a", "http://#a", "x://", "file://", "a//",
    ].map { address in
        BenignVariant(
            "location \(address)", ">http://example.org/cirros.img.gz<", ">\(address)<")
    }
}
