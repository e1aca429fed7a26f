// SPDX-License-Identifier: Apache-2.0
import CCurl
import Glibc

/// Takes what a transfer brings. A false answer ends the transfer.
protocol CurlReceiver: AnyObject {
    /// One header line (for FTP a reply line) with its line end. Borrowed for the call.
    func header(_ line: UnsafeRawBufferPointer) -> Bool
    /// The next bytes of the body. Borrowed for the call.
    func body(_ bytes: UnsafeRawBufferPointer) -> Bool
}

/// One libcurl transfer: an easy handle driven by a multi handle, so that it can be stopped while
/// nothing arrives.
///
/// "You must never share the same handle in multiple threads" (libcurl-thread(3)): an instance is
/// made, used and freed on the one thread that blocks in ``perform(until:interrupt:)``.
final class CurlTransfer {
    /// How a transfer ended.
    enum End {
        /// By itself, with this code.
        case ended(CURLcode)
        case interrupted
        case deadline
    }

    let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private let receiver: any CurlReceiver
    private let allowsPrivateAddresses: Bool
    private var upload: ArraySlice<UInt8> = []
    /// Whether an address was refused by policy.
    private(set) var refusedAddress = false

    /// The largest libcurl allows (CURL_MAX_READ_SIZE).
    private static let receiveBufferBytes = 512 << 10
    /// How long a request to stop may go unnoticed.
    private static let pollMilliseconds: Int32 = 100
    /// curl_global_init is not safe everywhere beside other threads, so it runs exactly once.
    private static let initialised: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    /// - Parameter protocols: instead of the policy's schemes, in libcurl's names.
    init(
        receiver: any CurlReceiver, policy: TransferPolicy, protocols: [String]? = nil
    ) throws(TransferError) {
        guard Self.initialised == CURLE_OK else {
            throw .curl(code: Int(Self.initialised.rawValue), text: "initialisation failed")
        }
        guard let easy = curl_easy_init() else {
            throw .curl(code: Int(CURLE_FAILED_INIT.rawValue), text: "no handle")
        }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw .curl(code: Int(CURLE_FAILED_INIT.rawValue), text: "no multi handle")
        }
        self.easy = easy
        self.multi = multi
        self.receiver = receiver
        allowsPrivateAddresses = policy.allowsPrivateAddresses || policy.proxy != nil
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try setCallbacks()
        let schemes = policy.schemes.subtracting([.file]).map(\.rawValue).sorted()
        try restrict(to: protocols ?? schemes)
        try apply(policy)
    }

    deinit {
        curl_multi_remove_handle(multi, easy)
        curl_easy_cleanup(easy)
        curl_multi_cleanup(multi)
        for list in lists { curl_slist_free_all(list) }
        errorText.deallocate()
    }

    /// Runs the transfer. Blocks the calling thread.
    func perform(
        until deadline: ContinuousClock.Instant? = nil, interrupt: Interrupt
    ) throws(TransferError) -> End {
        let added = curl_multi_add_handle(multi, easy)
        guard added == CURLM_OK else {
            throw .curl(code: Int(added.rawValue), text: "cannot start")
        }
        defer { curl_multi_remove_handle(multi, easy) }
        var running: Int32 = 1
        while true {
            let code = curl_multi_perform(multi, &running)
            guard code == CURLM_OK else {
                throw .curl(
                    code: Int(code.rawValue), text: String(cString: curl_multi_strerror(code)))
            }
            if running == 0 { return .ended(result()) }
            if interrupt.isSet { return .interrupted }
            if let deadline, ContinuousClock.now >= deadline { return .deadline }
            curl_multi_poll(multi, nil, 0, Self.pollMilliseconds, nil)
        }
    }

    private func result() -> CURLcode {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            if message.pointee.msg == CURLMSG_DONE { return message.pointee.data.result }
        }
        return CURLE_FAILED_INIT
    }

    /// libcurl's own words about `code`.
    func text(_ code: CURLcode) -> String {
        let own = String(cString: errorText)
        return own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
    }
}

// Options.
extension CurlTransfer {
    func set(_ option: CURLoption, _ value: Int) throws(TransferError) {
        try check(ccurl_set_long(easy, option, value), option)
    }

    func set(_ option: CURLoption, offset value: Int) throws(TransferError) {
        try check(ccurl_set_offset(easy, option, curl_off_t(value)), option)
    }

    func set(_ option: CURLoption, _ value: String) throws(TransferError) {
        try check(ccurl_set_string(easy, option, value), option)
    }

    /// Header lines, recipients and the like.
    func set(_ option: CURLoption, list values: [String]) throws(TransferError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for value in values {
            guard let longer = curl_slist_append(list, value) else {
                curl_slist_free_all(list)
                throw .curl(code: Int(CURLE_OUT_OF_MEMORY.rawValue), text: "out of memory")
            }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        try check(ccurl_set_list(easy, option, list), option)
    }

    /// Bytes to send, handed over when libcurl asks for them.
    func setUpload(_ bytes: [UInt8]) throws(TransferError) {
        upload = bytes[...]
        try set(CURLOPT_UPLOAD, 1)
        try set(CURLOPT_INFILESIZE_LARGE, offset: bytes.count)
        try check(
            ccurl_set_data_callback(easy, CURLOPT_READFUNCTION, Self.readCallback),
            CURLOPT_READFUNCTION)
        try check(ccurl_set_pointer(easy, CURLOPT_READDATA, opaque), CURLOPT_READDATA)
    }

    func setTimeMax(_ time: Duration) throws(TransferError) {
        try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(time))
    }

