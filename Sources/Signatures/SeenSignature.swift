import Vocabulary

/// Something in a header that can be read as a hash: a signature that may stand in the wrong place or form.
struct SeenSignature {
    let bytes: [UInt8]
    private let header: String
    private let encoding: Encoding
    private let prefix: String
    private let isLastInItem: Bool

    /// Everything in a header's value that is as long as a hash when it is decoded. `separator` is what stands between
    /// the items of a list; nil: the value is one item.
    static func all(in value: String, header: String, separator: Unicode.Scalar?) -> [Self] {
        let value = trimmed(value.utf8)
        let items = separator.map { value.split(separator: UInt8(ascii: $0)) } ?? [value]
        return items.flatMap { item in
            // A signature may begin after anything that can end a prefix, and ends before what belongs to none.
            let starts = item.indices.filter { "=,:-; \t\"'".utf8.contains(item[$0]) }.map { item.index(after: $0) }
            return ([item.startIndex] + starts).flatMap { start in
                let text = item[start...].prefix { !",; \t\"'".utf8.contains($0) }
                return Encoding.allCases.compactMap { encoding -> Self? in
                    guard let bytes = encoding.decode(text, trailingBits: .ignored),
                        HashAlgorithm.allCases.contains(where: { $0.length == bytes.count })
                    else { return nil }
                    return Self(
                        bytes: bytes,
                        header: header,
                        encoding: encoding,
                        prefix: String(decoding: item[..<start], as: UTF8.self),
                        isLastInItem: text.endIndex == item.endIndex
                    )
                }
            }
        }
    }

    /// In what this differs from where and how a scheme has its signature.
    func differences(from form: SignatureForm) -> [Finding] {
        var findings: [Finding] = []
        if !form.headers.contains(where: { isSameHeaderName($0, header) }) { findings.append(.otherHeader(header)) }
        if encoding != form.encoding { findings.append(.otherEncoding(encoding)) }
        if prefix != form.prefix { findings.append(prefix.isEmpty ? .prefixMissing : .otherPrefix) }
        if !isLastInItem { findings.append(.somethingBehind) }
        return findings
    }
}
