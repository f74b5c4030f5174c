import Vocabulary

/// Signs a delivery as its sender would: for `reloader send`, the demo and tests.
package enum Signer {
    /// The header fields that go with `body`: those that prove it, and `others`. `secret` is a key as `SecretDecoding` made
    /// it. A header that a scheme signs beside the timestamp carries `messageID` where it is not one of `others`.
    package static func headers(
        scheme: Scheme,
        secret: [UInt8],
        body: [UInt8],
        now: WallTime,
        messageID: String,
        others: HeaderList = HeaderList()
    ) throws(SignerError) -> HeaderList {
        var headers = try proof(scheme, secret: secret, body: body, now: now, messageID: messageID, others: others)
        if let made = headers.fields.first(where: { !others.values(named: $0.name).isEmpty }) {
            throw .headerIsMade(made.name)
        }
        headers.fields += others.fields
        return headers
    }

    private static func proof(
        _ scheme: Scheme,
        secret: [UInt8],
        body: [UInt8],
        now: WallTime,
        messageID: String,
        others: HeaderList
    ) throws(SignerError) -> HeaderList {
        switch scheme.proof {
        case .signature(let form):
            return try signed(form, secret: secret, body: body, now: now, messageID: messageID, others: others)
        case .token(let place):
            guard let text = String(validating: secret, as: UTF8.self) else { throw .secretIsNotText }
            let value =
                switch place {
                case .bearer: "Bearer " + text
                case .basic: "Basic " + Encoding.base64.encode("reloader:".utf8 + secret)
                case .header: text
                }
            return HeaderList([(place.header, value)])
        case .unsigned:
            return HeaderList()
        }
    }

    private static func signed(
        _ form: SignatureForm,
        secret: [UInt8],
        body: [UInt8],
        now: WallTime,
        messageID: String,
        others: HeaderList
    ) throws(SignerError) -> HeaderList {
        let timestamp = String(now.milliseconds / 1000)
        var fields = HeaderList()
        if case .header(let names) = form.timestamp { fields.fields.append((names[0], timestamp)) }
        var bytes: [UInt8] = []
        for part in form.signed {
            switch part {
            case .text(let text): bytes += text
            case .timestamp: bytes += timestamp.utf8
            case .body: bytes += body
            case .header(let names):
                let sent = HeaderList(fields.fields + others.fields)
                if let value = names.lazy.compactMap({ sent.values(named: $0).first }).first {
                    bytes += value.utf8
                } else {
                    fields.fields.append((names[0], messageID))
                    bytes += messageID.utf8
                }
            }
        }
        guard let mac = KeyedMAC(form.algorithm, key: secret)?.mac(of: bytes) else { throw .secretRefused }
        let signature = form.prefix + form.encoding.encode(mac)
        if case .item(let prefix) = form.timestamp, let separator = form.separator {
            fields.fields.append((form.headers[0], prefix + timestamp + String(separator) + signature))
        } else {
            fields.fields.append((form.headers[0], signature))
        }
        return fields
    }
}

/// Why nothing can be signed.
package enum SignerError: Error, Equatable, CustomStringConvertible {
    /// A token goes into a header as text, and this one is not UTF-8.
    case secretIsNotText
    /// The secret is empty, or libcrypto refuses the algorithm.
    case secretRefused
    /// A header that is to go beside the proof is part of it.
    case headerIsMade(String)

    package var description: String {
        switch self {
        case .secretIsNotText: "the secret is not text, so no header can carry it"
        case .secretRefused: "the secret is empty, or this system's OpenSSL refuses the algorithm"
        case .headerIsMade(let name): "the header \(name) is made when the delivery is signed"
        }
    }
}
