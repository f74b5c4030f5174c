import Foundation
import Synchronization

/// A run of one of our binaries: its output as it comes, its end, and the certainty that it does not outlive the test.
final class Program: Sendable {
    private let name: String
    private let child: Child
    private let transcript: Transcript

    /// The binary that the same build made, which lies beside the running test bundle; or any other by its path.
    static func path(_ name: String) throws -> URL {
        if name.hasPrefix("/") { return URL(fileURLWithPath: name) }
        if let folder = ProcessInfo.processInfo.environment["RELOADER_PROGRAMS"] {
            return URL(fileURLWithPath: folder).appendingPathComponent(name)
        }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name)
    }

    /// No variable of whoever runs the tests but what `make tsan` sets.
    private static let inherited = ["PATH": "/usr/bin:/bin"].merging(
        ProcessInfo.processInfo.environment.filter { ["LD_PRELOAD", "TSAN_OPTIONS"].contains($0.key) }
    ) { $1 }

    /// `limit` is far beyond what any test needs on a slow machine: it makes a failure of what would be a test that
    /// never ends.
    init(
        _ name: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String = "",
        inherited: Int32? = nil,
        limit: Duration = .seconds(isUnderSanitizer ? 3000 : 600)
    ) throws {
        self.name = name
        let transcript = Transcript()
        self.transcript = transcript
        child = try Child(
            path: try Self.path(name).path,
            arguments: arguments,
            environment: Self.inherited.merging(environment) { $1 },
            input: Array(input.utf8),
            inherited: inherited,
            limit: limit
        ) { transcript.add($0) }
    }

    deinit { child.signal(SIGKILL) }

    /// The first line on standard error, past or to come, that holds all the words, or a later one of them by its number
    /// from 1; nil if the program ends without it.
    func line(_ number: Int = 1, with words: String...) async -> String? {
        await transcript.line(number, of: \.errors, with: words)
    }

    /// As `line(_:with:)`, on standard output.
    func outputLine(_ number: Int = 1, with words: String...) async -> String? {
        await transcript.line(number, of: \.output, with: words)
    }

    /// nil once it has ended.
    var pid: pid_t? { child.pid }

    func interrupt(_ signal: Int32 = SIGTERM) { child.signal(signal) }

    /// Waits for the program's end.
    /// - Throws: `Overdue`, with all its output, where it had to be killed.
    func ended() async throws -> (status: Int32, output: String, errors: String) {
        let (end, output, errors) = await transcript.ended()
        switch end {
        case .exited(let status): return (status, output, errors)
        case .killed(let signal): return (128 + signal, output, errors)
        case .overdue: throw Overdue(program: name, output: output, errors: errors)
        }
    }

    struct Overdue: Error, CustomStringConvertible {
        let program: String
        let output: String
        let errors: String

        var description: String {
            "\(program) did not end and was killed; its output:\n\(output)\nits errors:\n\(errors)"
        }
    }
}

/// What a program has written, and who waits for more of it.
private final class Transcript: Sendable {
    struct Text {
        var bytes = Data()
        var lines: [Substring] {
            String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        }
    }

    struct Contents {
        var output = Text()
        var errors = Text()
        var end: Child.End?
    }

    /// Looks at the contents; true once it needs to look no more.
    private typealias Waiter = @Sendable (Contents) -> Bool

    private let state = Mutex<(contents: Contents, waiters: [Waiter])>((Contents(), []))

    func add(_ event: Child.Event) {
        state.withLock { state in
            switch event {
            case .output(let data): state.contents.output.bytes += data
            case .errors(let data): state.contents.errors.bytes += data
            case .ended(let end): state.contents.end = end
            }
            let contents = state.contents
            state.waiters.removeAll { $0(contents) }
        }
    }

    func line(
        _ number: Int,
        of stream: any KeyPath<Contents, Text> & Sendable,
        with words: [String]
    ) async -> String? {
        await wait { contents -> String?? in
            let found = contents[keyPath: stream].lines.filter { line in words.allSatisfy { line.contains($0) } }
            if found.count >= number { return .some(String(found[number - 1])) }
            return contents.end == nil ? nil : .some(nil)
        }
    }

    func ended() async -> (end: Child.End, output: String, errors: String) {
        await wait { contents in
            contents.end.map {
                (
                    $0, String(decoding: contents.output.bytes, as: UTF8.self),
                    String(decoding: contents.errors.bytes, as: UTF8.self)
                )
            }
        }
    }

    /// Returns what `look` finds, now or after more was written.
    private func wait<Found: Sendable>(_ look: @escaping @Sendable (Contents) -> Found?) async -> Found {
        await withCheckedContinuation { continuation in
            let waiter: Waiter = { contents in
                guard let found = look(contents) else { return false }
                continuation.resume(returning: found)
                return true
            }
            state.withLock { state in
                if !waiter(state.contents) { state.waiters.append(waiter) }
            }
        }
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
