import Admin
import Vocabulary

/// What `reloader status` prints: health as a page for a terminal. One thing a line, so that it can be searched when
/// piped, and then plain.
package struct StatusTable: Sendable {
    private let report: HealthReport
    private let style: TextStyle

    package init(_ report: HealthReport, style: TextStyle) {
        self.report = report
        self.style = style
    }

    package var text: String {
        let about = "   (reloader \(report.version), up since \(report.startedAt))".printable
        var lines = ["status    \(style.paint(report.status.rawValue, report.status.colour))" + about]
        lines += report.reasons.map { "          \($0)".printable }
        let queue = report.queue
        lines.append(
            "queue     waiting \(queue.waiting)  ready \(queue.ready)  loading \(queue.loading)  "
                + "retrying \(queue.retrying)  held \(queue.held)  "
                + style.paint("failed \(queue.failed)", queue.failed > 0 ? .bad : nil)
                + "  pending tables \(queue.pendingTables)"
                + (queue.oldestChangeSeconds.map { "  oldest \(Self.seconds($0))" } ?? "")
        )
        lines.append("")
        lines += TextTable.lines(
            [Self.heads("MODEL", "STATE", "TABLES", "LOAD AT", "LAST LOAD")] + models,
            style: style
        )
        lines.append("")
        lines += TextTable.lines(
            [Self.heads("SOURCE", "ACCEPTED", "UNMATCHED", "DUPLICATES", "REJECTED", "LAST DELIVERY")] + sources,
            style: style
        )
        return lines.joined(separator: "\n") + "\n"
    }

    private typealias Cell = TextTable.Cell

    private static func heads(_ names: String...) -> [Cell] { names.map { Cell($0) } }

    private var models: [[Cell]] {
        report.models.sorted { $0.key < $1.key }.map { name, model in
            let tables = model.loading?.tables ?? model.pendingTables
            let last = model.lastLoad.map { "\($0.outcome ?? "-") \($0.endedAt ?? "")" } ?? "-"
            return [
                Cell(name), Cell(model.state, ModelState(rawValue: model.state)?.colour), Cell(Self.short(tables)),
                Cell(model.loadAt ?? "-"), Cell(last, JobOutcome(rawValue: model.lastLoad?.outcome ?? "")?.colour),
            ]
        }
    }

    private var sources: [[Cell]] {
        report.sources.sorted { $0.key < $1.key }.map { name, source in
            [
                Cell(name), Cell(String(source.accepted)), Cell(String(source.unmatched)),
                Cell(String(source.duplicates)), Cell(String(source.rejected)), Cell(source.lastDeliveryAt ?? "-"),
            ]
        }
    }

    private static func short(_ tables: [String]) -> String {
        guard !tables.isEmpty else { return "-" }
        let shown = tables.prefix(6).map(\.shown).joined(separator: ",")
        return tables.count > 6 ? "\(shown),… (\(tables.count))" : shown
    }

    private static func seconds(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10) s" }
}

extension HealthReport.Status {
    fileprivate var colour: TextStyle.Colour {
        switch self {
        case .ok: .good
        case .degraded: .attention
        case .failing: .bad
        }
    }
}

extension ModelState {
    fileprivate var colour: TextStyle.Colour? {
        switch self {
        case .loading: .busy
        case .held, .retrying: .attention
        case .ready, .waiting, .idle: nil
        }
    }
}

extension JobOutcome {
    fileprivate var colour: TextStyle.Colour? {
        switch self {
        case .succeeded: .good
        case .succeededWithWarnings, .unconfirmed: .attention
        case .failed: .bad
        case .merged, .superseded, .discarded, .dryRun: nil
        }
    }
}
