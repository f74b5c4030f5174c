import Foundation
import ReloaderService
import Settings
import Testing
import Vocabulary

extension EndToEndTests {
    /// Events that a sender with the right secret makes up to do harm (product.md §3).
    @Suite("Hostile events")
    struct HostileTests {
        private static let secret = "canary-key"
        private static let text = """
            listen: { address: 127.0.0.1:0 }
            admin: { address: 127.0.0.1:0 }
            celonis: { base_url: 'http://127.0.0.1:1', auth: { type: api_key, key: env:KEY } }
            models: { m: { pool_id: p, data_model_id: d, debounce: 9m } }
            sources: { hook: { signature: fivetran, secrets: [env:KEY], max_body: 2MiB, event_id: [$.none] } }
            rules:
              - name: patterns
                source: hook
                when:
                  $.text: { matches: '(a*)*(a|a)*(a{1,30}){1,30}b' }
                reload: { model: m, tables: { from: '$..[?search(@, $.pattern)]', unknown: ignore } }
              - name: path
                source: hook
                when: { '$..*..*..[?@ == $.needle]': { exists: true } }
                reload: { model: m, tables: [A] }
              - name: first
                source: hook
                when: { $.event: first }
                reload: { model: m, tables: [FIRST] }
              - name: second
                source: hook
                when: { '$[?@ == "second"]': { exists: true } }
                reload: { model: m, tables: [SECOND] }
            limits: { drain_timeout: 1ms }
            """

        private struct Event: Sendable {
            let name: String
            let body: [UInt8]
            let answers: Set<Int>

            init(_ name: String, _ body: some Sequence<UInt8>, _ answers: Set<Int>) {
                self.name = name
                self.body = Array(body)
                self.answers = answers
            }
        }

        private static let mebibyte = 1 << 20

        private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
            Array(String(repeating: text, count: count).utf8)
        }

