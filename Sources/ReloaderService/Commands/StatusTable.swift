import Admin
import Vocabulary

/// What `reloader status` prints: health as a page for a terminal. Plain text, one thing a line, so that it can be
/// searched when piped.
package struct StatusTable: Sendable {
    private let report: HealthReport

    package init(_ report: HealthReport) { self.report = report }

    package var text: String {
        var lines = ["status    \(report.status.rawValue)   (reloader \(report.version), up since \(report.startedAt))"]
        lines += report.reasons.map { "          \($0)" }
        let queue = report.queue
        lines.append(
            "queue     waiting \(queue.waiting)  ready \(queue.ready)  loading \(queue.loading)  "
                + "retrying \(queue.retrying)  held \(queue.held)  failed \(queue.failed)  "
                + "pending tables \(queue.pendingTables)"
                + (queue.oldestChangeSeconds.map { "  oldest \(Self.seconds($0))" } ?? "")
        )
        lines.append("")
        lines += Self.columns([["MODEL", "STATE", "TABLES", "LOAD AT", "LAST LOAD"]] + models)
        lines.append("")
        lines += Self.columns(
            [["SOURCE", "ACCEPTED", "UNMATCHED", "DUPLICATES", "REJECTED", "LAST DELIVERY"]] + sources
        )
        return lines.map(\.printable).joined(separator: "\n") + "\n"
    }

    private var models: [[String]] {
        report.models.sorted { $0.key < $1.key }.map { name, model in
            let tables = model.loading?.tables ?? model.pendingTables
            let last = model.lastLoad.map { "\($0.outcome ?? "-") \($0.endedAt ?? "")" } ?? "-"
            return [name, model.state, Self.short(tables), model.loadAt ?? "-", last]
        }
    }

    private var sources: [[String]] {
        report.sources.sorted { $0.key < $1.key }.map { name, source in
            [
                name, String(source.accepted), String(source.unmatched), String(source.duplicates),
                String(source.rejected), source.lastDeliveryAt ?? "-",
            ]
        }
    }

    private static func short(_ tables: [String]) -> String {
        guard !tables.isEmpty else { return "-" }
        let shown = tables.prefix(6).joined(separator: ",")
        return tables.count > 6 ? "\(shown),… (\(tables.count))" : shown
    }

    private static func seconds(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10) s" }

    /// Rows padded to columns that are as wide as their widest cell.
    private static func columns(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            return line
        }
    }
}
