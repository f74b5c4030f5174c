/// A set of characters: ranges, and Unicode's general categories.
struct CharacterClass: Sendable {
    private let ranges: [ClosedRange<UInt32>]
    /// A bit for each general category; whatever is in one of them is in the set. `\P{…}` sets all the others' bits.
    private let categories: UInt32
    private let isInverted: Bool
    /// The answers for ASCII, which is what most texts are made of.
    private var ascii: (low: UInt64, high: UInt64) = (0, 0)

    /// `.`: anything but a line's end (RFC 9485 §5.3).
    static let dot = CharacterClass(ranges: [0x0A...0x0A, 0x0D...0x0D], categories: 0, isInverted: true)

    init(ranges: [ClosedRange<UInt32>], categories: UInt32 = 0, isInverted: Bool = false) {
        self.ranges = Self.merged(ranges)
        self.categories = categories
        self.isInverted = isInverted
        for range in self.ranges where range.lowerBound < 128 {
            for value in range.clamped(to: 0...127) { insertASCII(value) }
        }
        if categories != 0 {
            for (value, bit) in Self.categoriesOfASCII.enumerated() where categories & bit != 0 {
                insertASCII(UInt32(value))
            }
        }
        if isInverted { ascii = (~ascii.low, ~ascii.high) }
    }

    /// One character.
    init(_ scalar: Unicode.Scalar) {
        ranges = [scalar.value...scalar.value]
        categories = 0
        isInverted = false
        if scalar.isASCII { insertASCII(scalar.value) }
    }

    private mutating func insertASCII(_ value: UInt32) {
        if value < 64 { ascii.low |= 1 << UInt64(value) } else { ascii.high |= 1 << UInt64(value - 64) }
    }

    func contains(_ value: UInt32) -> Bool {
        if value < 64 { return ascii.low >> UInt64(value) & 1 == 1 }
        if value < 128 { return ascii.high >> UInt64(value - 64) & 1 == 1 }
        return search(value)
    }

    private func search(_ value: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        var isFound = low < ranges.count && ranges[low].lowerBound <= value
        if !isFound, categories != 0, let scalar = Unicode.Scalar(value) {
            isFound = categories & scalar.properties.generalCategory.bit != 0
        }
        return isFound != isInverted
    }

    private static let categoriesOfASCII = (UInt8(0)..<128).map { Unicode.Scalar($0).properties.generalCategory.bit }

    /// Sorted and without overlaps, as `search` needs them.
    private static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    /// The categories that `\p{name}` means, as bits; nil for a name that RFC 9485's `IsCategory` does not have.
    static func categories(named name: String) -> UInt32? {
        let bits = categoriesByName.filter { $0.name == name || name.utf8.count == 1 && $0.name.hasPrefix(name) }
        return bits.isEmpty ? nil : bits.reduce(0) { $0 | $1.category.bit }
    }

    /// Every category. `Cs` is missing as in the RFC: no text of Unicode characters holds a surrogate.
    private static let categoriesByName: [(name: String, category: Unicode.GeneralCategory)] = [
        ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter), ("Lm", .modifierLetter),
        ("Lo", .otherLetter), ("Mn", .nonspacingMark), ("Mc", .spacingMark), ("Me", .enclosingMark),
        ("Nd", .decimalNumber), ("Nl", .letterNumber), ("No", .otherNumber), ("Pc", .connectorPunctuation),
        ("Pd", .dashPunctuation), ("Ps", .openPunctuation), ("Pe", .closePunctuation), ("Pi", .initialPunctuation),
        ("Pf", .finalPunctuation), ("Po", .otherPunctuation), ("Sm", .mathSymbol), ("Sc", .currencySymbol),
        ("Sk", .modifierSymbol), ("So", .otherSymbol), ("Zs", .spaceSeparator), ("Zl", .lineSeparator),
        ("Zp", .paragraphSeparator), ("Cc", .control), ("Cf", .format), ("Co", .privateUse), ("Cn", .unassigned),
    ]
}

extension Unicode.GeneralCategory {
    /// One bit of its own.
    fileprivate var bit: UInt32 {
        let position: UInt32 =
            switch self {
            case .uppercaseLetter: 0
            case .lowercaseLetter: 1
            case .titlecaseLetter: 2
            case .modifierLetter: 3
            case .otherLetter: 4
            case .nonspacingMark: 5
            case .spacingMark: 6
            case .enclosingMark: 7
            case .decimalNumber: 8
            case .letterNumber: 9
            case .otherNumber: 10
            case .connectorPunctuation: 11
            case .dashPunctuation: 12
            case .openPunctuation: 13
            case .closePunctuation: 14
            case .initialPunctuation: 15
            case .finalPunctuation: 16
            case .otherPunctuation: 17
            case .mathSymbol: 18
            case .currencySymbol: 19
            case .modifierSymbol: 20
            case .otherSymbol: 21
            case .spaceSeparator: 22
            case .lineSeparator: 23
            case .paragraphSeparator: 24
            case .control: 25
            case .format: 26
            case .surrogate: 27
            case .privateUse: 28
            case .unassigned: 29
            @unknown default: 30
            }
        return 1 << position
    }
}
