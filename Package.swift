// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// One helper per layer; each fixes where a layer's folders lie and how strictly it is built.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
    // xmlsec1's pkg-config file carries -D flags that SwiftPM refuses with a warning on each
    // build, so its include path is given here and its definitions in Sources/C/XMLSec/shim.h.
    .unsafeFlags(["-Xcc", "-isystem", "-Xcc", "/usr/include/xmlsec1"]),
]

/// Makes programs take less memory: the addresses to be filled in when one is loaded are packed,
/// two MiB into some KiB (glibc 2.36 or newer reads that), and names that only a library would
/// offer are left out. LLVM's linker comes with Swift; gold, the default, cannot pack addresses.
let compactProgram: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
            "-Xlinker", "--no-export-dynamic",
        ], .when(platforms: [.linux], configuration: .release))
]

func cLibrary(_ name: String, pkgConfig: String? = nil, apt: String...) -> Target {
    .systemLibrary(
        name: "C\(name)", path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt(apt)])
}

/// A library. Only a kit that names `c` may touch C; the others are built memory-safe.
func kit(
    _ name: String, c: [String] = [], _ dependencies: [Target.Dependency] = [],
    resources: [Resource]? = nil
) -> Target {
    .target(
        name: name, dependencies: c.map { .target(name: "C\($0)") } + dependencies,
        path: "Sources/Kits/\(name)", resources: resources,
        swiftSettings: c.isEmpty ? strict + [.strictMemorySafety()] : strict)
}

/// One stage of the pipeline: target `<Stage>Worker`, product `imprimatur-<stage>`.
func worker(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil
) -> Target {
    .executableTarget(
        name: "\(name)Worker",
        dependencies: ["Events", "Pipeline", "BlobStore", logging] + dependencies,
        path: "Sources/Workers/\(name)", resources: resources,
        swiftSettings: strict + [.strictMemorySafety()],
        linkerSettings: compactProgram)
}

func tool(
    _ name: String, folder: String, _ dependencies: [Target.Dependency],
    resources: [Resource]? = nil
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Sources/Tools/\(folder)",
        resources: resources, swiftSettings: strict + [.strictMemorySafety()],
        linkerSettings: compactProgram)
}

func tests(_ folder: String, _ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["TestSupport"],
        path: "Tests/\(folder)/\(name)Tests", swiftSettings: strict)
}

