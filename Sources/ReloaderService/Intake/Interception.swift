import JSONPath

/// What becomes of a verified delivery that no rule is asked about.
enum Interception: Equatable {
    /// It is answered at once, with this body.
    case handshake(String)
    /// It is answered with 400.
    case refusedArray

    static let arrayRefusal = "This sender signs only the first element of an array: send single events."

    /// nil: it is matched against the rules.
    init?(of root: JSONNode, _ handshake: Handshake?, refusesArrays: Bool) {
        if let body = handshake?.answer(to: root) {
            self = .handshake(body)
        } else if refusesArrays, root.kind == .array {
            self = .refusedArray
        } else {
            return nil
        }
    }
}
