import Vocabulary

/// Each model's lane over time: how many events came, when something waited, when it loaded.
struct Timeline {
    private static let left = 200.0
    private static let right = Picture.width - 30
    private static let lane = 66.0
    private static let mostLanes = 12

    private let report: SimulationReport
    private let start: MonotonicTime
    private let end: MonotonicTime
    /// Positions in the history's models: those with most instants, by name.
    private let lanes: [Int]

    init(_ report: SimulationReport) {
        self.report = report
        let events = report.history.events
        start = events.first?.at ?? MonotonicTime(nanoseconds: 0)
        end = max(report.loads.map(\.end).max() ?? start, events.last?.at ?? start, start + .seconds(1))
        let busiest = report.history.instants.indices.sorted {
            report.history.instants[$0].count > report.history.instants[$1].count
        }
        lanes = busiest.prefix(Self.mostLanes).sorted()
    }

    /// Draws it from there down.
    /// - Returns: where it ends.
    func draw(on canvas: inout Canvas, top: Double) -> Double {
        legend(on: &canvas, top)
        let first = top + 26
        let bottom = first + Double(max(1, lanes.count)) * Self.lane
        axis(on: &canvas, first, bottom)
        for (position, model) in lanes.enumerated() {
            lane(of: model, on: &canvas, first + Double(position) * Self.lane)
        }
        let hidden = report.history.models.count - lanes.count
        if hidden > 0 {
            canvas.text(24, bottom + 20, "and \(hidden) more models", colour: Picture.Colour.faint)
        }
        return bottom + 30
    }

    private func legend(on canvas: inout Canvas, _ top: Double) {
        var x = Self.left
        for (colour, text) in [
            (Picture.Colour.events, "events (height: how many)"),
            (Picture.Colour.waiting, "changes wait"),
            (Picture.Colour.loads, "load"),
        ] {
            canvas.rect(x, top, 12, 12, colour, radius: 2)
            canvas.text(x + 18, top + 10.5, text)
            x += 40 + Double(text.count) * 6.6
        }
    }

    private func axis(on canvas: inout Canvas, _ top: Double, _ bottom: Double) {
        canvas.line(Self.left, bottom, Self.right, bottom, Picture.Colour.faint)
        for tick in TimeTicks(from: EventHistory.wall(start), to: EventHistory.wall(end)).ticks {
            let x = place(EventHistory.monotonic(tick.time))
            canvas.line(x, top, x, bottom + 4, Picture.Colour.line)
            canvas.text(x, bottom + 18, tick.label, size: 11, anchor: "middle", colour: Picture.Colour.faint)
        }
    }

    private func lane(of model: Int, on canvas: inout Canvas, _ top: Double) {
        let name = report.history.models[model].name.printable
        canvas.text(24, top + 30, name.count > 24 ? name.prefix(23) + "…" : name, weight: "bold")
        let loads = report.loads.filter { $0.model == model }
        canvas.text(24, top + 46, "\(loads.count) load\(loads.count == 1 ? "" : "s")", colour: Picture.Colour.faint)
        canvas.line(Self.left, top, Self.right, top, Picture.Colour.line)

        var columns = [Int](repeating: 0, count: Int(Self.right - Self.left) / 2 + 1)
        for event in report.history.events
        where report.history.marks(of: event).contains(where: { $0.model == model }) {
            columns[Int((place(event.at) - Self.left) / 2)] += 1
        }
        let most = Double(columns.max() ?? 1)
        for (column, count) in columns.enumerated() where count > 0 {
            let height = 4 + 20 * (Double(count) / most).squareRoot()
            canvas.rect(Self.left + Double(column) * 2, top + 30 - height, 1.5, height, Picture.Colour.events)
        }
        for bar in Self.bars(loads.map { (place($0.since), place($0.start)) }) {
            canvas.rect(bar.from, top + 34, bar.to - bar.from, 11, Picture.Colour.waiting)
        }
        for bar in Self.bars(loads.map { (place($0.start), place($0.end)) }) {
            canvas.rect(bar.from, top + 48, bar.to - bar.from, 11, Picture.Colour.loads)
        }
    }

    /// Bars of at least a pixel; those that touch on the picture are one.
    private static func bars(_ given: [(from: Double, to: Double)]) -> [(from: Double, to: Double)] {
        var bars: [(from: Double, to: Double)] = []
        for bar in given.sorted(by: { $0.from < $1.from }) {
            let to = max(bar.to, bar.from + 1)
            if let last = bars.last, bar.from < last.to + 0.3 {
                bars[bars.count - 1].to = max(last.to, to)
            } else {
                bars.append((bar.from, to))
            }
        }
        return bars
    }

    private func place(_ time: MonotonicTime) -> Double {
        let share = (time - start).inSeconds / (end - start).inSeconds
        return Self.left + min(max(share, 0), 1) * (Self.right - Self.left)
    }
}

/// Round times between two, six to a dozen of them.
struct TimeTicks {
    let ticks: [(time: WallTime, label: String)]

    init(from start: WallTime, to end: WallTime) {
        let minutes: [Int64] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7 * 1440, 14 * 1440]
        let steps = [100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000] + minutes.map { $0 * 60_000 }
        let length = max(1, end.milliseconds - start.milliseconds)
        // Beyond half a year in whole steps of the last one.
        let last = steps[steps.count - 1]
        let step = steps.first { length / $0 <= 10 } ?? ((length / 10 + last - 1) / last) * last
        var ticks: [(WallTime, String)] = []
        var at = (start.milliseconds + step - 1) / step * step
        while at <= end.milliseconds {
            let text = WallTime(milliseconds: at).rfc3339
            let day = text.prefix(10)
            let clock = step >= 60_000 ? text.dropFirst(11).prefix(5) : text.dropFirst(11).prefix(step >= 1000 ? 8 : 12)
            let isMidnight = at % 86_400_000 == 0
            ticks.append((WallTime(milliseconds: at), String(step >= 86_400_000 || isMidnight ? day : clock)))
            at += step
        }
        self.ticks = ticks
    }
}
