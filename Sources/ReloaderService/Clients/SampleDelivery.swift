import Settings
import Signatures
import Vocabulary

/// A delivery, signed as a source's sender would sign it: what `reloader send` and the demo post.
package struct SampleDelivery: Sendable {
    package var url: String
    package var headers: HeaderList
    package var body: [UInt8]

    /// `base` is the service's address as `ServiceAddress.base` has it, e.g. `http://127.0.0.1:8080`; schemes that sign a
    /// message's id sign `messageID`. `headers` go beside those that sign it.
    ///
    /// - Throws: `SignerError`, or `NoSecret` where the configuration was loaded without its secrets.
    package init(
        source: SourceSettings,
        base: String,
        body: [UInt8],
        now: WallTime,
        messageID: String,
        headers others: HeaderList = HeaderList()
    ) throws {
        let secret: [UInt8]
        if source.scheme == .unsigned {
            secret = []
        } else {
            guard let first = source.secrets.first?.bytes else { throw NoSecret(source: source.name) }
            secret = first
        }
        url = base + "/hooks/" + PercentEncoding.encode(source.name)
        headers = try Signer.headers(
            scheme: source.scheme,
            secret: secret,
            body: body,
            now: now,
            messageID: messageID,
            others: others
        )
        if headers.values(named: "content-type").isEmpty {
            headers.fields.append(("content-type", "application/json"))
        }
        self.body = body
    }

    package func post(with caller: HTTPCaller = HTTPCaller()) async throws -> HTTPCaller.Answer {
        try await caller.post(url, headers: headers, body: body)
    }
}

/// The source has no secret to sign with.
package struct NoSecret: Error, CustomStringConvertible {
    package let source: String
    package var description: String { "source \"\(source)\" has no secret to sign with" }
}
