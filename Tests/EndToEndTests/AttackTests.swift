import Foundation
import Settings
import Testing

extension EndToEndTests {
    /// What strangers do to the port, and what it costs valid senders (queue.md S5, S9). `make attack` does it in full.
    @Suite("Under attack")
    struct AttackTests {
        /// The times of valid deliveries one after the other, each on a connection of its own, and what was answered.
        ///
        /// What a delivery costs here, beside its system calls, the service waits for too: in the world its sender has a
        /// machine of its own.
        private struct Deliveries {
            var times: [Duration] = []
            var answers: [String: Int] = [:]
            private let name: String
            private let world: World
            private let port: Int
            private let source: SourceSettings

            init(_ name: String, to world: World, port: Int) throws {
                self.name = name
                self.world = world
                self.port = port
                source = try .fivetran(secret: World.secret)
            }

            mutating func deliver() throws {
                let body = World.body("EKKO", id: "\(name)-\(times.count)")
                let request = try world.request(body, from: source, fields: "connection: close\r\n")
                let start = ContinuousClock.now
                let connection = try Connection(port: port)
                connection.send(request.head + request.body)
                let answer = connection.read(until: "]}")
                times.append(ContinuousClock.now - start)
                answers[String(answer.prefix(12)), default: 0] += 1
            }

            /// The time that one in a hundred exceeds.
            var slow: Duration { times.sorted()[times.count * 99 / 100] }
        }

        /// From `/proc`, in KiB.
        private func memory(_ key: String, of pid: pid_t) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(key + ":") })
            return try #require(
                line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
            )
        }

        @Test("S9: valid deliveries are all taken in, memory is bounded, nothing is 5xx but 503")
        func attack() async throws {
            let world = try await World(
                debounce: "9m",
                sections: "limits: { connections: \(isFullAttack ? 1024 : 256), drain_timeout: 1ms }"
            )
            let pid = try #require(world.service.pid)
            let port = try #require(URL(string: world.base)?.port)
            var quiet = try Deliveries("quiet", to: world, port: port)
            let quietCount = isFullAttack ? 10_000 : 250
            for _ in 0..<quietCount { try quiet.deliver() }
            let before = try memory("VmHWM", of: pid)

            let request = try world.request(World.body("EKPO", id: "mutant"), signedWith: "another")
            let attackers = Attackers(
                port: port,
                scale: isFullAttack ? .full : .short,
                request: request.head + request.body
            )
            attackers.start()
            var beside = try Deliveries("beside", to: world, port: port)
            while beside.times.count < 500 || !attackers.isDone { try beside.deliver() }
            attackers.end()
            let peak = try memory("VmHWM", of: pid)
            // Again, since a minute has passed in which the machine's neighbours may have come or gone.
            var after = try Deliveries("after", to: world, port: port)
            for _ in 0..<quietCount { try after.deliver() }
            let calm = min(quiet.slow, after.slow)
            let ratio = beside.slow / calm
            print(
                "p99 quiet \(quiet.slow), attacked \(beside.slow) (\(ratio)), afterwards \(after.slow);",
                "\(beside.times.count) deliveries; RSS \(before) then \(peak) KiB; answers to attackers \(attackers.statuses)"
            )
            #expect(quiet.answers == ["HTTP/1.1 202": quiet.times.count])
            #expect(beside.answers == ["HTTP/1.1 202": beside.times.count])
            #expect(after.answers == ["HTTP/1.1 202": after.times.count])
            if isFullAttack {
                // Of an optimized build, on a machine that does nothing else.
                #expect(ratio < 3, "the slow one in a hundred took \(beside.slow), without attackers \(calm)")
            }
            // The thread sanitizer's own is several times as much.
            #expect(isUnderSanitizer || peak < 64 * 1024, "\(before) KiB before, \(peak) KiB after")
            #expect(attackers.statuses.keys.allSatisfy { $0 < 500 || $0 == 503 }, "\(attackers.statuses)")
            #expect(attackers.statuses[413, default: 0] > 0 && attackers.statuses[431, default: 0] > 0)
            #expect(attackers.statuses[202] == nil, "nobody got in")
            #expect(attackers.allCame)
            #expect(try await world.health().status == .ok)
            await world.abandon()
        }
    }
}
