import Logging
import Settings
import Synchronization

/// How much is logged, and how: one for all loggers of the service, so that a new configuration changes it everywhere.
package final class LogStyle: Sendable {
    package enum Format: String, Sendable {
        case text, json
    }

    private let style: Mutex<(level: Logger.Level, format: Format)>

    package init(level: Logger.Level, format: Format) { style = Mutex((level, format)) }

    package convenience init(_ settings: LogSettings) {
        self.init(level: .info, format: .text)
        set(settings)
    }

    /// As the configuration says from now on.
    package func set(_ settings: LogSettings) {
        // Both rooms name levels and formats as product.md §2 does.
        let level = Logger.Level(rawValue: settings.level.rawValue) ?? .info
        let format = Format(rawValue: settings.format.rawValue) ?? .text
        style.withLock { $0 = (level, format) }
    }

    var level: Logger.Level { style.withLock(\.level) }
    /// How lines are written now.
    package var format: Format { style.withLock(\.format) }
}
