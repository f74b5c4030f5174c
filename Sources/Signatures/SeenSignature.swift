/// Something in a header that can be read as a hash: a signature that may stand in the wrong place or form.
struct SeenSignature {
    let bytes: [UInt8]
    private let header: String
    private let encoding: Encoding
    /// What stands before it in its item of the list.
    private let prefix: String
    /// Whether something surrounds it that no signature of ours has: quotes, spaces.
    private let isWrapped: Bool

    /// Everything in a header's value that is as long as a hash when it is decoded.
    static func all(in value: String, header: String) -> [Self] {
        var result: [Self] = []
        for item in value.utf8.split(whereSeparator: { " ,;\t".utf8.contains($0) }) {
            let isQuote = { (character: UInt8) in character == UInt8(ascii: "\"") || character == UInt8(ascii: "'") }
            var bare = item.drop(while: isQuote)
            while let last = bare.last, isQuote(last) { bare = bare.dropLast() }
            // The signature may begin after any mark that ends a prefix; base64 has marks of its own.
            let marks = bare.indices.filter { "=,:-".utf8.contains(bare[$0]) }.map { bare.index(after: $0) }
            for start in [bare.startIndex] + marks {
                for encoding in Encoding.allCases {
                    guard let bytes = encoding.decode(bare[start...], trailingBits: .ignored),
                        HashAlgorithm.allCases.contains(where: { $0.length == bytes.count })
                    else { continue }
                    let prefix = String(decoding: bare[..<start], as: UTF8.self)
                    result.append(
                        Self(
                            bytes: bytes, header: header, encoding: encoding, prefix: prefix,
                            isWrapped: bare.count != item.count))
                }
            }
        }
        return result
    }

    /// In what this differs from where and how a scheme has its signature.
    func differences(from form: SignatureForm) -> [Finding] {
        var findings: [Finding] = []
        if !form.headers.contains(where: { isSameHeader($0, header) }) { findings.append(.otherHeader(header)) }
        if encoding != form.encoding { findings.append(.otherEncoding(encoding)) }
        // In a list "v1," the comma cuts the item: the mark is looked at only where it is part of the item.
        let expected = form.prefix.hasSuffix(",") ? "" : form.prefix
        if prefix != expected { findings.append(prefix.isEmpty ? .prefixMissing : .prefixOther(prefix)) }
        if isWrapped { findings.append(.wrapped) }
        return findings
    }
}
