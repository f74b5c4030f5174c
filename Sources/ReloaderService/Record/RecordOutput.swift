import Settings

/// What the writer holds: the file that is written to, if one is.
struct RecordOutput: ~Copyable {
    private var file: RecordFile?

    init() {}

    /// Appends the events where the settings say; nil: where they were said before, and then no more.
    /// - Returns: how many were written, and why not all, or why no more will be.
    mutating func write(_ events: [RecordedEvent], to settings: RecordSettings?) -> (written: Int, RecordFileError?) {
        var written = 0
        do throws(RecordFileError) {
            if let settings { try makeReady(settings) }
            try append(events, &written)
            if settings == nil { file = nil }
            return (written, nil)
        } catch {
            // Opened anew by the next event.
            file = nil
            return (written, error)
        }
    }

    private mutating func makeReady(_ settings: RecordSettings) throws(RecordFileError) {
        if let current = file.take(), current.settings == settings, current.isInPlace { file = consume current }
        if file == nil { file = try RecordFile.open(settings) }
    }

    private mutating func append(_ events: [RecordedEvent], _ written: inout Int) throws(RecordFileError) {
        guard var file = file.take() else { return }
        var lines: [UInt8] = []
        var count = 0
        for event in events {
            let start = lines.count
            event.append(to: &lines)
            guard file.isFull(before: lines.count, waiting: start) else {
                count += 1
                continue
            }
            let line = Array(lines[start...])
            try file.append(Array(lines[..<start]))
            written += count
            let settings = file.settings
            if file.isFull(before: line.count) {
                try file.rotate()
                file = try RecordFile.open(settings)
            }
            (lines, count) = (line, 1)
        }
        try file.append(lines)
        written += count
        self.file = consume file
    }
}
