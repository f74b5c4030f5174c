import Vocabulary

/// How fresh the tables are for how many loads: what is possible, what the settings make of it, and which they are.
struct Curve {
    private static let left = 90.0
    private static let right = 660.0
    private static let height = 420.0

    /// A setting on the curve.
    private struct Point {
        var label: String
        var name: String
        var figures: Figures
        var isConfigured = false
        var isBetter = false
    }

    private let points: [Point]
    private let frontier: [Figures]
    private let loads: Scale
    private let freshness: Scale

    init(_ report: SimulationReport) {
        var points = [Point(label: "now", name: "as configured", figures: report.configured, isConfigured: true)]
        for (number, trial) in report.trials.enumerated() {
            points.append(
                Point(
                    label: String(number + 1),
                    name: trial.setting.text,
                    figures: trial.figures,
                    isBetter: report.isBetter(trial.figures)
                )
            )
        }
        self.points = points.filter { $0.figures.freshness.mean != nil }
        frontier = report.frontier.filter { $0.freshness.mean != nil }
        let all = self.points.map(\.figures)
        let most = all.map { Double($0.loads) }.max() ?? 1
        let stalest = all.compactMap { $0.freshness.mean?.inSeconds }.max() ?? 1
        // What is possible beyond the settings that are shown is of no interest.
        let shown = frontier.filter { Double($0.loads) <= most && ($0.freshness.mean?.inSeconds ?? 0) <= stalest }
        loads = Scale((all + shown).map { Double($0.loads) }, from: Self.left, to: Self.right, isTime: false)
        freshness = Scale(
            (all + shown).compactMap { $0.freshness.mean?.inSeconds },
            from: Self.height,
            to: 0,
            isTime: true
        )
    }

    /// Draws it from there down.
    /// - Returns: where it ends.
    func draw(on canvas: inout Canvas, top: Double) -> Double {
        canvas.text(24, top, "Freshness against loads", size: 16, weight: "bold")
        let top = top + 26
        axes(on: &canvas, top)
        best(on: &canvas, top)
        for tag in tags(top) { draw(tag, on: &canvas) }
        let end = table(on: &canvas, top)
        return max(top + Self.height + 54, end)
    }

    private func axes(on canvas: inout Canvas, _ top: Double) {
        for tick in freshness.ticks {
            let y = top + freshness.place(tick)
            canvas.line(Self.left, y, Self.right, y, Picture.Colour.line)
            let label = Duration.milliseconds(Int64((tick * 1000).rounded())).shortText
            canvas.text(Self.left - 8, y + 4, label, size: 11, anchor: "end", colour: Picture.Colour.faint)
        }
        for tick in loads.ticks {
            let x = loads.place(tick)
            canvas.line(x, top, x, top + Self.height, Picture.Colour.line)
            let label = tick.text(digits: 0)
            canvas.text(
                x,
                top + Self.height + 18,
                label,
                size: 11,
                anchor: "middle",
                colour: Picture.Colour.faint
            )
        }
        let middle = (Self.left + Self.right) / 2
        canvas.text(middle, top + Self.height + 40, "loads, all models together", anchor: "middle")
        canvas.text(24, top - 6, "mean freshness (change to end of load)")
    }

    private func best(on canvas: inout Canvas, _ top: Double) {
        var line: [(x: Double, y: Double)] = []
        for figures in frontier {
            guard let mean = figures.freshness.mean else { continue }
            let x = loads.place(Double(figures.loads))
            let y = top + freshness.place(mean.inSeconds)
            // Outside of the frame at one end or the other.
            guard x >= Self.left - 1, x <= Self.right + 1, y >= top - 1, y <= top + Self.height + 1 else { continue }
            line.append((x, y))
        }
        canvas.path(line, stroke: Picture.Colour.best)
    }

    /// A label at a point; one for several points that would cover each other.
    private struct Tag {
        var x: Double
        var y: Double
        var labels: [String]
        var isConfigured: Bool
        var isBetter: Bool

        var text: String {
            labels.count > 6 ? labels.prefix(5).joined(separator: " ") + " …" : labels.joined(separator: " ")
        }
        var width: Double { Double(text.count) * 6.8 + 10 }

        func covers(_ other: Self) -> Bool {
            abs(x - other.x) < (width + other.width) / 2 + 1 && abs(y - other.y) < 19
        }
    }

