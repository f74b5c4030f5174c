import Celonis
import Testing

@Suite("When to poll")
struct PollScheduleTests {
    private func polls(_ schedule: PollSchedule, within duration: Duration) -> [Duration] {
        var times: [Duration] = []
        var elapsed = Duration.zero
        while elapsed < duration {
            elapsed += schedule.delay(after: elapsed)
            times.append(elapsed)
        }
        return times
    }

    @Test("Starts at `initial` and grows to `maximum`")
    func grows() {
        let schedule = PollSchedule(PollSettings())
        #expect(polls(schedule, within: .seconds(9)) == [.seconds(2), .seconds(4), .seconds(6), .seconds(9)])
        #expect(schedule.delay(after: .seconds(3600)) == .seconds(60))
    }

    @Test("A load of usual length is seen in about ten polls", arguments: [30, 60, 120, 300, 360])
    func usual(seconds: Int) {
        var schedule = PollSchedule(PollSettings())
        schedule.learn(.seconds(seconds))
        #expect((7...12).contains(polls(schedule, within: .seconds(seconds)).count))
        #expect(schedule.delay(after: .zero) == .seconds(2))
    }

    @Test("A load that takes much longer than usual is not polled as often as a short one")
    func stuck() {
        var schedule = PollSchedule(PollSettings())
        schedule.learn(.seconds(12))
        #expect(schedule.delay(after: .seconds(12)) == .seconds(2))
        #expect(schedule.delay(after: .seconds(3600)) == .seconds(60))
    }

    @Test("One odd load moves the usual time by a quarter")
    func learning() {
        var schedule = PollSchedule(PollSettings())
        schedule.learn(.seconds(100))
        schedule.learn(.seconds(500))
        #expect(schedule.usual == .seconds(200))
    }
}
