import Foundation

/// What some requests called and cost in user space, by callgrind.
struct Profile {
    private(set) var instructions = 0
    /// How often each function was called.
    private(set) var calls: [String: Int] = [:]

    init(_ contestant: Contestant, requests: Int, folder: URL) throws {
        let file = folder.appendingPathComponent("callgrind.out")
        let child = try contestant.start(
            under: ["/usr/bin/valgrind", "--tool=callgrind", "--callgrind-out-file=\(file.path)"]
        )
        let connection = try Connection(port: contestant.port)
        for number in 0..<requests {
            let answer = try connection.send(Deliveries.request(number))
            guard answer.status == 202 else { throw Failure("\(contestant.name) answered \(answer.status)") }
        }
        child.stop()
        read(try String(contentsOf: file, encoding: .utf8))
    }

    /// `totals:` has the instructions; a line `calls=N …` follows the name of what is called.
    private mutating func read(_ text: String) {
        var names: [Substring: String] = [:]
        /// A name has its text only where it stands first, and a number after that; what calls itself has one behind it.
        func name(_ line: Substring) -> String {
            let number = line.prefix { $0 != ")" }
            let text = line.dropFirst(number.count + 2).prefix { $0 != "'" }
            if !text.isEmpty { names[number] = String(text) }
            return names[number] ?? ""
        }
        var callee = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("totals: ") {
                instructions = Int(line.dropFirst("totals: ".count)) ?? 0
            } else if line.hasPrefix("fn=(") {
                _ = name(line.dropFirst(4))
            } else if line.hasPrefix("cfn=(") {
                callee = name(line.dropFirst(5))
            } else if line.hasPrefix("calls=") {
                calls[callee, default: 0] += Int(line.dropFirst(6).prefix { $0 != " " }) ?? 0
            }
        }
    }
}
