import NIOCore
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A certificate chain with its private key, as they were when they were read, ready to serve TLS 1.2 and 1.3
/// (product.md §2, `listen.tls`).
package struct ServerCertificate: Sendable {
    let context: NIOSSLContext

    /// Reads two PEM files; the chain begins with the server's own certificate.
    /// - Throws: `CertificateError`, which names the file.
    package init(certificate: String, privateKey: String) throws(CertificateError) {
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        do {
            try Self.requireReadable(certificate)
            chain = try NIOSSLCertificate.fromPEMFile(certificate)
        } catch {
            throw .certificate(path: certificate, reason: Self.reason(error, otherwise: "it holds no PEM certificate"))
        }
        do {
            try Self.requireReadable(privateKey)
            key = try NIOSSLPrivateKey(file: privateKey, format: .pem)
        } catch {
            let otherwise = "it holds no PEM private key without a passphrase"
            throw .privateKey(path: privateKey, reason: Self.reason(error, otherwise: otherwise))
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // A peer that is to go now is not waited for: RFC 8446 §6.1 asks us to say goodbye, not to hear it.
        configuration.shutdownTimeout = .zero
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .noPair(certificate: certificate, privateKey: privateKey)
        }
    }

    /// The TLS library does not say why it could not open a file.
    private static func requireReadable(_ path: String) throws {
        guard access(path, R_OK) == 0 else { throw IOError(errnoCode: errno, reason: "access") }
    }

    private static func reason(_ error: any Error, otherwise: String) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? otherwise
    }
}

/// Why TLS cannot be served.
package enum CertificateError: Error, Hashable, CustomStringConvertible {
    case certificate(path: String, reason: String)
    case privateKey(path: String, reason: String)
    /// Both can be read, and the key is another certificate's.
    case noPair(certificate: String, privateKey: String)

    package var description: String {
        switch self {
        case .certificate(let path, let reason): "listen.tls.certificate: cannot use \(path): \(reason)"
        case .privateKey(let path, let reason): "listen.tls.private_key: cannot use \(path): \(reason)"
        case .noPair(let certificate, let privateKey):
            "listen.tls: \(privateKey) is not the private key of the first certificate in \(certificate)"
        }
    }
}
