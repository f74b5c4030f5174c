import COpenSSL
import Synchronization

/// An HMAC that has its key and waits for data. Made once for each secret and never fed itself: every delivery works on
/// a duplicate of it, which saves setting the key up again.
///
/// `@unchecked Sendable`: after `init` the context is only read, by `EVP_MAC_CTX_dup`, which takes it as `const`.
final class KeyedMAC: @unchecked Sendable {
    private let context: OpaquePointer

    /// Nil when libcrypto refuses the algorithm (a FIPS provider may) or the key is empty.
    init?(_ algorithm: HashAlgorithm, key: [UInt8]) {
        guard !key.isEmpty, let context = Self.context(algorithm, key: key) else { return nil }
        self.context = context
    }

    deinit { EVP_MAC_CTX_free(context) }

    /// The MAC of bytes that are there as a whole; nil when libcrypto failed.
    func mac(of bytes: [UInt8]) -> [UInt8]? {
        var running = RunningMACs(duplicating: KeyedMACs([self]))
        bytes.withUnsafeBytes { running.update($0) }
        var result: [UInt8] = []
        return running.finish { _, mac in result = Array(mac) } ? result : nil
    }

    fileprivate func duplicate() -> Duplicate? { EVP_MAC_CTX_dup(context).map { Duplicate(context: $0) } }

    private static func context(_ algorithm: HashAlgorithm, key: [UInt8]) -> OpaquePointer? {
        guard let hmac, let context = EVP_MAC_CTX_new(hmac) else { return nil }
        var name = Array(algorithm.opensslName.utf8CString)
        let isReady = name.withUnsafeMutableBufferPointer { name in
            let parameters = [
                OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.baseAddress, 0),
                OSSL_PARAM_construct_end(),
            ]
            return EVP_MAC_init(context, key, key.count, parameters) == 1
        }
        if isReady { return context }
        EVP_MAC_CTX_free(context)
        return nil
    }

    /// Looked up once for the whole process. `nonisolated(unsafe)`: the pointer is never changed, and what it points to
    /// is OpenSSL's, immutable and counted.
    private nonisolated(unsafe) static let hmac = EVP_MAC_fetch(nil, "HMAC", nil)

    /// Whether this libcrypto takes a context back to its start when it is given no new key. The first releases of
    /// OpenSSL 3.0 left it as it was, and then a second delivery would be refused: so it is tried, once.
    fileprivate static let canBeginAgain: Bool = {
        guard let context = context(.sha256, key: [1]) else { return false }
        defer { EVP_MAC_CTX_free(context) }
        let macs = (0..<2).map { _ in
            var mac = [UInt8](repeating: 0, count: HashAlgorithm.maximumLength)
            let isDone =
                EVP_MAC_update(context, [2], 1) == 1 && EVP_MAC_final(context, &mac, nil, mac.count) == 1
                && EVP_MAC_init(context, nil, 0, nil) == 1
            return isDone ? mac : []
        }
        return !macs[0].isEmpty && macs[0] == macs[1]
    }()
}

/// A context that one delivery at a time works on. `@unchecked Sendable`: whoever holds it is its only user.
private struct Duplicate: @unchecked Sendable {
    let context: OpaquePointer
}

/// The keyed HMACs of all secrets of one source. What deliveries worked on is used again, in whole sets, which saves
/// their allocations too: `make bench-signatures` measures it.
final class KeyedMACs: Sendable {
    /// For a scheme that looks at no body.
    static let none = KeyedMACs([])

    private let keyed: [KeyedMAC]
    private let idle = Mutex<[[Duplicate]]>([])

    /// More deliveries than these are seldom under way in one turn of a few event loops (`LoopTurn`); others work on fresh
    /// duplicates.
    private static let idleLimit = 64

    init(_ keyed: [KeyedMAC]) { self.keyed = keyed }

    deinit {
        idle.withLock { for set in $0 { Self.free(set) } }
    }

    /// One of each, in order; fewer when libcrypto failed.
    fileprivate func take() -> [Duplicate] {
        idle.withLock { $0.popLast() } ?? keyed.compactMap { $0.duplicate() }
    }

    fileprivate func isWhole(_ set: [Duplicate]) -> Bool { set.count == keyed.count }

    fileprivate func giveBack(_ set: [Duplicate]) {
        let isKept =
            KeyedMAC.canBeginAgain && isWhole(set)
            && set.allSatisfy { EVP_MAC_init($0.context, nil, 0, nil) == 1 }
            && idle.withLock { idle in
                guard idle.count < Self.idleLimit else { return false }
                idle.append(set)
                return true
            }
        if !isKept { Self.free(set) }
    }

    private static func free(_ set: [Duplicate]) { for duplicate in set { EVP_MAC_CTX_free(duplicate.context) } }
}

/// The HMACs of one delivery under all secrets of its source, fed as its bytes arrive.
struct RunningMACs: ~Copyable {
    private let keyed: KeyedMACs
    private let duplicates: [Duplicate]
    /// False once libcrypto failed (no memory): then nothing may verify.
    private var isSound: Bool

    init(duplicating keyed: KeyedMACs) {
        self.keyed = keyed
        duplicates = keyed.take()
        isSound = keyed.isWhole(duplicates)
    }

    deinit { keyed.giveBack(duplicates) }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        for duplicate in duplicates {
            let done = EVP_MAC_update(duplicate.context, bytes.baseAddress, bytes.count)
            isSound = isSound && done == 1
        }
    }

    /// Calls `visit` with each secret's position and MAC, in order. False when libcrypto failed. To be called once.
    mutating func finish(_ visit: (Int, UnsafeRawBufferPointer) -> Void) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: HashAlgorithm.maximumLength, alignment: 8) { mac in
            for (position, duplicate) in duplicates.enumerated() {
                var length = 0
                let done = EVP_MAC_final(duplicate.context, mac.baseAddress, &length, mac.count)
                isSound = isSound && done == 1
                visit(position, UnsafeRawBufferPointer(rebasing: mac[..<length]))
            }
        }
        return isSound
    }
}
