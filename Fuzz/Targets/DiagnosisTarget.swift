import Signatures
import Vocabulary

private let secret = "correct-horse-battery"
private let now = WallTime(milliseconds: 1_700_000_000_000)
private let sources = ["fivetran", "stripe", "svix"].compactMap(Scheme.preset(named:)) + [.basic]

/// The first byte selects the scheme and whether the sender signs another writing of the body; a line with a header's
/// value follows, then the body.
let fuzzDiagnosis: FuzzTarget = { input in
    guard let first = input.first else { return }
    let scheme = sources[Int(first) % sources.count]
    let parts = input.dropFirst().split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    let body = parts.count == 2 ? Array(parts[1]) : []
    let source = Diagnosis.Source(name: "one", scheme: scheme, secrets: [Array(secret.utf8)])
    do {
        var headers = try Signer.headers(
            scheme: scheme,
            secret: Array(secret.utf8),
            body: body + Array("\n".utf8),
            now: now,
            messageID: "msg"
        )
        if first < 128, !headers.fields.isEmpty {
            headers.fields[headers.fields.count - 1].value = String(decoding: parts[0], as: UTF8.self)
        }
        let findings = try Diagnosis.findings(source: source, others: [], headers: headers, body: body, now: now)
        check(!findings.isEmpty, "nothing to say")
        if first >= 128, case .signature = scheme.proof {
            check(findings.contains(.newlineLost) && findings.first == .refused(.mismatch), "missed: \(findings)")
        }
        for finding in findings {
            check(!finding.description.contains(secret), "a finding shows the secret")
        }
    } catch {
        fatalError("\(error)")
    }
}
