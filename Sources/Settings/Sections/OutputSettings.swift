import Signatures

/// `notify`: outgoing notifications as Standard Webhooks.
package struct NotifySettings: Hashable, Sendable {
    /// What is worth a notification.
    package enum Occasion: String, Hashable, Sendable, CaseIterable {
        case failed
        case degraded
        case recovered
    }

    package var url: WebAddress
    /// A key as `Signer` takes it.
    package var secret: Secret
    package var on: Set<Occasion>
}

/// `record`: accepted events in a file, for `reloader simulate`.
package struct RecordSettings: Hashable, Sendable {
    package var path: String
    /// Bytes, after which the file is rotated, once.
    package var maxSize: Int
}

/// `log`: how much is logged, and how it is written.
package struct LogSettings: Hashable, Sendable {
    /// From the most to the fewest lines.
    package enum Level: String, Hashable, Sendable, CaseIterable {
        case trace
        case debug
        case info
        case notice
        case warning
        case error
        case critical
    }

    /// How a line is written.
    package enum Format: String, Hashable, Sendable, CaseIterable {
        case text
        case json
    }

    package var level: Level
    package var format: Format
}

extension Reader where Value == NotifySettings {
    static var notify: Self {
        .mapping("notify") { keys in
            let url = keys.required("url", .target)
            let secret = keys.required("secret", .key(for: .standardWebhooks))
            let on = keys.value(
                "on",
                .list(of: Reader<NotifySettings.Occasion>.oneOf("occasion"), atLeast: 1).withoutRepeats("occasion"),
                default: NotifySettings.Occasion.allCases
            )
            guard let url, let secret else { return nil }
            return NotifySettings(url: url, secret: secret, on: Set(on))
        }
    }
}

extension Reader where Value == RecordSettings {
    static var record: Self {
        .mapping("record") { keys in
            let path = keys.required("path", .text("a path"))
            let maxSize = keys.value("max_size", .size, default: 64 << 20)
            return path.map { RecordSettings(path: $0, maxSize: maxSize) }
        }
    }
}

extension Reader where Value == LogSettings {
    static var log: Self {
        .mapping("log") { keys in
            LogSettings(
                level: keys.value("level", .oneOf("log level"), default: .info),
                format: keys.value("format", .oneOf("log format"), default: .text)
            )
        }
    }
}
