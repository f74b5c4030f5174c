import Admin
import Foundation
import ReloadQueue
import Testing
import Vocabulary

@testable import Listener
@testable import ReloaderService

private func now(_ seconds: Double) -> Now {
    let nanoseconds = Int64(seconds * 1e9)
    return Now(
        monotonic: MonotonicTime(nanoseconds: nanoseconds),
        wall: WallTime(milliseconds: 1_000_000 + nanoseconds / 1_000_000)
    )
}

private func reference(_ name: String) -> ModelReference { ModelReference(name: name, poolID: "p", dataModelID: name) }

private func model(_ name: String, changes: UInt64 = 0, age: Duration? = nil) -> ModelSnapshot {
    ModelSnapshot(
        model: reference(name),
        state: .idle,
        held: false,
        pendingChanges: [],
        pendingSince: nil,
        oldestChangeAge: age,
        maxWait: .seconds(600),
        loadAt: nil,
        loading: nil,
        lastLoad: nil,
        failedJobs: 0,
        attempts: 0,
        changes: changes,
        loads: [],
        loadDuration: Histogram(),
        freshness: Histogram()
    )
}

private func snapshot(_ models: [ModelSnapshot], accepted: UInt64 = 0, at time: Now) -> ServiceSnapshot {
    ServiceSnapshot(
        version: "1",
        startedAt: WallTime(milliseconds: 0),
        configuration: ConfigurationSnapshot(loadedAt: WallTime(milliseconds: 0)),
        queue: QueueSnapshot(at: time, models: models, jobs: [:], breakers: [], draining: false),
        sources: [
            SourceSnapshot(name: "s", lastDeliveryAt: nil, outcomes: [.accepted: accepted], secretLastUsed: [])
        ],
        unknownPaths: 0,
        openConnections: 0
    )
}

@Suite("What is kept for those who follow")
struct StreamLogTests {
    private func log(_ count: Int) -> StreamLog {
        var log = StreamLog(capacity: 4, startedAt: WallTime(milliseconds: 77))
        for number in 0..<count { log.append(.held(reference("m\(number + 1)")), at: WallTime(milliseconds: 0)) }
        return log
    }

    @Test("who comes again goes on after what it has seen, as long as nothing of it is gone")
    func resumption() {
        let log = log(6)
        #expect(log.resumption(after: nil) == .fresh)
        #expect(log.resumption(after: "77-6") == .after(6))
        #expect(log.resumption(after: "77-2") == .after(2))
        #expect(log.resumption(after: "77-1") == .lost)
        #expect(log.resumption(after: "77-7") == .lost)
        for other in ["76-6", "6", "", "77-", "77-6-1", "x-6", "77-x"] {
            #expect(log.resumption(after: other) == .lost)
        }
    }

    @Test("what came after a number comes in order, or not at all where a part is gone")
    func after() {
        let log = log(6)
        #expect(log.after(2)?.map(\.number) == [3, 4, 5, 6])
        #expect(log.after(2)?.map(\.id) == ["77-3", "77-4", "77-5", "77-6"])
        #expect(log.after(6)?.isEmpty == true)
        #expect(log.after(1) == nil)
        #expect(StreamLog(startedAt: WallTime(milliseconds: 1)).after(0)?.isEmpty == true)
    }
}

@Suite("What has changed between two looks")
struct StreamLooksTests {
    @Test("a model is told of when it has changed, and not because time has passed")
    func models() {
        var looks = StreamLooks()
        looks.begin(with: snapshot([model("a"), model("b")], at: now(0)))
        let aged = snapshot([model("a", age: .seconds(5)), model("b", changes: 1)], at: now(1))
        #expect(looks.looked(at: aged).models.map(\.model.name) == ["b"])
        #expect(looks.looked(at: aged).models.isEmpty)
        let another = snapshot([model("a"), model("b", changes: 1), model("c")], at: now(2))
        #expect(looks.looked(at: another).models.map(\.model.name) == ["c"])
        #expect(looks.looked(at: snapshot([model("a")], at: now(3))).models.isEmpty)
        #expect(looks.looked(at: another).models.map(\.model.name) == ["b", "c"])
    }

    @Test("one look tells of a bounded number of models, and the next ones of the others, in turn")
    func bound() {
        var looks = StreamLooks()
        let count = StreamLooks.mostModels * 2 + 50
        func models(_ changes: UInt64) -> [ModelSnapshot] { (0..<count).map { model("m\($0)", changes: changes) } }
        looks.begin(with: snapshot(models(0), at: now(0)))
        var told: [String: Int] = [:]
        for turn in 1...9 {
            // All of them change before every look.
            let found = looks.looked(at: snapshot(models(UInt64(turn)), at: now(Double(turn)))).models
            #expect(found.count == StreamLooks.mostModels)
            for model in found { told[model.model.name, default: 0] += 1 }
        }
        #expect(told.count == count)
        #expect(told.values.allSatisfy { (3...5).contains($0) }, "\(told.values.sorted())")
        var rest = 0
        for turn in 10...12 { rest += looks.looked(at: snapshot(models(9), at: now(Double(turn)))).models.count }
        #expect(rest < count)
        #expect(looks.looked(at: snapshot(models(9), at: now(13))).models.isEmpty)
    }

    @Test("the status is told when it has changed, at most once a second")
    func status() {
        var looks = StreamLooks()
        looks.begin(with: snapshot([], at: now(0)))
        func told(_ accepted: UInt64, at seconds: Double) -> UInt64? {
            looks.looked(at: snapshot([], accepted: accepted, at: now(seconds))).status?.sources["s"]?.accepted
        }
        #expect(told(0, at: 1) == nil)
        #expect(told(1, at: 1.1) == 1)
        #expect(told(2, at: 1.5) == nil)
        #expect(told(3, at: 2) == nil)
        #expect(told(3, at: 2.1) == 3)
        #expect(told(3, at: 9) == nil)
    }
}

