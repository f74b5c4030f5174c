import Celonis
import Testing
import Vocabulary

@Suite("Watching a load")
struct LoadWatchTests {
    private static let old = LoadIdentity(id: "old", start: nil)
    private static let new = LoadIdentity(id: "new", start: nil)

    private func watch(
        _ trigger: LoadWatch.Trigger = .answered(sentAt: WallTime(milliseconds: 1_000_400)),
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

    @Test(
        "Q1: a load of somebody else's that shows where ours was in progress does not stand for ours",
        arguments: [
            LastLoadAnswer.inProgress(LoadIdentity(id: "next", start: nil)),
            .ended(LoadIdentity(id: "next", start: nil), .succeeded),
        ]
    )
    func endedUnseen(_ shown: LastLoadAnswer) {
        var watch = watch()
        _ = watch.looked(.inProgress(Self.new), at: at(4))
        guard case .ended(.failed(.unanswered(let text))) = watch.looked(shown, at: at(6)) else {
            Issue.record("taken for ours")
            return
        }
        #expect(text.contains("is sent again"))
    }

    @Test("Q22: a load that began before the POST and before the one which showed then is old")
    func olderThanBefore() throws {
        let before = LoadIdentity(id: "before", start: "2024-05-01T10:00:00Z")
        let older = LoadIdentity(id: "older", start: "2024-05-01T09:00:00Z")
        let sentAt = try #require(WallTime(loadDate: "2024-05-01T11:00:00Z"))
        var watch = watch(.answered(sentAt: sentAt), before: .load(before))
        #expect(watch.looked(.ended(older, .succeeded), at: at(2)) == .look(at: at(4)))
        #expect(watch.looked(.ended(before, .succeeded), at: at(4)) == .look(at: at(6)))
        var other = watch
        let ours = LoadIdentity(id: "ours", start: "2024-05-01T11:00:01Z")
        #expect(watch.looked(.ended(ours, .succeeded), at: at(6)) == .ended(.succeeded))
        guard case .ended(.unconfirmed) = other.looked(.ended(older, .succeeded), at: at(120)) else {
            Issue.record("it stood in nobody's way")
            return
        }
    }

    @Test("Celonis' clock was set back: ours began before the load before, but not before the POST")
    func clockSetBack() throws {
        let before = LoadIdentity(id: "before", start: "2024-05-01T12:00:00Z")
        let sentAt = try #require(WallTime(loadDate: "2024-05-01T11:00:00Z"))
        var watch = watch(.answered(sentAt: sentAt), before: .load(before))
        let ours = LoadIdentity(id: "ours", start: "2024-05-01T11:00:01Z")
        #expect(watch.looked(.ended(ours, .failed(nil)), at: at(2)) != .look(at: at(4)))
    }

    @Test("An id that could be a time is none: a mark of the journal has no start")
    func numericMark() throws {
        let sentAt = try #require(WallTime(loadDate: "2024-05-01T11:00:00Z"))
        var watch = watch(.answered(sentAt: sentAt), before: .load(LoadIdentity(mark: "175928847299117001")))
        // By a clock that is an hour behind the answers' own.
        let ours = LoadIdentity(id: "175928847299117002", start: "2024-05-01T10:00:01Z")
        #expect(watch.looked(.ended(ours, .succeeded), at: at(2)) == .ended(.succeeded))
    }

    @Test("Refused looks come slowly, and the end says why nothing was seen")
    func refused() {
        var watch = watch(timeout: 100)
        #expect(watch.looked(.failed(.credentialsRefused("401")), at: at(2)) == .look(at: at(62)))
        #expect(watch.looked(.failed(.poolForbidden("403")), at: at(62)) == .look(at: at(122)))
        guard case .ended(.unconfirmed(let text)) = watch.looked(.failed(.poolForbidden("403")), at: at(122)) else {
            Issue.record("goes on")
            return
        }
        #expect(text.contains("403"))
    }

    @Test("A load without an id may get another start, as from a queue: it stays the same")
    func startMoves() {
        var watch = watch(before: .load(LoadIdentity(id: nil, start: "1")))
        _ = watch.looked(.inProgress(LoadIdentity(id: nil, start: "2")), at: at(4))
        #expect(watch.looked(.ended(LoadIdentity(id: nil, start: "3"), .succeeded), at: at(6)) == .ended(.succeeded))
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
                == .ended(
                    .unconfirmed("the load was not seen to end within 300 s; at last it could not be looked at: 429")
                )
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

    private static func started(_ milliseconds: Int) -> LoadIdentity { LoadIdentity(id: "x", start: "\(milliseconds)") }

    @Test("Q22: a load that began before our POST by the server's clock is never ours; one behind it is")
    func overtaken() {
        var watch = watch(before: .never)
        #expect(watch.looked(.inProgress(Self.started(1_000_399)), at: at(2)) == .look(at: at(4)))
        #expect(watch.looked(.inProgress(Self.started(1_000_399)), at: at(300)) == .look(at: at(360)))
        #expect(watch.looked(.ended(Self.started(1_000_399), .failed("theirs")), at: at(360)) == .look(at: at(420)))
        #expect(watch.isOvertaken)
        #expect(watch.looked(.inProgress(Self.new), at: at(400)) == .look(at: at(460)))
        #expect(watch.looked(.ended(Self.started(1_000_399), .succeeded), at: at(460)) == .look(at: at(520)))
        #expect(watch.looked(.ended(Self.new, .succeeded), at: at(520)) == .ended(.succeeded))
        #expect(!watch.isOvertaken)
    }

    @Test("Q28: when no load follows the one that overtook our POST, it is sent again, and never counts as loaded")
    func swallowed() {
        for timeout in [7200, 150] {
            var watch = watch(timeout: timeout)
            for time in [60, 120] {
                let step = watch.looked(.ended(Self.started(999_999), .succeeded), at: at(time))
                guard case .look = step else {
                    Issue.record("\(step)")
                    return
                }
            }
            guard case .ended(.failed(.unanswered(let text))) = watch.looked(.ended(Self.old, .succeeded), at: at(180))
            else {
                Issue.record("not sent again")
                return
            }
            #expect(text.contains("somebody else"))
            #expect(watch.isOvertaken)
        }
    }

    @Test(
        "A start that proves nothing leaves a load to its id: our own second, none, no zone, another clock",
        arguments: ["1000400", "1970-01-01T00:16:40Z", "880399", nil, "1970-01-01T00:16:40"]
    )
    func unproven(start: String?) {
        var watch = watch()
        let identity = LoadIdentity(id: "new", start: start)
        #expect(watch.looked(.ended(identity, .succeeded), at: at(2)) == .ended(.succeeded))
    }

    @Test("Without a clock of the server's only ids tell")
    func noClock() {
        var watch = watch(.answered(sentAt: nil))
        #expect(watch.looked(.ended(Self.started(1), .succeeded), at: at(2)) == .ended(.succeeded))
    }

    @Test("Q28: without an answer to the POST no end is a success, and nothing is sent again before start_within")
    func unanswered() {
        let end = LoadWatch.Step.ended(.failed(.unanswered("reset")))
        var watch = watch(.unanswered("reset"))
        #expect(watch.looked(.ended(Self.old, .succeeded), at: at(2)) == .look(at: at(4)))
        #expect(watch.looked(.ended(Self.old, .succeeded), at: at(119)) == .look(at: at(120)))
        #expect(watch.looked(.ended(Self.old, .succeeded), at: at(120)) == end)
        watch = self.watch(.unanswered("reset"))
        #expect(watch.looked(.neverLoaded, at: at(120)) == end)
    }

    @Test(
        "Q1, Q28: a load that shows after an unanswered POST may be another's with ours behind it: start_within counts anew",
        arguments: [LoadWatch.Before.load(old), .never]
    )
    func behindAnother(before: LoadWatch.Before) {
        let end = LoadWatch.Step.ended(.failed(.unanswered("reset")))
        func isLook(_ step: LoadWatch.Step) -> Bool { if case .look = step { true } else { false } }
        // Seen in progress: from its end.
        var watch = watch(.unanswered("reset"), before: before)
        #expect(isLook(watch.looked(.inProgress(Self.new), at: at(4))))
        #expect(isLook(watch.looked(.inProgress(Self.new), at: at(500))))
        #expect(watch.looked(.ended(Self.new, .succeeded), at: at(560)) == .look(at: at(620)))
        #expect(watch.looked(.ended(Self.new, .succeeded), at: at(679)) == .look(at: at(680)))
        #expect(watch.looked(.ended(Self.new, .succeeded), at: at(680)) == end)
        // Ours then begins, or another's: it counts anew.
        watch = self.watch(.unanswered("reset"), before: before)
        _ = watch.looked(.ended(Self.new, .failed("theirs")), at: at(100))
        #expect(isLook(watch.looked(.inProgress(LoadIdentity(id: "behind", start: nil)), at: at(219))))
        #expect(isLook(watch.looked(.ended(LoadIdentity(id: "behind", start: nil), .succeeded), at: at(260))))
        #expect(watch.looked(.ended(LoadIdentity(id: "behind", start: nil), .succeeded), at: at(380)) == end)
    }

    @Test("Q28: what has no mark to tell it by does not put off the end for ever")
    func unansweredWithoutMarks() {
        let blank = LoadIdentity(id: nil, start: nil)
        var watch = watch(.unanswered("reset"), before: .load(blank))
        #expect(watch.looked(.ended(blank, .succeeded), at: at(100)) == .look(at: at(120)))
        #expect(watch.looked(.ended(blank, .succeeded), at: at(120)) == .ended(.failed(.unanswered("reset"))))
    }

    @Test("Q28: after a crash the first load that shows as ended is the one before")
    func unansweredBeforeUnknown() {
        var watch = watch(.unanswered("crash"), before: .unknown)
        #expect(watch.looked(.ended(Self.old, .succeeded), at: at(100)) == .look(at: at(120)))
        #expect(watch.looked(.ended(Self.old, .succeeded), at: at(120)) == .ended(.failed(.unanswered("crash"))))
    }

    @Test("A start that no clock can show is not compared", arguments: ["-9223372036854775808", "9223372036854775807"])
    func absurdStart(start: String) {
        var watch = watch()
        let load = LoadIdentity(id: "new", start: start)
        #expect(watch.looked(.inProgress(load), at: at(4)) == .look(at: at(6)))
    }

    @Test("Q3, Q28: who was not answered waits for a load that may still begin, whatever a load may take")
    func unansweredAndImpatient() {
        var watch = watch(.unanswered("reset"), timeout: 30)
        #expect(watch.looked(.ended(Self.old, .succeeded), at: at(119)) == .look(at: at(120)))
        guard case .ended(.failed(.unanswered)) = watch.looked(.ended(Self.old, .succeeded), at: at(120)) else {
            Issue.record("it goes on beyond poll.start_within")
            return
        }
    }

    @Test(
        "A start at the end of time is a date like any other",
        arguments: [Int64.min / 1000 * 1000, Int64.max / 1000 * 1000]
    )
    func extremeStart(milliseconds: Int64) {
        for sentAt in [1_000_400, Int64.max, Int64.min] {
            var watch = watch(.answered(sentAt: WallTime(milliseconds: sentAt)))
            let load = LoadIdentity(id: "x", start: "\(milliseconds)")
            _ = watch.looked(.ended(load, .succeeded), at: at(2))
        }
    }
}
