import Foundation

/// What one request takes in user space, counted by valgrind: the same on every run, whatever else the machine does.
struct Counts {
    var instructions: Double
    var allocations: Double

    /// The difference between a short and a longer run, so that start and end do not count.
    static func measure(_ contestant: Contestant, folder: URL) throws -> Self {
        let (short, long) = (500, 2500)
        let first = try total(contestant, requests: short, folder: folder)
        let second = try total(contestant, requests: long, folder: folder)
        let requests = Double(long - short)
        return Self(
            instructions: (second.instructions - first.instructions) / requests,
            allocations: (second.allocations - first.allocations) / requests
        )
    }

    private static func total(_ contestant: Contestant, requests: Int, folder: URL) throws -> Self {
        let profile = folder.appendingPathComponent("callgrind.out")
        try run(contestant, requests: requests, profile: profile)
        return try Self(profile: String(contentsOf: profile, encoding: .utf8))
    }

    /// Has valgrind write what the requests called and cost.
    static func run(_ contestant: Contestant, requests: Int, profile: URL) throws {
        let child = try contestant.start(
            under: ["/usr/bin/valgrind", "--tool=callgrind", "--demangle=no", "--callgrind-out-file=\(profile.path)"]
        )
        let connection = try Connection(port: contestant.port)
        for number in 0..<requests {
            let answer = try connection.send(Deliveries.request(number))
            guard answer.status == 202 else { throw Failure("\(contestant.name) answered \(answer.status)") }
        }
        child.stop()
    }
}

extension Counts {
    /// Reads a file of callgrind: `totals:` has the instructions; a line `calls=N …` follows the name of what is called,
    /// which has its text only where it stands first, and a number after that.
    private init(profile: String) {
        self.init(instructions: 0, allocations: 0)
        var allocators: Set<Substring> = []
        var callee: Substring = ""
        for line in profile.split(separator: "\n") {
            if line.hasPrefix("totals: ") {
                instructions = Double(line.dropFirst("totals: ".count)) ?? 0
            } else if line.hasPrefix("fn=(") || line.hasPrefix("cfn=(") {
                let name = line.drop { $0 != "(" }
                let end = name.firstIndex(of: ")") ?? name.endIndex
                let number = name[..<end]
                let text = name[end...].dropFirst(2)
                if ["malloc", "calloc", "realloc", "posix_memalign"].contains(text) { allocators.insert(number) }
                if line.hasPrefix("c") { callee = number }
            } else if line.hasPrefix("calls="), allocators.contains(callee) {
                allocations += Double(line.dropFirst("calls=".count).prefix { $0 != " " }) ?? 0
            }
        }
    }
}
