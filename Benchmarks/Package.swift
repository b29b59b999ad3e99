// swift-tools-version: 6.2

import PackageDescription

/// The benchmarks: a package of their own, so that what they need is never a dependency of the library.
let package = Package(
    name: "stateline-benchmarks",
    platforms: [.macOS("26.0")],
    traits: [.trait(name: "TLS", description: "Encrypted connections to Redis.")],
    dependencies: [
        .package(
            name: "stateline",
            path: "../",
            traits: ["Metrics", "Redis", .trait(name: "TLS", condition: .when(traits: ["TLS"]))]
        ),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-atomics", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .target(
            name: "Measurement",
            dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")]
        ),
        // What a peer of a comparison is, whatever it is written in; those in Peers/ are built with it too.
        .target(name: "CPeer"),
        .executableTarget(
            name: "MapPeer",
            dependencies: [
                "CPeer",
                .product(name: "Atomics", package: "swift-atomics"),
                .product(name: "_LockFreeMap", package: "stateline"),
            ]
        ),
        .executableTarget(
            name: "CompareMap",
            dependencies: [
                "CPeer",
                "Measurement",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .target(
            name: "Workload",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Stateline", package: "stateline"),
                .product(name: "StatelineMemory", package: "stateline"),
                .product(name: "StatelineDialects", package: "stateline"),
            ]
        ),
        // What counts instructions and memory in the process that is measured.
        .target(name: "CCounts"),
        .target(name: "Callgrind", dependencies: ["Workload"]),
        .executableTarget(
            name: "HotPaths",
            dependencies: [
                "CCounts",
                "Workload",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Stateline", package: "stateline"),
                .product(name: "StatelineMemory", package: "stateline"),
                .product(name: "StatelineMetrics", package: "stateline"),
                .product(name: "StatelineDialects", package: "stateline"),
                .product(name: "StatelineRedis", package: "stateline"),
                .product(name: "_LockFreeMap", package: "stateline"),
            ],
            // Valgrind before 3.22 gives up on the compiler's DWARF 5; names of functions are in the symbol table.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--strip-debug"])]
        ),
        .executableTarget(
            name: "Turn",
            dependencies: ["Measurement", "Workload", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Turn",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
        .executableTarget(
            name: "CompareHits",
            dependencies: [
                "Measurement",
                .product(name: "_LockFreeMap", package: "stateline"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(
            name: "CompareRedis",
            dependencies: [
                "Measurement",
                "Workload",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Stateline", package: "stateline"),
                .product(name: "StatelineRedis", package: "stateline"),
                .product(name: "StatelineTesting", package: "stateline"),
            ]
        ),
        .executableTarget(
            name: "CompareTurn",
            dependencies: [
                "Callgrind",
                "Measurement",
                "Workload",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(
            name: "ComparePeers",
            dependencies: [
                "Measurement",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Stateline", package: "stateline"),
                .product(name: "StatelineMemory", package: "stateline"),
                .product(name: "StatelineRedis", package: "stateline"),
                .product(name: "StatelineTesting", package: "stateline"),
            ]
        ),
        .executableTarget(
            name: "CompareSteps",
            dependencies: [
                "Measurement",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Stateline", package: "stateline"),
                .product(name: "StatelineMemory", package: "stateline"),
                .product(name: "StatelineRedis", package: "stateline"),
                .product(name: "StatelineTesting", package: "stateline"),
            ]
        ),
        .executableTarget(
            name: "CompareProcess",
            dependencies: [
                "CCounts",
                "Measurement",
                "Workload",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Stateline", package: "stateline"),
                .product(name: "StatelineMemory", package: "stateline"),
                .product(name: "StatelineMetrics", package: "stateline"),
            ]
        ),
        .executableTarget(
            name: "CompareTransport",
            dependencies: [
                "Measurement",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
    ]
)

for target in package.targets {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
    ]
}
