import Vocabulary

/// How one kind of sender proves who it is, as data: one verifier runs all of them (product.md §2.2).
package struct Scheme: Sendable, Hashable {
    /// The preset's name, or what a custom mapping is called in messages.
    package let name: String
    /// What a delivery has to show.
    package let proof: Proof
    /// The parts of the default duplicate key, as the configuration would write them: JSONPath or `header:NAME`.
    /// Empty: no key, so nothing is a duplicate unless `event_id` is written.
    package let eventID: [String]
    /// True where an array of events is signed by its first element only, so that the rest could be forged: once
    /// parsed, such a body must be refused (`segment`).
    package let refusesArrays: Bool

    init(name: String, proof: Proof, eventID: [String] = [], refusesArrays: Bool = false) {
        self.name = name
        self.proof = proof
        self.eventID = eventID
        self.refusesArrays = refusesArrays
    }

    /// What a delivery has to show.
    package enum Proof: Sendable, Hashable {
        /// A keyed hash of the body.
        case signature(SignatureForm)
        /// The secret itself.
        case token(TokenPlace)
        /// Nothing. The network is all that guards such a source.
        case unsigned
    }

    /// Where a sender that cannot sign puts the secret.
    package enum TokenPlace: Sendable, Hashable {
        /// `Authorization: Bearer SECRET`.
        case bearer
        /// HTTP Basic with the secret as password; the user's name is not looked at.
        case basic
        /// The value of this header.
        case header(String)

        var header: String {
            switch self {
            case .bearer, .basic: "Authorization"
            case .header(let name): name
            }
        }
    }

    /// `{ bearer: true }`
    package static let bearer = Self(name: "bearer", proof: .token(.bearer))
    /// `{ basic: true }`
    package static let basic = Self(name: "basic", proof: .token(.basic))
    /// `signature: none`
    package static let unsigned = Self(name: "none", proof: .unsigned)

    /// `{ header_token: NAME }`. Throws when that is no header's name.
    package static func headerToken(_ name: String) throws(SchemeError) -> Self {
        guard isHeaderName(name) else { throw .headerName(name, field: "header_token") }
        return Self(name: "header_token", proof: .token(.header(name)))
    }

    /// The custom mapping of product.md §2.2, checked as a whole. `signed` is text with `{body}` once and
    /// `{header:NAME}` any number of times.
    package static func custom(
        header: String,
        algorithm: HashAlgorithm,
        encoding: Encoding,
        prefix: String = "",
        signed: String = "{body}",
        timestamp: (header: String, tolerance: Duration)? = nil
    ) throws(SchemeError) -> Self {
        guard isHeaderName(header) else { throw .headerName(header, field: "header") }
        var form = SignatureForm(
            headers: [header],
            prefix: prefix,
            algorithm: algorithm,
            encoding: encoding,
            signed: try SignatureForm.parse(template: signed)
        )
        if let timestamp {
            guard isHeaderName(timestamp.header) else { throw .headerName(timestamp.header, field: "timestamp") }
            guard form.signs(header: timestamp.header) else { throw .timestampNotSigned(timestamp.header) }
            guard timestamp.tolerance > .zero else { throw .tolerance }
            form.timestamp = .header([timestamp.header])
            form.tolerance = timestamp.tolerance
        }
        return Self(name: "custom", proof: .signature(form))
    }

    /// The headers that hold a signature or a secret, or may hold a login of whatever is in front of us: shown and
    /// written nowhere (queue.md S7).
    package var secretHeaders: [String] {
        let proof =
            switch proof {
            case .signature(let form): form.headers
            case .token(let place): [place.header]
            case .unsigned: [String]()
            }
        return proof + ["authorization", "proxy-authorization", "cookie"]
    }

    /// Whether the signature covers this header, so that it may be part of a duplicate key (queue.md Q17).
    package func signs(header name: String) -> Bool {
        switch proof {
        case .signature(let form): form.signs(header: name)
        case .token, .unsigned: false
        }
    }

    /// The value of a signed header of a verified delivery, under whichever of its names it came (`webhook-id` or
    /// `svix-id`); nil when it is missing, no UTF-8, or this scheme does not sign it.
    package func signedValue(ofHeader name: String, in headers: some HeaderFields) -> String? {
        guard case .signature(let form) = proof, let names = form.names(ofSignedHeader: name) else { return nil }
        for name in form.namesInUse(names, in: headers) {
            var value: ArraySlice<UInt8>?
            headers.forEachValueBytes(named: name) { value = value ?? $0 }
            // Not mended where it is no UTF-8: two different ids would become one (queue.md Q17).
            if let value { return String(validating: trimmed(value), as: UTF8.self) }
        }
        return nil
    }
}

/// Why a custom mapping is no scheme. `description` is for the person who wrote it.
package enum SchemeError: Error, Equatable, CustomStringConvertible {
    /// Not a header's name (RFC 9110 §5.1); `field` is the key it was written under.
    case headerName(String, field: String)
    /// `signed` has no `{body}`.
    case bodyNotSigned
    /// `signed` has more than one `{body}`, which would have to be kept until it has arrived whole.
    case bodyTwice
    /// `signed` has a brace that neither `{body}` nor `{header:NAME}` explains.
    case placeholder(String)
    /// The timestamp is checked, but not signed: anybody could renew it.
    case timestampNotSigned(String)
    /// The tolerance is zero or negative.
    case tolerance

    /// The key of the mapping that is wrong.
    package var field: String {
        switch self {
        case .headerName(_, let field): field
        case .bodyNotSigned, .bodyTwice, .placeholder: "signed"
        case .timestampNotSigned, .tolerance: "timestamp"
        }
    }

    package var description: String {
        switch self {
        case .headerName(let name, _): "'\(name)' is not the name of a header"
        case .bodyNotSigned: "'signed' must contain {body}: what is not signed cannot be trusted"
        case .bodyTwice: "'signed' must contain {body} only once"
        case .placeholder(let text): "'\(text)' is not known here: use {body} or {header:NAME}"
        case .timestampNotSigned(let name):
            "'signed' must contain {header:\(name)}: a timestamp that is not signed can be renewed by anybody"
        case .tolerance: "the timestamp's tolerance must be more than 0s"
        }
    }
}
