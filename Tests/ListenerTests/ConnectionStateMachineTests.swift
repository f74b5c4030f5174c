import NIOCore
import Testing

@testable import Listener

private typealias Machine = ConnectionStateMachine<String>

private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
private let limits = ConnectionLimits(ServerLimits())

private func rules(
    _ body: MessageRules.Body,
    expects: Bool = false,
    closes: Bool = false
) throws -> MessageRules {
    var head = "POST / HTTP/1.1\r\nHost: a\r\n"
    switch body {
    case .none: break
    case .length(let length): head += "Content-Length: \(length)\r\n"
    case .chunked: head += "Transfer-Encoding: chunked\r\n"
    }
    if expects { head += "Expect: 100-continue\r\n" }
    if closes { head += "Connection: close\r\n" }
    return try MessageRules(parsed(head + "\r\n"))
}

/// In the middle of a body of which 10 bytes may still come.
private func receiving() throws -> Machine {
    var machine = Machine(limits: limits, now: start)
    #expect(machine.accepted(try rules(.chunked), limit: 10, receiver: "r") == .read)
    machine.settle(now: start)
    return machine
}

private let open = AnswerForm()
private let closing = AnswerForm(closes: true)

@Suite struct ConnectionStateMachineTests {
    @Test("A request with a body is delivered and finished, and the connection is idle again")
    func plainRequest() throws {
        var machine = try receiving()
        #expect(!machine.takesRequests)
        #expect(machine.bodyReceived(count: 4) == .deliver("r"))
        #expect(machine.bodyReceived(count: 6) == .deliver("r"))
        #expect(machine.requestEnded() == .finish("r", open))
        #expect(machine.state == .idle)
        #expect(machine.takesRequests)
    }

    @Test("One byte over the limit is refused, and what comes after is thrown away up to a bound")
    func overLimit() throws {
        var machine = try receiving()
        #expect(machine.bodyReceived(count: 11) == .refuse("r", closing))
        #expect(machine.bodyReceived(count: limits.linger) == .ignore)
        #expect(machine.requestEnded() == .ignore)
        #expect(machine.bodyReceived(count: 1) == .close)
        #expect(machine.state == .closed)
    }

    @Test("What an accepted head leads to")
    func acceptedHeads() throws {
        func start(_ rules: MessageRules) -> Machine.BodyStart {
            var machine = Machine(limits: limits, now: .now())
            return machine.accepted(rules, limit: 10, receiver: "r")
        }
        #expect(start(try rules(.none)) == .read)
        #expect(start(try rules(.length(10))) == .read)
        #expect(start(try rules(.length(11))) == .refuse(closing))
        #expect(start(try rules(.length(10), expects: true)) == .askForBody)
        #expect(start(try rules(.length(11), expects: true)) == .refuse(closing))
        #expect(start(try rules(.none, expects: true)) == .read)
        #expect(start(try rules(.chunked, expects: true)) == .askForBody)
    }

