import CSimdJSON

extension JSONNode {
    /// Where `node` stands in this document, as RFC 9535 §2.7 writes it: `$['a'][0]`; nil if it is elsewhere. Found by
    /// going down from this node, so that evaluation need not keep count.
    package func normalizedPath(to node: JSONNode) -> String? {
        guard contains(node) else { return nil }
        var path = Array("$".utf8)
        var here = self
        while here.handle.index != node.handle.index {
            guard let child = here.appendStep(towards: node, to: &path) else { return nil }
            here = child
        }
        return String(decoding: path, as: UTF8.self)
    }

    private func contains(_ node: JSONNode) -> Bool {
        handle.document == node.handle.document && csj_contains(handle, node.handle)
    }

    private func appendStep(towards node: JSONNode, to path: inout [UInt8]) -> JSONNode? {
        for (position, element) in elements.enumerated() where element.contains(node) {
            path += "[\(position)]".utf8
            return element
        }
        for (name, value) in members where value.contains(node) {
            path += "['".utf8
            writeEscaped(name, quote: UInt8(ascii: "'"), to: &path)
            path += "']".utf8
            return value
        }
        return nil
    }
}
