/// Names of tables, in order for whoever reads them. Each change of a job's state is told with them, and to put
/// thousands in order takes longer than all else that it costs; few who are told read more than the first.
package struct TableNames: Hashable, Sendable, ExpressibleByArrayLiteral {
    private let names: [String]
    private let isInOrder: Bool

    /// As they are to be read.
    package init(_ names: [String]) {
        self.names = names
        isInOrder = true
    }

    package init(unordered names: [String]) {
        self.names = names
        isInOrder = false
    }

    package init(arrayLiteral names: String...) { self.init(names) }

    package var count: Int { names.count }

    package var all: [String] { isInOrder ? names : names.sorted() }

    /// The first so many of all.
    package func first(_ limit: Int) -> [String] {
        if isInOrder { return Array(names.prefix(limit)) }
        var first: [String] = []
        var last: String?
        for name in names {
            if let last, name >= last { continue }
            first.append(name)
            guard first.count == 2 * limit else { continue }
            first.sort()
            first.removeLast(limit)
            last = first.last
        }
        return Array(first.sorted().prefix(limit))
    }

    /// The first that take so many bytes together; nil if all of them do.
    func first(bytes: Int) -> TableNames? {
        guard names.reduce(0, { $0 + $1.utf8.count }) > bytes else { return nil }
        return TableNames(all.first(bytes: bytes))
    }

    package static func == (a: Self, b: Self) -> Bool { a.count == b.count && a.all == b.all }

    package func hash(into hasher: inout Hasher) { hasher.combine(count) }
}

extension Sequence<String> {
    /// The first that take so many bytes together.
    package func first(bytes: Int) -> [String] {
        var room = bytes
        return Array(
            prefix { text in
                room -= text.utf8.count
                return room >= 0
            }
        )
    }
}
