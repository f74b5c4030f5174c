/// A configured Celonis data model. Its identity is the pair of ids; the name is what people call it. A name whose ids
/// changed is a removed and a new model (queue.md Q24), which is why all three are the key everywhere.
///
/// Every delivery hands it about and looks it up a few times: so copies share one object, which is known at once for
/// the same.
package struct ModelReference: Hashable, Sendable {
    private final class Parts: Sendable {
        let name: String
        let poolID: String
        let dataModelID: String
        /// Of the name alone: two of one name are rare.
        let hash: Int

        init(name: String, poolID: String, dataModelID: String) {
            self.name = name
            self.poolID = poolID
            self.dataModelID = dataModelID
            hash = name.hashValue
        }
    }

    private let parts: Parts

    package init(name: String, poolID: String, dataModelID: String) {
        parts = Parts(name: name, poolID: poolID, dataModelID: dataModelID)
    }

    package var name: String { parts.name }
    package var poolID: String { parts.poolID }
    package var dataModelID: String { parts.dataModelID }

    package static func == (a: Self, b: Self) -> Bool {
        if a.parts === b.parts { return true }
        return a.name == b.name && a.poolID == b.poolID && a.dataModelID == b.dataModelID
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(parts.hash) }
}
