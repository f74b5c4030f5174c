import Testing

@testable import JSONPath

@Suite("numbers")
struct JSONNumberTests {
    @Test("integers compare exactly, also beyond what a double tells apart")
    func integers() {
        #expect(JSONNumber.signed(9_007_199_254_740_993) != .signed(9_007_199_254_740_992))
        #expect(JSONNumber.unsigned(.max) != .unsigned(.max - 1))
        #expect(JSONNumber.signed(.max) < .unsigned(UInt64(Int64.max) + 1))
        #expect(JSONNumber.signed(-1) < .unsigned(.max))
        #expect(JSONNumber.signed(5) == .unsigned(5))
    }

    @Test("other pairs compare as doubles")
    func doubles() {
        #expect(JSONNumber.signed(1) == .double(1.0))
        #expect(JSONNumber.signed(0) == .double(-0.0))
        #expect(JSONNumber.double(0.5) < .signed(1))
        #expect(JSONNumber.unsigned(.max) == .double(18_446_744_073_709_551_616))
    }

    @Test("a text is a number exactly when JSON has it so")
    func texts() {
        #expect(JSONNumber(json: "-0") == .signed(0))
        #expect(JSONNumber(json: "1e2") == .signed(100))
        #expect(JSONNumber(json: "18446744073709551615") == .unsigned(.max))
        #expect(JSONNumber(json: "-1.25E-1") == .double(-0.125))
        for text in ["", "-", "01", "1.", ".5", "+1", "1e", "0x1", " 1", "1 ", "1,5", "inf", "nan"] {
            #expect(JSONNumber(json: text) == nil, "\(text)")
        }
    }
}
