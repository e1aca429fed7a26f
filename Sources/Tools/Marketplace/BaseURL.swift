// SPDX-License-Identifier: Apache-2.0

/// The URL under which callers reach this server, ending in `/`.
struct BaseURL: Sendable {
    /// The operator's word; nil believes the request.
    let publicURL: String?
    /// Host and port this server listens on, for callers that name no host.
    let listening: String

    init(publicURL: String?, listening: String) {
        self.publicURL = publicURL.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
        self.listening = listening
    }

    /// Honours `Host` and `X-Forwarded-Proto`, where they are well formed, like the original.
    func value(for call: Call) -> String {
        if let publicURL { return publicURL }
        let scheme = call.headers["x-forwarded-proto"]?.lowercased()
        let host = call.headers["host"].flatMap { Self.isHost($0) ? $0 : nil } ?? listening
        return "\(scheme == "https" ? "https" : "http")://\(host)/"
    }

    static func isHost(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                        || ".:-_[]".unicodeScalars.contains($0))
            }
    }
}
