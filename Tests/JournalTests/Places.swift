import Foundation
import GRDB
import Journal
import Testing
import Vocabulary

/// A directory of its own for one journal, and what can be done to it from outside.
final class Place: Sendable {
    let directory = TemporaryDirectory()
    var path: String { directory.path + "/journal.sqlite" }
    var files: [String] { ["", "-wal"].map { path + $0 } }

    /// Opens it as a service does that starts.
    func open() throws -> SQLiteJournal {
        let journal = try SQLiteJournal(path: path, sync: .normal)
        _ = try journal.recover()
        try journal.check()
        return journal
    }

    /// What a process that starts after a crash of this moment would find: a copy of the files as they lie there.
    func imageAfterCrash() throws -> JournalImage {
        let copy = Place()
        for (file, other) in zip(files, copy.files) where FileManager.default.fileExists(atPath: file) {
            try FileManager.default.copyItem(atPath: file, toPath: other)
        }
        let journal = try copy.open()
        defer { withExtendedLifetime(copy) { journal.close() } }
        return try journal.recover()
    }

    /// Runs SQL as another program would.
    func run(_ sql: String) throws {
        let other = try DatabaseQueue(path: path)
        try other.writeWithoutTransaction { try $0.execute(sql: sql) }
        try other.close()
    }

    /// Overwrites every page but the first, which is what is looked at before each commit.
    func damageAllButTheFirstPage() throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(repeating: 0xff, count: Int(size) - 4096))
        try file.close()
    }

    /// Leaves a journal with so many changes, closed.
    func fill(_ changes: Int) throws {
        let journal = try open()
        let names = (0..<changes).map { Example.change("TABLE_\($0)") }
        try journal.commit([.job(Example.job(1)), .changed(Example.id(1), names)])
        journal.close()
    }
}

/// The error that opening ends with.
func refusal(_ place: Place) -> JournalError? {
    do {
        try place.open().close()
        return nil
    } catch {
        return error as? JournalError
    }
}

extension JournalError {
    var isUnusable: Bool {
        switch self {
        case .unusable: true
        case .unavailable, .lost: false
        }
    }
}

/// A file system in memory that is as small as it is told to be; only root can make one.
final class SmallDisk: Sendable {
    static let canBeMade = geteuid() == 0 && (try? SmallDisk(kibibytes: 64)) != nil

    let directory = TemporaryDirectory()
    var path: String { directory.path + "/journal.sqlite" }

    init(kibibytes: Int) throws {
        try call("mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", directory.path)
    }

    func resize(kibibytes: Int) throws { try call("mount", "-o", "remount,size=\(kibibytes)k", directory.path) }

    func setWritable(_ writable: Bool) throws {
        try call("mount", "-o", "remount,\(writable ? "rw" : "ro")", directory.path)
    }

    deinit { try? call("umount", "-l", directory.path) }
}

/// Runs a program to its end, which must be 0.
private func call(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.featureUnsupported) }
}
