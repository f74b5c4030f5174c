// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]

let nio = [
    Target.Dependency.product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]
let log = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "reloader",
    products: [
        .executable(name: "reloader", targets: ["reloader"]),
        .executable(name: "celonis-simulator", targets: ["celonis-simulator"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The system's libraries. `providers` is what a bare `swift build` prints when one is missing.
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSystemSimdJSON", pkgConfig: "simdjson", providers: [.apt(["libsimdjson-dev"])]),
        // Not a system's library: Debian has none of it. Where it is from: docs/architecture.md.
        .target(name: "CLLHTTP", exclude: ["LICENSE"]),
        .target(
            name: "CSimdJSON",
            dependencies: ["CSystemSimdJSON"],
            cxxSettings: [.unsafeFlags(["-Wall", "-Wextra"])]
        ),

        // The rooms that decide: no I/O.
        .target(name: "Vocabulary", swiftSettings: strict),
        .target(name: "Signatures", dependencies: ["COpenSSL", "Vocabulary"], swiftSettings: strict),
        .target(name: "JSONPath", dependencies: ["CSimdJSON"], swiftSettings: strict),
        .target(name: "Rules", dependencies: ["JSONPath", "Vocabulary"], swiftSettings: strict),
        .target(name: "ReloadQueue", dependencies: ["Vocabulary"], swiftSettings: strict),
        .target(name: "Simulation", dependencies: ["ReloadQueue", "Vocabulary"], swiftSettings: strict),
        .target(
            name: "Settings",
            dependencies: [
                "JSONPath", "ReloadQueue", "Rules", "Signatures", "Vocabulary", .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Admin",
            dependencies: ["Vocabulary"],
            resources: [.embedInCode("Dashboard")],
            swiftSettings: strict
        ),

        // The rooms that act: thin.
        .target(
            name: "Celonis",
            dependencies: [
                "Vocabulary", log, .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio,
            swiftSettings: strict
        ),
        .target(
            name: "Journal",
            dependencies: [
                "Vocabulary", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Listener",
            dependencies: ["CLinux", "CLLHTTP", "Vocabulary", log, .product(name: "NIOSSL", package: "swift-nio-ssl")]
                + nio,
            swiftSettings: strict
        ),
        .target(
            name: "CelonisSimulator",
            dependencies: ["Vocabulary", .product(name: "NIOSSL", package: "swift-nio-ssl")] + nio,
            swiftSettings: strict
        ),
        .target(
            name: "ReloaderService",
            dependencies: [
                "Admin", "CLinux", "Celonis", "CelonisSimulator", "JSONPath", "Journal", "Listener", "ReloadQueue",
                "Rules", "Settings", "Signatures", "Simulation", "Vocabulary", log,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),

        .executableTarget(
            name: "reloader",
            dependencies: [
                "Admin", "Celonis", "JSONPath", "Listener", "ReloadQueue", "ReloaderService", "Settings", "Signatures",
                "Simulation",
                "Vocabulary", log,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "celonis-simulator",
            dependencies: [
                "CelonisSimulator", "Vocabulary", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),

        // Where tests run that compute for long.
        .target(name: "OffThePool", path: "Tests/OffThePool", swiftSettings: strict),
        .testTarget(name: "VocabularyTests", dependencies: ["Vocabulary"], swiftSettings: strict),
        .testTarget(name: "SignaturesTests", dependencies: ["Signatures", "Vocabulary"], swiftSettings: strict),
        .testTarget(
            name: "JSONPathTests",
            dependencies: ["JSONPath", "OffThePool", "Vocabulary"],
            swiftSettings: strict
        ),
        .testTarget(name: "RulesTests", dependencies: ["JSONPath", "Rules", "Vocabulary"], swiftSettings: strict),
        // Choices of settings for tests of every two together.
        .target(name: "Pairwise", path: "Tests/Pairwise", swiftSettings: strict),
        .testTarget(
            name: "ReloadQueueTests",
            dependencies: ["Journal", "OffThePool", "Pairwise", "ReloadQueue", "Vocabulary"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["OffThePool", "ReloadQueue", "Simulation", "Vocabulary"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SettingsTests",
            dependencies: [
                "JSONPath", "OffThePool", "ReloadQueue", "Rules", "Settings", "Signatures", "Vocabulary",
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "AdminTests", dependencies: ["Admin", "Vocabulary"], swiftSettings: strict),
        .testTarget(
            name: "CelonisTests",
            dependencies: ["Celonis", "CelonisSimulator", "Pairwise", "ReloadQueue", "Vocabulary", log],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CelonisSimulatorTests",
            dependencies: ["CelonisSimulator", "Vocabulary"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "JournalTests",
            dependencies: ["Journal", "OffThePool", "Vocabulary", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ListenerTests",
            dependencies: [
                "Listener", "Vocabulary", .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio,
            swiftSettings: strict
        ),
        .testTarget(
            name: "ReloaderServiceTests",
            dependencies: [
                "Admin", "Celonis", "JSONPath", "Listener", "ReloadQueue", "ReloaderService", "Rules", "Settings",
                "Simulation",
                "Vocabulary", log,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Admin", "CelonisSimulator", "Journal", "Listener", "ReloadQueue", "ReloaderService", "Settings",
                "Signatures", "Vocabulary", "celonis-simulator", "reloader", log,
            ],
            swiftSettings: strict
        ),
    ],
    cxxLanguageStandard: .cxx17
)

// The tool of `make fuzz`. It is part of this package because it needs what is `package` here, and hidden from an
// ordinary build, which has no use for it.
if Context.environment["RELOADER_FUZZ"] == "1" {
    // The address sanitizer sees all Swift and C++, and of all C what strangers send goes through first. libFuzzer is told
    // only of the branches there and in these rooms: of all packages it would count 300,000, and look through the counts
    // each time.
    let told = "-sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table"
    let fuzzed = ["JSONPath", "Listener", "Signatures", "Vocabulary"]
    for target in package.targets where fuzzed.contains(target.name) {
        target.swiftSettings = strict + [.unsafeFlags([told])]
    }
    let toldC = "-fsanitize=fuzzer-no-link,address"
    package.targets.first { $0.name == "CLLHTTP" }?.cSettings = [.unsafeFlags([toldC])]
    package.targets.first { $0.name == "CSimdJSON" }?.cxxSettings? += [.unsafeFlags([toldC])]
    package.targets.append(
        .executableTarget(
            name: "reloader-fuzz",
            dependencies: [
                "COpenSSL", "JSONPath", "Listener", "Signatures", "Vocabulary",
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ] + nio,
            path: "Fuzz/Targets",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library", told])],
            linkerSettings: [.unsafeFlags(["-Xclang-linker", "-fsanitize=fuzzer"])]
        )
    )
}

// The tools of `make bench-…`; inside this package and hidden for the same reasons.
if Context.environment["RELOADER_BENCH"] == "1" {
    package.targets += [
        .target(name: "Allocations", path: "Benchmarks/Allocations"),
        .target(name: "Measuring", dependencies: ["Allocations"], path: "Benchmarks/Measuring", swiftSettings: strict),
        .executableTarget(
            name: "bench-signatures",
            dependencies: ["COpenSSL", "Measuring", "Signatures", "Vocabulary"],
            path: "Benchmarks/Signatures",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-refusals",
            dependencies: ["Measuring", "Signatures", "Vocabulary"],
            path: "Benchmarks/Refusals",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-rules",
            dependencies: ["JSONPath", "Measuring", "Rules", "Vocabulary"],
            path: "Benchmarks/Rules",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-queue",
            dependencies: ["ReloadQueue", "Vocabulary"],
            path: "Benchmarks/Queue",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-simulate",
            dependencies: ["Measuring", "ReloaderService", "Settings", "Simulation", "Vocabulary"],
            path: "Benchmarks/Simulate",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-journal",
            dependencies: ["Journal", "Measuring", "ReloadQueue", "Vocabulary"],
            path: "Benchmarks/Journal",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-service",
            dependencies: ["Measuring", "ReloaderService", "Settings", "Signatures", "Vocabulary", log],
            path: "Benchmarks/Service",
            exclude: ["deliveries.lua", "floor.c"],
            swiftSettings: strict
        ),
    ]
}

// The campaigns of `make walk`, `chaos` and `attack` are tests that want an optimized build; the other tests would take
// minutes to optimize, for nothing.
if Context.environment["RELOADER_CAMPAIGN"] == "1" {
    package.targets.removeAll { $0.type == .test && !["EndToEndTests", "ReloadQueueTests"].contains($0.name) }
}
