import Testing

@testable import Vocabulary

@Suite struct PrintableTextTests {
    @Test("What a terminal or a reader could take for something else than text is escaped, the rest is not")
    func escapes() {
        #expect("EKKO \t é 表 \\ \"".printable == "EKKO \t é 表 \\ \"")
        #expect("a\nb\r\n".printable == #"a\nb\r\n"#)
        #expect("\u{0}\u{1B}[31m\u{7F}\u{80}\u{9F}".printable == #"\u0000\u001b[31m\u007f\u0080\u009f"#)
        #expect("\u{2028}\u{2029}\u{202A}\u{202E}".printable == #"\u2028\u2029\u202a\u202e"#)
        #expect("\u{2066}\u{2069}\u{200E}\u{200F}\u{61C}".printable == #"\u2066\u2069\u200e\u200f\u061c"#)
        #expect("e\u{301}\u{A0}\u{2027}".printable == "e\u{301}\u{A0}\u{2027}")
    }

    @Test("JSON text holds nothing unprintable either, and means the same")
    func json() {
        #expect(JSONText.quoted("a\t\u{7F}\u{202E}\"é") == #""a\t\u007f\u202e\"é""#)
    }
}
