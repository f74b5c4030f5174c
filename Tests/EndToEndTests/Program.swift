import Foundation
import Synchronization
import Testing

/// A run of one of our binaries: its output as it comes, its end, and the certainty that it does not outlive the test.
final class Program: Sendable {
    struct Output {
        var lines: [String] = []
        var rest = ""
        var waiters: [Waiter] = []
        var hasEnded = false

        /// Takes in more lines.
        /// - Returns: who waited for one of them.
        mutating func append(_ new: [String]) -> [(CheckedContinuation<String?, Never>, String)] {
            lines += new
            var found: [(CheckedContinuation<String?, Never>, String)] = []
            waiters = waiters.compactMap { waiter in
                let matching = new.filter(waiter.matches)
                if matching.count >= waiter.missing {
                    found.append((waiter.resume, matching[waiter.missing - 1]))
                    return nil
                }
                return Waiter(
                    matches: waiter.matches,
                    missing: waiter.missing - matching.count,
                    resume: waiter.resume
                )
            }
            return found
        }
    }

    struct Waiter {
        var matches: @Sendable (String) -> Bool
        /// How many such lines are yet to come.
        var missing: Int
        var resume: CheckedContinuation<String?, Never>
    }

    private static let starting = NSLock()

    private let process: Process
    private let output = Mutex(Output())
    private let standardOutput = Mutex(Data())
    private let exit: AsyncStream<Int32>

    /// The binary that the same build made: it lies beside the running test bundle.
    static func path(_ name: String) throws -> URL {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name)
    }

    init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        Self.starting.lock()
        defer { Self.starting.unlock() }
        process = Process()
        process.executableURL = try Self.path(name)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        let (exit, ended) = AsyncStream.makeStream(of: Int32.self)
        self.exit = exit
        // Programs start one at a time, with pipes that only their own inherits: a pipe's end is seen only when nobody
        // else holds it open, and another test's long-lived service would.
        let errors = Pipe()
        let results = Pipe()
        for pipe in [errors, results] {
            for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
                _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
            }
        }
        process.standardError = errors
        process.standardOutput = results
        process.standardInput = FileHandle.nullDevice
        // The end is told when the process has exited and both pipes were read to their ends.
        let group = DispatchGroup()
        let takers: [(Pipe, @Sendable (Program, Data) -> Void)] = [
            (errors, { $0.takeError($1) }), (results, { $0.takeResult($1) }),
        ]
        for (pipe, take) in takers {
            group.enter()
            pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
                let data = handle.availableData
                if data.isEmpty {
                    handle.readabilityHandler = nil
                    group.leave()
                } else if let self {
                    take(self, data)
                }
            }
        }
        group.enter()
        process.terminationHandler = { _ in group.leave() }
        try process.run()
        let process = process
        group.notify(queue: .global()) { [weak self] in
            self?.finish()
            ended.yield(process.terminationStatus)
            ended.finish()
        }
    }

    deinit { if process.isRunning { process.terminate() } }

    private func takeResult(_ data: Data) { standardOutput.withLock { $0.append(data) } }

    private func takeError(_ data: Data) {
        let found = output.withLock { output -> [(CheckedContinuation<String?, Never>, String)] in
            var parts = (output.rest + String(decoding: data, as: UTF8.self)).components(separatedBy: "\n")
            output.rest = parts.removeLast()
            return output.append(parts)
        }
        for (resume, line) in found { resume.resume(returning: line) }
    }

    private func finish() {
        let waiters = output.withLock { output in
            output.hasEnded = true
            defer { output.waiters = [] }
            return output.waiters
        }
        for waiter in waiters { waiter.resume.resume(returning: nil) }
    }

    /// The first line on standard error, past or to come, that holds all the words, or a later one of them by its number
    /// from 1; nil if the program ends without it.
    func line(_ number: Int = 1, with words: String...) async -> String? {
        let matches: @Sendable (String) -> Bool = { line in words.allSatisfy { line.contains($0) } }
        return await withCheckedContinuation { continuation in
            let known = output.withLock { output -> String?? in
                let matching = output.lines.filter(matches)
                if matching.count >= number { return .some(matching[number - 1]) }
                if output.hasEnded { return .some(nil) }
                let waiter = Waiter(matches: matches, missing: number - matching.count, resume: continuation)
                output.waiters.append(waiter)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    func interrupt(_ signal: Int32 = SIGTERM) { kill(process.processIdentifier, signal) }

    /// Waits for the program's end. Call it once.
    func ended() async throws -> (status: Int32, output: String, errors: String) {
        var status: Int32?
        for await code in exit { status = code }
        return (
            try #require(status), standardOutput.withLock { String(decoding: $0, as: UTF8.self) },
            output.withLock { $0.lines.joined(separator: "\n") + $0.rest }
        )
    }
}

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("reloader-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String, _ text: String) throws -> String {
        let file = url.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file.path
    }
}
