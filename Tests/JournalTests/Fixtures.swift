import Vocabulary

/// Journals as SQL, as each release wrote them.
enum Fixtures {
    static let version1 = """
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

        INSERT INTO jobs VALUES
            (1, 'order-to-cash', 'pool-1', 'model-1', 'pending', NULL, 1700000000001, x'0000000000000001', 1, 0, 0, NULL, NULL, NULL),
            (2, 'order-to-cash', 'pool-1', 'model-1', 'failed', NULL, 1700000000002, x'', 7, 3, 2, 1700000000003, 1700000000004, 'no');
        INSERT INTO culprits VALUES (2, 0, 'EKPP'), (2, 1, 'data_source:7f1a');
        INSERT INTO changes VALUES (1, '*', 1, 1700000000000), (2, 'EKKO', 0, 1700000000005);
        INSERT INTO held VALUES ('procure-to-pay', 'pool-1', 'model-2');
        INSERT INTO remembered VALUES (5, 'fivetran', x'0500ff0000000000000000000000000000000000000000000000000000000000', 1700000001000);
        INSERT INTO remembered_jobs VALUES (5, 1), (5, 2);
        PRAGMA application_id = 0x526c6472;
        PRAGMA user_version = 1;
        """

    static let image1 = JournalImage(
        jobs: [
            Example.recovered(Example.job(1), Example.change("*", .fail)),
            Example.recovered(
                JournaledJob(
                    id: Example.id(2),
                    model: Example.orders,
                    phase: .failed(culprits: [.table("EKPP"), .dataSource("7f1a")]),
                    createdAt: Example.time(2),
                    eventCount: 7,
                    attempts: 3,
                    failures: 2,
                    failingSince: Example.time(3),
                    retryAt: Example.time(4),
                    error: "no"
                ),
                Example.change("EKKO", .ignore, since: 5)
            ),
        ],
        held: [Example.payments],
        remembered: [Example.event(5, jobs: [1, 2])]
    )

    /// As a release of the second version writes it: what the first one wrote, and its own columns.
    static let version2 =
        version1 + """

            ALTER TABLE jobs ADD COLUMN not_before INTEGER;
            ALTER TABLE jobs ADD COLUMN waits_since INTEGER;
            ALTER TABLE jobs ADD COLUMN ended_at INTEGER;
            ALTER TABLE jobs ADD COLUMN sent_at INTEGER;
            UPDATE jobs SET not_before = 1700000000006, waits_since = 1700000000008 WHERE id = 1;
            UPDATE jobs SET ended_at = 1700000000007 WHERE id = 2;
            INSERT INTO jobs VALUES
                (3, 'order-to-cash', 'pool-1', 'model-1', 'answered', 'l-1', 1700000000003, x'', 0, 1, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1700000000009);
            PRAGMA user_version = 2;
            """

    static var image2: JournalImage {
        var image = image1
        image.jobs[0].job.notBefore = Example.time(6)
        image.jobs[0].job.waitsSince = Example.time(8)
        image.jobs[1].job.endedAt = Example.time(7)
        let baseline = LoadBaseline(mark: "l-1", sentAt: Example.time(9))
        var sent = Example.job(3, .answered(baseline))
        sent.events = []
        sent.eventCount = 0
        sent.attempts = 1
        image.jobs.append(Example.recovered(sent))
        return image
    }
}
