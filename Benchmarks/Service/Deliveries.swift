import Signatures
import Vocabulary

/// The delivery that everything here is measured with: the end of a sync as Fivetran sends it, 403 bytes. Each has a
/// number, which is part of its event id, so that none is a duplicate unless it is sent again.
enum Deliveries {
    static let source = "fivetran"
    static let path = "/hooks/\(source)"
    static let secret = "a secret of the benchmark"
    static let header = "X-Fivetran-Signature-256"
    static let size = 403

    private static let digits = 12
    private static let start =
        #"{"event":"sync_end","created":"2024-11-05T06:18:56.521Z","connector_type":"sap_hana","#
        + #""connector_id":"gentle_yak","connector_name":"sap_production_erp_financials","#
        + #""sync_id":"65dd5ba2-6a3e-4b2f-9a3c-"#
    private static let end: String = {
        let start = #"","data":{"status":"SUCCESSFUL","reason":""#
        let end = #""}}"#
        let rest = size - Self.start.utf8.count - digits - start.utf8.count - end.utf8.count
        return start + String(repeating: "x", count: rest) + end
    }()

    /// The request, with the words SIGNATURE and NUMBER where those belong.
    static let template =
        "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        + "\(header): SIGNATURE\r\nContent-Length: \(size)\r\n\r\n\(start)NUMBER\(end)"

    private static let parts: [[UInt8]] = {
        let halves = template.split(separator: "SIGNATURE")
        return ([halves[0]] + halves[1].split(separator: "NUMBER")).map { Array($0.utf8) }
    }()

    private static func digits(of number: Int) -> [UInt8] {
        let text = String(number)
        return [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.utf8.count) + text.utf8
    }

    /// In hexadecimal digits.
    static func signature(_ number: Int) throws -> String {
        guard let scheme = Scheme.preset(named: source) else { throw Failure("there is no preset \(source)") }
        let headers = try Signer.headers(
            scheme: scheme,
            secret: Array(secret.utf8),
            body: start.utf8 + digits(of: number) + end.utf8,
            now: WallTime(milliseconds: 0),
            messageID: ""
        )
        return headers.values(named: header)[0].lowercased()
    }

    /// The whole request.
    static func request(_ number: Int) throws -> [UInt8] {
        parts[0] + (try signature(number)).utf8 + parts[1] + digits(of: number) + parts[2]
    }
}
