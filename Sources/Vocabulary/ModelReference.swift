/// A configured Celonis data model. Its identity is the pair of ids; the name is what people call it. A name whose ids
/// changed is a removed and a new model (queue.md Q24), which is why all three are the key everywhere.
package struct ModelReference: Hashable, Sendable {
    package let name: String
    package var poolID: String
    package var dataModelID: String
    /// Of the name alone: two of one name are rare. Kept, since every delivery looks its models up a few times.
    private let hash: Int

    package init(name: String, poolID: String, dataModelID: String) {
        self.name = name
        self.poolID = poolID
        self.dataModelID = dataModelID
        hash = name.hashValue
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
