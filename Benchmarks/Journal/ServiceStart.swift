import Foundation
import Vocabulary

/// The program that the release is made of, started as a service manager would and asked how soon it is ready.
struct ServiceStart {
    private let configuration: String
    private let socket: String

    init(_ folder: Folder, journal: String, _ models: [ModelReference]) throws {
        configuration = folder.path("reloader.yaml")
        socket = folder.path("notify")
        let listed = models.map {
            "  \($0.name): { pool_id: \($0.poolID), data_model_id: \($0.dataModelID), debounce: 1d, max_wait: 1d }"
        }
        let text = """
            listen: { address: "127.0.0.1:0" }
            admin: { address: "127.0.0.1:0" }
            celonis:
              base_url: http://127.0.0.1:9
              auth: { type: application_key, key: "literal:none" }
            models:
            \(listed.joined(separator: "\n"))
            sources:
              fivetran: { signature: fivetran, secrets: ["literal:a secret of the benchmark"] }
            rules:
              - { name: any, source: fivetran, reload: { model: \(models[0].name), tables: [EKKO] } }
            journal: { path: \(journal) }

            """
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    /// In seconds, and what of it were those of the processor, in steps of 10 ms.
    func timeToReady() throws -> (wall: Double, processor: Double) {
        let manager = try bound()
        defer { close(manager) }
        let process = Process()
        process.executableURL = executables.appendingPathComponent("reloader")
        process.arguments = ["serve", "--config", configuration]
        process.environment = ["NOTIFY_SOCKET": socket]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let took = try seconds {
            try process.run()
            var words = ""
            while !words.contains("READY=1") {
                var bytes = [UInt8](repeating: 0, count: 4096)
                let count = recv(manager, &bytes, bytes.count, 0)
                guard count > 0 else { throw Failure("the service was not ready within 10 s") }
                words = String(decoding: bytes.prefix(count), as: UTF8.self)
            }
        }
        let processor = try processorTime(of: process.processIdentifier)
        process.terminate()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure("the service ended with \(process.terminationStatus)")
        }
        return (took, processor)
    }

    /// Fields 14 and 15 of /proc/PID/stat, in ticks.
    private func processorTime(of process: Int32) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw Failure("/proc/\(process)/stat cannot be read")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The service manager's socket, which waits for 10 s at most.
    private func bound() throws -> Int32 {
        unlink(socket)
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard socket.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure("the path of the build is too long for a socket: \(socket)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isBound = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
        }
        guard isBound else { throw Failure("\(socket) cannot be opened") }
        return descriptor
    }
}
