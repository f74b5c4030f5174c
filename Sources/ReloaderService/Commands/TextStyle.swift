/// Whether text for people is coloured: on a terminal only, and never where `NO_COLOR` is set (https://no-color.org).
package enum TextStyle: Sendable {
    case plain, coloured

    /// What a colour means here.
    enum Colour: Int {
        case bad = 31
        case good = 32
        case attention = 33
        case busy = 36
    }

    /// `noColor` is the variable's value; an empty one counts as unset. A terminal of kind `dumb` shows no colours.
    package init(isTerminal: Bool, noColor: String?, terminalKind: String?) {
        let isAllowed = noColor.map(\.isEmpty) ?? true
        self = isTerminal && isAllowed && terminalKind != "dumb" ? .coloured : .plain
    }

    /// The text in a colour, or as it is.
    func paint(_ text: String, _ colour: Colour?) -> String {
        guard case .coloured = self, let colour else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }
}