    static func milliseconds(_ time: Duration) -> Int {
        let (seconds, attoseconds) = time.components
        let whole = Int(clamping: seconds).multipliedReportingOverflow(by: 1_000)
        guard !whole.overflow else { return Int(Int32.max) }
        let sum = whole.partialValue + Int(attoseconds / 1_000_000_000_000_000)
        return min(max(sum, 1), Int(Int32.max))
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return ccurl_get_long(easy, info, &value) == CURLE_OK ? value : 0
    }

    /// -1 when unknown.
    func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = -1
        return ccurl_get_offset(easy, info, &value) == CURLE_OK ? Int(value) : -1
    }

    func string(_ info: CURLINFO) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard ccurl_get_string(easy, info, &value) == CURLE_OK, let value else { return nil }
        return String(cString: value)
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(TransferError) {
        guard code == CURLE_OK else {
            throw .curl(code: Int(code.rawValue), text: "option \(option.rawValue) refused")
        }
    }

    private func restrict(to protocols: [String]) throws(TransferError) {
        try set(CURLOPT_PROTOCOLS_STR, protocols.joined(separator: ","))
        try set(CURLOPT_REDIR_PROTOCOLS_STR, protocols.joined(separator: ","))
    }

    private func apply(_ policy: TransferPolicy) throws(TransferError) {
        // Redirects are followed one by one by the caller, who judges each target.
        try set(CURLOPT_FOLLOWLOCATION, 0)
        // An empty name also overrides http_proxy and its kin in the environment.
        try set(CURLOPT_PROXY, policy.proxy ?? "")
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = policy.caFile { try set(CURLOPT_CAINFO, caFile) }
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        try set(CURLOPT_USERAGENT, "imprimatur")
        try set(CURLOPT_BUFFERSIZE, Self.receiveBufferBytes)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(policy.connectTimeMax))
        try set(CURLOPT_LOW_SPEED_LIMIT, policy.lowSpeedBytes)
        try set(CURLOPT_LOW_SPEED_TIME, max(Int(policy.lowSpeedTime.components.seconds), 1))
        try setTimeMax(policy.timeMax)
    }
}

// Callbacks. libcurl calls them on the thread inside curl_multi_perform only, while `self` is
// alive in `perform`; so the unretained pointer is sound.
extension CurlTransfer {
    private var opaque: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    private static func owner(_ pointer: UnsafeMutableRawPointer?) -> CurlTransfer? {
        pointer.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func setCallbacks() throws(TransferError) {
        try check(
            ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION, Self.bodyCallback),
            CURLOPT_WRITEFUNCTION)
        try check(ccurl_set_pointer(easy, CURLOPT_WRITEDATA, opaque), CURLOPT_WRITEDATA)
        try check(
            ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION, Self.headerCallback),
            CURLOPT_HEADERFUNCTION)
        try check(ccurl_set_pointer(easy, CURLOPT_HEADERDATA, opaque), CURLOPT_HEADERDATA)
        try check(ccurl_set_socket_callback(easy, Self.socketCallback), CURLOPT_OPENSOCKETFUNCTION)
        try check(ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, opaque), CURLOPT_OPENSOCKETDATA)
        try check(ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText), CURLOPT_ERRORBUFFER)
    }

    private static let bodyCallback: curl_write_callback = { bytes, size, count, pointer in
        guard let owner = owner(pointer) else { return 0 }
        let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return owner.receiver.body(buffer) ? buffer.count : Int(CURL_WRITEFUNC_ERROR)
    }

    private static let headerCallback: curl_write_callback = { bytes, size, count, pointer in
        guard let owner = owner(pointer) else { return 0 }
        let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return owner.receiver.header(buffer) ? buffer.count : Int(CURL_WRITEFUNC_ERROR)
    }

    private static let readCallback: curl_write_callback = { bytes, size, count, pointer in
        guard let owner = owner(pointer), let bytes else { return Int(CURL_READFUNC_ABORT) }
        let chunk = owner.upload.prefix(size * count)
        owner.upload = owner.upload.dropFirst(chunk.count)
        chunk.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: bytes, count: $0.count).copyMemory(from: $0)
        }
        return chunk.count
    }

    /// Makes the socket for an address that is about to be connected to, or refuses.
    private static let socketCallback: curl_opensocket_callback = { pointer, _, address in
        guard let owner = owner(pointer), let address else { return CURL_SOCKET_BAD }
        guard owner.allowsPrivateAddresses || isPublic(address) else {
            owner.refusedAddress = true
            return CURL_SOCKET_BAD
        }
        return socket(
            address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue),
            address.pointee.protocol)
    }

    private static func isPublic(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return false }
        let bytes = UnsafeRawBufferPointer(
            start: UnsafeRawPointer(address) + offset, count: Int(address.pointee.addrlen))
        switch address.pointee.family {
        case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size:
            return AddressRules.isPublic(ipv4: Array(bytes[4..<8]))
        case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size:
            return AddressRules.isPublic(ipv6: Array(bytes[8..<24]))
        default:
            return false
        }
    }
}
