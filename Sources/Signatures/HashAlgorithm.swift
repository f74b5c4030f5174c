import COpenSSL

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
    let done = EVP_Digest(bytes, bytes.count, &hash, nil, EVP_sha256(), nil)
    precondition(done == 1, "libcrypto has no SHA-256")
    return hash
}

/// Whether both are the same, in a time that depends on their lengths only.
func isSameInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
}