let arguments = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(
    name: "Configuration", package: "swift-configuration")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let inMemoryLogging = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let metricsTestKit = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let signals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "imprimatur",
    products: [
        .executable(name: "imprimatur-fetcher", targets: ["FetcherWorker"]),
        .executable(name: "imprimatur-verifier", targets: ["VerifierWorker"]),
        .executable(name: "imprimatur-modifier", targets: ["ModifierWorker"]),
        .executable(name: "imprimatur-scanner", targets: ["ScannerWorker"]),
        .executable(name: "imprimatur-metadata", targets: ["MetadataWorker"]),
        .executable(name: "imprimatur-signer", targets: ["SignerWorker"]),
        .executable(name: "imprimatur-uploader", targets: ["UploaderWorker"]),
        .executable(name: "imprimatur-list-publisher", targets: ["ListPublisherWorker"]),
        .executable(name: "imprimatur-site-notifier", targets: ["SiteNotifierWorker"]),
        .executable(name: "imprimatur", targets: ["Control"]),
        .executable(name: "imprimatur-marketplace", targets: ["MarketplaceServer"]),
        .executable(name: "imprimatur-benchmark", targets: ["Benchmark"]),
        .library(name: "AMQP", targets: ["AMQP"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        cLibrary("RabbitMQ", pkgConfig: "librabbitmq", apt: "librabbitmq-dev"),
        cLibrary("Curl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        cLibrary("XML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
        cLibrary("OpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        cLibrary("XMLSec", apt: "libxmlsec1-dev"),
        cLibrary("Codecs", apt: "zlib1g-dev", "libbz2-dev", "liblzma-dev", "libzstd-dev"),

        // Imports only go down: a kit may use those above it in this list.
        kit("Threads"),
        kit("Files"),
        kit("URLText"),
        kit("Programs", ["Files", subprocess]),
        kit("Events"),
        kit("AMQP", c: ["RabbitMQ"], ["Threads", "URLText", logging]),
        kit("Transfer", c: ["Curl"], ["Files", "Threads"]),
        kit("XMLDocuments", c: ["XML2"]),
        kit("Signatures", c: ["OpenSSL", "XMLSec", "XML2"], ["XMLDocuments"]),
        kit("Compression", c: ["Codecs"]),
        kit("ImageFile"),
        kit(
            "ImageScan", ["Events", "Files", "Programs"],
            // The inspector, which the sandbox gets as files.
            resources: [
                "collecting", "dissect_ext", "dissect_file_systems", "dissect_modules",
                "dissect_reader", "file_system", "guest", "guestfs_reader", "image_header",
                "inspector", "malware", "packages", "results", "rpm_database", "volumes",
            ].map { .embedInCode("Inspection/Script/\($0).py") }),
        kit("Attestation", ["Events", "Signatures"]),
        kit("BlobStore", ["Events", "Signatures", "Compression", "Files", "Threads"]),
        kit("StratusLab", ["Events", "XMLDocuments", "Signatures", "Transfer", "URLText"]),
        kit("ImageLists", ["Events", "Signatures"]),
        kit(
            "Pipeline",
            [
                "Events", "AMQP", "Attestation", "BlobStore", "Signatures", "URLText",
                configuration, lifecycle, logging, metrics, signals, yams,
            ]),
        kit(
            "Scanning",
            ["Events", "ImageFile", "ImageScan", "Pipeline", "Threads"]),
        kit(
            "PipelineTesting",
            ["Events", "AMQP", "Attestation", "Pipeline", "BlobStore", "Signatures", logging]),

        worker("Fetcher", ["Transfer", "Signatures", "Compression", "Files", "Threads"]),
        worker(
            "Verifier",
            ["Signatures", "Compression", "ImageFile", "Programs", "Threads", "URLText"]),
        worker(
            "Modifier",
            [
                "Attestation", "Signatures", "Compression", "Files", "ImageFile", "Programs",
                "Threads",
            ],
            // What works on the guest, which the sandbox gets as files.
            resources: ["accounts", "growth", "guest", "modify", "packages", "steps"].map {
                .embedInCode("Script/\($0).py")
            }),
        worker(
            "Scanner",
            [
                "Scanning", "ImageScan", "ImageFile", "Signatures", "Compression", "Files",
                "Programs", "Threads",
            ]),
        worker("Metadata", ["StratusLab"]),
        worker(
            "Signer", ["Attestation", "ImageScan", "StratusLab", "Signatures", "Compression"]),
        worker("Uploader", ["StratusLab", "Transfer"]),
        worker(
            "ListPublisher",
            [
                "ImageLists", "StratusLab", "Signatures", "Files", "Programs", "Threads", "URLText",
            ]),
        worker("SiteNotifier", ["ImageLists", "Signatures", "Transfer"]),

        tool(
            "Control", folder: "Control",
            [
                "Events", "AMQP", "Attestation", "Pipeline", "BlobStore", "Files", "ImageFile",
                "ImageScan", "Scanning", "Programs", "StratusLab", "Signatures", "Threads",
                "Transfer", "Compression", arguments, logging, yams,
            ]),
        tool(
            "MarketplaceServer", folder: "Marketplace",
            [
                "StratusLab", "Signatures", "XMLDocuments", "Events", "Transfer", "URLText",
                arguments,
                grdb, hummingbird, logging,
            ]),
        tool(
            "Benchmark", folder: "Benchmark",
            ["AMQP", "Events", "Transfer", "Signatures", "StratusLab"]),

        .target(
            name: "TestSupport", dependencies: [], path: "Tests/Support",
            exclude: ["Guests", "Servers"], swiftSettings: strict),
        tests("Kits", "Threads", ["Threads"]),
        tests("Kits", "Files", ["Files"]),
        tests("Kits", "URLText", ["URLText"]),
        tests("Kits", "Programs", ["Programs"]),
        tests("Kits", "Events", ["Events"]),
        tests("Kits", "AMQP", ["AMQP", logging]),
        tests("Kits", "Transfer", ["Transfer"]),
        tests("Kits", "XMLDocuments", ["XMLDocuments"]),
        tests("Kits", "Signatures", ["Signatures", "XMLDocuments"]),
        tests("Kits", "Compression", ["Compression"]),
        tests("Kits", "ImageFile", ["ImageFile"]),
        tests("Kits", "ImageScan", ["ImageScan", "Events", "Programs"]),
        tests(
            "Kits", "Attestation",
            ["Attestation", "Events", "Pipeline", "PipelineTesting", "Signatures"]),
        tests("Kits", "BlobStore", ["BlobStore", "Events", "Signatures"]),
        tests("Kits", "StratusLab", ["StratusLab", "Signatures", "XMLDocuments", "Events"]),
        tests("Kits", "ImageLists", ["ImageLists", "Events"]),
        tests(
            "Kits", "Pipeline",
            [
                "Pipeline", "PipelineTesting", "Events", "AMQP", "BlobStore", inMemoryLogging,
                lifecycle, logging, metricsTestKit,
            ]),
        tests(
            "Workers", "Fetcher",
            ["FetcherWorker", "Signatures", "Pipeline", "PipelineTesting", "Events", "BlobStore"]),
        tests(
            "Workers", "Verifier",
            [
                "VerifierWorker", "ImageFile", "Programs", "Pipeline", "PipelineTesting", "Events",
                "BlobStore",
            ]),
        tests(
            "Workers", "Modifier",
            [
                "ModifierWorker", "ImageFile", "Programs", "Signatures", "Pipeline",
                "PipelineTesting", "Events", "BlobStore",
            ]),
        tests(
            "Workers", "Scanner",
            [
                "ScannerWorker", "ImageScan", "Programs", "Pipeline", "PipelineTesting", "Events",
                "BlobStore",
            ]),
        tests(
            "Workers", "Metadata",
            [
                "MetadataWorker", "StratusLab", "Signatures", "Pipeline", "PipelineTesting",
                "Events", "BlobStore",
            ]),
        tests(
            "Workers", "Signer",
            [
                "SignerWorker", "Attestation", "StratusLab", "Signatures", "Pipeline",
                "PipelineTesting", "Events", "BlobStore",
            ]),
        tests(
            "Workers", "Uploader",
            [
                "UploaderWorker", "MarketplaceServer", "StratusLab", "Signatures", "Pipeline",
                "PipelineTesting", "Events", "BlobStore", "Transfer",
            ]),
        tests(
            "Workers", "ListPublisher",
            [
                "ListPublisherWorker", "ImageLists", "StratusLab", "Signatures", "Pipeline",
                "PipelineTesting", "Events", "BlobStore",
            ]),
        tests(
            "Workers", "SiteNotifier",
            [
                "SiteNotifierWorker", "ImageLists", "Pipeline", "PipelineTesting", "Events",
                "BlobStore", "Transfer", logging,
            ]),
        tests(
            "Workers", "WorkerSettings",
            [
                "FetcherWorker", "VerifierWorker", "ModifierWorker", "ScannerWorker",
                "MetadataWorker", "SignerWorker",
                "UploaderWorker", "ListPublisherWorker", "SiteNotifierWorker", "Pipeline",
            ]),
        tests(
            "Tools", "Control",
            [
                "Control", "Events", "AMQP", "Attestation", "ImageScan", "Pipeline",
                "PipelineTesting", "BlobStore",
            ]),
        tests(
            "Tools", "MarketplaceServer",
            ["MarketplaceServer", "Control", "StratusLab", "Signatures", "Events", "Transfer"]),
        tests(
            "Interop", "MetadataInterop",
            ["StratusLab", "Signatures", "XMLDocuments", "Events", "CXML2"]),
        tests("Interop", "GuestImages", ["ImageScan", "ImageFile", "Programs", "Events"]),
        tests("Faults", "HostileImages", ["ImageScan", "ImageFile", "Programs", "Events"]),
        tests(
            "Faults", "ForgedEvents",
            [
                "SignerWorker", "Attestation", "StratusLab", "Signatures", "Pipeline",
                "PipelineTesting", "Events", "AMQP", "BlobStore",
            ]),
        .testTarget(
            name: "EndToEndTests", dependencies: ["Events", "TestSupport"],
            path: "Tests/EndToEnd", swiftSettings: strict),
        .testTarget(
            name: "TidyTests", dependencies: ["TestSupport"], path: "Tests/Tidy",
            swiftSettings: strict),
    ]
)
