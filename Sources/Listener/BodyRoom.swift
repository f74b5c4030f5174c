/// How much the bodies that are under way on one event loop hold, and whose has to go when that is too much.
///
/// Who has no secret may begin a body on every connection and not end it (queue.md S9). The largest goes first: a
/// delivery is small, so it is a stranger's long before it is a sender's.
struct BodyRoom<Connection: AnyObject> {
    /// Up to this size a body is not counted: that would cost every delivery, and the number of connections bounds it.
    static var uncounted: Int { 64 * 1024 }
    /// What all together may hold, in bytes …
    static var usual: Int { 32 * 1024 * 1024 }
    /// … or, where that is more, so many bodies of the largest size allowed.
    static var wholeBodies: Int { 8 }

    private var bodies: [ObjectIdentifier: (connection: Connection, size: Int)] = [:]
    private var total = 0

    /// The body of a connection has grown to `size` bytes, of `limit` at most.
    /// - Returns: the connection whose body has to go, which is not counted any more; it may be this one.
    mutating func grew(_ connection: Connection, to size: Int, of limit: Int) -> Connection? {
        guard size > Self.uncounted else { return nil }
        let known = bodies.updateValue((connection, size), forKey: ObjectIdentifier(connection))
        total += size - (known?.size ?? 0)
        guard total > Self.usual, (total - 1) / Self.wholeBodies >= limit, bodies.count > 1 else { return nil }
        let largest = bodies.values.max { $0.size < $1.size }?.connection
        if let largest { ended(largest) }
        return largest
    }

    /// The body of a connection is complete, or given up.
    mutating func ended(_ connection: Connection) {
        total -= bodies.removeValue(forKey: ObjectIdentifier(connection))?.size ?? 0
    }
}
