// The whole service beside the least that it could cost (`floor.c`) and beside Debian's `webhook`, on the same signed
// deliveries (no argument): requests a second, the slowest hundredth, processor time, memory; instructions and allocations by valgrind.
// `start` and `memory` measure how light it is, `admission` what the why-trail costs; `serve` is a contestant of that.
import Foundation
import Measuring

// As deploy/reloader.service has it, for every contestant.
setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=200", 1)
do {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("bench-service-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    switch CommandLine.arguments.dropFirst().first {
    case nil: try compare(in: folder)
    case "memory": try memory(in: folder)
    case "admission": try admission(in: folder)
    case "serve": try await serve(Array(CommandLine.arguments.dropFirst(2)))
    case "start": try start(in: folder)
    case let other?: throw Failure("unknown: \(other)")
    }
} catch {
    print("error: \(error)")
    exit(1)
}
end()
