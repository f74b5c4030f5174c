import JSONPath
import ReloadQueue
import Rules
import Settings
import Simulation
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file of recorded events, after the configuration's rules.
package struct RecordedEvents: Sendable {
    /// In the file's order.
    package private(set) var events = EventList()
    /// Sources that the configuration does not have, and how many events each has.
    package private(set) var unknownSources: [String: Int] = [:]
    /// Events that the rules could not be tried on within the steps that one event is granted.
    package private(set) var stopped = 0
    /// What is wrong with lines, which are skipped.
    package private(set) var mistakes: [Mistake] = []
    /// Whether the last line cannot be read and has no end: a process that is killed while it writes leaves one.
    package private(set) var isCutOff = false
    private var lines = 0

    /// Lines that could not be read.
    package var skipped: Int { mistakes.count + (isCutOff ? 1 : 0) }

    package struct Mistake: Sendable {
        package var line: Int
        package var reason: String
        /// It is no JSON text.
        fileprivate var isBroken = false
    }

    /// Reads a file's lines on all cores; empty ones do not count. Only the changes of `model` are kept where one is named.
    /// `progress` is told from time to time how much of the file has been read, from 0 to 1.
    package init(
        _ bytes: [UInt8],
        _ configuration: Configuration,
        model: String? = nil,
        progress: (Double) -> Void = { _ in }
    ) async {
        let reader = LineReader(configuration, model: model)
        let parts = bytes.withUnsafeBytes(Self.parts)
        self = await withTaskGroup(of: (Int, Self).self) { group in
            for (number, part) in parts.enumerated() {
                group.addTask {
                    (number, bytes.withUnsafeBytes { Self(UnsafeRawBufferPointer(rebasing: $0[part]), reader) })
                }
            }
            var read = [Self?](repeating: nil, count: parts.count)
            var done = 0
            for await (number, events) in group {
                read[number] = events
                done += 1
                progress(Double(done) / Double(parts.count))
            }
            return read.lazy.compactMap(\.self).reduce(into: Self()) { $0.append($1) }
        }
        // The reader of the last part cannot tell whether there was an end to its last line.
        isCutOff = bytes.last != 0x0A && mistakes.last.map { $0.line == lines && $0.isBroken } ?? false
        if isCutOff { mistakes.removeLast() }
    }

    private init() {}

    /// What one core reads at a time: enough of them to share, and none takes long.
    private static let partSize = 2 << 20

    /// Ranges of whole lines.
    private static func parts(of bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var begin = 0
        while begin < bytes.count {
            let end = bytes.lineEnd(from: begin + partSize)
            parts.append(begin..<end)
            begin = end
        }
        return parts
    }

    private init(_ bytes: UnsafeRawBufferPointer, _ reader: LineReader) {
        // A line has one level more than the body in it.
        var parser = JSONParser(enclosingDepth: 1)
        var begin = 0
        while begin < bytes.count {
            let end = bytes.lineEnd(from: begin)
            let line = UnsafeRawBufferPointer(rebasing: bytes[begin..<end])
            begin = end
            lines += 1
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 || $0 == 0x0A }) { continue }
            do throws(JSONError) {
                let failure = try parser.parse(line) { root -> RecordedEventError? in
                    do throws(RecordedEventError) {
                        try add(root, reader)
                        return nil
                    } catch { return error }
                }
                if let failure { mistakes.append(Mistake(line: lines, reason: "\(failure)")) }
            } catch {
                mistakes.append(Mistake(line: lines, reason: "\(RecordedEventError.json(error))", isBroken: true))
            }
        }
    }

    private mutating func add(_ root: JSONNode, _ reader: LineReader) throws(RecordedEventError) {
        let line = try RecordedLine(root)
        let rules = reader.sources[line.source]
        if rules == nil { unknownSources[line.source, default: 0] += 1 }
        let matching = (rules ?? nil)?.match(line.body, line.headers) ?? .nothing
        if matching.isStopped { stopped += 1 }
        let isElsewhere = !matching.changes.isEmpty
        events.append(
            SimulatedEvent(at: line.at, changes: matching.changes(in: reader.models), isElsewhere: isElsewhere)
        )
    }

    /// What follows in the file.
    private mutating func append(_ next: Self) {
        events.append(contentsOf: next.events)
        unknownSources.merge(next.unknownSources, uniquingKeysWith: +)
        stopped += next.stopped
        for var mistake in next.mistakes {
            mistake.line += lines
            mistakes.append(mistake)
        }
        lines += next.lines
    }
}

/// What every line is read with.
private struct LineReader: Sendable {
    /// The rules of each source; nil for one that has none.
    let sources: [String: SourceRules?]
    let models: [String: ModelReference]

    init(_ configuration: Configuration, model: String?) {
        let rules = configuration.ruleSet
        sources = Dictionary(uniqueKeysWithValues: configuration.sources.map { ($0.name, rules.rules(of: $0.name)) })
        let wanted = configuration.models.filter { model == nil || $0.reference.name == model }
        models = Dictionary(uniqueKeysWithValues: wanted.map { ($0.reference.name, $0.reference) })
    }
}

extension UnsafeRawBufferPointer {
    /// The position behind the line's feed, or behind the last byte.
    fileprivate func lineEnd(from start: Int) -> Int {
        guard start < count, let base = baseAddress, let feed = memchr(base + start, 0x0A, count - start) else {
            return count
        }
        return UnsafeRawPointer(feed) - base + 1
    }
}

extension Configuration {
    /// The tables that rules name beside those that events name, by model: a complete load holds them too.
    package var writtenTables: [ModelReference: Set<String>] {
        let references = Dictionary(uniqueKeysWithValues: models.map { ($0.reference.name, $0.reference) })
        var tables: [ModelReference: Set<String>] = [:]
        for reload in rules.flatMap(\.reloads) {
            guard let model = references[reload.model] else { continue }
            for case .table(let name) in reload.tables.writtenSelectors { tables[model, default: []].insert(name) }
        }
        return tables
    }
}

extension TableMapping {
    fileprivate var writtenSelectors: [Selector] {
        switch self {
        case .fixed(let selectors): selectors
        case .names(let names): names.map.values.map { Selector($0) }
        case .all, .dataSource, .dataSourceFrom: []
        }
    }
}
