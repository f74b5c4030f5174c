// swift-tools-version: 6.2
import PackageDescription

// The queue alone, for `make mutants`: a mutant then costs seconds, not a build of the whole program.
let strict: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

let package = Package(
    name: "mutants",
    targets: [
        .target(name: "Vocabulary", swiftSettings: strict),
        .target(name: "ReloadQueue", dependencies: ["Vocabulary"], swiftSettings: strict),
        .testTarget(name: "ReloadQueueTests", dependencies: ["ReloadQueue", "Vocabulary"], swiftSettings: strict),
    ]
)
