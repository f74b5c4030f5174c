/// A header's value without the spaces and tabs around it, which are no part of it (RFC 9110 §5.5).
/// Of bytes: cutting these costs a fraction of cutting characters.
func trimmed<Text: BidirectionalCollection<UInt8>>(_ value: Text) -> Text.SubSequence {
    guard let first = value.firstIndex(where: { !isBlank($0) }), let last = value.lastIndex(where: { !isBlank($0) })
    else { return value[value.endIndex...] }
    return value[first...last]
}

/// Whether two names are the same but for the case of their letters.
func isSameToken(_ one: some Sequence<UInt8>, _ other: some Sequence<UInt8>) -> Bool {
    one.elementsEqual(other) { lowercase($0) == lowercase($1) }
}

/// Whether `text` is a token, as a header's name must be (RFC 9110 §5.6.2).
func isHeaderName(_ text: String) -> Bool {
    !text.isEmpty
        && text.utf8.allSatisfy { character in
            switch lowercase(character) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "!#$%&'*+-.^_`|~".utf8.contains(character)
            }
        }
}

private func isBlank(_ character: UInt8) -> Bool { character == UInt8(ascii: " ") || character == UInt8(ascii: "\t") }

private func lowercase(_ character: UInt8) -> UInt8 {
    character >= UInt8(ascii: "A") && character <= UInt8(ascii: "Z") ? character | 0x20 : character
}
