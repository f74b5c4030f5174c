/// `journal`: accepted changes on disk.
package struct JournalSettings: Hashable, Sendable {
    /// How much a commit waits for (SQLite's `synchronous`).
    package enum Sync: String, Hashable, Sendable, CaseIterable {
        case full
        case normal
    }

    /// nil: the queue is in memory only.
    package var path: String?
    package var sync: Sync
}

extension Reader where Value == JournalSettings {
    static var journal: Self {
        .mapping("journal") { keys in
            keys.reading.places.journal = keys.span(of: "path").start
            return JournalSettings(
                path: keys.optional("path", .text("a path")),
                sync: keys.value("sync", .oneOf(), default: .full)
            )
        }
    }
}
