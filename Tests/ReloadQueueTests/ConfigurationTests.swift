import Testing
import Vocabulary

@testable import ReloadQueue

@Suite("Configuration and drain")
struct ConfigurationTests {
    private func configure(_ bench: inout Bench, _ models: [ModelReference: ModelPolicy]) {
        bench.take(bench.machine.configure(QueueSettings(models: models), at: bench.now))
    }

    @Test("Q24: a removed model keeps its old settings until its changes end, then goes; holds survive")
    func removal() throws {
        var bench = Bench([.a: .quiet(.seconds(10)), .b: .quiet(.seconds(10))])
        bench.event(.a, "T")
        bench.take(try bench.machine.hold("b", at: bench.now))
        configure(&bench, [.b: .quiet(.seconds(10))])
        #expect(bench.model(.b)?.held == true)
        #expect(bench.model(.a)?.pendingTables == ["T"])
        bench.pass(.seconds(10))
        #expect(bench.starts.map(\.at) == [.seconds(10)])
        bench.end(.a)
        #expect(bench.model(.a) == nil)
        #expect(bench.transitions.contains(.modelRemoved(.a)))
        #expect(bench.event(.a, "T") == .refused(.unknownModel(.a)))
    }

    @Test("Q1, Q24: a delivery that saw a model which is gone by now is loaded with the model's old settings")
    func lateEvent() {
        let old = QueueSettings(models: [.a: .quiet(.seconds(10)), .b: .quiet(.seconds(10))])
        var bench = Bench(old.models)
        configure(&bench, [.b: .quiet(.seconds(10))])
        #expect(bench.model(.a) == nil)
        let changes = [ModelChanges(model: .a, selectors: SelectorSet("T"))]
        let (admission, actions) = bench.machine.changesArrived(
            event: EventID(rawValue: 1),
            changes,
            version: old.models,
            at: bench.now
        )
        bench.take(actions)
        guard case .admitted = admission else {
            Issue.record("\(admission)")
            return
        }
        bench.pass(.seconds(10))
        #expect(bench.starts.map(\.at) == [.seconds(10)])
        bench.end(.a)
        #expect(bench.model(.a) == nil, "it goes again")
        #expect(bench.event(.a, "T") == .refused(.unknownModel(.a)))
    }

    @Test("Q10: a new configuration moves no max_wait deadline, in either direction", arguments: [5, 60])
    func deadlinesStay(newMaxWait: Int) {
        var bench = Bench([.a: .quiet(.seconds(8), .seconds(20))])
        bench.event(.a, "T")
        configure(&bench, [.a: .quiet(.seconds(5), .seconds(newMaxWait))])
        for _ in 0..<10 {
            bench.pass(.seconds(3))
            bench.event(.a, "T")
        }
        #expect(bench.starts.map(\.at) == [.seconds(20)])
    }

    @Test("Q24, Q25: what a removed model has counted goes on with the model that has its name now")
    func countersStay() throws {
        let other = ModelReference(name: "a", poolID: "pool", dataModelID: "another")
        var bench = Bench([.a: .quiet(.zero)])
        for _ in 1...2 {
            bench.event(.a, "T")
            bench.end(.a)
        }
        bench.event(.a, "T")
        configure(&bench, [other: .quiet(.zero)])
        bench.event(other, "T")
        bench.end(.a)
        #expect(bench.model(.a) == nil)
        bench.end(other)
        let heir = try #require(bench.model(other))
        #expect(heir.changes == 4 && heir.events == 4)
        #expect(heir.loads.map(\.count) == [4])
        #expect(heir.freshness.counts.reduce(0, +) == 4 && heir.loadDuration.counts.reduce(0, +) == 4)
    }

    @Test("Q24: a name whose ids changed is a removed and a new model")
    func changedIdentity() {
        let other = ModelReference(name: "a", poolID: "pool", dataModelID: "another")
        var bench = Bench([.a: .quiet(.seconds(10))])
        bench.event(.a, "T")
        configure(&bench, [other: .quiet(.seconds(10))])
        bench.event(other, "U")
        bench.pass(.seconds(10))
        #expect(bench.machine.snapshot(at: bench.now).models.map(\.model) == [other, .a], "the configured one first")
        #expect(Set(bench.starts.map(\.order.model)) == [.a, other])
    }

