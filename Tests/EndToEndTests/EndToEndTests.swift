import Foundation
import Testing

/// `make attack`.
let isFullAttack = ProcessInfo.processInfo.environment["RELOADER_ATTACK"] == "full"

/// Everything that runs the real binaries, one test after another: each test's processes take the machine's cores. The
/// time limit is for a test that would never end.
@Suite("End to end", .serialized, .timeLimit(.minutes(15 + (chaosMinutes ?? 0))))
enum EndToEndTests {}
