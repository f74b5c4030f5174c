import FoundationEssentials
import Simulation
import Vocabulary

/// What `reloader simulate` prints.
package struct SimulationText: Sendable {
    private let report: SimulationReport
    /// Lines that could not be read.
    private let skipped: Int
    private let style: TextStyle

    package init(_ report: SimulationReport, skipped: Int, style: TextStyle) {
        self.report = report
        self.skipped = skipped
        self.style = style
    }

    private typealias Cell = TextTable.Cell

    /// For people.
    package var text: String {
        let history = report.history
        let figures = report.configured
        let fresh = figures.freshness
        var lines = ["events: \(history.count)"]
        if let span = history.span { lines[0] += ", \(span.lowerBound.rfc3339) to \(span.upperBound.rfc3339)" }
        if history.unmatched > 0 { lines.append("of these, no rule matched: \(history.unmatched)") }
        if history.elsewhere > 0 { lines.append("of these, changed other models only: \(history.elsewhere)") }
        if skipped > 0 { lines.append("lines skipped, which cannot be read: \(skipped)") }
        lines += [
            "loads: \(figures.loads)",
            "tables loaded: \(figures.tables)",
            "freshness: p50 \(Self.text(fresh.p50)), p95 \(Self.text(fresh.p95)), max \(Self.text(fresh.max))",
            "cost: \(figures.tableMinutes.text(digits: 1)) table-minutes",
            "",
        ]
        let heads = ["LOADS", "TABLES", "P50", "P95", "MAX", "TABLE-MINUTES"].map { Cell($0, isNumber: true) }
        if !report.models.isEmpty {
            lines += TextTable.lines(
                [[Cell("MODEL"), Cell("AS CONFIGURED")] + heads]
                    + report.models.map { [Cell($0.name), Cell($0.setting.text)] + Self.cells($0.figures) },
                style: style
            )
            lines.append("")
        }
        lines += TextTable.lines(
            [[Cell("THE SAME FOR EVERY MODEL")] + heads]
                + [[Cell("as configured", .busy)] + Self.cells(figures, .busy)]
                + report.trials.map { trial in
                    let colour: TextStyle.Colour? = report.isBetter(trial.figures) ? .good : nil
                    return [Cell(trial.setting.text, colour)] + Self.cells(trial.figures, colour)
                }
                + [
                    [Cell("best possible with as many loads", .attention)]
                        + Self.cells(report.bestWithAsManyLoads, .attention),
                    [Cell("best possible with as much waiting", .attention)]
                        + Self.cells(report.bestAsFresh, .attention),
                ],
            style: style
        )
        lines += [
            "",
            "Each load takes \(report.loadTime.shortText) (--load-time). Freshness: from a change to the end of its load. "
                + "Table-minutes: how long",
            "changed tables waited for a load to start. The best possible knows the future, and may overlap its loads.",
        ]
        if history.hasCompleteLoads {
            let known = report.models.prefix(5).map { "\($0.name.printable) \($0.knownTables)" }
            let names = known.joined(separator: ", ") + (report.models.count > 5 ? ", …" : "")
            lines.append(
                "A complete load counts the tables that events and configuration name (\(names)); a model may have more."
            )
        }
        if !report.isBestExact {
            lines.append(
                "With so many events the best possible is searched coarsely: a slightly better schedule may exist."
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func cells(_ figures: Figures, _ colour: TextStyle.Colour? = nil) -> [Cell] {
        let fresh = figures.freshness
        return [
            String(figures.loads), String(figures.tables), text(fresh.p50), text(fresh.p95), text(fresh.max),
            figures.tableMinutes.text(digits: 1),
        ].map { Cell($0, colour, isNumber: true) }
    }

    private static func text(_ duration: Duration?) -> String { duration?.shortText ?? "-" }

    /// For machines. Durations are seconds.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            events: report.history.count,
            unmatched: report.history.unmatched,
            otherModels: report.history.elsewhere,
            skippedLines: skipped,
            from: report.history.span?.lowerBound.rfc3339,
            to: report.history.span?.upperBound.rfc3339,
            loadTime: report.loadTime.inSeconds,
            configured: Document.Result(report.configured),
            models: report.models.map { model in
                var result = Document.Result(model.figures, model: model.name, setting: model.setting)
                result.knownTables = model.knownTables
                return result
            },
            grid: report.trials.map { trial in
                var result = Document.Result(trial.figures, setting: trial.setting)
                result.better = report.isBetter(trial.figures)
                return result
            },
            bestWithAsManyLoads: Document.Result(report.bestWithAsManyLoads),
            bestWithAsMuchWaiting: Document.Result(report.bestAsFresh),
            bestIsExact: report.isBestExact,
            frontier: report.frontier.map { Document.Result($0) }
        )
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }
}

/// The JSON form of a simulation.
private struct Document: Encodable {
    var events: Int
    var unmatched: Int
    var otherModels: Int
    var skippedLines: Int
    var from: String?
    var to: String?
    var loadTime: Double
    var configured: Result
    var models: [Result]
    var grid: [Result]
    var bestWithAsManyLoads: Result
    var bestWithAsMuchWaiting: Result
    var bestIsExact: Bool
    var frontier: [Result]

    struct Result: Encodable {
        var model: String?
        var debounce: Double?
        var loadCost: Double?
        var maxWait: Double?
        /// Whether it is better than what is configured: in loads or in waiting, and worse in neither.
        var better: Bool?
        var knownTables: Int?
        var loads: Int
        var tables: Int
        var freshness: Freshness
        var tableMinutes: Double
    }

    struct Freshness: Encodable {
        var mean: Double?
        var p50: Double?
        var p95: Double?
        var max: Double?
    }
}

extension Document.Result {
    init(_ figures: Figures, model: String? = nil, setting: LoadSetting? = nil) {
        self.model = model?.printable
        maxWait = setting?.maxWait.inSeconds
        switch setting?.start {
        case .debounce(let quiet): debounce = quiet.inSeconds
        case .loadCost(let cost): loadCost = cost.inSeconds
        case nil: break
        }
        loads = figures.loads
        tables = figures.tables
        let fresh = figures.freshness
        freshness = Document.Freshness(
            mean: fresh.mean?.inSeconds,
            p50: fresh.p50?.inSeconds,
            p95: fresh.p95?.inSeconds,
            max: fresh.max?.inSeconds
        )
        tableMinutes = figures.tableMinutes
    }
}
