#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a command is told to read: a file, anything that has no size beforehand (`/dev/stdin`, `<(…)`), or `-` for
/// standard input.
package enum InputFile {
    /// Everything to the end. The error says what the system said.
    package static func bytes(of path: String) throws(InputFileError) -> [UInt8] {
        if path == "-" { return try contents(STDIN_FILENO) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw InputFileError() }
        defer { close(descriptor) }
        return try contents(descriptor)
    }

    private static func contents(_ descriptor: Int32) throws(InputFileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var status = stat()
        // A hint only: the file may grow, and what is no file has no size.
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            bytes.reserveCapacity(Int(status.st_size))
        }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw InputFileError() }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }
}

/// What a command is told to write: a file that it makes or replaces, or any other thing that a path leads to.
package enum OutputFile {
    /// All of it. The error says what the system said.
    package static func write(_ text: String, to path: String) throws(InputFileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw InputFileError() }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let error = InputFileError()
                close(descriptor)
                throw error
            }
            bytes = bytes.dropFirst(count)
        }
        guard close(descriptor) == 0 else { throw InputFileError() }
    }

    /// Whether writing to a path replaces a file that is read, whatever the names: a link, or another way to write it.
    package static func write(to path: String, replaces input: String) -> Bool {
        var (output, read) = (stat(), stat())
        return stat(path, &output) == 0 && stat(input, &read) == 0 && output.st_mode & S_IFMT == S_IFREG
            && FileState.Identity(output) == FileState.Identity(read)
    }
}

/// Why it could not be read or written, in the system's words.
package struct InputFileError: Error, CustomStringConvertible {
    package let description: String

    fileprivate init() { description = String(cString: strerror(errno)) }
}
