import Foundation
import Testing

@testable import ReloaderService

@Suite("Watching the configuration's files")
struct FileWatchTests {
    private func state(_ inode: UInt64, modified: Int64 = 0) -> FileState {
        .present(device: 1, inode: inode, size: 1, modified: modified, changed: modified)
    }

    /// What the watch says to looks that find each of these.
    private func looks(_ watch: inout FileWatch, _ found: [String: FileState]...) -> [Bool] {
        found.map { watch.looked($0) }
    }

    @Test("a change counts at the second look that sees it, once")
    func settled() {
        var watch = FileWatch(read: ["f": state(1)])
        let before = looks(&watch, ["f": state(1)], ["f": state(1)], ["f": state(2)], ["f": state(2)])
        #expect(before == [false, false, false, true])
        watch.hasRead(["f": state(2)])
        let after = looks(&watch, ["f": state(2)], ["f": state(2)])
        #expect(after == [false, false])
    }

    @Test("a file that is still being written is left alone until it rests")
    func writing() {
        var watch = FileWatch(read: ["f": state(1)])
        let writing = (1...5).map { watch.looked(["f": state(1, modified: $0)]) }
        #expect(writing == [false, false, false, false, false])
        let rests = watch.looked(["f": state(1, modified: 5)])
        #expect(rests)
    }

    @Test("what changed while it was read is a change; a file that came back to what was read is none")
    func whileReading() {
        var watch = FileWatch(read: ["f": state(1)])
        watch.hasRead(["f": state(2), "secret": .missing])
        #expect(watch.paths.sorted() == ["f", "secret"])
        let written = ["f": state(2), "secret": state(3)]
        let found = looks(&watch, written, written, ["f": state(2), "secret": .missing])
        #expect(found == [false, true, false])
    }

    @Test("a state is that of the file which the path leads to")
    func states() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let link = folder.path + "/link"
        #expect(FileState(path: link) == .missing)
        for name in ["one", "two"] { try Data("x".utf8).write(to: folder.appendingPathComponent(name)) }
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "one")
        #expect(FileState(path: link) == FileState(path: folder.path + "/one"))
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "two")
        #expect(FileState(path: link) == FileState(path: folder.path + "/two"))
        #expect(FileState(path: link) != FileState(path: folder.path + "/one"))
    }
}
