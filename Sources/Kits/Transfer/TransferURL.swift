// SPDX-License-Identifier: Apache-2.0
import CCurl

/// A URL split by libcurl's own parser, so that what is judged is what is connected to.
struct TransferURL: Hashable {
    /// Normalised, without fragment.
    let text: String
    let scheme: TransferScheme
    /// Lower case, without a dot at the end; empty for `file`.
    let host: String
    /// Percent-decoded for `file`, as in the URL otherwise.
    let path: String
    /// Scheme, host, port and path: which resource, whatever the query.
    let resource: String

    static let bytesMax = 2_048

    init(_ text: String) throws(TransferError) {
        try Self.checkBytes(text)
        guard let handle = curl_url() else { throw .invalidURL(reason: "out of memory") }
        defer { curl_url_cleanup(handle) }
        let code = curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME))
        guard code == CURLUE_OK else {
            throw .invalidURL(reason: String(cString: curl_url_strerror(code)))
        }
        curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0)
        let name = Self.part(handle, CURLUPART_SCHEME) ?? ""
        guard let scheme = TransferScheme(rawValue: name) else { throw .forbiddenScheme(name) }
        guard Self.part(handle, CURLUPART_USER) == nil,
            Self.part(handle, CURLUPART_PASSWORD) == nil
        else { throw .credentialsInURL }
        guard let whole = Self.part(handle, CURLUPART_URL) else {
            throw .invalidURL(reason: "cannot be put together again")
        }
        self.text = whole
        self.scheme = scheme
        host = Self.hostName(Self.part(handle, CURLUPART_HOST) ?? "")
        guard scheme == .file || !host.isEmpty else { throw .invalidURL(reason: "no host") }
        let port = Self.part(handle, CURLUPART_PORT, flags: CURLU_DEFAULT_PORT) ?? ""
        let rawPath = Self.part(handle, CURLUPART_PATH) ?? "/"
        resource = "\(scheme.rawValue)://\(host):\(port)\(rawPath)"
        guard scheme == .file else {
            path = rawPath
            try checkFTP()
            return
        }
        guard let decoded = Self.part(handle, CURLUPART_PATH, flags: CURLU_URLDECODE) else {
            throw .invalidURL(reason: "the path is not properly encoded")
        }
        path = decoded
    }

    /// Judges scheme and host by `policy`; the address is judged when it is connected to.
    func check(_ policy: TransferPolicy) throws(TransferError) {
        guard policy.schemes.contains(scheme) else { throw .forbiddenScheme(scheme.rawValue) }
        guard scheme != .file, let hosts = policy.hosts else { return }
        let isAllowed = hosts.contains { entry in
            let entry = Self.hostName(entry)
            return entry.hasPrefix("*.") ? host.hasSuffix(entry.dropFirst()) : host == entry
        }
        guard isAllowed else { throw .forbiddenHost(host) }
    }

    private static func hostName(_ text: String) -> String {
        let lower = text.lowercased()
        return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
    }

    /// A directory listing is not a file, and the ASCII type changes bytes.
    private func checkFTP() throws(TransferError) {
        guard scheme == .ftp else { return }
        guard !path.hasSuffix("/") else { throw .invalidURL(reason: "names a directory") }
        guard !path.lowercased().contains(";type=") else {
            throw .invalidURL(reason: "has an FTP transfer type")
        }
    }

    private static func checkBytes(_ text: String) throws(TransferError) {
        guard (1...bytesMax).contains(text.utf8.count) else {
            throw .invalidURL(reason: "is not 1 to \(bytesMax) bytes long")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") })
        else { throw .invalidURL(reason: "has a space, a backslash, a control or non-ASCII byte") }
    }

    private static func part(
        _ handle: OpaquePointer, _ part: CURLUPart, flags: Int32 = 0
    ) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &value, UInt32(flags)) == CURLUE_OK, let value else {
            return nil
        }
        defer { curl_free(value) }
        return String(cString: value)
    }
}
