/// A text that never prints itself: not in a string, not in a debugger's dump, not in a log (queue.md S7).
package struct Secret: Hashable, Sendable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The text itself. Named so that every use can be found.
    package func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Redactor.mark }
    package var debugDescription: String { Redactor.mark }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// Takes our credentials out of texts that Celonis sent back (product.md §3).
package struct Redactor: Hashable, Sendable {
    static let mark = "[redacted]"

    private let secrets: [String]

    /// The longest goes first, so that a secret that contains another leaves no rest.
    package init(_ secrets: [String]) {
        self.secrets = secrets.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }

    package func redact(_ text: String) -> String {
        secrets.reduce(text) { text, secret in text.replacing(secret, with: Self.mark) }
    }
}
