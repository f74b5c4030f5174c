import GRDB
import Vocabulary

/// The pending set on disk: SQLite, in write-ahead mode.
package struct JournalFile: Sendable {
    /// Where the file is.
    package var path: String
}
