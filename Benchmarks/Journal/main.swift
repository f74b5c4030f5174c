// What the journal costs (`make bench-journal`): new changes that are answered once the disk has them, beside a bare loop
// that appends to a file and waits for the disk (`new`); events that change nothing on disk (`pending`); a start with a
// full journal (`start`).
import Foundation
import Measuring

do {
    let folder = try Folder()
    defer { folder.remove() }
    let parts = ["new": newChanges, "pending": pendingTables, "start": recovery]
    let chosen = CommandLine.arguments.dropFirst()
    for name in chosen.isEmpty ? ["new", "pending", "start"] : Array(chosen) {
        guard let part = parts[name] else { throw Failure("unknown: \(name)") }
        try part(folder)
    }
} catch {
    print("error: \(error)")
    exit(1)
}
end()
