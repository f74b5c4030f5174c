import COpenSSL
import Synchronization

/// The hash functions that an HMAC (RFC 2104) may use here.
package enum HashAlgorithm: String, Sendable, Hashable, CaseIterable {
    case sha1
    case sha256
    case sha384
    case sha512

    /// The length of its hash, and so of its HMAC, in bytes.
    package var length: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The longest of all hashes, in bytes.
    static let maximumLength = 64

    /// The name that OpenSSL knows it by.
    var opensslName: String {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha384: "SHA384"
        case .sha512: "SHA512"
        }
    }
}

/// The SHA-256 of `bytes`.
func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: HashAlgorithm.sha256.length)
    hash.withUnsafeMutableBytes { hash in bytes.withUnsafeBytes { sha256($0, into: hash) } }
    return hash
}

/// Writes the SHA-256 of `bytes` to `hash`, which has room for it.
func sha256(_ bytes: UnsafeRawBufferPointer, into hash: UnsafeMutableRawBufferPointer) {
    precondition(hash.count >= HashAlgorithm.sha256.length)
    let context = spareContext.withLock { spare in
        defer { spare = nil }
        return spare
    }
    let digest = context ?? Digest(context: EVP_MD_CTX_new())
    let done =
        EVP_DigestInit_ex2(digest.context, fetchedSHA256, nil) == 1
        && EVP_DigestUpdate(digest.context, bytes.baseAddress, bytes.count) == 1
        && EVP_DigestFinal_ex(digest.context, hash.baseAddress, nil) == 1
    precondition(done, "libcrypto has no SHA-256")
    let surplus = spareContext.withLock { spare in
        defer { spare = digest }
        return spare
    }
    if let surplus { EVP_MD_CTX_free(surplus.context) }
}

/// `@unchecked Sendable`: whoever has taken it is its only user.
private struct Digest: @unchecked Sendable {
    let context: OpaquePointer?
}

/// Used again from hash to hash: to make one costs as much as to hash an event's id.
private let spareContext = Mutex<Digest?>(nil)

/// Looked up once for the whole process: with `EVP_sha256()` libcrypto looks it up for every hash. `nonisolated(unsafe)`:
/// the pointer is never changed, and what it points to is OpenSSL's, immutable and counted.
private nonisolated(unsafe) let fetchedSHA256 = EVP_MD_fetch(nil, HashAlgorithm.sha256.opensslName, nil)

/// Whether both are the same, in a time that depends on their lengths only.
func isSameInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
}
