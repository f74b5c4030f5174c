import Vocabulary

extension Selector {
    /// A table's name may come from an event, and may be one of the words that a rule has for more than a table: without a
    /// mark of its own, the table `*` would come back from the disk as a complete load.
    private static let mark = "table:"

    /// As the file has it.
    var stored: String {
        guard case .table(let name) = self, Selector(name) != self || name.hasPrefix(Self.mark) else {
            return description
        }
        return Self.mark + name
    }

    init(stored text: String) {
        switch text.utf8.first {
        case UInt8(ascii: "*"), UInt8(ascii: "d"), UInt8(ascii: "t"):
            self = text.hasPrefix(Self.mark) ? .table(String(text.dropFirst(Self.mark.count))) : Selector(text)
        default:
            // A plain name, as nearly all of a hundred thousand are, without looking for any mark.
            self = .table(text)
        }
    }
}