        private static var events: [Event] {
            func text(_ inside: some Sequence<UInt8>) -> [UInt8] {
                Array(#"{"text":""#.utf8) + inside + Array(#""}"#.utf8)
            }
            let deep = 100_000
            let numbers = repeated("1,", mebibyte / 2 - 8)
            return [
                Event("depth 100,000", repeated("[", deep) + repeated("]", deep), [400]),
                Event("depth 100,000 of objects", repeated(#"{"a":"#, deep) + [0x31] + repeated("}", deep), [400]),
                Event("depth 100,000, never closed", repeated("[", deep), [400]),
                Event("1,024 levels", repeated("[", 1024) + repeated("]", 1024), [400]),
                Event("1,025 levels", repeated("[", 1025) + repeated("]", 1025), [400]),
                Event("1 MiB of one string", text(repeated("a", mebibyte)), [400]),
                Event("1 MiB of escapes", text(repeated(#"\u00e9"#, mebibyte / 6)), [202]),
                Event("a string never closed", text(repeated("a", mebibyte)).dropLast(2), [400]),
                Event("many keys", #"{"a":1"#.utf8 + repeated(#","a":1"#, 100_000) + "}".utf8, [202]),
                Event("many numbers", "[".utf8 + numbers + "1]".utf8, [202]),
                Event("repeated keys", #"{"event":"first","event":"second"}"#.utf8, [202]),
                Event("64 bits", #"{"n":[18446744073709551615,-9223372036854775808]}"#.utf8, [202]),
                Event("beyond 64 bits", #"{"n":18446744073709551616}"#.utf8, [400]),
                Event("below 64 bits", #"{"n":-9223372036854775809}"#.utf8, [400]),
                Event("a number of 1 MiB", repeated("9", mebibyte), [400]),
                Event("beyond a double", "[1e999]".utf8, [400]),
                Event("a high surrogate", #"{"s":"\ud800"}"#.utf8, [400]),
                Event("a low surrogate", #"{"s":"\udc00\ud800"}"#.utf8, [400]),
                Event("two high surrogates", #"{"s":"\ud83d\ud83d"}"#.utf8, [400]),
                Event("half a pair, then another escape", #"{"s":"\ud83d\u0041"}"#.utf8, [400]),
                Event("a surrogate as a name", #"{"\ud800":1}"#.utf8, [400]),
                Event("a byte order mark", [0xEF, 0xBB, 0xBF] + #"{"event":"first"}"#.utf8, [202]),
                Event("a byte order mark alone", [0xEF, 0xBB, 0xBF], [400]),
                Event("invalid UTF-8", #"{"s":""#.utf8 + [0xC0, 0xAF] + #""}"#.utf8, [400]),
                Event("a surrogate in UTF-8", #"{"s":""#.utf8 + [0xED, 0xA0, 0x80] + #""}"#.utf8, [400]),
                Event("UTF-8 cut short", #"{"s":""#.utf8 + [0xE2, 0x82], [400]),
                Event("a NUL", #"{"s":""#.utf8 + [0] + #""}"#.utf8, [400]),
                Event("UTF-16", [0xFF, 0xFE] + "{\0}\0".utf8, [400]),
                Event("nothing", [], [400]),
                Event("a pattern from the event", hostilePattern, [202]),
            ]
        }

        /// A pattern that takes a backtracking engine longer than anybody waits, and texts to try it on.
        private static var hostilePattern: [UInt8] {
            let texts = Array(repeating: "\"" + String(repeating: "a", count: 200) + "\"", count: 1000)
            return Array(#"{"text":"ab","pattern":"(a*)*(a*)*b","t":[\#(texts.joined(separator: ","))]}"#.utf8)
        }

        @Test("hostile events get their answers in the time of some plain ones of their size; the process stays up")
        func hostile() async throws {
            let folder = try TemporaryFolder()
            let path = try folder.file("hostile.yaml", Self.text)
            let program = try Program("reloader", ["serve", "--config", path], environment: ["KEY": Self.secret])
            let line = try #require(await program.line(with: "listening"))
            let address = try #require(line.split(separator: " ").first { $0.hasPrefix("address=") }).dropFirst(8)
            let secrets = FixedSecrets(variables: ["KEY": Self.secret])
            let loaded = SettingsLoader.load(text: Self.text, file: path, secrets: secrets)
            let source = try #require(loaded.configuration?.sources.first, "\(loaded.diagnostics)")
            func post(_ body: [UInt8]) async throws -> (answer: HTTPCaller.Answer, time: Duration) {
                let now = SystemClock().now().wall
                let base = "http://\(address)"
                let sample = try SampleDelivery(source: source, base: base, body: body, now: now, messageID: "m")
                let start = ContinuousClock.now
                return (try await sample.post(with: .patient), ContinuousClock.now - start)
            }

            // The budget of one event is some 50 ms of an optimized build's work; this is the measure of this machine
            // and build: the largest plain body takes its whole budget too.
            let plain = Array("[".utf8) + Self.repeated("[1],", Self.mebibyte / 4 - 2) + Array("1]".utf8)
            var measure = Duration.zero
            for _ in 0..<2 { measure = max(measure, try await post(plain).time) }
            for event in Self.events {
                let (answer, time) = try await post(event.body)
                #expect(event.answers.contains(answer.status), "\(event.name): \(answer.status)")
                #expect(time < measure * 20, "\(event.name) took \(time), a plain event of 1 MiB \(measure)")
                if answer.status == 400 {
                    #expect(answer.headers.values(named: "content-type") == ["application/problem+json"])
                }
                let text = String(decoding: answer.body, as: UTF8.self)
                if event.name == "repeated keys" {
                    #expect(text.contains("FIRST") && !text.contains("SECOND"), "the first of repeated keys counts")
                }
                let next = try await post(Array(#"{"event":"first"}"#.utf8))
                #expect(next.answer.status == 202, "after \(event.name)")
            }
            program.interrupt()
            #expect(try await program.ended().status != 139)
        }
    }
}
