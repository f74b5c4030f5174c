import FoundationEssentials
import Vocabulary

/// A table as Celonis lists it.
package struct ModelTable: Hashable, Sendable {
    package var id: String
    package var name: String
    package var aliasOrName: String
    package var dataSourceID: String?

    package init(id: String, name: String, aliasOrName: String? = nil, dataSourceID: String? = nil) {
        self.id = id
        self.name = name
        self.aliasOrName = aliasOrName ?? name
        self.dataSourceID = dataSourceID
    }
}

extension ModelTable: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id
        case name
        case alias
        case aliasOrName
        case dataSourceID = "dataSourceId"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let alias = try fields.decodeIfPresent(String.self, forKey: .alias)
        id = try fields.decode(String.self, forKey: .id)
        let shown = try fields.decodeIfPresent(String.self, forKey: .aliasOrName) ?? alias
        name = try fields.decodeIfPresent(String.self, forKey: .name) ?? shown ?? id
        aliasOrName = shown ?? name
        dataSourceID = try fields.decodeIfPresent(String.self, forKey: .dataSourceID)
    }
}

/// A model's tables, ready to be found by id or name. Each id counts once; the order is by shown name, then id,
/// whatever the order of the list was.
package struct TableList: Hashable, Sendable {
    package let tables: [ModelTable]
    private let byID: [String: ModelTable]
    private let byShownName: [String: [ModelTable]]
    private let byName: [String: [ModelTable]]

    package init(_ tables: [ModelTable]) {
        byID = Dictionary(tables.map { ($0.id, $0) }) { first, _ in first }
        self.tables = byID.values.sorted { ($0.aliasOrName, $0.id) < ($1.aliasOrName, $1.id) }
        byShownName = Dictionary(grouping: self.tables, by: \.aliasOrName)
        byName = Dictionary(grouping: self.tables, by: \.name)
    }

    /// Reads the answer of the table list; nil if it is not one.
    package init?(body: [UInt8]) {
        guard let tables = try? JSONDecoder().decode([ModelTable].self, from: Data(body)) else { return nil }
        self.init(tables)
    }

    /// The tables that a name may mean: by id, else `aliasOrName`, else `name` (product.md §2.3). More than one is
    /// an ambiguity, none an unknown name.
    package func matches(_ name: String) -> [ModelTable] {
        byID[name].map { [$0] } ?? byShownName[name] ?? byName[name] ?? []
    }

    /// Up to three names that look like this one, the nearest first.
    package func namesNear(_ name: String) -> [String] {
        let wanted = Array(name.lowercased().utf8)
        // Nobody mistypes a name this long, and the comparison costs its length times theirs.
        guard wanted.count <= 128 else { return [] }
        let tolerance = max(1, wanted.count / 3)
        let near = Set(tables.map(\.aliasOrName)).compactMap { candidate -> (distance: Int, name: String)? in
            let other = Array(candidate.lowercased().utf8)
            guard abs(other.count - wanted.count) <= tolerance else { return nil }
            let distance = Self.editDistance(wanted, other)
            return distance <= tolerance ? (distance, candidate) : nil
        }
        return near.sorted { $0 < $1 }.prefix(3).map(\.name)
    }

    /// Levenshtein's distance.
    private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, byte) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let substituted = diagonal + (byte == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, diagonal + 1, row[j] + 1)
            }
        }
        return row[b.count]
    }
}
