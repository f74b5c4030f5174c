import Vocabulary

/// The report as one SVG: the events, waiting windows and loads of each model over time, and below it how fresh the tables
/// are for how many loads. Its size is bounded whatever the history is: what falls on one pixel is drawn once.
package struct Picture {
    enum Colour {
        static let text = "#1f2933"
        static let faint = "#64748b"
        static let line = "#e2e8f0"
        static let events = "#64748b"
        static let waiting = "#f4c152"
        static let loads = "#1d5fa8"
        static let best = "#2f855a"
        static let trial = "#475569"
        static let configured = "#b4232a"
    }

    static let width = 1200.0

    /// The file's text.
    package let svg: String

    package init(_ report: SimulationReport) {
        var canvas = Canvas()
        canvas.text(24, 36, "What the queue would have done", size: 20, weight: "bold")
        canvas.text(24, 60, Self.subtitle(report), size: 13, colour: Colour.faint)
        let lower = Timeline(report).draw(on: &canvas, top: 84)
        let end = Curve(report).draw(on: &canvas, top: lower + 40)
        svg = canvas.document(width: Self.width, height: end + 20)
    }

    private static func subtitle(_ report: SimulationReport) -> String {
        guard let span = report.history.span else { return "no events" }
        let figures = report.configured
        let fresh = figures.freshness.p95.map { ", freshness p95 \($0.shortText)" } ?? ""
        return
            "\(report.history.count) events, \(span.lowerBound.rfc3339) to \(span.upperBound.rfc3339)  ·  as configured: "
            + "\(figures.loads) loads\(fresh)  ·  each load takes \(report.loadTime.shortText)"
    }
}

/// Collects SVG elements.
struct Canvas {
    private var elements: [String] = []

    mutating func rect(
        _ x: Double,
        _ y: Double,
        _ width: Double,
        _ height: Double,
        _ colour: String,
        radius: Double = 0
    ) {
        let round = radius > 0 ? " rx=\"\(Self.number(radius))\"" : ""
        elements.append(
            "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" "
                + "height=\"\(Self.number(height))\" fill=\"\(colour)\"\(round)/>"
        )
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) {
        elements.append(
            "<line x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" "
                + "y2=\"\(Self.number(y2))\" stroke=\"\(colour)\"/>"
        )
    }

    mutating func path(_ points: [(x: Double, y: Double)], stroke: String, fill: String = "none") {
        guard let first = points.first else { return }
        let rest = points.dropFirst().map { "L\(Self.number($0.x)) \(Self.number($0.y))" }.joined()
        elements.append(
            "<path d=\"M\(Self.number(first.x)) \(Self.number(first.y))\(rest)\" stroke=\"\(stroke)\" "
                + "stroke-width=\"2\" fill=\"\(fill)\"/>"
        )
    }

    mutating func text(
        _ x: Double,
        _ y: Double,
        _ text: String,
        size: Double = 12,
        anchor: String = "start",
        weight: String = "normal",
        colour: String = Picture.Colour.text
    ) {
        elements.append(
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\" "
                + "text-anchor=\"\(anchor)\" font-weight=\"\(weight)\" fill=\"\(colour)\">\(Self.escaped(text))</text>"
        )
    }

    func document(width: Double, height: Double) -> String {
        let size = "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\""
        let box = "viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\""
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) \(box) "
            + "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n"
            + "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
            + elements.joined(separator: "\n") + "\n</svg>\n"
    }

    /// Tenths of a pixel are enough.
    static func number(_ value: Double) -> String {
        let text = value.text(digits: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Names come from a configuration, which may hold anything.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.printable {
            switch character {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            default: result.append(character)
            }
        }
        return result
    }
}
