import Foundation
import Synchronization

/// An HTTP proxy on loopback that joins two sockets (RFC 9110 §9.3.6), and remembers what it was asked for. It may demand
/// a password.
final class ConnectProxy: Sendable {
    let port: Int
    private let listening: Int32
    private let authorization: String?
    private let seen = Mutex<[String]>([])

    /// The first lines of the requests that it has served.
    var requests: [String] { seen.withLock(\.self) }

    /// `user` is `NAME:PASSWORD`.
    init(user: String? = nil) throws {
        authorization = user.map { "proxy-authorization: basic " + Data($0.utf8).base64EncodedString().lowercased() }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        listening = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var address = Self.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard listens else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listening, nil, nil)
                guard client >= 0 else { return }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                Thread.detachNewThread { [self] in serve(client) }
            }
        }
    }

    /// Ends it; connections that it has joined go on.
    func stop() { shutdown(listening, Int32(SHUT_RDWR)) }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return address
    }

    private func serve(_ client: Int32) {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        // A byte at a time: what follows the head belongs to the other side.
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]), head.count < 8192, recv(client, &byte, 1, 0) == 1 {
            head.append(byte)
        }
        let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
        if let authorization, !lines.contains(where: { $0.lowercased() == authorization }) {
            answer(client, "407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"test\"")
            close(client)
            return
        }
        let words = lines[0].split(separator: " ")
        guard words.count == 3, words[0] == "CONNECT", let port = words[1].split(separator: ":").last,
            let number = UInt16(port), let server = Self.connected(to: number)
        else {
            answer(client, "502 Bad Gateway")
            close(client)
            return
        }
        seen.withLock { $0.append(lines[0]) }
        send(client, Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
        Thread.detachNewThread { Self.copy(from: client, to: server) }
        Self.copy(from: server, to: client)
    }

    private func answer(_ client: Int32, _ status: String) {
        send(client, Array("HTTP/1.1 \(status)\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".utf8))
    }

    private func send(_ socket: Int32, _ bytes: [UInt8]) {
        _ = Foundation.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func connected(to port: UInt16) -> Int32? {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        _ = fcntl(server, F_SETFD, FD_CLOEXEC)
        var address = loopback(port: port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return server }
        close(server)
        return nil
    }

    /// Until one side ends. The descriptors live as long as the test run: the other direction may still use them.
    private static func copy(from source: Int32, to target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0, Foundation.send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }
}