@Suite("Those who follow the stream")
struct StreamHubTests {
    private let hub = StreamHub(startedAt: now(0))

    private func open(after id: String? = nil, at time: Now = now(0)) throws -> AnswerStream {
        try #require(hub.open(after: id, in: hub.era, at: time, snapshot([], at: time)))
    }

    private func turn(at seconds: Double) {
        hub.turn(at: now(seconds), { snapshot([], at: now(seconds)) }, settings: { [:] })
    }

    private func text(_ stream: AnswerStream) -> String { String(decoding: stream.early, as: UTF8.self) }

    private func ids(_ stream: AnswerStream) -> [String] {
        text(stream).split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
    }

    private func hold(_ name: String) { hub.note(.held(reference(name)), at: now(0).wall) }

    @Test("a follower is told how to come again and how things stand, then what happens, in order, with ids")
    func order() throws {
        hold("before")
        let stream = try open()
        #expect(text(stream).hasPrefix("retry: 2000\n\nevent: status\ndata: {"))
        hold("first")
        hold("second")
        turn(at: 0.1)
        #expect(ids(stream) == ["1000000-2", "1000000-3"])
        let lines = text(stream).split(separator: "\n")
        #expect(lines.contains { $0.contains(#""model":"first","what":"held""#) })
        #expect(!text(stream).contains("before"))
    }

    @Test("a model that is again as it was is told of too: who held it may have been shown the hold")
    func backAgain() throws {
        let time = now(0)
        let models = snapshot([model("a"), model("b")], at: time)
        let stream = try #require(hub.open(after: nil, in: hub.era, at: time, models))
        hub.note(.held(reference("a")), at: time.wall)
        hub.note(.released(reference("a")), at: time.wall)
        hub.turn(at: now(1), { snapshot([model("a"), model("b")], at: now(1)) }, settings: { [:] })
        let told = text(stream).components(separatedBy: "\n\n").filter { $0.hasPrefix("event: model\n") }
        #expect(told.count == 1)
        #expect(told.first?.contains(#""name":"a""#) == true)
    }

    @Test("what happens right after a look is told of at the next one, which is asked for: a load may be over soon")
    func awaited() throws {
        let stream = try #require(hub.open(after: nil, in: hub.era, at: now(0), snapshot([model("a")], at: now(0))))
        func turn(at seconds: Double) -> Bool {
            hub.turn(at: now(seconds), { snapshot([model("a")], at: now(seconds)) }, settings: { [:] })
        }
        hub.note(.held(reference("a")), at: now(0).wall)
        #expect(turn(at: 0.1) && turn(at: 0.2))
        #expect(!text(stream).contains("event: model\n"))
        #expect(!turn(at: 0.3))
        #expect(text(stream).contains("event: model\n"))
        #expect(!turn(at: 0.4))
    }

    @Test("who comes again gets what it has missed, once, and no one else does")
    func resume() throws {
        let one = try open()
        hold("first")
        turn(at: 0.1)
        hold("second")
        // Not yet told to anybody: it comes to both with the next turn.
        let two = try open(after: "1000000-0")
        #expect(ids(two) == ["1000000-1"])
        turn(at: 0.2)
        #expect(ids(one) == ["1000000-1", "1000000-2"])
        #expect(ids(two) == ["1000000-1", "1000000-2"])
        #expect(text(try open(after: "5-1")).contains("event: reset\n"))
    }

    @Test("more than is kept between two turns is told as a reset")
    func overrun() throws {
        let stream = try open()
        for number in 0..<1000 { hold("m\(number)") }
        turn(at: 0.1)
        #expect(ids(stream).isEmpty)
        #expect(text(stream).contains("event: reset\ndata: {\"reason\":"))
        hold("after")
        turn(at: 0.2)
        #expect(ids(stream) == ["1000000-1001"])
    }

    @Test("a comment comes after 15 s of silence, by the clock that is passed in, and not before")
    func heartbeat() throws {
        let stream = try open()
        func beats() -> Int { text(stream).split(separator: "\n").count { $0 == ": still here" } }
        turn(at: 14.9)
        #expect(beats() == 0)
        turn(at: 15)
        turn(at: 16)
        #expect(beats() == 1)
        hold("something")
        turn(at: 29)
        turn(at: 43)
        #expect(beats() == 1)
        turn(at: 44)
        #expect(beats() == 2)
    }

    @Test("who was let in before all were sent away, and comes after, is sent away too and told nothing")
    func late() throws {
        let era = hub.era
        hub.endAll()
        let stream = try #require(hub.open(after: nil, in: era, at: now(0), snapshot([], at: now(0))))
        #expect(stream.early.isEmpty)
        // It has ended: what is sent after the end goes nowhere.
        stream.send(Array("more".utf8))
        #expect(stream.early.isEmpty)
        #expect(!text(try open()).isEmpty)
    }

    @Test("so many may follow and no more; one that goes makes room")
    func bound() throws {
        let all = try (0..<StreamHub.mostClients).map { _ in try open() }
        #expect(hub.open(after: nil, in: hub.era, at: now(0), snapshot([], at: now(0))) == nil)
        all[3].closed()
        _ = try open()
        #expect(hub.open(after: nil, in: hub.era, at: now(0), snapshot([], at: now(0))) == nil)
    }

    @Test("without a follower nothing is looked at")
    func nobody() throws {
        hold("a")
        hub.turn(
            at: now(1),
            {
                Issue.record("a snapshot was taken")
                return snapshot([], at: now(1))
            },
            settings: { [:] }
        )
    }
}
