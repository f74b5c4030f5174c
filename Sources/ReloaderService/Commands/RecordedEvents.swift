import JSONPath
import ReloadQueue
import Settings
import Simulation
import Vocabulary

/// A file of recorded events, after the configuration's rules.
package struct RecordedEvents: Sendable {
    /// In the file's order.
    package private(set) var events: [SimulatedEvent] = []
    /// Sources that the configuration does not have, and how many events each has.
    package private(set) var unknownSources: [String: Int] = [:]
    /// Events that the rules could not be tried on within the steps that one event is granted.
    package private(set) var stopped = 0
    /// What is wrong with the file: line and reason.
    package private(set) var mistakes: [Mistake] = []

    package struct Mistake: Sendable {
        package var line: Int
        package var reason: String
    }

    /// Reads a file's lines; empty ones do not count. Only the changes of `model` are kept where one is named. `progress`
    /// is told from time to time how much of the file has been read, from 0 to 1.
    package init(
        _ bytes: [UInt8],
        _ configuration: Configuration,
        model: String? = nil,
        progress: (Double) -> Void = { _ in }
    ) {
        let rules = configuration.ruleSet
        let sources = Set(configuration.sources.map(\.name))
        let wanted = configuration.models.filter { model == nil || $0.reference.name == model }
        let models = Dictionary(uniqueKeysWithValues: wanted.map { ($0.reference.name, $0.reference) })
        // A line has one level more than the body in it.
        var parser = JSONParser(enclosingDepth: 1)
        var number = 0
        bytes.withUnsafeBytes { file in
            var rest = file[...]
            while !rest.isEmpty {
                number += 1
                let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
                let line = UnsafeRawBufferPointer(rebasing: rest[rest.startIndex..<end])
                rest = rest[min(end + 1, rest.endIndex)...]
                if number % 10_000 == 0 { progress(Double(end) / Double(file.count)) }
                if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
                do throws(JSONError) {
                    let failure = try parser.parse(line) { root -> RecordedEventError? in
                        do throws(RecordedEventError) {
                            let line = try RecordedLine(root)
                            if !sources.contains(line.source) { unknownSources[line.source, default: 0] += 1 }
                            let matching = rules.match(source: line.source, root: line.body, headers: line.headers)
                            if matching.isStopped { stopped += 1 }
                            events.append(SimulatedEvent(at: line.at, changes: matching.changes(in: models)))
                            return nil
                        } catch { return error }
                    }
                    if let failure { mistakes.append(Mistake(line: number, reason: "\(failure)")) }
                } catch {
                    mistakes.append(Mistake(line: number, reason: "\(RecordedEventError.json(error))"))
                }
            }
        }
    }
}