    @Test("When an answer given at once ends the connection")
    func answeredHeads() throws {
        func closes(_ rules: MessageRules) -> Bool {
            var machine = Machine(limits: limits, now: .now())
            let form = machine.answered(rules)
            #expect(
                machine.state
                    == (form.closes ? .lingering(remaining: limits.linger, isWritten: false) : .discardingBody)
            )
            return form.closes
        }
        #expect(!closes(try rules(.none)))
        #expect(closes(try rules(.none, closes: true)))
        #expect(!closes(try rules(.length(limits.discard))))
        #expect(closes(try rules(.length(limits.discard + 1))))
        #expect(closes(try rules(.length(1), expects: true)))
        #expect(!closes(try rules(.none, expects: true)))
        #expect(closes(try rules(.chunked)))
    }

    @Test("Bytes that are not HTTP are answered once, by whoever is at it")
    func malformed() throws {
        var fresh = Machine(limits: limits, now: start)
        #expect(fresh.malformedReceived() == .refuse(closing))
        #expect(fresh.malformedReceived() == .ignore)

        var inBody = try receiving()
        #expect(inBody.malformedReceived() == .failBody("r", closing))
        #expect(inBody.abandoned() == nil)

        var answered = Machine(limits: limits, now: start)
        _ = answered.answered(try rules(.length(5)))
        #expect(answered.malformedReceived() == .close)
    }

    @Test("A deadline that is not reached yet asks to wait for it")
    func earlyTimer() throws {
        var machine = try receiving()
        let due = start + limits.bodyTimeout
        #expect(machine.deadlineReached(now: start) == .wait(until: due))
        #expect(machine.deadlineReached(now: due - .nanoseconds(1)) == .wait(until: due))
        #expect(machine.deadlineReached(now: due) == .failBody("r", closing))
        #expect(machine.deadlineReached(now: due) == .wait(until: nil))
    }

    @Test("Settling again does not move a deadline")
    func settleTwice() throws {
        var machine = try receiving()
        machine.settle(now: start + .seconds(5))
        #expect(machine.deadline == start + limits.bodyTimeout)
    }

    @Test("A peer lingers for its own time once the answer is out, and may read it until then")
    func lingering() throws {
        var machine = try receiving()
        _ = machine.bodyReceived(count: 11)
        machine.settle(now: start)
        #expect(machine.deadline == start + limits.idleTimeout)
        #expect(machine.lastAnswerWritten(now: start + .seconds(1)) == .closeOutput)
        #expect(machine.deadline == start + .seconds(1) + limits.lingerTimeout)
        #expect(machine.deadlineReached(now: start + .seconds(1) + limits.lingerTimeout) == .close)
    }

    @Test("A peer that closes its half gets what it is owed before the connection closes")
    func inputClosed() throws {
        var fresh = Machine(limits: limits, now: start)
        #expect(fresh.inputClosed() == .close)

        var idle = try receiving()
        _ = idle.requestEnded()
        #expect(idle.inputClosed() == .closeWhenWritten)
        idle.settle(now: start)
        #expect(idle.deadline == start + limits.idleTimeout)
        #expect(idle.lastAnswerWritten(now: start) == .close)

        var inBody = try receiving()
        #expect(inBody.inputClosed() == .abandonBody("r"))
        #expect(inBody.abandoned() == nil)

        var answering = try receiving()
        _ = answering.bodyReceived(count: 11)
        #expect(answering.inputClosed() == .wait)
        #expect(answering.lastAnswerWritten(now: start) == .close)

        var answered = try receiving()
        _ = answered.bodyReceived(count: 11)
        #expect(answered.lastAnswerWritten(now: start) == .closeOutput)
        #expect(answered.inputClosed() == .close)
    }

    @Test("A stop closes what is idle and lets what is in flight say that it was the last")
    func stop() throws {
        var idle = Machine(limits: limits, now: start)
        _ = idle.answered(try rules(.none))
        _ = idle.requestEnded()
        #expect(idle.stopRequested(now: start) == .closeWhenWritten)
        #expect(idle.lastAnswerWritten(now: start) == .close)

        var fresh = Machine(limits: limits, now: start)
        #expect(fresh.stopRequested(now: start) == .finishFirst)
        #expect(fresh.deadline == start + .seconds(1))
        #expect(fresh.answered(try rules(.none)) == closing)

        var head = Machine(limits: limits, now: start)
        head.partialHeadReceived(now: start)
        #expect(head.stopRequested(now: start) == .finishFirst)
        #expect(head.deadline == start + limits.headerTimeout)
        #expect(head.answered(try rules(.none)) == closing)

        var body = try receiving()
        #expect(body.stopRequested(now: start) == .finishFirst)
        #expect(body.bodyReceived(count: 1) == .deliver("r"))
        #expect(body.requestEnded() == .finish("r", closing))

        var answered = Machine(limits: limits, now: start)
        _ = answered.answered(try rules(.length(5)))
        #expect(answered.stopRequested(now: start) == .closeWhenWritten)
        #expect(answered.lastAnswerWritten(now: start) == .closeOutput)
    }

    @Test("A receiver hears once that its peer is gone")
    func abandoned() throws {
        var machine = try receiving()
        #expect(machine.abandoned() == "r")
        #expect(machine.abandoned() == nil)
        #expect(machine.requestEnded() == .ignore)
    }

    @Test("Who goes first: what lingers, then who waits longest, a body for two seconds more")
    func evictionOrder() throws {
        var lingering = try receiving()
        _ = lingering.bodyReceived(count: 11)
        let early = Machine(limits: limits, now: start)
        var slowHead = Machine(limits: limits, now: start + .seconds(1))
        slowHead.partialHeadReceived(now: start + .seconds(5))
        var idle = Machine(limits: limits, now: start)
        _ = idle.answered(try rules(.none))
        _ = idle.requestEnded()
        idle.settle(now: start + .milliseconds(1500))
        let body = try receiving()
        var refused = Machine(limits: limits, now: start)
        _ = refused.answered(try rules(.length(5)))
        refused.settle(now: start + .seconds(8))
        let fresh = Machine(limits: limits, now: start + .seconds(10))
        var laterBody = Machine(limits: limits, now: start)
        _ = laterBody.accepted(try rules(.chunked), limit: 1, receiver: "s")
        laterBody.settle(now: start + .seconds(9))

        let ranks = [lingering, early, slowHead, idle, body, refused, fresh, laterBody].compactMap(\.evictionRank)
        #expect(ranks.count == 8)
        #expect(zip(ranks, ranks.dropFirst()).allSatisfy { $0 < $1 })

        _ = idle.abandoned()
        #expect(idle.evictionRank == nil)
    }
}
