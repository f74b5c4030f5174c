import Admin
import Testing
import Vocabulary

@testable import ReloaderService

@Suite("Notifications that wait")
struct OutboxTests {
    private func time(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }

    private func message(_ number: Int, at seconds: Double = 0) -> Notification {
        let now = Now(monotonic: time(seconds), wall: WallTime(milliseconds: 0))
        return Notification(id: "msg_\(number)", at: now, content: .recovered)
    }

    @Test("they are sent in order, one at a time, and what was taken is not sent again")
    func order() {
        var outbox = Outbox()
        #expect(outbox.step(at: time(0)) == .idle)
        for number in 1...2 { #expect(outbox.append(message(number)) == nil) }
        #expect(outbox.step(at: time(0)) == .send(message(1)))
        #expect(outbox.attempted(isTaken: true, at: time(0)) == .delivered)
        #expect(outbox.step(at: time(0)) == .send(message(2)))
        #expect(outbox.attempted(isTaken: true, at: time(0)) == .delivered)
        #expect(outbox.step(at: time(0)) == .idle)
        #expect(outbox.counts.delivered == 2)
    }

    @Test("what is not taken is sent again with back-off, and what follows waits behind it")
    func backoff() {
        var outbox = Outbox()
        for number in 1...2 { _ = outbox.append(message(number)) }
        var now = time(0)
        var delays: [Double] = []
        for attempt in 1...11 {
            #expect(outbox.step(at: now) == .send(message(1)))
            guard case .again(let next, attempt) = outbox.attempted(isTaken: false, at: now) else {
                Issue.record("attempt \(attempt) was the last")
                return
            }
            #expect(outbox.step(at: now) == .wait(until: next))
            delays.append((next - now).inSeconds)
            now = next
        }
        #expect(delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        #expect(outbox.attempted(isTaken: true, at: now) == .delivered)
        #expect(outbox.step(at: now) == .send(message(2)))
    }

    @Test("the next message's back-off begins anew")
    func anew() {
        var outbox = Outbox()
        for number in 1...2 { _ = outbox.append(message(number)) }
        _ = outbox.attempted(isTaken: false, at: time(0))
        _ = outbox.attempted(isTaken: true, at: time(1))
        #expect(outbox.attempted(isTaken: false, at: time(1)) == .again(at: time(2), attempt: 1))
    }

    @Test("a message that nobody took for a day is given up, and the next one is sent at once")
    func givenUp() {
        var outbox = Outbox()
        _ = outbox.append(message(1))
        _ = outbox.append(message(2, at: 86_000))
        #expect(outbox.attempted(isTaken: false, at: time(86_399)) == .again(at: time(86_400), attempt: 1))
        #expect(outbox.attempted(isTaken: false, at: time(86_400)) == .gaveUp)
        #expect(outbox.step(at: time(86_400)) == .send(message(2, at: 86_000)))
        #expect(outbox.counts.dropped == 1)
    }

    @Test("where too many wait, the oldest that is not being sent goes")
    func bounded() {
        var outbox = Outbox()
        for number in 0..<Outbox.capacity { #expect(outbox.append(message(number)) == nil) }
        #expect(outbox.append(message(1000))?.id == "msg_1")
        #expect(outbox.count == Outbox.capacity)
        #expect(outbox.counts.dropped == 1)
        #expect(outbox.step(at: time(0)) == .send(message(0)))
        _ = outbox.attempted(isTaken: true, at: time(0))
        #expect(outbox.step(at: time(0)) == .send(message(2)))
    }
}
