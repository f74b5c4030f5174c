import GRDB
import GRDBSQLite

/// A value as a column holds it. GRDB's own conversion ends a text at its first NUL byte; a table's name comes from
/// strangers and may contain one.
enum Column {
    case integer(Int64)
    case text(String)
    case blob([UInt8])
    case null

    static func optional(_ text: String?) -> Self { text.map { .text($0) } ?? .null }
    static func optional(_ integer: Int64?) -> Self { integer.map { .integer($0) } ?? .null }
}

extension Database {
    /// Runs one statement that returns no rows. It is prepared once and kept.
    func run(_ sql: String, _ values: Column...) throws {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        defer { sqlite3_reset(statement) }
        for (index, value) in values.enumerated() { Self.bind(value, at: Int32(index + 1), of: statement) }
        try check(sqlite3_step(statement), SQLITE_DONE)
    }

    /// Calls `body` for every row.
    func rows(_ sql: String, _ body: (Reading) throws -> Void) throws {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        defer { sqlite3_reset(statement) }
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return }
            try check(code, SQLITE_ROW)
            try body(Reading(statement: statement))
        }
    }

    private func check(_ code: Int32, _ wanted: Int32) throws {
        guard code != wanted else { return }
        let message = sqliteConnection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }

    private static func bind(_ value: Column, at index: Int32, of statement: OpaquePointer) {
        // SQLITE_TRANSIENT, which Swift does not import: SQLite copies the bytes.
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .integer(let integer):
            sqlite3_bind_int64(statement, index, integer)
        case .text(let text):
            _ = text.withCString { sqlite3_bind_text(statement, index, $0, Int32(text.utf8.count), copies) }
        case .blob(let bytes) where bytes.isEmpty:
            sqlite3_bind_zeroblob(statement, index, 0)
        case .blob(let bytes):
            _ = bytes.withUnsafeBytes { sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), copies) }
        case .null:
            sqlite3_bind_null(statement, index)
        }
    }
}

/// One row, while the statement stands on it.
struct Reading {
    fileprivate let statement: OpaquePointer

    func integer(_ index: Int32) -> Int64 { sqlite3_column_int64(statement, index) }

    func optionalInteger(_ index: Int32) -> Int64? { isNull(index) ? nil : integer(index) }

    func text(_ index: Int32) -> String {
        guard let start = sqlite3_column_text(statement, index) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, index))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ index: Int32) -> String? { isNull(index) ? nil : text(index) }

    func bytes(_ index: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, index) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index))))
    }

    private func isNull(_ index: Int32) -> Bool { sqlite3_column_type(statement, index) == SQLITE_NULL }
}
