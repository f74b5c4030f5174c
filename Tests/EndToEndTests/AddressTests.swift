import Foundation
import ReloaderService
import Settings
import Testing
import Vocabulary

extension EndToEndTests {
    /// Where commands reach a service, and what they say where they cannot (product.md §5).
    @Suite("Addresses")
    struct AddressTests {
        private static let environment = ["SENDER_SECRET": World.secret, "CLIENT_ID": "c", "CLIENT_SECRET": "s"]

        @Test(
            "send and status talk to unix sockets, the configured ones and those of --url; a source's name is escaped"
        )
        func unixSockets() async throws {
            let folder = try TemporaryFolder()
            let listen = folder.url.appendingPathComponent("a b.sock").path
            let admin = folder.url.appendingPathComponent("admin.sock").path
            let text =
                World.configuration(celonis: "http://127.0.0.1:1", debounce: "9m", model: "", sections: "")
                .replacingOccurrences(
                    of: "listen: { address: 127.0.0.1:0 }",
                    with: "listen: { address: \"unix:\(listen)\" }"
                )
                .replacingOccurrences(of: "admin: { address: 127.0.0.1:0 }", with: "admin: { address: unix:\(admin) }")
                .replacingOccurrences(of: "  fivetran:\n", with: "  \"a/b c?%\":\n")
                .replacingOccurrences(of: "source: fivetran", with: "source: \"a/b c?%\"")
                + "\nlimits: { drain_timeout: 1ms }\n"
            let path = try folder.file("reloader.yaml", text)
            let body = try folder.file("body.json", String(decoding: World.body("EKKO", id: "1"), as: UTF8.self))
            let service = try Program("reloader", ["serve", "--config", path], environment: Self.environment)
            _ = try #require(await service.line(with: "listening"))
            let send = ["send", "--config", path, "--source", "a/b c?%", "--body", body]
            let sent = try await Program("reloader", send, environment: Self.environment).ended()
            #expect(sent.output.contains(#""status":"accepted""#), "\(sent)")
            let again = try await Program(
                "reloader",
                send + ["--url", "unix:\(listen)"],
                environment: Self.environment
            ).ended()
            #expect(again.output.contains(#""status":"duplicate""#), "\(again)")
            let status = try await Program("reloader", ["status", "--url", "unix:\(admin)"]).ended()
            #expect(status.output.contains("a/b c?%"), "\(status)")
            // A proxy with a login may stand before it, and a browser before that.
            let pages = try ServiceAddress("unix:\(admin)").base
            let hold = pages + "/api/v1/models/order-to-cash/hold"
            for field in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
                let page = HeaderList([(name: field.0, value: field.1)])
                #expect(try await HTTPCaller.patient.post(hold, headers: page, body: []).status == 403)
            }
            #expect(try await HTTPCaller.patient.get(pages + "/api/v1/models").status == 200)
            service.interrupt()
            _ = try await service.ended()

            let gone = try await Program("reloader", ["status", "--url", "unix:\(admin)"]).ended()
            #expect(gone.status == 1)
            #expect(gone.errors.contains("no answer from unix:\(admin)"), "\(gone)")
        }

        /// A service that a shell starts after these commands.
        private func serve(in folder: TemporaryFolder, limits: String, after commands: String) throws -> Program {
            let text = World.configuration(celonis: "http://127.0.0.1:1", debounce: "9m", model: "", sections: "")
            let path = try folder.file("reloader.yaml", text + "\nlimits: { \(limits) }\n")
            return try Program(
                "/bin/sh",
                ["-c", commands + #"; exec "$0" serve --config "$1""#, Program.path("reloader").path, path],
                environment: Self.environment
            )
        }

        @Test(
            "a process with fewer descriptors than connections: who says nothing, or no more, goes; a delivery is taken in",
            arguments: ["", "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n"]
        )
        func fewDescriptors(said: String) async throws {
            let folder = try TemporaryFolder()
            let limits = "header_timeout: 1h, idle_timeout: 1h, drain_timeout: 1ms"
            let service = try serve(in: folder, limits: limits, after: "ulimit -n 64")
            let line = try #require(await service.line(with: "listening"))
            let port = try #require(line.firstMatch(of: /address=127\.0\.0\.1:(\d+)/)?.1)
            let base = "http://127.0.0.1:\(port)"
            let others = try (0..<200).map { _ in
                let connection = try Connection(to: base)
                connection.send(said.utf8)
                return connection
            }
            let delivery = try SampleDelivery(
                source: .fivetran(secret: World.secret),
                base: base,
                body: World.body("EKKO", id: "1"),
                now: SystemClock().now().wall,
                messageID: "m",
                headers: ["connection": "close"]
            )
            #expect(try await delivery.post(with: .patient).status == 202)
            withExtendedLifetime(others) {}
            service.interrupt()
            _ = try await service.ended()
        }

        @Test("a process takes as many descriptors as it may have")
        func moreDescriptors() async throws {
            let folder = try TemporaryFolder()
            let shell = "ulimit -S -n 64; ulimit -H -n 300"
            let service = try serve(in: folder, limits: "drain_timeout: 1ms", after: shell)
            _ = try #require(await service.line(with: "listening"))
            let limits = try String(contentsOfFile: "/proc/\(#require(service.pid))/limits", encoding: .utf8)
            #expect(limits.contains(#/Max open files +300 +300 /#))
            service.interrupt()
            _ = try await service.ended()
        }

        @Test(
            "an address that is none is 64 and says what to write",
            arguments: [
                ("127.0.0.1:9090", "add http:// in front: http://127.0.0.1:9090"), ("unix:admin.sock", "unix:/run/"),
                ("ftp://a", "write http://HOST:PORT"),
            ]
        )
        func invalid(_ url: String, _ hint: String) async throws {
            let end = try await Program("reloader", ["status", "--url", url]).ended()
            #expect(end.status == 64)
            #expect(end.errors.contains(hint), "\(end)")
        }

        @Test("the simulator says at once where it listens, also into a pipe; a port that is taken is named")
        func simulator() async throws {
            let simulator = try Program("celonis-simulator", ["--port", "0"])
            let line = try #require(await simulator.outputLine(with: "listens on http://127.0.0.1:"))
            let port = try #require(line.split(separator: ":").last)
            let second = try await Program("celonis-simulator", ["--port", String(port)]).ended()
            #expect(second.status == 1)
            #expect(
                second.errors
                    == "Error: cannot listen on 127.0.0.1:\(port): Address already in use; "
                    + "choose another --port, or 0 for a free one\n"
            )
            simulator.interrupt()
            _ = try await simulator.ended()
        }

        @Test("a mistake in the simulator's configuration is told with its place")
        func simulatorConfiguration() async throws {
            let folder = try TemporaryFolder()
            let path = try folder.file("simulator.yaml", "faults: [{ effect: nope }]\n")
            let end = try await Program("celonis-simulator", ["--config", path]).ended()
            #expect(end.status == 78)
            #expect(end.errors.contains("faults[0].effect: "), "\(end)")
        }
    }
}
