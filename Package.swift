// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "stateline",
    platforms: [.macOS("26.0")],
    products: [
        .library(name: "Stateline", targets: ["Stateline"]),
        .library(name: "StatelineMemory", targets: ["StatelineMemory"]),
        .library(name: "StatelineModels", targets: ["StatelineModels"]),
        .library(name: "StatelineTesting", targets: ["StatelineTesting"]),
        // Hidden: the map beneath the stores, for the benchmarks alone; nothing of it is promised to anybody.
        .library(name: "_LockFreeMap", targets: ["LockFreeMap"]),
        .executable(name: "stateline", targets: ["StatelineCommand"]),
    ],
    // No trait yet: what will stand behind one comes with the stores and servers that need a library of the system.
    // The empty default lets dependents say `traits: []` today, so that what comes changes nothing for them.
    traits: [.default(enabledTraits: [])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
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
            name: "StatelineModels",
            dependencies: [
                "Stateline",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .target(
            name: "StatelineTesting",
            dependencies: [
                "Stateline",
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
                "StatelineMemory",
                "StatelineModels",
                "StatelineTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
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
            resources: [.copy("Golden")]
        ),
        .testTarget(name: "LockFreeMapTests", dependencies: ["LockFreeMap"]),
        .testTarget(
            name: "StatelineMemoryTests",
            dependencies: [
                "Stateline",
                "StatelineMemory",
                "StatelineTesting",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
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
        .testTarget(name: "StatelineCommandTests", dependencies: ["StatelineCommand"]),
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
    "map": ["CLockFree", "LockFreeMap", "LockFreeMapTests"],
    "sanitizer": [
        "CLockFree", "LockFreeMap", "LockFreeMapTests", "Stateline", "StatelineMemory", "StatelineMemoryTests",
        "StatelineTesting", "StatelineTests",
    ],
]

if let kept = Context.environment["STATELINE_LANE"].flatMap({ lanes[$0] }) {
    package.targets.removeAll { !kept.contains($0.name) }
    package.products.removeAll { product in
        !package.targets.contains { $0.name == product.name || "_\($0.name)" == product.name }
    }
    for target in package.targets where target.name == "StatelineTesting" {
        target.exclude = ["Upstream"]
        target.dependencies = [
            "Stateline",
            .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ]
    }
}
