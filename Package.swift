// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "stateline",
    platforms: [.macOS("26.0")],
    products: [
        .library(name: "Stateline", targets: ["Stateline"]),
        .library(name: "StatelineLoad", targets: ["StatelineLoad"]),
        .library(name: "StatelineMemory", targets: ["StatelineMemory"]),
        .library(name: "StatelineMetrics", targets: ["StatelineMetrics"]),
        .library(name: "StatelineModels", targets: ["StatelineModels"]),
        .library(name: "StatelineRedis", targets: ["StatelineRedis"]),
        .library(name: "StatelineReport", targets: ["StatelineReport"]),
        .library(name: "StatelineTesting", targets: ["StatelineTesting"]),
        // Hidden: the map beneath the stores, for the benchmarks alone; nothing of it is promised to anybody.
        .library(name: "_LockFreeMap", targets: ["LockFreeMap"]),
        .executable(name: "stateline", targets: ["StatelineCommand"]),
    ],
    traits: [
        .trait(name: "Redis", description: "Lets the executable keep sessions in Redis; needs libhiredis-dev."),
        .default(enabledTraits: ["Redis"]),
    ],
    dependencies: [
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
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
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        .target(
            name: "Stateline",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .target(
            name: "StatelineLoad",
            dependencies: [
                "Stateline",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .target(name: "CLockFree"),
        .target(name: "LockFreeMap", dependencies: ["CLockFree"]),
        .target(
            name: "StatelineMemory",
            dependencies: [
                "LockFreeMap",
                "Stateline",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "StatelineMetrics",
            dependencies: [
                "Stateline",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .target(
            name: "StatelineModels",
            dependencies: [
                "Stateline",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .systemLibrary(
            name: "CHiredis",
            providers: [.apt(["libhiredis-dev"])]
        ),
        .target(
            name: "StatelineRedis",
            dependencies: [
                "CHiredis",
                "Stateline",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(name: "StatelineReport"),
        .target(
            name: "StatelineTesting",
            dependencies: [
                "Stateline",
                "StatelineLoad",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .systemLibrary(
            name: "CEdit",
            providers: [.apt(["libedit-dev"])]
        ),
        .executableTarget(
            name: "StatelineCommand",
            dependencies: [
                "CEdit",
                "Stateline",
                "StatelineLoad",
                "StatelineMemory",
                "StatelineMetrics",
                "StatelineModels",
                .target(name: "StatelineRedis", condition: .when(traits: ["Redis"])),
                "StatelineReport",
                "StatelineTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "StatelineTests",
            dependencies: [
                "Stateline",
                "StatelineMemory",
                "StatelineTesting",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            exclude: ["Fuzz/LogFuzzer.swift"],
            resources: [.copy("Golden")]
        ),
        .testTarget(name: "LockFreeMapTests", dependencies: ["LockFreeMap"]),
        .testTarget(
            name: "StatelineLoadTests",
            dependencies: [
                "Stateline",
                "StatelineLoad",
                "StatelineMemory",
                "StatelineTesting",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "StatelineMemoryTests",
            dependencies: [
                "LockFreeMap",
                "Stateline",
                "StatelineMemory",
                "StatelineTesting",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "StatelineMetricsTests",
            dependencies: [
                "Stateline",
                "StatelineMemory",
                "StatelineMetrics",
                "StatelineTesting",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .testTarget(
            name: "StatelineModelsTests",
            dependencies: [
                "Stateline",
                "StatelineMemory",
                "StatelineModels",
                "StatelineTesting",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        // Another process for the tests of Redis, which start it from beside them.
        .executableTarget(
            name: "RedisWriter",
            dependencies: [
                "Stateline",
                "StatelineLoad",
                "StatelineRedis",
                "StatelineTesting",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/RedisWriter"
        ),
        .testTarget(
            name: "StatelineRedisTests",
            dependencies: [
                "Stateline",
                "StatelineLoad",
                "StatelineMemory",
                "StatelineRedis",
                "StatelineTesting",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Fuzz/ReplyFuzzer.swift"]
        ),
        .testTarget(
            name: "StatelineReportTests",
            dependencies: [
                "Stateline",
                "StatelineLoad",
                "StatelineMemory",
                "StatelineReport",
            ]
        ),
        .testTarget(
            name: "StatelineTestingTests",
            dependencies: [
                "Stateline",
                "StatelineMemory",
                "StatelineTesting",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        .testTarget(name: "StatelineCommandTests", dependencies: ["StatelineCommand", "StatelineLoad"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Stateline",
                "StatelineMemory",
                "StatelineModels",
                "StatelineTesting",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
    ]
)

/// The settings of every target, system libraries aside: they hold no Swift.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + settings
}

/// What a lane of CI builds and tests instead of everything: what is concurrent, without the network beneath the rest,
/// which is many minutes of C that no sanitizer has to see.
let lanes: [String: Set<String>] = [
    "benchmarks": [
        "CHiredis", "CLockFree", "LockFreeMap", "Stateline", "StatelineLoad", "StatelineMemory", "StatelineMetrics",
        "StatelineModels", "StatelineRedis", "StatelineTesting",
    ],
    "encrypted-benchmarks": [
        "CHiredis", "CLockFree", "LockFreeMap", "Stateline", "StatelineLoad", "StatelineMemory", "StatelineMetrics",
        "StatelineModels", "StatelineRedis", "StatelineTesting",
    ],
    "fuzz": ["CHiredis", "StatelineRedis"],
    "fuzz-logs": ["Stateline"],
    "load": [
        "CLockFree", "LockFreeMap", "Stateline", "StatelineLoad", "StatelineLoadTests", "StatelineMemory",
        "StatelineTesting",
    ],
    "map": ["CLockFree", "LockFreeMap", "LockFreeMapTests"],
    "redis": [
        "CHiredis", "CLockFree", "LockFreeMap", "RedisWriter", "Stateline", "StatelineLoad", "StatelineMemory",
        "StatelineRedis", "StatelineRedisTests", "StatelineTesting",
    ],
    "sanitizer": [
        "CHiredis", "CLockFree", "LockFreeMap", "LockFreeMapTests", "RedisWriter", "Stateline", "StatelineLoad",
        "StatelineMemory", "StatelineMemoryTests", "StatelineRedis", "StatelineRedisTests", "StatelineTesting",
        "StatelineTests",
    ],
]

/// What a lane leaves out of a target that it has: the folders that need the network's libraries.
let networkFolders = ["StatelineModels": ["Transport"], "StatelineTesting": ["Upstream"]]
let networkProducts: Set = ["AsyncHTTPClient", "HTTPTypes", "Hummingbird", "NIOSSL"]

if let lane = Context.environment["STATELINE_LANE"], let kept = lanes[lane] {
    package.targets.removeAll { !kept.contains($0.name) }
    package.products.removeAll { product in
        !package.targets.contains { $0.name == product.name || "_\($0.name)" == product.name }
    }
    for target in package.targets {
        target.exclude += networkFolders[target.name, default: []]
        target.dependencies.removeAll { dependency in
            guard case .productItem(let name, _, _, _) = dependency else { return false }
            // The lanes of Redis alone have its encryption.
            return networkProducts.contains(name)
                && (name != "NIOSSL" || !["encrypted-benchmarks", "redis"].contains(lane))
        }
    }
}

// Each fuzzer is there for its own lane alone, with what it tries and nothing else: it needs flags that a package others
// depend on may not have. What they try is what tests of StatelineRedisTests and StatelineTests try with fewer inputs.
let fuzzed = settings + [.unsafeFlags(["-enable-testing", "-sanitize=fuzzer", "-parse-as-library"])]

func fuzzer(_ name: String, of target: String, path: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [.byName(name: target), .product(name: "NIOCore", package: "swift-nio")],
        path: path,
        swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
    )
}

if Context.environment["STATELINE_LANE"] == "fuzz" {
    for target in package.targets where target.name == "StatelineRedis" {
        target.dependencies = ["CHiredis", .product(name: "NIOCore", package: "swift-nio")]
        target.sources = [
            "Client/RedisError.swift", "Connection/HandshakeCommand.swift", "Connection/PendingQueue.swift",
            "Connection/PendingRequest.swift",
            "Connection/RedisConnectionStateMachine.swift", "Connection/RedisConnectionStateMachine+Time.swift",
            "Connection/RedisError+Connection.swift", "Connection/Secret.swift", "Protocol",
        ]
        target.swiftSettings = fuzzed
    }
    package.targets.append(fuzzer("ReplyFuzzer", of: "StatelineRedis", path: "Tests/StatelineRedisTests/Fuzz"))
}

if Context.environment["STATELINE_LANE"] == "fuzz-logs" {
    for target in package.targets where target.name == "Stateline" {
        target.swiftSettings = fuzzed
    }
    package.targets.append(fuzzer("LogFuzzer", of: "Stateline", path: "Tests/StatelineTests/Fuzz"))
}
