import Celonis
import Testing
import Vocabulary

@Suite("Watching a load")
struct LoadWatchTests {
    private static let old = LoadIdentity(id: "old", start: nil)
    private static let new = LoadIdentity(id: "new", start: nil)

    private func watch(
        _ trigger: LoadWatch.Trigger = .answered,
        before: LoadWatch.Before = .load(old),
        timeout: Int = 7200
    ) -> LoadWatch {
        LoadWatch(
            trigger,
            before: before,
            since: at(0),
            timeout: .seconds(timeout),
            startWithin: .seconds(120),
            schedule: PollSchedule(PollSettings())
        )
    }

    private func at(_ seconds: Int) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds) * 1_000_000_000) }

    @Test("The load before does not count, the new one does")
    func newLoad() {
        var watch = watch()
        #expect(watch.firstLook == at(2))
        #expect(watch.looked(.ended(Self.old, .succeeded), at: at(2)) == .look(at: at(4)))
        #expect(watch.looked(.inProgress(Self.new), at: at(4)) == .look(at: at(6)))
        #expect(watch.looked(.ended(Self.new, .succeeded), at: at(6)) == .ended(.succeeded))
    }

    @Test("The load before may show again after the new one was seen")
    func flapping() {
        var watch = watch()
        _ = watch.looked(.inProgress(Self.new), at: at(4))
        #expect(watch.looked(.ended(Self.old, .failed("old")), at: at(500)) == .look(at: at(560)))
        #expect(
            watch.looked(.ended(Self.new, .warning(nil)), at: at(560))
                == .ended(.succeededWithWarnings("Celonis gave no reason"))
        )
    }

    @Test("Without any mark, only a load that was seen in progress counts")
    func noMarks() {
        let blank = LoadIdentity(id: nil, start: nil)
        var watch = watch(before: .load(blank))
        #expect(watch.looked(.ended(blank, .succeeded), at: at(2)) == .look(at: at(4)))
        #expect(watch.looked(.inProgress(blank), at: at(4)) == .look(at: at(6)))
        #expect(watch.looked(.ended(blank, .succeeded), at: at(6)) == .ended(.succeeded))
    }

    @Test("After a look that was not understood, what first shows as ended is the load before")
    func unknownBefore() {
        var watch = watch(before: .unknown)
        #expect(watch.looked(.ended(Self.old, .succeeded), at: at(2)) == .look(at: at(4)))
        #expect(watch.looked(.ended(Self.new, .succeeded), at: at(4)) == .ended(.succeeded))
        watch = self.watch(before: .unknown)
        _ = watch.looked(.neverLoaded, at: at(2))
        #expect(
            watch.looked(.ended(Self.new, .canceled("by Ann")), at: at(4))
                == .ended(.failed(.canceled("the load was canceled in Celonis: by Ann")))
        )
    }

    @Test("Q22: a look falls on start_within, and ends the watch there")
    func startWithin() {
        var watch = watch()
        #expect(watch.looked(.ended(Self.old, .succeeded), at: at(100)) == .look(at: at(120)))
        #expect(
            watch.looked(.ended(Self.old, .succeeded), at: at(120))
                == .ended(.unconfirmed("no new load showed within 120 s of the request"))
        )
    }

    @Test("Q18: looks that fail end nothing, not even at start_within, and keep to their lower bound")
    func failures() {
        var watch = watch(timeout: 300)
        let failure = LoadFailure.transient("429", retryAfter: .seconds(50))
        #expect(watch.looked(.failed(failure), at: at(110)) == .look(at: at(160)))
        #expect(watch.looked(.failed(.credentialsRefused("x")), at: at(200)) == .look(at: at(260)))
        #expect(watch.looked(.failed(failure), at: at(260)) == .look(at: at(310)))
        #expect(
            watch.looked(.failed(failure), at: at(310))
                == .ended(.unconfirmed("the load was not seen to end within 300 s"))
        )
    }

    @Test("Q22: five answers in a row that are not understood end it, four do not")
    func notUnderstood() {
        var watch = watch()
        let puzzle = LastLoadAnswer.notUnderstood("?", nil)
        for _ in 1...4 { _ = watch.looked(puzzle, at: at(2)) }
        _ = watch.looked(.inProgress(Self.new), at: at(3))
        for _ in 1...2 { _ = watch.looked(puzzle, at: at(4)) }
        _ = watch.looked(.failed(.transient("x", retryAfter: nil)), at: at(4))
        for _ in 3...4 { _ = watch.looked(puzzle, at: at(4)) }
        #expect(watch.looked(puzzle, at: at(5)) == .ended(.unconfirmed("?")))
    }

    @Test("Q28: without an answer to the POST no end is a success, and a load that shows ends the watch")
    func unanswered() {
        let end = LoadWatch.Step.ended(.failed(.unanswered("reset")))
        var watch = watch(.unanswered("reset"))
        #expect(watch.looked(.ended(Self.old, .succeeded), at: at(2)) == .look(at: at(4)))
        #expect(watch.looked(.inProgress(Self.new), at: at(4)) == end)
        watch = self.watch(.unanswered("reset"))
        #expect(watch.looked(.ended(Self.new, .succeeded), at: at(4)) == end)
        watch = self.watch(.unanswered("reset"))
        #expect(watch.looked(.neverLoaded, at: at(120)) == end)
    }
}
