import Foundation
import NIOSSL

@testable import Listener

/// A self-signed certificate for localhost and its key, made by openssl for one test.
final class TestCertificate {
    let certificate: String
    let privateKey: String
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("listener-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appendingPathComponent("tls.crt").path
        privateKey = folder.appendingPathComponent("tls.key").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            + ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
            + ["-keyout", privateKey, "-out", certificate]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func served() throws -> ServerCertificate {
        try ServerCertificate(certificate: certificate, privateKey: privateKey)
    }

    /// What a client needs that trusts this certificate only.
    func client(_ version: TLSVersion? = nil) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(certificate)
        configuration.minimumTLSVersion = version ?? .tlsv12
        configuration.maximumTLSVersion = version
        return try NIOSSLContext(configuration: configuration)
    }
}
