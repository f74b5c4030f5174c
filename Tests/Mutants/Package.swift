// swift-tools-version: 6.2
import PackageDescription

// The queue and what its tests need, for `make mutants`: a mutant then costs seconds, not a build of the whole program.
let strict: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

let package = Package(
    name: "mutants",
    dependencies: [.package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0")],
    targets: [
        .target(name: "Vocabulary", swiftSettings: strict),
        .target(
            name: "Journal",
            dependencies: [
                "Vocabulary", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .target(name: "ReloadQueue", dependencies: ["Vocabulary"], swiftSettings: strict),
        .target(name: "Simulation", dependencies: ["ReloadQueue", "Vocabulary"], swiftSettings: strict),
        .target(name: "OffThePool", path: "Tests/OffThePool", swiftSettings: strict),
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
    ]
)
