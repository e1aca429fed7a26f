// SPDX-License-Identifier: Apache-2.0
import Pipeline
import Transfer

/// What the fetcher can be told.
struct FetcherConfig: WorkerConfiguration {
    let policy: TransferPolicy
    let sizeMax: Int
    let uncompressedSizeMax: Int
    let uploadSizeMax: Int
    let checkpointInterval: Duration

    static let settings: [Setting] = [
        Setting(
            "fetcher.schemes", .list, default: "http,https,ftp",
            help: "URL schemes that requests may use: http, https, ftp, file."),
        Setting(
            "fetcher.hosts", .list,
            help: "Hosts that requests may name, such as cloud.example.org or *.example.org;"
                + " any by default."),
        Setting(
            "fetcher.allow-private-addresses", .flag,
            help: "Lets requests reach private, loopback and link-local addresses."),
        Setting(
            "fetcher.file-roots", .list,
            help: "Directories that file: URLs may read below; none by default."),
        Setting(
            "fetcher.size-max", .bytes(1...(1 << 50)), default: "64GiB",
            help: "The largest file to download."),
        Setting(
            "fetcher.uncompressed-size-max", .bytes(1...(1 << 50)), default: "256GiB",
            help: "The largest image inside a compressed file."),
        Setting(
            "fetcher.upload-size-max", .bytes(1...(1 << 40)), default: "256MiB",
            help: "The largest file to download for a modification that uploads it."),
        Setting(
            "fetcher.redirects-max", .integer(0...20), default: "5",
            help: "How many redirects are followed, each judged like the first URL."),
        Setting(
            "fetcher.connect-time-max", .duration(.seconds(1) ... .seconds(300)), default: "30s",
            help: "How long connecting may take."),
        Setting(
            "fetcher.low-speed-bytes", .bytes(0...(1 << 30)), default: "1KiB",
            help: "Bytes per second below which a connection counts as broken; 0 for never."),
        Setting(
            "fetcher.low-speed-time", .duration(.seconds(1) ... .seconds(3_600)), default: "1m",
            help: "How long it may be that slow."),
        Setting(
            "fetcher.time-max", .duration(.seconds(1) ... .seconds(604_800)), default: "24h",
            help: "How long one download may take in all, interruptions not counted."),
        Setting(
            "fetcher.checkpoint-interval", .duration(.milliseconds(10) ... .seconds(600)),
            default: "5s", help: "How often progress is saved, for a restart after a crash."),
        Setting(
            "fetcher.ca-file", .path,
            help: "Certificate authorities (PEM) to trust for https, beside the system's."),
        Setting(
            "fetcher.proxy", .url,
            help: "An HTTP proxy; it then decides which addresses are reached. Proxies named by"
                + " the environment are ignored."),
    ]

    init(_ values: SettingValues) throws(ConfigurationError) {
        var policy = TransferPolicy(
            schemes: try Self.schemes(values),
            allowsPrivateAddresses: values.flag("fetcher.allow-private-addresses"),
            redirectsMax: try values.integer("fetcher.redirects-max"),
            caFile: values.string("fetcher.ca-file"))
        let hosts = values.list("fetcher.hosts")
        policy.hosts = hosts.isEmpty ? nil : hosts
        policy.fileRoots = values.list("fetcher.file-roots")
        policy.connectTimeMax = try values.duration("fetcher.connect-time-max")
        policy.lowSpeedBytes = try values.bytes("fetcher.low-speed-bytes")
        policy.lowSpeedTime = try values.duration("fetcher.low-speed-time")
        policy.timeMax = try values.duration("fetcher.time-max")
        policy.proxy = values.string("fetcher.proxy")
        self.policy = policy
        sizeMax = try values.bytes("fetcher.size-max")
        uncompressedSizeMax = try values.bytes("fetcher.uncompressed-size-max")
        uploadSizeMax = try values.bytes("fetcher.upload-size-max")
        checkpointInterval = try values.duration("fetcher.checkpoint-interval")
    }

    private static func schemes(
        _ values: SettingValues
    ) throws(ConfigurationError) -> Set<TransferScheme> {
        var schemes: Set<TransferScheme> = []
        for name in values.list("fetcher.schemes") {
            guard let scheme = TransferScheme(rawValue: name) else {
                throw values.problem(
                    "fetcher.schemes", "'\(name)' is not one of http, https, ftp, file")
            }
            schemes.insert(scheme)
        }
        guard !schemes.contains(.file) || !values.list("fetcher.file-roots").isEmpty else {
            throw values.problem("fetcher.schemes", "'file' needs fetcher.file-roots")
        }
        return schemes
    }
}
