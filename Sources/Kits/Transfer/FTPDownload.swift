// SPDX-License-Identifier: Apache-2.0
import CCurl

/// Takes one file over FTP into the spool. Date and size (MDTM and SIZE, RFC 3659) tell whether
/// the source is still the same; both are known before the first byte arrives.
final class FTPDownload: CurlReceiver {
    /// Set when the source is not the one that the file holds the beginning of.
    private(set) var hasChanged = false
    private(set) var failure: TransferError?
    /// Lent by the caller for the length of the transfer.
    weak var transfer: CurlTransfer?
    private let spool: DownloadSpool
    private let url: TransferURL
    private let bytesMax: Int
    /// The offset asked for with REST.
    let rangeStart: Int
    private var hasBegun = false

    init(spool: DownloadSpool, url: TransferURL, bytesMax: Int) {
        self.spool = spool
        self.url = url
        self.bytesMax = bytesMax
        rangeStart =
            spool.source?.total != nil && spool.source?.isResumable == true
            ? spool.offset : 0
    }

    func header(_ line: UnsafeRawBufferPointer) -> Bool { true }

    func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
        do throws(TransferError) {
            try begin()
            guard !hasChanged else { return false }
            try spool.append(bytes)
            return true
        } catch {
            failure = error
            return false
        }
    }

    /// Length of the whole file, clamped: a server may announce any number.
    ///
    /// - Parameter rest: what is still to come; negative when unknown.
    static func total(start: Int, rest: Int) -> Int? {
        guard rest >= 0 else { return nil }
        let (sum, isTooLarge) = start.addingReportingOverflow(rest)
        return isTooLarge ? Int.max : sum
    }

    /// Judges the source before the first byte; called at the end too, for an empty file.
    func begin() throws(TransferError) {
        guard !hasBegun, let transfer else { return }
        hasBegun = true
        let time = transfer.offset(CURLINFO_FILETIME_T)
        let rest = transfer.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        let total = Self.total(start: rangeStart, rest: rest)
        let version = SourceVersion(
            url: url, modified: time >= 0 ? "\(time)" : nil, total: total)
        if let total, total > bytesMax { throw .tooLarge(bytesMax: bytesMax) }
        if rangeStart > 0 {
            hasChanged = version != spool.source
        } else {
            try spool.restart(version)
        }
    }
}
