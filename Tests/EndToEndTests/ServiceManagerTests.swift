import Foundation
import ReloaderService
import Settings
import Synchronization
import Testing
import Vocabulary

extension EndToEndTests {
    /// `Type=notify`: the test listens as the service manager would (sd_notify(3)).
    @Suite("Service manager")
    struct ServiceManagerTests {
        /// A socket that a service manager would have in `NOTIFY_SOCKET`.
        private final class NotifySocket: Sendable {
            let name: String
            private let descriptor: Int32

            /// A path, or `@` and an abstract name.
            init(_ name: String) throws {
                self.name = name
                descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
                var address = sockaddr_un()
                address.sun_family = sa_family_t(AF_UNIX)
                let isAbstract = name.hasPrefix("@")
                let bytes = isAbstract ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8) + [0]
                withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
                let offset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 0
                let size = socklen_t(offset + bytes.count)
                let isBound = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
                }
                guard isBound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            }

            deinit { close(descriptor) }

            /// What is there now.
            var waiting: [String] {
                var messages: [String] = []
                while let message = receive(Int32(MSG_DONTWAIT)) { messages.append(message) }
                return messages
            }

            /// The next message with these words, on a thread of its own.
            func next(with words: String) async -> String? {
                await withCheckedContinuation { continuation in
                    Thread.detachNewThread {
                        while let message = self.receive(0) {
                            if message.contains(words) { return continuation.resume(returning: message) }
                        }
                        continuation.resume(returning: nil)
                    }
                }
            }

            /// nil where none has come for a minute, or at once where none is wanted to be waited for.
            private func receive(_ flags: Int32) -> String? {
                var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard flags != 0 || poll(&polled, 1, 60_000) == 1 else { return nil }
                var bytes = [UInt8](repeating: 0, count: 4096)
                let count = recv(descriptor, &bytes, bytes.count, flags)
                return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
            }
        }

        private func serve(_ socket: NotifySocket, _ environment: [String: String]) throws -> (Program, TemporaryFolder)
        {
            let folder = try TemporaryFolder()
            let text = World.configuration(celonis: "http://127.0.0.1:1", debounce: "1s", model: "", sections: "")
            let own = [
                "SENDER_SECRET": World.secret, "CLIENT_ID": "demo-client", "CLIENT_SECRET": World.clientSecret,
                "NOTIFY_SOCKET": socket.name,
            ]
            let program = try Program(
                "reloader",
                ["serve", "--config", folder.file("reloader.yaml", text)],
                environment: own.merging(environment) { $1 }
            )
            return (program, folder)
        }

        @Test("it is told of the start, each reading of the configuration, life and the end", arguments: [true, false])
        func life(isAbstract: Bool) async throws {
            let place = try TemporaryFolder()
            let name = isAbstract ? "@reloader-\(UUID().uuidString)" : place.url.path + "/notify"
            let socket = try NotifySocket(name)
            let (service, folder) = try serve(socket, ["WATCHDOG_USEC": "200000"])
            let ready = try #require(await socket.next(with: "READY=1\n"))
            #expect(ready == "READY=1\nSTATUS=ok: 0 waiting, 0 loading, 0 failed, 0 pending tables\n")
            for _ in 1...3 {
                let alive = try #require(await socket.next(with: "WATCHDOG=1\n"))
                #expect(alive.contains("STATUS=ok: 0 waiting"))
            }
            let before = SystemClock().now().monotonic.nanoseconds / 1000
            service.interrupt(SIGHUP)
            let reloading = try #require(await socket.next(with: "RELOADING=1\n"))
            let since = try #require(reloading.firstMatch(of: /MONOTONIC_USEC=([0-9]+)\n/).flatMap { Int64($0.1) })
            #expect(since >= before)
            #expect(await socket.next(with: "READY=1\n") != nil)
            service.interrupt()
            #expect(await socket.next(with: "STOPPING=1\n") != nil)
            #expect(try await service.ended().status == 0)
            withExtendedLifetime(folder) {}
        }

        @Test(
            "a watchdog that is meant for another process is left alone; a manager that does not listen stops nothing"
        )
        func notMeant() async throws {
            let place = try TemporaryFolder()
            let socket = try NotifySocket(place.url.path + "/notify")
            let (service, folder) = try serve(socket, ["WATCHDOG_USEC": "2", "WATCHDOG_PID": "1"])
            #expect(await socket.next(with: "READY=1\n") != nil)
            try FileManager.default.removeItem(atPath: socket.name)
            service.interrupt(SIGHUP)
            _ = try #require(await service.line(with: "configuration loaded"))
            service.interrupt()
            #expect(try await service.ended().status == 0)
            #expect(socket.waiting == [])
            withExtendedLifetime(folder) {}
        }

        @Test("a service whose queue does not answer is not called alive")
        func hangs() async throws {
            let place = try TemporaryFolder()
            let socket = try NotifySocket(place.url.path + "/notify")
            let environment = ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "60000000"]
            let manager = ServiceManager(environment: { environment[$0] })
            let (asked, ask) = AsyncStream.makeStream(of: Int.self)
            let (never, end) = AsyncStream.makeStream(of: Never.self)
            let watchdog = Task {
                var count = 0
                await manager.keepWatchdog(sleep: { #expect($0 == .seconds(30)) }) {
                    count += 1
                    ask.yield(count)
                    if count == 3 { for await _ in never {} }
                    return "proof \(count)"
                }
            }
            for await count in asked where count == 3 { break }
            #expect(socket.waiting == (1...2).map { "WATCHDOG=1\nSTATUS=proof \($0)\n" })
            watchdog.cancel()
            end.finish()
            await watchdog.value
        }
    }
}
