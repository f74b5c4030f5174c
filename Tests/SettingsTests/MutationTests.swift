import OffThePool
import Testing
import Vocabulary

@testable import Settings

@Suite("Whatever the file says", .offThePool)
struct MutationTests {
    private static let pieces: [String] = [
        "[", "]", "{", "}", ":", ": ", "- ", "\n", "  ", "'", "\"", "*a", "&a ", "!x ", "#", "|", "~", "0", "-1", "é",
        "\t",
        "\u{2028}", "\u{0}", "$.", "literal:", "env:", "all", "\r", "%", "@", ",", "? ", "---\n", "<<", "\u{85}",
    ]

    private static func mutated(_ text: String, using random: inout SeededGenerator) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let start = Int.random(in: 0...scalars.count, using: &random)
            let end = min(scalars.count, start + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0...3, using: &random) {
            case 0: scalars.removeSubrange(start..<end)
            case 1: scalars.insert(contentsOf: pieces.randomElement(using: &random, or: ":").unicodeScalars, at: start)
            case 2:
                scalars.insert(contentsOf: Array(scalars[start..<end]), at: Int.random(in: 0...start, using: &random))
            default:
                scalars.replaceSubrange(start..<end, with: pieces.randomElement(using: &random, or: "x").unicodeScalars)
            }
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    @Test(
        "No change to a valid file crashes, and every diagnostic lies inside the file",
        arguments: 0..<8 as Range<UInt64>
    )
    func mutations(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<250 {
            let text = Self.mutated(completeExample, using: &random)
            let (configuration, diagnostics) = SettingsLoader.load(text: text, file: "f", secrets: nil)
            let hasErrors = diagnostics.contains { $0.severity == .error }
            #expect((configuration == nil) == hasErrors, "seed \(seed), round \(round)")
            let unified = text.replacing("\r\n", with: "\n").unicodeScalars
            let lines = unified.split(omittingEmptySubsequences: false) {
                "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0)
            }
            for diagnostic in diagnostics {
                let place = diagnostic.place
                let isInside =
                    (1...lines.count).contains(place.line)
                    && (1...(lines[max(1, min(place.line, lines.count)) - 1].count + 1)).contains(place.column)
                #expect(isInside, "seed \(seed), round \(round): \(diagnostic)")
                #expect(!diagnostic.message.isEmpty)
            }
            #expect(diagnostics.map(\.place) == diagnostics.map(\.place).sorted(), "seed \(seed), round \(round)")
        }
    }

    @Test("Every prefix of a valid file is answered")
    func prefixes() {
        let scalars = Array(completeExample.unicodeScalars)
        for length in stride(from: 0, to: scalars.count, by: 7) {
            var prefix = String.UnicodeScalarView()
            prefix.append(contentsOf: scalars[..<length])
            let (configuration, diagnostics) = SettingsLoader.load(text: String(prefix), file: "f", secrets: nil)
            let hasErrors = diagnostics.contains { $0.severity == .error }
            #expect((configuration == nil) == hasErrors, "length \(length)")
        }
    }

    @Test("Any bytes are answered", arguments: 0..<4 as Range<UInt64>)
    func anyBytes(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let (configuration, diagnostics) = SettingsLoader.load(bytes: bytes, file: "f", secrets: nil)
            #expect(configuration == nil)
            #expect(!diagnostics.isEmpty, "\(bytes)")
        }
    }
}

extension Array {
    fileprivate func randomElement(using random: inout SeededGenerator, or fallback: Element) -> Element {
        randomElement(using: &random) ?? fallback
    }
}
