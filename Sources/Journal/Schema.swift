import GRDB

/// The tables, version by version. A version that was released is never changed again; the next one is appended.
enum Schema {
    /// SQLite's `application_id`: `Rldr`. Another program's file is known by not having it.
    static let applicationID: Int64 = 0x526c_6472

    /// What `user_version` says once all are applied.
    static var version: Int { migrations.count }

    /// What the file is, whoever wrote it.
    enum State: Equatable {
        /// Nothing was ever written to it.
        case blank
        case version(Int)
        case foreign
    }

    static func state(_ db: Database) throws -> State {
        let id = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if id == applicationID { return .version(version) }
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        return id == 0 && version == 0 && tables == 0 ? .blank : .foreign
    }

    /// Brings an older version up to date, all of it or nothing.
    static func migrate(_ db: Database, from version: Int) throws {
        if version >= Self.version { return }
        try db.inTransaction(.immediate) {
            for script in migrations.dropFirst(version) { try db.execute(sql: script) }
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(Self.version)")
            return .commit
        }
    }

    /// Times are milliseconds since 1970 in UTC; ids are the numbers that their text encodes, lists of ids eight bytes
    /// each with the highest first.
    static let migrations = [
        """
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY CHECK (id >= 0),
            model TEXT NOT NULL,
            pool_id TEXT NOT NULL,
            data_model_id TEXT NOT NULL,
            phase TEXT NOT NULL CHECK (phase IN ('pending', 'loading', 'sending', 'answered', 'failed')),
            baseline TEXT CHECK (baseline IS NULL OR phase IN ('loading', 'sending', 'answered')),
            created_at INTEGER NOT NULL,
            events BLOB NOT NULL CHECK (length(events) % 8 = 0 AND length(events) <= 800),
            event_count INTEGER NOT NULL CHECK (event_count >= 0),
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            failures INTEGER NOT NULL CHECK (failures >= 0),
            failing_since INTEGER,
            retry_at INTEGER,
            error TEXT
        ) STRICT;

        CREATE TABLE culprits (
            job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
            position INTEGER NOT NULL CHECK (position >= 0),
            selector TEXT NOT NULL,
            PRIMARY KEY (job, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE changes (
            job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
            selector TEXT NOT NULL,
            unknown INTEGER NOT NULL CHECK (unknown IN (0, 1)), -- 0: ignore, 1: fail
            since INTEGER NOT NULL,
            PRIMARY KEY (job, selector)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE held (
            model TEXT NOT NULL,
            pool_id TEXT NOT NULL,
            data_model_id TEXT NOT NULL,
            PRIMARY KEY (model, pool_id, data_model_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE remembered (
            event INTEGER PRIMARY KEY CHECK (event >= 0),
            source TEXT NOT NULL,
            key BLOB NOT NULL,
            expires_at INTEGER NOT NULL,
            UNIQUE (source, key)
        ) STRICT;

        CREATE TABLE remembered_jobs (
            event INTEGER NOT NULL REFERENCES remembered ON DELETE CASCADE,
            job INTEGER NOT NULL CHECK (job >= 0), -- may have ended
            PRIMARY KEY (event, job)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX remembered_by_job ON remembered_jobs (job);
        """,
        // Without constraints: to check them SQLite would read every row, also of a file that is damaged somewhere.
        """
        ALTER TABLE jobs ADD COLUMN not_before INTEGER;
        ALTER TABLE jobs ADD COLUMN waits_since INTEGER;
        ALTER TABLE jobs ADD COLUMN ended_at INTEGER;
        ALTER TABLE jobs ADD COLUMN sent_at INTEGER;
        """,
    ]
}
