import Testing
import Vocabulary

@testable import ReloadQueue

@Suite("Failing well")
struct FailingWellTests {
    @Test("Q18: delays are exponential with full jitter and a cap")
    func backoff() {
        let retry = ModelPolicy.Retry(initial: .seconds(5), maximum: .seconds(600))
        let ceilings = (1...9).map { Backoff.ceiling($0, initial: retry.initial, maximum: retry.maximum) }
        #expect(ceilings == [5, 10, 20, 40, 80, 160, 320, 600, 600].map { .seconds($0) })
        var generator = SeededGenerator(seed: 3)
        let delays = (0..<1000).map { _ in Backoff.delay(4, retry, using: &generator) }
        #expect(delays.allSatisfy { $0 >= .zero && $0 <= .seconds(40) })
        #expect(delays.contains { $0 < .seconds(4) } && delays.contains { $0 > .seconds(36) })
    }

    @Test("Q18: Retry-After is a lower bound that neither an arrival nor a flush ends")
    func retryAfter() throws {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "T")
        bench.end(.a, .failed(.transient("429", retryAfter: .seconds(100))))
        bench.event(.a, "T")
        bench.pass(.seconds(50))
        bench.take(try bench.machine.flush("a", at: bench.now))
        bench.pass(.seconds(49))
        #expect(bench.starts.count == 1)
        bench.pass(.seconds(1))
        #expect(bench.starts.map(\.at) == [.zero, .seconds(100)])
    }

    @Test("Q18: a flush ends a back-off that is ours, a new arrival does not")
    func flushEndsBackoff() throws {
        var policy = ModelPolicy.quiet(.zero)
        policy.retry = ModelPolicy.Retry(initial: .seconds(1_000_000), maximum: .seconds(1_000_000))
        var bench = Bench([.a: policy])
        bench.event(.a, "T")
        bench.end(.a, .failed(.transient("502", retryAfter: nil)))
        bench.event(.a, "U")
        bench.pass(.seconds(1))
        #expect(bench.starts.count == 1)
        #expect(bench.model(.a)?.state == .retrying)
        bench.take(try bench.machine.flush("a", at: bench.now))
        #expect(bench.starts.last?.order.selectors == SelectorSet("T", "U"))
        #expect(bench.starts.last?.order.attempt == 2)
    }

    @Test("Q18: a failed look is never a failed attempt, and holds no slot while it is waited out")
    func failedLook() {
        var bench = Bench([.a: .quiet(.zero)], slots: 1)
        bench.looksFind = nil
        bench.event(.a, "T")
        for _ in 0..<20 {
            bench.answer(.a, .failed(.transient("502", retryAfter: nil)))
            #expect(bench.machine.usedSlots == 0)
            #expect(bench.model(.a)?.trouble?.message == "502")
            #expect(bench.model(.a)?.trouble?.nextTry != nil)
            bench.pass(.seconds(600))
            #expect(bench.looking == [.a])
            #expect(bench.model(.a)?.trouble?.message == "502")
        }
        bench.answer(.a, .free(LoadBaseline(mark: nil)))
        #expect(bench.model(.a)?.trouble == nil)
        #expect(bench.starts.last?.order.attempt == 1)
    }

    @Test("Q18: gives up after give_up_after since the first failure")
    func givesUp() {
        var policy = ModelPolicy.quiet(.zero)
        policy.retry = ModelPolicy.Retry(giveUpAfter: .seconds(100), initial: .seconds(1), maximum: .seconds(10))
        var bench = Bench([.a: policy])
        bench.event(.a, "T")
        while bench.jobs(.failed).isEmpty, bench.elapsed < .seconds(1000) {
            bench.end(.a, .failed(.transient("502", retryAfter: nil)))
            bench.pass(.seconds(1))
        }
        #expect(bench.elapsed >= .seconds(100) && bench.elapsed < .seconds(115))
        #expect(bench.jobs(.failed).first?.error?.contains("given up") == true)
        #expect(bench.model(.a)?.state == .idle)
    }

    @Test("Q19: a failed job keeps its events and tables; the model is free; a load that covers it ends it superseded")
    func failedJob() throws {
        var bench = Bench([.a: .quiet(.seconds(1))])
        let job = try #require(bench.event(.a, "T1", "T2").jobs.first)
        bench.event(.a, "T2")
        bench.pass(.seconds(1))
        bench.end(.a, .failed(.permanent("400: no")))
        let failed = try #require(bench.machine.job(job, at: bench.now))
        #expect(failed.state == .failed && failed.outcome == .failed)
        #expect(failed.tables == ["T1", "T2"] && failed.eventCount == 2 && failed.error == "400: no")
        #expect(bench.model(.a)?.state == .idle)
        bench.pass(.seconds(3600))
        #expect(bench.starts.count == 1, "it starts nothing by itself")
        bench.event(.a, "T3")
        bench.pass(.seconds(1))
        #expect(bench.starts.last?.order.selectors == SelectorSet("T1", "T2", "T3"), "its tables ride along")
        bench.end(.a)
        #expect(bench.machine.job(job, at: bench.now)?.outcome == .superseded)
        #expect(bench.model(.a)?.failedJobs == 0)
    }

    @Test("Q19: a failed job can be retried or discarded by hand, and only a failed one")
    func retryAndDiscard() throws {
        var bench = Bench([.a: .quiet(.seconds(10))])
        let job = try #require(bench.event(.a, "T").jobs.first)
        #expect(throws: QueueError.notFailed(job, .waiting)) { try bench.machine.discard(job, at: bench.now) }
        bench.pass(.seconds(10))
        bench.end(.a, .failed(.canceled("by a person")))
        bench.take(try bench.machine.retry(job, at: bench.now))
        #expect(bench.starts.map(\.at) == [.seconds(10), .seconds(10)], "at once")
        #expect(bench.starts.last?.order.job == job)
        bench.end(.a, .failed(.permanent("400")))
        bench.take(try bench.machine.discard(job, at: bench.now))
        #expect(bench.machine.job(job, at: bench.now)?.outcome == .discarded)
        #expect(throws: QueueError.notFailed(job, .ended)) { try bench.machine.retry(job, at: bench.now) }
        let other = JobID(rawValue: 1)
        #expect(throws: QueueError.unknownJob(other)) { try bench.machine.retry(other, at: bench.now) }
    }

    @Test("Q19: failed jobs of a model that always fails stay bounded, and none of their tables is dropped")
    func manyFailures() {
        var bench = Bench([.a: .quiet(.zero)])
        for number in 0..<150 {
            bench.event(.a, "T\(number)")
            bench.end(.a, .failed(.permanent("400")))
        }
        #expect(bench.model(.a)?.failedJobs == FailedJob.limit)
        let tables = Set(bench.jobs(.failed).flatMap(\.tables))
        #expect(tables == Set((0..<150).map { "T\($0)" }))
    }

    @Test("Q20: an unknown table becomes a failed job that names it; the rest loads; ignored ones are noted")
    func unknownTables() throws {
        var bench = Bench([.a: .quiet(.seconds(1))])
        let job = try #require(bench.event(.a, "T1", "BAD").jobs.first)
        bench.event(.a, SelectorSet([.table("MAYBE")], unknown: .ignore))
        bench.pass(.seconds(1))
        bench.end(
            .a,
            .succeeded,
            unknown: [
                UnknownTable(selector: .table("BAD"), policy: .fail, reason: "no table BAD"),
                UnknownTable(selector: .table("MAYBE"), policy: .ignore, reason: "no table MAYBE"),
            ]
        )
        let loaded = try #require(bench.machine.job(job, at: bench.now))
        #expect(loaded.outcome == .succeeded && loaded.unknownTables == ["BAD", "MAYBE"])
        let failed = try #require(bench.jobs(.failed).first)
        #expect(failed.tables == ["BAD"] && failed.unknownTables == ["BAD"] && failed.id != job)
        #expect(failed.events == loaded.events)
        bench.event(.a, "T1")
        bench.pass(.seconds(1))
        #expect(bench.starts.last?.order.selectors == SelectorSet("T1"), "a culprit does not ride along")
    }

    @Test("Q20: of thousands of unknown tables each is named once, and the error stays short")
    func manyUnknownTables() throws {
        var bench = Bench([.a: .quiet(.zero)])
        let names = (1000..<9000).map { "T\($0)" }
        bench.event(.a, SelectorSet(names.map(Selector.table), unknown: .fail))
        let unknown = names.map { UnknownTable(selector: .table($0), policy: .fail, reason: "no table \($0)") }
        bench.end(.a, .nothingToLoad, unknown: unknown)
        let failed = try #require(bench.jobs(.failed).first)
        #expect(failed.unknownTables == names)
        #expect(failed.error?.hasSuffix("no table T1009; and 7990 more") == true)
    }

    @Test("Q20: nothing to load fails the job itself under fail, and discards it under ignore")
    func nothingToLoad() {
        var bench = Bench([.a: .quiet(.zero)])
        for policy in [UnknownTables.fail, .ignore] {
            bench.event(.a, SelectorSet([.table("BAD")], unknown: policy))
            bench.end(.a, .nothingToLoad)
        }
        #expect(bench.outcomes() == [.discarded, .failed])
        #expect(bench.jobs().map(\.unknownTables) == [["BAD"], ["BAD"]])
    }

    @Test("Q21: a busy model keeps its set, ready, without attempt or slot; then one merged load")
    func busy() {
        var bench = Bench([.a: .quiet(.zero)], slots: 1)
        bench.looksFind = .busy
        bench.event(.a, "T1")
        bench.pass(.seconds(100))
        bench.event(.a, "T2")
        #expect(bench.model(.a)?.state == .ready && bench.machine.usedSlots == 0)
        #expect(bench.lookTimes.map(\.at) == [0, 2, 6, 14, 30, 62].map { .seconds($0) })
        bench.looksFind = .free(LoadBaseline(mark: "theirs"))
        bench.pass(.seconds(60))
        #expect(bench.starts.map(\.order.selectors) == [SelectorSet("T1", "T2")])
        bench.end(.a, .failed(.busy("409")))
        bench.pass(.seconds(2))
        #expect(bench.starts.map(\.order.attempt) == [1, 1])
    }

    @Test("Q21: a load that Celonis keeps calling one too many is sent less and less often, and the reason shows")
    func refusedAsBusy() {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "T")
        var pauses: [Duration] = []
        for round in 1...7 {
            bench.end(.a, .failed(.busy("409: round \(round)")))
            #expect(bench.jobs(.ready).first?.waitingFor?.hasSuffix("409: round \(round)") == true)
            let ended = bench.elapsed
            while bench.loading.isEmpty { bench.pass(.seconds(1)) }
            pauses.append(bench.elapsed - ended)
        }
        #expect(pauses == [2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        #expect(bench.starts.allSatisfy { $0.order.attempt == 1 })
        // A load that does show was the reason: from then on its end is looked for.
        bench.looksFind = .busy
        bench.end(.a, .failed(.busy("409")))
        bench.pass(.seconds(60))
        #expect(bench.jobs(.ready).first?.waitingFor == "a load that somebody else started to end")
        bench.looksFind = .free(LoadBaseline(mark: nil))
        bench.pass(.seconds(2))
        bench.end(.a, .failed(.busy("409")))
        bench.pass(.seconds(2))
        #expect(bench.loading.count == 1)
    }

    @Test("Q18: what Celonis says of when to come again holds for a load that was called one too many")
    func refusedWithBound() {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "T")
        bench.end(.a, .failed(.busy("429", retryAfter: .seconds(90))))
        bench.pass(.seconds(89))
        #expect(bench.loading.isEmpty)
        bench.pass(.seconds(1))
        #expect(bench.loading.count == 1)
    }

    @Test("Q22: unconfirmed counts as loaded without a freshness sample, or as a failed attempt")
    func unconfirmed() {
        for confirm in ModelPolicy.Confirm.allCases {
            var policy = ModelPolicy.quiet(.zero)
            policy.confirm = confirm
            var bench = Bench([.a: policy])
            bench.event(.a, "T")
            bench.end(.a, .unconfirmed("no new load within 2 min"))
            #expect(bench.model(.a)?.freshness.count == 0)
            switch confirm {
            case .bestEffort: #expect(bench.outcomes() == [.unconfirmed])
            case .required:
                #expect(bench.model(.a)?.state == .retrying)
                bench.pass(.seconds(10))
                bench.end(.a)
                #expect(bench.outcomes() == [.succeeded])
                #expect(bench.model(.a)?.freshness.count == 1)
            }
        }
    }

    @Test("Q22: canceled in Celonis is a failed job, for a person decided")
    func canceled() {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "T")
        bench.end(.a, .failed(.canceled("canceled")))
        bench.pass(.seconds(3600))
        #expect(bench.outcomes() == [.failed] && bench.starts.count == 1)
    }

    @Test("Q28: a POST without an answer is sent again, but not before the model is seen free")
    func unanswered() {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "T")
        bench.looksFind = .busy
        bench.end(.a, .failed(.unanswered("reset")))
        bench.pass(.seconds(300))
        #expect(bench.starts.count == 1)
        bench.looksFind = .free(LoadBaseline(mark: nil))
        bench.pass(.seconds(120))
        #expect(bench.starts.map(\.order.attempt) == [1, 2])
    }

    @Test("Q29: a last-load that is not understood counts as free under best_effort, and is waited out under required")
    func notUnderstood() {
        for confirm in ModelPolicy.Confirm.allCases {
            var policy = ModelPolicy.quiet(.zero)
            policy.confirm = confirm
            var bench = Bench([.a: policy])
            bench.looksFind = .notUnderstood("<html>")
            bench.event(.a, "T")
            #expect(bench.starts.map(\.order.baseline) == (confirm == .bestEffort ? [LoadBaseline(mark: nil)] : []))
            bench.looksFind = .free(LoadBaseline(mark: "1"))
            bench.pass(.seconds(30))
            #expect(bench.starts.count == 1)
        }
    }

    @Test("Q18: refused credentials make every model wait behind one slow probe, and all resume by themselves")
    func credentialsBreaker() {
        var bench = Bench([.a: .quiet(.zero), .b: .quiet(.zero), .c: .quiet(.zero)])
        bench.looksFind = .failed(.credentialsRefused("401"))
        bench.event(.a, "T")
        bench.event(.b, "T")
        bench.event(.c, "T")
        #expect(bench.lookTimes.count == 1)
        bench.pass(.seconds(300))
        #expect(bench.lookTimes.map(\.at) == [0, 60, 120, 180, 240, 300].map { .seconds($0) })
        #expect(bench.snapshot.breakers.map(\.poolID) == [nil])
        bench.looksFind = .free(LoadBaseline(mark: nil))
        bench.pass(.seconds(60))
        #expect(Set(bench.starts.map(\.order.model)) == [.a, .b, .c])
        #expect(bench.starts.allSatisfy { $0.order.attempt == 1 })
        #expect(bench.snapshot.breakers.isEmpty)
    }

    @Test(
        "A refusal while the only model's load is watched opens the breaker, and an answer closes it",
        arguments: [true, false]
    )
    func refusedWatch(credentials: Bool) throws {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "T")
        bench.progress(.a, .answered(nil))
        bench.progress(.a, .watched(credentials ? .credentialsRefused("401") : .poolForbidden("403")))
        #expect(bench.snapshot.breakers.map(\.poolID) == [credentials ? nil : "pool"])
        #expect(bench.model(.a)?.trouble?.message == (credentials ? "401" : "403"))
        bench.pass(.seconds(600))
        #expect(bench.snapshot.breakers.count == 1 && bench.loading[.a] != nil)
        bench.progress(.a, .watched(nil))
        #expect(bench.snapshot.breakers.isEmpty && bench.model(.a)?.trouble == nil)
        bench.end(.a)
        #expect(bench.outcomes() == [.succeeded])
    }

    @Test("What is said of credentials that were replaced meanwhile opens and closes no breaker")
    func formerCredentials() {
        var bench = Bench([.a: .quiet(.zero), .c: .quiet(.zero)])
        bench.event(.a, "T")
        bench.progress(.a, .watched(.credentialsRefused("401"), isCurrent: false))
        #expect(bench.snapshot.breakers.isEmpty && bench.model(.a)?.trouble?.message == "401")
        bench.event(.c, "T")
        bench.progress(.c, .watched(.credentialsRefused("401")))
        bench.progress(.a, .watched(nil, isCurrent: false))
        #expect(bench.snapshot.breakers.map(\.poolID) == [nil])
        bench.progress(.c, .watched(.poolForbidden("403")))
        #expect(bench.snapshot.breakers.map(\.poolID).count == 1 && bench.snapshot.breakers[0].poolID != nil)
    }

    @Test("Other failures while a load is watched are told in health, and open no breaker")
    func unreadableWatch() {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "T")
        bench.progress(.a, .watched(.transient("no answer", retryAfter: nil)))
        #expect(bench.snapshot.breakers.isEmpty && bench.model(.a)?.trouble?.message == "no answer")
    }

    @Test(
        "Q18: a pool that refuses loads stops its own models only, tried by one load at a time, no attempt lost",
        arguments: [LoadProgress.answered(nil), .dataJobStarted("job")]
    )
    func poolBreaker(accepted: LoadProgress) throws {
        var bench = Bench([.a: .quiet(.zero), .b: .quiet(.zero), .c: .quiet(.zero)])
        bench.event(.a, "T")
        bench.end(.a, .failed(.poolForbidden("403")))
        bench.event(.b, "T")
        bench.event(.c, "T")
        #expect(bench.starts.map(\.order.model) == [.a, .c])
        for _ in 0..<3 {
            bench.pass(.seconds(60))
            #expect(bench.loading.keys.count { $0 != .c } == 1)
            bench.end(.a, .failed(.poolForbidden("403")))
            bench.end(.b, .failed(.poolForbidden("403")))
        }
        bench.pass(.seconds(60))
        let tried = try #require(bench.loading.keys.first { $0 != .c })
        bench.progress(tried, accepted)
        #expect(bench.snapshot.breakers.isEmpty)
        #expect(Set(bench.loading.keys) == [.a, .b, .c])
        #expect(bench.loading.values.allSatisfy { $0.attempt == 1 })
    }

    @Test("Q18: a pool that refuses loads stays refused while looks are answered and what waits is not due")
    func poolBreakerWhileEventsCome() throws {
        var bench = Bench([.a: .quiet(.zero), .b: .quiet(.seconds(90), .seconds(1000))])
        bench.event(.a, "T")
        bench.end(.a, .failed(.poolForbidden("403")))
        bench.take(try bench.machine.hold("a", at: bench.now))
        for _ in 0..<6 {
            bench.event(.b, "T")
            bench.pass(.seconds(60))
        }
        #expect(bench.snapshot.breakers.map(\.poolID) == ["pool"] && bench.loading.isEmpty)
        bench.pass(.seconds(120))
        #expect(bench.loading.keys.map(\.name) == ["b"])
        bench.end(.b)
        #expect(bench.snapshot.breakers.isEmpty)
    }

    @Test("Q18: a load that tries a refusing pool and fails for another reason tells nothing: the breaker stays")
    func trialWithoutAnswer() {
        var bench = Bench([.a: .quiet(.zero), .b: .quiet(.zero)])
        bench.event(.a, "T")
        bench.end(.a, .failed(.poolForbidden("403")))
        bench.event(.b, "T")
        bench.pass(.seconds(60))
        bench.end(.a, .failed(.transient("502", retryAfter: nil)))
        #expect(bench.snapshot.breakers.map(\.poolID) == ["pool"] && bench.loading.isEmpty)
        bench.pass(.seconds(60))
        #expect(bench.loading.count == 1)
        bench.end(.a)
        bench.end(.b)
        bench.end(.a)
        bench.end(.b)
        #expect(bench.snapshot.breakers.isEmpty && bench.outcomes() == [.succeeded, .succeeded])
    }

    @Test("a job shows its tables' aliases while it loads, and what is still to be loaded after a failed attempt")
    func shownTables() {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "id-1")
        bench.progress(.a, .resolved(kind: .partial, tables: ["EKKO", "EKPO"]))
        #expect(bench.jobs().first?.tables == ["EKKO", "EKPO"])
        bench.event(.a, "id-2")
        bench.end(.a, .failed(.transient("502", retryAfter: .seconds(5))))
        #expect(bench.jobs(.retrying).map(\.tables) == [["id-1", "id-2"]])
    }
}
