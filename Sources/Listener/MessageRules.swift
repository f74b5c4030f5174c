/// What a request's head says about its message, after the checks that llhttp leaves to us.
///
/// llhttp, which is strict, already refuses: repeated or malformed `Content-Length`, `Transfer-Encoding` beside it,
/// a last coding other than `chunked`, folded fields, white space before a colon, bare CR or LF, control bytes, and
/// wrong chunk sizes. It lets pass, and this refuses: other transfer codings before or instead of `chunked`, any in
/// HTTP/1.0, a missing, repeated or malformed `Host`, and `CONNECT` (RFC 9112 §3.2, §6.1, §6.3).
struct MessageRules: Equatable {
    enum Body: Equatable {
        case none
        /// Its `Content-Length`, above 0.
        case length(Int)
        case chunked
    }

    var body = Body.none
    /// Sent `Expect: 100-continue` and may wait for our word before it sends the body.
    var expectsContinue = false
    /// How the answer has to be written, as far as the request decides it.
    var answer: AnswerForm

    init(_ head: borrowing ParsedHead) throws(ProtocolFailure) {
        answer = AnswerForm(
            omitsBody: head.method == "HEAD",
            closes: !head.keepsAlive,
            announcesKeepAlive: head.isHTTP10 && head.keepsAlive
        )
        guard head.method != "CONNECT" else { throw .malformed("This is no proxy.") }
        let headers = head.headers
        var hosts = 0
        for index in headers.indices {
            // Looked at by length first: most fields of most requests are none of these.
            switch headers.nameLength(at: index) {
            case 4 where headers.isNamed("host", at: index):
                hosts += 1
                guard Self.isHost(headers.valueBytes(at: index)) else {
                    throw .malformed("The Host field is not a host.")
                }
            case 6 where headers.isNamed("expect", at: index):
                expectsContinue = !head.isHTTP10 && headers.value(at: index).equalsIgnoringASCIICase("100-continue")
            case 7 where headers.isNamed("upgrade", at: index):
                // We upgrade to nothing and may ignore it, but llhttp stops reading after such a request.
                answer.close()
            case 14 where headers.isNamed("content-length", at: index):
                // llhttp knows that it is a number; one that is too large for us is over every limit.
                let length = Int(headers.value(at: index)) ?? .max
                body = length == 0 ? .none : .length(length)
            case 17 where headers.isNamed("transfer-encoding", at: index):
                let coding = headers.value(at: index)
                guard !head.isHTTP10, body == .none, coding.equalsIgnoringASCIICase("chunked") else {
                    throw .malformed("The only transfer coding taken here is chunked, once, in HTTP/1.1.")
                }
                body = .chunked
            default:
                continue
            }
        }
        guard hosts == 1 || (hosts == 0 && head.isHTTP10) else {
            throw .malformed(hosts == 0 ? "The Host field is missing." : "There is more than one Host field.")
        }
    }

    /// The bytes of RFC 3986 §3.2's host and port, or nothing; not whether they resolve.
    private static func isHost(_ value: ArraySlice<UInt8>) -> Bool {
        let allowed = hostBytes
        return value.allSatisfy { byte in
            byte < 128 && allowed[byte < 64 ? 0 : 1] >> UInt64(byte & 63) & 1 == 1
        }
    }

    /// A bit for each of the first 128 bytes: every request names a host.
    private static let hostBytes: SIMD2<UInt64> = {
        let letters = "abcdefghijklmnopqrstuvwxyz"
        var bits = SIMD2<UInt64>()
        for byte in (letters + letters.uppercased() + "0123456789-._~:[]%!$&'()*+,;=").utf8 {
            bits[byte < 64 ? 0 : 1] |= 1 << UInt64(byte & 63)
        }
        return bits
    }()
}

/// How an answer is written, beside its content.
struct AnswerForm: Equatable {
    /// To HEAD: the head of the answer only.
    var omitsBody: Bool
    /// Says `connection: close`, and the connection closes.
    private(set) var closes: Bool
    /// Says `connection: keep-alive`, which HTTP/1.0 needs to hear.
    private(set) var announcesKeepAlive: Bool
    /// Its body has no length: it ends with the connection (RFC 9112 §6.3, rule 8).
    var goesOn = false

    init(omitsBody: Bool = false, closes: Bool = false, announcesKeepAlive: Bool = false) {
        self.omitsBody = omitsBody
        self.closes = closes
        self.announcesKeepAlive = announcesKeepAlive
    }

    mutating func close() {
        closes = true
        announcesKeepAlive = false
    }

    var closing: AnswerForm {
        var form = self
        form.close()
        return form
    }
}
