// swift-tools-version: 6.2

import PackageDescription

// Products of other packages. One that only some adopters need is behind a trait: with the trait off, SwiftPM neither
// fetches its package nor builds it.
let argumentParser = product("ArgumentParser", of: "swift-argument-parser", traits: ["CommandLine"])
let asyncHTTPClient = product("AsyncHTTPClient", of: "async-http-client", traits: ["HTTP"])
let coreMetrics = product("CoreMetrics", of: "swift-metrics", traits: ["Metrics"])
let crypto = product("Crypto", of: "swift-crypto")
let hashTrees = product("HashTreeCollections", of: "swift-collections")
let histogram = product("Histogram", of: "hdrhistogram-swift", traits: ["Load"])
let httpTypes = product("HTTPTypes", of: "swift-http-types", traits: ["CommandLine"])
let hummingbird = product("Hummingbird", of: "hummingbird", traits: ["CommandLine"])
let inMemoryTracing = product("InMemoryTracing", of: "swift-distributed-tracing", traits: ["Metrics"])
let logging = product("Logging", of: "swift-log")
let nioConcurrencyHelpers = product("NIOConcurrencyHelpers", of: "swift-nio")
let nioCore = product("NIOCore", of: "swift-nio")
let nioHTTP1 = product("NIOHTTP1", of: "swift-nio")
let nioPosix = product("NIOPosix", of: "swift-nio")
let nioSSL = product("NIOSSL", of: "swift-nio-ssl", traits: ["TLS"])
let nioTLS = product("NIOTLS", of: "swift-nio")
let serviceLifecycle = product("ServiceLifecycle", of: "swift-service-lifecycle")
let tracing = product("Tracing", of: "swift-distributed-tracing", traits: ["Metrics"])
let unixSignals = product("UnixSignals", of: "swift-service-lifecycle")

func product(_ name: String, of package: String, traits: Set<String> = []) -> Target.Dependency {
    .product(name: name, package: package, condition: traits.isEmpty ? nil : .when(traits: traits))
}

let package = Package(
    name: "stateline",
    platforms: [.macOS("26.0")],
    products: [
        "Stateline", "StatelineDialects", "StatelineLoad", "StatelineMemory", "StatelineMetrics", "StatelineModels",
        "StatelineRedis", "StatelineTesting", "StatelineUpstream",
    ]
    .map { .library(name: $0, targets: [$0]) } + [
        // For the benchmarks of this repository only: its API may change at any time.
        .library(name: "_LockFreeMap", targets: ["LockFreeMap"]),
        .executable(name: "stateline", targets: ["StatelineCommand"]),
    ],
    traits: [
        .trait(name: "CommandLine", description: "The executable.", enabledTraits: ["HTTP", "Load", "Metrics"]),
        .trait(name: "HTTP", description: "StatelineModels: model calls over HTTP."),
        .trait(name: "Load", description: "StatelineLoad: load tests."),
        .trait(name: "Metrics", description: "StatelineMetrics: metrics and spans."),
        .trait(name: "Redis", description: "StatelineRedis; needs libhiredis-dev."),
        .trait(name: "TLS", description: "Encrypted connections of StatelineRedis.", enabledTraits: ["Redis"]),
        .default(enabledTraits: ["CommandLine", "Redis", "TLS"]),
    ],
    dependencies: [
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CEdit", providers: [.apt(["libedit-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(name: "CLockFree"),
        .target(name: "LockFreeMap", dependencies: ["CLockFree"]),
        .target(name: "Stateline", dependencies: [crypto, hashTrees, nioConcurrencyHelpers, nioCore]),
        .target(
            name: "StatelineMemory",
            dependencies: ["LockFreeMap", "Stateline", nioConcurrencyHelpers, nioCore, serviceLifecycle]
        ),
        .target(
            name: "StatelineRedis",
            dependencies: [
                "CHiredis", "Stateline", crypto, logging, nioConcurrencyHelpers, nioCore, nioPosix, nioSSL, nioTLS,
            ]
        ),
        .target(name: "StatelineDialects", dependencies: ["Stateline", nioCore]),
        .target(
            name: "StatelineModels",
            dependencies: ["Stateline", "StatelineDialects", asyncHTTPClient, nioCore, nioHTTP1, nioPosix]
        ),
        .target(
            name: "StatelineMetrics",
            dependencies: ["Stateline", coreMetrics, logging, nioConcurrencyHelpers, tracing]
        ),
        .target(
            name: "StatelineLoad",
            dependencies: ["Stateline", histogram, nioConcurrencyHelpers, nioCore, nioPosix]
        ),
        .target(name: "StatelineTesting", dependencies: ["Stateline", nioConcurrencyHelpers, nioCore, nioPosix]),
        .target(
            name: "StatelineUpstream",
            dependencies: ["Stateline", httpTypes, hummingbird, logging, nioCore, serviceLifecycle]
        ),
        .executableTarget(
            name: "StatelineCommand",
            dependencies: [
                "CEdit", "Stateline", "StatelineLoad", "StatelineMemory", "StatelineMetrics", "StatelineModels",
                .byName(name: "StatelineRedis", condition: .when(traits: ["Redis"])), "StatelineUpstream",
                argumentParser, httpTypes, hummingbird, logging, nioCore, serviceLifecycle, unixSignals,
            ]
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Stateline", "StatelineDialects", "StatelineLoad", "StatelineMemory", "StatelineModels",
                "StatelineTesting", "StatelineUpstream", nioCore, nioPosix,
            ]
        ),
        .testTarget(name: "LockFreeMapTests", dependencies: ["LockFreeMap"]),
        .testTarget(name: "StatelineCommandTests", dependencies: ["StatelineCommand", "StatelineLoad"]),
        .testTarget(
            name: "StatelineDialectsTests",
            dependencies: ["Stateline", "StatelineDialects", "StatelineMemory", "StatelineTesting", nioCore]
        ),
        .testTarget(
            name: "StatelineLoadTests",
            dependencies: [
                "Stateline", "StatelineLoad", "StatelineMemory", "StatelineTesting", nioConcurrencyHelpers, nioCore,
            ]
        ),
        .testTarget(
            name: "StatelineMemoryTests",
            dependencies: [
                "LockFreeMap", "Stateline", "StatelineMemory", "StatelineTesting", nioConcurrencyHelpers, nioCore,
            ]
        ),
        .testTarget(
            name: "StatelineMetricsTests",
            dependencies: [
                "Stateline", "StatelineMemory", "StatelineMetrics", "StatelineTesting", coreMetrics, inMemoryTracing,
                logging, nioCore, tracing,
            ]
        ),
        .testTarget(
            name: "StatelineModelsTests",
            dependencies: [
                "Stateline", "StatelineDialects", "StatelineModels", "StatelineTesting", asyncHTTPClient, nioCore,
            ]
        ),
        // A process that writes to a store: the tests of StatelineRedis start it and kill it.
        .executableTarget(
            name: "RedisWriter",
            dependencies: [
                "Stateline", "StatelineLoad", "StatelineRedis", "StatelineTesting", nioConcurrencyHelpers, nioCore,
            ],
            path: "Tests/RedisWriter"
        ),
        // A process that takes turns: the tests of StatelineRedis end it at named moments.
        .executableTarget(
            name: "TurnProcess",
            dependencies: ["Stateline", "StatelineRedis"],
            path: "Tests/TurnProcess"
        ),
        .testTarget(
            name: "StatelineRedisTests",
            dependencies: [
                "Stateline", "StatelineLoad", "StatelineMemory", "StatelineRedis", "StatelineTesting", logging,
                nioConcurrencyHelpers, nioCore, nioPosix,
            ],
            exclude: ["Fuzz/ReplyFuzzer.swift"]
        ),
        .testTarget(
            name: "StatelineTestingTests",
            dependencies: [
                "Stateline", "StatelineMemory", "StatelineTesting", nioConcurrencyHelpers, nioCore, nioPosix,
            ]
        ),
        .testTarget(
            name: "StatelineTests",
            dependencies: ["Stateline", "StatelineMemory", "StatelineTesting", nioConcurrencyHelpers, nioCore],
            exclude: ["Fuzz/LogFuzzer.swift"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "StatelineUpstreamTests",
            dependencies: ["StatelineTesting", "StatelineUpstream", asyncHTTPClient, nioCore, nioHTTP1]
        ),
    ]
)

