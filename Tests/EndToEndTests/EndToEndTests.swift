import Foundation
import Testing

/// `make attack`.
let isFullAttack = ProcessInfo.processInfo.environment["RELOADER_ATTACK"] == "full"

/// `make tsan`, under which everything takes many times as long.
let isUnderSanitizer = ProcessInfo.processInfo.environment["TSAN_OPTIONS"] != nil

/// Everything that runs the real binaries, one test after another: each test's processes take the machine's cores. The
/// time limit is for a test that would never end.
@Suite("End to end", .serialized, .timeLimit(.minutes((isUnderSanitizer ? 60 : 15) + (chaosMinutes ?? 0))))
enum EndToEndTests {}
