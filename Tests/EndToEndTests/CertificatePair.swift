import Foundation
import Testing

/// A certificate for `localhost` and 127.0.0.1 and its key, as PEM files made by openssl.
struct CertificatePair {
    let certificate: String
    let key: String

    /// Signed by itself, or by an authority.
    static func make(
        _ name: String,
        in folder: TemporaryFolder,
        signedBy authority: CertificatePair? = nil,
        names: String = "DNS:localhost,IP:127.0.0.1"
    ) async throws -> CertificatePair {
        let path = folder.url.appendingPathComponent(name).path
        let signer = authority.map { ["-CA", $0.certificate, "-CAkey", $0.key] } ?? []
        let made = try await Program(
            "/usr/bin/openssl",
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
                + ["-subj", "/CN=\(name)", "-addext", "subjectAltName=\(names)"]
                + (authority == nil ? [] : ["-addext", "basicConstraints=critical,CA:FALSE"]) + signer
                + ["-keyout", path + ".key", "-out", path + ".crt"]
        ).ended()
        try #require(made.status == 0, "\(made.errors)")
        return CertificatePair(certificate: path + ".crt", key: path + ".key")
    }
}
