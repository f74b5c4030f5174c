import NIOCore
import NIOPosix
import NIOSSL

/// What an error of the network says, in the system's own words where it has some: the libraries' have their insides around
/// them, down to the paths that they were built in.
package func networkErrorText(_ error: any Error) -> String {
    switch error {
    case let error as IOError:
        String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
        "\(error.host):\(error.port): "
            + (error.connectionErrors.first.map { networkErrorText($0.error) } ?? "unknown host")
    case NIOSSLError.handshakeFailed(let cause):
        text(ofHandshake: cause)
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
        "TLS: its certificate is for another host"
    case is NIOSSLError, is NIOSSLExtraError:
        "TLS: \(error)"
    default:
        "\(error)"
    }
}

let unverifiedCertificateText =
    "TLS: its certificate could not be verified: it has expired, or no CA that this machine trusts has signed it"

private func text(ofHandshake cause: BoringSSLError) -> String {
    // `… error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at FILE:LINE …`
    let reasons = "\(cause)".matches(of: /OPENSSL_internal:([A-Z0-9_]+)/).map { String($0.1) }
    switch reasons.first {
    case "CERTIFICATE_VERIFY_FAILED":
        return unverifiedCertificateText
    case "WRONG_VERSION_NUMBER", "HTTP_REQUEST":
        return "TLS: what answers there does not speak it"
    case let reason?:
        return "TLS: the handshake failed: \(reason)"
    case nil:
        return "TLS: the handshake ended early"
    }
}
