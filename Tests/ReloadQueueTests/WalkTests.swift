import Foundation
import Testing

@testable import ReloadQueue

@Suite("Every interleaving of a small queue")
struct WalkTests {
    /// `make walk` sets it to 7; with it the verbs of people are walked too.
    private static let arrivals = ProcessInfo.processInfo.environment["RELOADER_WALK"].flatMap { Int($0) }

    @Test("Q1-Q5, Q9-Q11, Q14, Q15, Q19, Q21: two models, two tables: no interleaving breaks a promise")
    func walk() {
        var walk = Walk(arrivals: Self.arrivals ?? 3, withVerbs: Self.arrivals != nil)
        walk.run()
        print("walk: up to \(walk.arrivals) arrivals, \(walk.states) states, \(walk.transitions) transitions")
        #expect(walk.failure.isEmpty, "\(walk.failure.joined(separator: "\n"))")
        #expect(walk.states > 100)
    }
}
