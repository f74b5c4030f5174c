import NIOCore
import Vocabulary

/// Where to listen, with how many threads, and what one peer may take.
package struct ServerConfiguration: Sendable {
    package var address: ListenAddress
    /// Event loops, at least 1; connections are spread over them.
    package var threads: Int
    package var limits: ServerLimits
    /// Serves TLS and nothing else; nil: plain HTTP.
    package var certificate: ServerCertificate?

    package init(
        address: ListenAddress,
        threads: Int = 1,
        limits: ServerLimits = ServerLimits(),
        certificate: ServerCertificate? = nil
    ) {
        self.address = address
        self.threads = threads
        self.limits = limits
        self.certificate = certificate
    }
}

/// The bounds of product.md §2 (`limits`), with its defaults.
package struct ServerLimits: Sendable {
    /// Open connections. Beyond that the one that has been idle longest goes.
    package var connections = 1024
    /// From the first byte of a head (of a new connection: from its start) to the head's end.
    package var headerTimeout = Duration.seconds(10)
    /// From a head's end to its body's end.
    package var bodyTimeout = Duration.seconds(30)
    /// From an answer to the next request.
    package var idleTimeout = Duration.seconds(60)
    /// Bytes of a head's target, names and values, of its chunks' extensions and of its trailers, together.
    package var headerSize = 16 * 1024
    /// What a peer that has just connected still has to send its one request when the server stops. Not configured.
    var lastCall = Duration.seconds(1)

    package init() {}
}

/// What one connection has to know of the limits, and those that are not configured.
struct ConnectionLimits {
    var headerTimeout: TimeAmount
    var bodyTimeout: TimeAmount
    var idleTimeout: TimeAmount
    var lastCall: TimeAmount
    /// A body that nobody wants is read away up to this size, so that its connection can go on.
    var discard = 64 * 1024
    /// What a peer may still send after its last answer, in bytes and in time.
    var linger = 4 * 1024 * 1024
    var lingerTimeout = TimeAmount.seconds(5)
    /// How much later than one that is idle since then a connection goes that is sending a body, where one has to go.
    var bodyHeadStart = TimeAmount.seconds(2)

    init(_ limits: ServerLimits) {
        headerTimeout = TimeAmount(limits.headerTimeout)
        bodyTimeout = TimeAmount(limits.bodyTimeout)
        idleTimeout = TimeAmount(limits.idleTimeout)
        lastCall = TimeAmount(limits.lastCall)
    }
}
