import Foundation

/// What one request takes in user space, counted by valgrind: the same on every run, whatever else the machine does.
struct Counts {
    var instructions: Double
    var allocations: Double

    /// The difference between a short and a longer run, so that start and end do not count.
    static func measure(_ contestant: Contestant, folder: URL) throws -> Self {
        let (short, long) = (500, 2500)
        let first = Self(try Profile(contestant, requests: short, folder: folder))
        let second = Self(try Profile(contestant, requests: long, folder: folder))
        let requests = Double(long - short)
        return Self(
            instructions: (second.instructions - first.instructions) / requests,
            allocations: (second.allocations - first.allocations) / requests
        )
    }
}

extension Counts {
    private static let allocators = ["malloc", "calloc", "realloc", "posix_memalign"]

    private init(_ profile: Profile) {
        let allocations = Self.allocators.reduce(0) { $0 + profile.calls[$1, default: 0] }
        self.init(instructions: Double(profile.instructions), allocations: Double(allocations))
    }
}
