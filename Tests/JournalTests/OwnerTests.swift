import Foundation
import Journal
import Testing
import Vocabulary

@Suite("One owner of a journal")
struct OwnerTests {
    @Test("a second one is refused in words until the first has closed it")
    func second() throws {
        let place = Place()
        let first = try place.open()
        for _ in 1...2 { #expect(refusal(place)?.message.contains("belongs to another process") == true) }
        #expect(refusal(place)?.isUnusable == true)
        try first.commit([.held(Example.orders)])
        // What a second one tried must not have taken the lock from the first.
        #expect(refusal(place)?.message.contains("belongs to another process") == true)
        first.close()
        #expect(refusal(place) == nil)
    }

    @Test("once closed it is free, although a process that is being started beside it still has what was open")
    func inherited() throws {
        let place = Place()
        let journal = try place.open()
        // As a fork has it until its exec.
        let copies = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { name -> Int32? in
            let file = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + name)
            return file == place.path ? Int32(name).map { dup($0) } : nil
        }
        defer { for copy in copies { close(copy) } }
        #expect(!copies.isEmpty)
        journal.close()
        #expect(refusal(place) == nil)
    }

    @Test("another process's lock holds, and ends with it when it is killed")
    func killed() throws {
        let place = Place()
        try place.open().close()
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        holder.arguments = ["--no-fork", place.path, "sh", "-c", "echo locked; exec cat"]
        let (input, output) = (Pipe(), Pipe())
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        #expect(try output.fileHandleForReading.read(upToCount: 6) == Data("locked".utf8))
        #expect(refusal(place)?.message.contains("belongs to another process") == true)
        kill(holder.processIdentifier, SIGKILL)
        holder.waitUntilExit()
        #expect(refusal(place) == nil)
    }

    @Test("its files are the owner's alone")
    func mode() throws {
        let place = Place()
        let journal = try place.open()
        defer { journal.close() }
        try journal.commit([.held(Example.orders)])
        for file in place.files {
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
        }
    }

    @Test("the journal behind a symbolic link is the file that it names")
    func link() throws {
        let place = Place()
        try place.open().close()
        let link = place.directory.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place.path)
        let journal = try SQLiteJournal(path: link)
        try journal.commit([.held(Example.orders)])
        #expect(FileManager.default.fileExists(atPath: place.path + "-wal"))
        #expect(refusal(place)?.message.contains("belongs to another process") == true)
        journal.close()
    }
}