    private func tags(_ top: Double) -> [Tag] {
        var tags = points.map { point in
            Tag(
                x: loads.place(Double(point.figures.loads)),
                y: top + freshness.place(point.figures.freshness.mean?.inSeconds ?? 0),
                labels: [point.label],
                isConfigured: point.isConfigured,
                isBetter: point.isBetter
            )
        }
        var isSettled = false
        while !isSettled {
            isSettled = true
            search: for one in tags.indices {
                for other in tags.indices where other > one && tags[one].covers(tags[other]) {
                    let (a, b) = (Double(tags[one].labels.count), Double(tags[other].labels.count))
                    let gone = tags.remove(at: other)
                    tags[one].x = (tags[one].x * a + gone.x * b) / (a + b)
                    tags[one].y = (tags[one].y * a + gone.y * b) / (a + b)
                    tags[one].labels += gone.labels
                    tags[one].isConfigured = tags[one].isConfigured || gone.isConfigured
                    tags[one].isBetter = tags[one].isBetter || gone.isBetter
                    isSettled = false
                    break search
                }
            }
        }
        return tags
    }

    private func draw(_ tag: Tag, on canvas: inout Canvas) {
        let colour =
            tag.isConfigured
            ? Picture.Colour.configured : tag.isBetter ? Picture.Colour.best : Picture.Colour.trial
        canvas.rect(tag.x - tag.width / 2, tag.y - 9, tag.width, 18, colour, radius: 9)
        canvas.text(tag.x, tag.y + 4, tag.text, size: 11, anchor: "middle", weight: "bold", colour: "#ffffff")
    }

    private func table(on canvas: inout Canvas, _ top: Double) -> Double {
        let (label, name, loads, mean, p95) = (720.0, 732.0, 1000.0, 1080.0, 1160.0)
        func row(_ y: Double, _ cells: [String], weight: String = "normal", colour: String = Picture.Colour.text) {
            for (x, anchor, cell) in [
                (label, "end", cells[0]), (name, "start", cells[1]), (loads, "end", cells[2]), (mean, "end", cells[3]),
                (p95, "end", cells[4]),
            ] {
                canvas.text(x, y, cell, anchor: anchor, weight: weight, colour: colour)
            }
        }
        var y = top
        row(y, ["", "the same for every model", "loads", "mean", "p95"], colour: Picture.Colour.faint)
        for point in points {
            y += 21
            let fresh = point.figures.freshness
            row(
                y,
                [
                    point.label, point.name, String(point.figures.loads), fresh.mean?.shortText ?? "",
                    fresh.p95?.shortText ?? "",
                ],
                weight: point.isConfigured ? "bold" : "normal",
                colour: point.isConfigured
                    ? Picture.Colour.configured : point.isBetter ? Picture.Colour.best : Picture.Colour.text
            )
        }
        y += 30
        canvas.rect(name, y - 6, 22, 3, Picture.Colour.best)
        canvas.text(name + 30, y, "the best possible: knows the future, may overlap its loads")
        canvas.text(
            name + 30,
            y + 18,
            "green settings: no more loads than now, and no staler",
            colour: Picture.Colour.best
        )
        return y + 24
    }
}

/// Where values lie on an axis: linear where they are of one size, else logarithmic.
struct Scale {
    private let isLogarithmic: Bool
    private let low: Double
    private let high: Double
    private let from: Double
    private let to: Double
    /// Round values to be labelled.
    let ticks: [Double]

    private static let roundTimes: [Double] = [
        0, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400,
        172_800, 604_800,
    ]
    private static let roundNumbers: [Double] = {
        var numbers: [Double] = []
        var power = 1.0
        for _ in 0..<9 {
            numbers += [power, 2 * power, 5 * power]
            power *= 10
        }
        return numbers
    }()

    init(_ values: [Double], from: Double, to: Double, isTime: Bool) {
        let least = max(values.min() ?? 0, isTime ? 0.001 : 1)
        let most = max(values.max() ?? 1, least)
        isLogarithmic = most / least > 8
        let (low, high) = isLogarithmic ? (least / 1.3, most * 1.3) : (0, most * 1.1)
        (self.low, self.high, self.from, self.to) = (low, high, from, to)
        let round = isTime ? Self.roundTimes : Self.roundNumbers
        let within = round.filter { $0 >= low && $0 <= high }
        if isLogarithmic {
            ticks = within
        } else {
            // A round step, four to eight times.
            let steps = round.filter { $0 > 0 }
            let step = steps.first { high / $0 <= 8 } ?? high
            ticks = (0...Int(high / step)).map { Double($0) * step }
        }
    }

    func place(_ value: Double) -> Double {
        let share =
            isLogarithmic
            ? Self.logarithm(max(value, low) / low) / Self.logarithm(high / low) : (value - low) / (high - low)
        return from + share * (to - from)
    }

    /// To the base of 2, to a millionth: enough for a place on a picture, and no library is needed for it.
    private static func logarithm(_ value: Double) -> Double {
        var result = Double(value.exponent)
        var rest = value.significand
        var unit = 0.5
        for _ in 0..<20 {
            rest *= rest
            if rest >= 2 {
                result += unit
                rest /= 2
            }
            unit /= 2
        }
        return result
    }
}
