/// Why a text is not an RFC 9535 query.
package struct JSONPathError: Error, Equatable, Sendable {
    /// Where in the query: bytes of UTF-8 from its start.
    package let offset: Int
    /// What is wrong.
    package let message: String
    /// What to write instead, where that can be guessed.
    package let hint: String?
}

extension JSONPathError: CustomStringConvertible {
    /// One line with message, place and hint.
    package var description: String {
        "\(message) (at offset \(offset))" + (hint.map { "; \($0)" } ?? "")
    }
}
