import Foundation

/// A program that was started here, and what the kernel says of it.
final class Child {
    private let process = Process()
    /// The lines that it had printed when it ended, where `output` is a pipe.
    let output: Pipe?

    enum Output { case nullDevice, pipe }

    init(_ command: [String], output: Output) throws {
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardInput = FileHandle.nullDevice
        switch output {
        case .nullDevice:
            self.output = nil
            process.standardOutput = FileHandle.nullDevice
        case .pipe:
            self.output = Pipe()
            process.standardOutput = self.output
        }
        process.standardError = self.output == nil ? FileHandle.nullDevice : FileHandle.standardError
        try process.run()
    }

    deinit { stop() }

    var isRunning: Bool { process.isRunning }

    func waitUntilEnd() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Ends it, at first politely, so that what it writes at its end is written.
    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// User and system time since its start, in seconds: fields 14 and 15 of /proc/PID/stat, in ticks.
    var processorTime: Double {
        get throws {
            let fields = try read("stat").split(separator: ")")[1].split(separator: " ")
            guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
                throw Failure("/proc/\(process.processIdentifier)/stat cannot be read")
            }
            return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }

    /// What it has in memory now, in MiB.
    var residentMemory: Double {
        get throws {
            let line = try read("status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            guard let text = line?.split(separator: " ").dropFirst().first ?? nil, let kilobytes = Double(text) else {
                throw Failure("/proc/\(process.processIdentifier)/status cannot be read")
            }
            return kilobytes / 1024
        }
    }

    private func read(_ file: String) throws -> String {
        try String(contentsOfFile: "/proc/\(process.processIdentifier)/\(file)", encoding: .utf8)
    }
}

/// Why there is no measurement.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
