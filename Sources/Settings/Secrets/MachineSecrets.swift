#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The environment and the files of this machine.
package struct MachineSecrets: SecretSource {
    private static let sizeLimit = 64 * 1024

    package init() {}

    package func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    package func contents(ofFile path: String) throws(SecretFileError) -> [UInt8] {
        // Not blocking: a FIFO without a writer must not hang the start.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system(String(cString: strerror(errno))) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= Self.sizeLimit else { throw .tooLarge }
        }
    }
}
