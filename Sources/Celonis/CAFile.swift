import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `celonis.ca_file`: certificates in PEM that are trusted beside the system's own.
package struct CAFile {
    let certificates: [NIOSSLCertificate]

    /// - Throws: `CAFileError`, which names the file.
    package init(path: String) throws(CAFileError) {
        // The TLS library does not say why it could not open a file.
        guard access(path, R_OK) == 0 else { throw CAFileError(path: path, reason: String(cString: strerror(errno))) }
        let certificates = try? NIOSSLCertificate.fromPEMFile(path)
        guard let certificates, !certificates.isEmpty else {
            throw CAFileError(path: path, reason: "it holds no PEM certificate")
        }
        self.certificates = certificates
    }
}

/// Why Celonis's certificates cannot be checked.
package struct CAFileError: Error, Hashable, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String { "celonis.ca_file: cannot use \(path): \(reason)" }
}
