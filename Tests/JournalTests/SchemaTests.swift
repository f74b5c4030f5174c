import Foundation
import GRDB
import Journal
import Testing
import Vocabulary

@Suite("The journal's schema")
struct SchemaTests {
    /// Files as each release wrote them, the newest last. A line is added with each version and never changed.
    private static let releases: [(fixture: String, image: JournalImage)] = [
        (Fixtures.version1, Fixtures.image1), (Fixtures.version2, Fixtures.image2),
    ]

    @Test("a journal of every release opens with all that it held", arguments: releases.indices)
    func migration(index: Int) throws {
        let place = Place()
        try place.run(Self.releases[index].fixture)
        let journal = try place.open()
        #expect(try journal.recover() == Self.releases[index].image)
        try journal.commit([
            .ended(Example.id(1)), .job(Example.job(3)), .changed(Example.id(3), [Example.change("NEW")]),
        ])
        journal.close()
        #expect(try Self.schema(of: place) == Self.freshSchema())
        #expect(try Self.number("PRAGMA user_version", place) == Self.releases.count)
        #expect(try Self.number("PRAGMA application_id", place) == 0x526c_6472)
    }

    @Test("an event under a key that is none, as nothing here writes it, is passed over; all else is there")
    func strangeKey() throws {
        let place = Place()
        let journal = try place.open()
        try journal.commit([.job(Example.job(1)), .remembered(Example.event(2))])
        let before = try journal.recover()
        journal.close()
        try place.run("INSERT INTO remembered VALUES (1, 'dbt', x'00', 0); INSERT INTO remembered_jobs VALUES (1, 1)")
        let again = try place.open()
        #expect(try again.recover() == before)
        again.close()
    }

    @Test("the newest fixture is what this release writes: a changed schema needs a version of its own")
    func frozen() throws {
        let place = Place()
        let newest = try #require(Self.releases.last)
        try place.run(newest.fixture)
        #expect(try Self.schema(of: place) == Self.freshSchema())
    }

    @Test(
        "what the queue must not write, no other program can either",
        arguments: [
            "INSERT INTO changes VALUES (99, 'EKKO', 1, 0)",
            "INSERT INTO changes VALUES (1, 'EKKO', 2, 0)",
            "INSERT INTO changes VALUES (1, NULL, 1, 0)",
            "INSERT INTO changes VALUES (1, 'EKKO', 1, NULL)",
            "INSERT INTO changes VALUES (1, 'EKKO', 1, 'yesterday')",
            "INSERT INTO changes VALUES (1, 'TWICE', 1, 0), (1, 'TWICE', 1, 0)",
            "INSERT INTO culprits VALUES (99, 0, 'EKKO')",
            "INSERT INTO remembered_jobs VALUES (99, 1)",
            "UPDATE jobs SET phase = 'lost'",
            "UPDATE jobs SET phase = 'pending', baseline = 'l-1'",
            "UPDATE jobs SET attempts = -1",
            "UPDATE jobs SET failures = -1",
            "UPDATE jobs SET event_count = -1",
            "UPDATE jobs SET events = x'00'",
            "UPDATE jobs SET events = zeroblob(808)",
            "UPDATE jobs SET id = -1 WHERE id = 2",
            "UPDATE jobs SET model = NULL",
            "UPDATE jobs SET created_at = 'yesterday'",
            "INSERT INTO held VALUES ('a', 'p', NULL)",
            "INSERT INTO remembered VALUES (7, 'fivetran', x'00', 0), (8, 'fivetran', x'00', 0)",
            "INSERT INTO remembered VALUES (-1, 'fivetran', x'00', 0)",
        ]
    )
    func constraints(sql: String) throws {
        let place = Place()
        let journal = try place.open()
        try journal.commit([.job(Example.job(1)), .job(Example.job(2))])
        let before = try journal.recover()
        journal.close()
        #expect { try place.run(sql) } throws: { error in
            (error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT
        }
        let again = try place.open()
        #expect(try again.recover() == before)
        again.close()
    }

    private static func freshSchema() throws -> [String] {
        let place = Place()
        try place.open().close()
        return try schema(of: place)
    }

    private static func schema(of place: Place) throws -> [String] {
        try DatabaseQueue(path: place.path).read { db in
            try String.fetchAll(db, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        }
    }

    private static func number(_ sql: String, _ place: Place) throws -> Int? {
        try DatabaseQueue(path: place.path).read { try Int.fetchOne($0, sql: sql) }
    }
}