    @Test("Q3, Q24: a model that was given another name is still one to Celonis: its loads do not overlap")
    func changedName() {
        let renamed = ModelReference(
            name: "z",
            poolID: ModelReference.a.poolID,
            dataModelID: ModelReference.a.dataModelID
        )
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "T")
        configure(&bench, [renamed: .quiet(.zero)])
        bench.event(renamed, "U")
        bench.pass(.seconds(100))
        #expect(bench.starts.map(\.order.model) == [.a], "whatever last-load shows")
        bench.end(.a)
        bench.pass(.seconds(100))
        #expect(bench.starts.map(\.order.model) == [.a, renamed])
    }

    @Test("Q24: open jobs survive, a running load keeps the options it started with")
    func openJobsSurvive() {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "T")
        bench.event(.a, "U")
        let open = Set(bench.jobs().map(\.id))
        var policy = ModelPolicy.quiet(.seconds(5))
        policy.options.timeout = .seconds(1)
        configure(&bench, [.a: policy])
        #expect(Set(bench.jobs().map(\.id)) == open)
        #expect(bench.loading[.a]?.options.timeout == LoadOptions().timeout)
        bench.end(.a)
        bench.pass(.seconds(5))
        #expect(bench.loading[.a]?.options.timeout == .seconds(1))
    }

    @Test("Q7: a drain flushes what is pending, watches what loads, refuses what comes, and names what is left")
    func drain() throws {
        var bench = Bench([.a: .quiet(.seconds(100)), .b: .quiet(.seconds(100)), .c: .quiet(.zero)])
        bench.event(.a, "T1")
        bench.event(.b, "T2")
        bench.take(try bench.machine.hold("b", at: bench.now))
        bench.event(.c, "T3")
        bench.end(.c, .failed(.permanent("400")))
        bench.event(.c, "T4")
        bench.take(bench.machine.beginDrain(timeout: .seconds(30), at: bench.now))
        #expect(bench.event(.a, "T5") == .refused(.draining))
        #expect(Set(bench.loading.keys) == [.a, .c])
        bench.end(.a)
        #expect(bench.lost == nil)
        bench.pass(.seconds(30))
        let lost = try #require(bench.lost)
        #expect(Set(lost.map(\.table)) == ["T2", "T3", "T4"])
        #expect(lost.first { $0.table == "T2" }?.reason == "the model is on hold")
        #expect(lost.first { $0.table == "T3" }?.reason.contains("400") == true)
        #expect(lost.first { $0.table == "T4" }?.reason.contains("not seen to end") == true)
    }

    @Test("Q7: a drain with nothing to do is over at once; with all loaded it loses nothing")
    func drainIsOver() {
        var idle = Bench([.a: .quiet(.zero)])
        idle.take(idle.machine.beginDrain(timeout: .seconds(30), at: idle.now))
        #expect(idle.lost == [])
        var busy = Bench([.a: .quiet(.zero)])
        busy.event(.a, "T")
        busy.event(.a, "U")
        busy.take(busy.machine.beginDrain(timeout: .seconds(30), at: busy.now))
        busy.end(.a)
        #expect(busy.lost == nil && busy.starts.count == 2)
        busy.end(.a)
        #expect(busy.lost == [])
    }

    @Test("hold, flush and release: a flush of a held model is refused, a release starts what is overdue at once")
    func holdAndRelease() throws {
        var bench = Bench([.a: .quiet(.seconds(1))])
        bench.event(.a, "T")
        bench.take(try bench.machine.hold("a", at: bench.now))
        bench.pass(.seconds(100))
        #expect(bench.starts.isEmpty && bench.model(.a)?.state == .held)
        #expect(throws: QueueError.held("a")) { try bench.machine.flush("a", at: bench.now) }
        #expect(throws: QueueError.unknownModel("zzz")) { try bench.machine.hold("zzz", at: bench.now) }
        bench.take(try bench.machine.release("a", at: bench.now))
        #expect(bench.starts.map(\.at) == [.seconds(100)])
        bench.end(.a)
        bench.take(try bench.machine.flush("a", at: bench.now))
        #expect(bench.starts.count == 1, "a flush with nothing pending does nothing")
    }

    @Test("each change of a job's state is told once, in order")
    func transitions() {
        var bench = Bench([.a: .quiet(.seconds(1))])
        bench.looksFind = .busy
        for _ in 0..<10 { bench.event(.a, "T") }
        bench.pass(.seconds(1))
        bench.looksFind = .free(LoadBaseline(mark: nil))
        bench.pass(.seconds(10))
        bench.end(.a, .failed(.transient("502", retryAfter: .seconds(1))))
        bench.pass(.seconds(60))
        bench.end(.a)
        let states = bench.transitions.compactMap { transition -> JobState? in
            if case .job(let job, reason: _) = transition { job.state } else { nil }
        }
        #expect(states == [.waiting, .ready, .loading, .retrying, .loading, .ended])
    }

    @Test("Q18: the breaker of a pool goes with the pool's last model, whenever that goes")
    func breakerOfRemovedModel() throws {
        var bench = Bench([.a: .quiet(.zero), .c: .quiet(.zero)])
        bench.event(.a, "T")
        bench.end(.a, .failed(.poolForbidden("403")))
        configure(&bench, [.c: .quiet(.zero)])
        bench.pass(.seconds(60))
        bench.end(.a, .nothingToLoad)
        #expect(bench.snapshot.breakers.count == 1)
        for job in bench.jobs(.failed) { bench.take(try bench.machine.discard(job.id, at: bench.now)) }
        #expect(bench.model(.a) == nil && bench.snapshot.breakers.isEmpty)
    }
}
