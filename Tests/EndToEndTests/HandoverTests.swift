import CelonisSimulator
import Foundation
import ReloaderService
import Settings
import Synchronization
import Testing
import Vocabulary

extension EndToEndTests {
    /// `listen.address: systemd`: the test holds the socket as the service manager would (sd_listen_fds(3)).
    @Suite("Socket activation")
    struct HandoverTests {
        /// A listening socket that outlives the services it is handed to.
        private final class ListeningSocket {
            let descriptor: Int32
            let port: Int

            init() throws {
                let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                self.descriptor = descriptor
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
                var size = socklen_t(MemoryLayout<sockaddr_in>.size)
                let listens = withUnsafeMutablePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        bind(descriptor, $0, size) == 0 && listen(descriptor, 4096) == 0
                            && getsockname(descriptor, $0, &size) == 0
                    }
                }
                guard listens else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
                port = Int(UInt16(bigEndian: address.sin_port))
            }

            deinit { close(descriptor) }

            /// How many may wait to be accepted. Of a listening socket `tcpi_sacked` is that (`tcp_get_info` of the kernel).
            var backlog: Int {
                var info = tcp_info()
                var size = socklen_t(MemoryLayout<tcp_info>.size)
                guard getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &info, &size) == 0 else { return -1 }
                return Int(info.tcpi_sacked)
            }
        }

        /// Tells senders to send no more.
        private final class End: Sendable {
            let hasCome = Mutex(false)
        }

        private func start(_ file: String, on socket: ListeningSocket, count: Int = 1) throws -> Program {
            let script = #"LISTEN_PID=$$ LISTEN_FDS=\#(count) exec "$0" serve --config "$1""#
            return try Program(
                "/bin/sh",
                ["-c", script, Program.path("reloader").path, file],
                environment: [
                    "SENDER_SECRET": World.secret, "CLIENT_ID": "demo-client", "CLIENT_SECRET": World.clientSecret,
                ],
                inherited: socket.descriptor
            )
        }

        @Test("where several sockets are handed over one could not be answered: serve ends with 1 and says so")
        func several() async throws {
            let folder = try TemporaryFolder()
            let text = World.configuration(celonis: "http://127.0.0.1:1", debounce: "1s", model: "", sections: "")
                .replacingOccurrences(of: "listen: { address: 127.0.0.1:0 }", with: "listen: { address: systemd }")
            let end = try await start(folder.file("reloader.yaml", text), on: ListeningSocket(), count: 2).ended()
            #expect(end.status == 1)
            #expect(end.errors.contains("cannot listen on systemd: the service manager handed 2 sockets over"))
        }

        @Test("restarts under load fail no delivery, and leave no change unloaded")
        func restarts() async throws {
            let socket = try ListeningSocket()
            let simulator = try await CelonisSimulator.start(
                SimulatorConfiguration(models: [SimulatedModel(loadTime: .zero)], faults: []),
                host: "127.0.0.1",
                port: 0,
                clock: SystemClock()
            ) { _ in }
            let folder = try TemporaryFolder()
            let text = World.configuration(celonis: simulator.baseURL, debounce: "100ms", model: "", sections: "")
                .replacingOccurrences(of: "listen: { address: 127.0.0.1:0 }", with: "listen: { address: systemd }")
            let file = try folder.file("reloader.yaml", text)
            let source = try SourceSettings.fivetran(secret: World.secret)
            let base = "http://127.0.0.1:\(socket.port)"

            let (answers, answer) = AsyncStream.makeStream(of: String.self)
            let end = End()
            let senders = (0..<4).map { sender in
                Task {
                    var count = 0
                    while !end.hasCome.withLock(\.self) {
                        count += 1
                        do {
                            let delivery = try SampleDelivery(
                                source: source,
                                base: base,
                                body: World.body("EKKO", id: "\(sender)-\(count)"),
                                now: SystemClock().now().wall,
                                messageID: "m",
                                headers: ["connection": "close"]
                            )
                            let status = try await delivery.post(with: .patient).status
                            answer.yield("\(status)")
                        } catch {
                            answer.yield("\(error)")
                        }
                    }
                }
            }

            var service = try start(file, on: socket)
            _ = try #require(await service.line(with: "listening"))
            #expect(socket.backlog == 4096)
            var other: [String] = []
            var next = answers.makeAsyncIterator()
            for _ in 1...3 {
                for _ in 1...50 {
                    if let status = await next.next(), status != "202" { other.append(status) }
                }
                service.interrupt()
                let ended = try await service.ended()
                #expect(ended.status == 0, "\(ended.errors)")
                service = try start(file, on: socket)
                // Before that a signal would end it as it ends any program.
                _ = try #require(await service.line(with: "listening"))
            }
            end.hasCome.withLock { $0 = true }
            for sender in senders { await sender.value }
            answer.finish()
            while let status = await next.next() { if status != "202" { other.append(status) } }
            #expect(other == [])
            service.interrupt()
            #expect(try await service.ended().status == 0)
            await simulator.shutdown()
        }
    }
}