let features = [
    "ExistentialAny", "InferIsolatedConformances", "InternalImportsByDefault", "MemberImportVisibility",
    "NonisolatedNonsendingByDefault",
]
let settings: [SwiftSetting] =
    features.map { .enableUpcomingFeature($0) } + [.strictMemorySafety(), .treatAllWarnings(as: .error)]
for target in package.targets where target.type != .system { target.swiftSettings = settings }

if Context.environment["STATELINE_DOCC_PLUGIN"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}

// STATELINE_FUZZER=NAME adds a fuzzer and instruments the module that it tests. Its flags are unsafe, and a package with
// unsafe flags cannot be a dependency.
let fuzzers = [
    "LogFuzzer": (target: "Stateline", path: "Tests/StatelineTests/Fuzz", sources: nil),
    // The reply path only. The rest of the module needs Stateline and its cryptography, which take minutes to build.
    "ReplyFuzzer": ("StatelineRedis", "Tests/StatelineRedisTests/Fuzz", ["Protocol"]),
]
if let name = Context.environment["STATELINE_FUZZER"], let fuzzer = fuzzers[name] {
    for target in package.targets where target.name == fuzzer.target {
        target.swiftSettings = settings + [.unsafeFlags(["-enable-testing", "-sanitize=fuzzer", "-parse-as-library"])]
        if let sources = fuzzer.sources { (target.sources, target.dependencies) = (sources, ["CHiredis", nioCore]) }
    }
    package.targets =
        package.targets.filter { $0.type != .test } + [
            .executableTarget(
                name: name,
                dependencies: [.byName(name: fuzzer.target), nioCore],
                path: fuzzer.path,
                swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])],
                linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
            )
        ]
}

// STATELINE_TARGETS="NAME ..." keeps these targets and what they depend on. `swift test` builds all that the package has;
// a run under a sanitizer needs a part of it.
if var open = Context.environment["STATELINE_TARGETS"]?.split(separator: " ").map(String.init) {
    var kept: Set<String> = []
    while let name = open.popLast() {
        guard kept.insert(name).inserted else { continue }
        for case .byNameItem(let target, _) in package.targets.first(where: { $0.name == name })?.dependencies ?? [] {
            open.append(target)
        }
    }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products.removeAll { product in
        !package.targets.contains { $0.name == product.name || "_\($0.name)" == product.name }
    }
}
