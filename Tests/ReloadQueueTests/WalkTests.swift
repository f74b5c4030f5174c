import Foundation
import OffThePool
import Testing

@testable import ReloadQueue

@Suite("Every interleaving of a small queue", .offThePool)
struct WalkTests {
    /// `make walk` goes the whole way; an ordinary run goes a part of it.
    private static let walks: [(arrivals: Int, withVerbs: Bool)] =
        switch ProcessInfo.processInfo.environment["RELOADER_WALK"] {
        case "full": [(7, false), (3, true)]
        case "short": [(2, false), (1, true)]
        default: [(3, false), (1, true)]
        }

    @Test(
        "Q1-Q5, Q9-Q11, Q14, Q15, Q19, Q21: two models, two tables: no interleaving breaks a promise",
        arguments: walks.indices
    )
    func walk(number: Int) {
        let (arrivals, withVerbs) = Self.walks[number]
        var walk = Walk(arrivals: arrivals, withVerbs: withVerbs)
        let alphabet = withVerbs ? "hold, release, flush, retry, discard" : "no verbs"
        func report(_ walk: Walk, _ stage: String) {
            print(
                "walk\(stage): up to \(arrivals) arrivals, \(alphabet): \(walk.states) states, "
                    + "\(walk.transitions) transitions"
            )
            // Seen at once also where the output is a file: the whole walk takes a while.
            fflush(nil)
        }
        walk.run { report($0, " goes on") }
        report(walk, "")
        #expect(walk.failure.isEmpty, "\(walk.failure.joined(separator: "\n"))")
        #expect(walk.states > 100)
    }
}
