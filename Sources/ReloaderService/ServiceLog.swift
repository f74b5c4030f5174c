import Logging
import Synchronization
import Vocabulary

/// Where log lines go: standard error in the service, a list in tests.
package typealias LogSink = @Sendable (String) -> Void

/// Text for people or one JSON object a line for machines (product.md §2, `log`). Messages are constant, what varies
/// stands in the metadata. Secrets never get here: the types that hold them do not print.
package struct ServiceLog: LogHandler {
    package var metadata: Logger.Metadata = [:]
    private let style: LogStyle
    /// Set for one logger by whoever holds it.
    private var ownLevel: Logger.Level?
    private let clock: any TimeSource
    private let sink: LogSink

    package init(style: LogStyle, clock: any TimeSource, sink: @escaping LogSink) {
        self.style = style
        self.clock = clock
        self.sink = sink
    }

    package var logLevel: Logger.Level {
        get { ownLevel ?? style.level }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = clock.now().wall.rfc3339
        switch style.format {
        case .text:
            let tail = fields.map { " \($0.key)=\(Self.quotedIfNeeded("\($0.value)"))" }.joined()
            let level = event.level.rawValue
            let padding = String(repeating: " ", count: max(0, 8 - level.count))
            sink("\(time) \(level)\(padding) \(event.message)\(tail)\n")
        case .json:
            var line = "{\"time\":\(JSONText.quoted(time)),\"level\":\(JSONText.quoted(event.level.rawValue))"
            line += ",\"message\":\(JSONText.quoted("\(event.message)"))"
            for field in fields { line += ",\(JSONText.quoted(field.key)):\(JSONText.quoted("\(field.value)"))" }
            sink(line + "}\n")
        }
    }

    /// A value with spaces, quotes or control characters is quoted, so that a line stays one line and can be split.
    private static func quotedIfNeeded(_ text: String) -> String {
        let plain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x5C }
        return plain && text == text.printable ? text : JSONText.quoted(text)
    }
}
