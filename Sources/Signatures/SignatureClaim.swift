import Vocabulary

/// What a delivery's headers say about its signature. Where they are no good, the claim still has the shape of a good
/// one, so that the same work follows (queue.md S8).
struct SignatureClaim {
    /// Every readable signature, one after another, each as long as the algorithm's hash. Never empty.
    private(set) var signatures: [UInt8] = []
    /// The signed bytes before the body.
    private(set) var beforeBody: [UInt8] = []
    /// The signed bytes after the body.
    private(set) var afterBody: [UInt8] = []
    /// The first thing wrong with the headers.
    private(set) var refusal: Refusal?
    /// How far the timestamp is from now; positive: in the future. Nil where there is none that can be read.
    private(set) var secondsFromNow: Int64?

    /// A header with signatures is not read when it is longer than this.
    static let longestHeader = 8192
    /// Enough for 31 million years, and far from overflow.
    static let longestTimestamp = 15

    init(_ headers: some HeaderFields, form: SharedForm, now: WallTime) {
        var timestamp: Text?
        readSignatures(headers, form: form, timestamp: &timestamp)
        if let place = form.value.timestamp {
            if case .header(let names) = place {
                timestamp = value(under: form.value.namesInUse(names, in: headers), in: headers)
            }
            check(timestamp ?? [], tolerance: form.value.tolerance, now: now)
        }
        readSignedParts(headers, form: form, timestamp: timestamp ?? [])
        if signatures.isEmpty {
            refuse(.malformed)
            signatures = [UInt8](repeating: 0, count: form.value.algorithm.length)
        }
    }

    /// A piece of a header's value.
    private typealias Text = ArraySlice<UInt8>

    private mutating func refuse(_ reason: Refusal) { refusal = refusal ?? reason }

    /// Collects the signatures of the header, under each of its names, and the timestamp where it is one of its items.
    private mutating func readSignatures(
        _ headers: some HeaderFields,
        form: SharedForm,
        timestamp: inout Text?
    ) {
        var isPresent = false
        for name in form.value.headers {
            let value = value(under: name, in: headers)
            guard !value.isEmpty else { continue }
            isPresent = true
            if value.count > Self.longestHeader { refuse(.malformed) } else { read(value, form, &timestamp) }
        }
        if isPresent { return }
        refuse(.missing)
        // Read something all the same, so that the time does not tell (queue.md S8).
        var ignored: Text?
        read(form.standIn[...], form, &ignored)
    }

    /// Reads one header's value.
    private mutating func read(_ value: Text, _ form: SharedForm, _ timestamp: inout Text?) {
        guard let separator = form.value.separator else { return readSignature(value, form: form) }
        for item in value.split(separator: UInt8(ascii: separator)) {
            if case .item(let prefix) = form.value.timestamp, item.starts(with: prefix.utf8) {
                if timestamp != nil { refuse(.repeated) }
                timestamp = item.dropFirst(prefix.utf8.count)
            } else {
                readSignature(item, form: form)
            }
        }
    }

    /// Takes one signature; one that cannot be read counts as absent, since another may be good.
    private mutating func readSignature(_ text: Text, form: SharedForm) {
        guard let signature = text.withUnsafeBufferPointer({ Self.signature($0, form) }) else { return }
        if signatures.isEmpty { signatures = signature } else { signatures += signature }
    }

    private static func signature(_ text: UnsafeBufferPointer<UInt8>, _ form: SharedForm) -> [UInt8]? {
        guard form.value.prefix.isEmpty || text.starts(with: form.value.prefix.utf8) else { return nil }
        let digits = UnsafeBufferPointer(rebasing: text[form.value.prefix.utf8.count...])
        guard digits.count <= form.value.encoding.longestText(of: form.value.algorithm.length),
            let signature = form.value.encoding.decode(digits, .mustBeZero),
            signature.count == form.value.algorithm.length
        else { return nil }
        return signature
    }

    /// Digits only: the sign that `Int64()` takes is nothing that a sender writes.
    private mutating func check(_ timestamp: Text, tolerance: Duration, now: WallTime) {
        guard !timestamp.isEmpty else { return refuse(.timestampMissing) }
        guard timestamp.count <= Self.longestTimestamp else { return refuse(.timestampMalformed) }
        var seconds: Int64 = 0
        for character in timestamp {
            guard character >= UInt8(ascii: "0") && character <= UInt8(ascii: "9") else {
                return refuse(.timestampMalformed)
            }
            seconds = seconds * 10 + Int64(character - UInt8(ascii: "0"))
        }
        let distance = Duration.milliseconds(seconds * 1000 - now.milliseconds)
        secondsFromNow = distance.components.seconds
        if distance > tolerance || distance < .zero - tolerance { refuse(.timestampOutOfTolerance) }
    }

    private mutating func readSignedParts(_ headers: some HeaderFields, form: SharedForm, timestamp: Text) {
        var isAfterBody = false
        for part in form.value.signed {
            switch part {
            case .text(let text): append(text, isAfterBody)
            case .timestamp: append(timestamp, isAfterBody)
            case .header(let names):
                let value = value(under: form.value.namesInUse(names, in: headers), in: headers)
                if value.isEmpty { refuse(.signedHeaderMissing) }
                append(value, isAfterBody)
            case .body: isAfterBody = true
            }
        }
    }

    private mutating func append(_ bytes: some Sequence<UInt8>, _ isAfterBody: Bool) {
        if isAfterBody { afterBody += bytes } else { beforeBody += bytes }
    }

    /// The value of a header that has several names. Where it came under more than one, all must agree: otherwise the
    /// one that was not signed could pass for the one that was (queue.md Q17).
    private mutating func value(under names: [String], in headers: some HeaderFields) -> Text {
        var result: Text = []
        for name in names {
            let value = value(under: name, in: headers)
            if !result.isEmpty && !value.isEmpty && value != result { refuse(.repeated) }
            if result.isEmpty { result = value }
        }
        return result
    }

    /// The value of a header; empty when it is absent.
    private mutating func value(under name: String, in headers: some HeaderFields) -> Text {
        var first: Text?
        var count = 0
        headers.forEachValueBytes(named: name) { value in
            if count == 0 { first = value }
            count += 1
        }
        if count > 1 { refuse(.repeated) }
        return first.map(trimmed) ?? []
    }
}
