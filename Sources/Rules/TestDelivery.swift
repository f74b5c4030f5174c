import JSONPath
import Vocabulary

/// How a sender's test delivery is told from an event: a property of the source's preset. A test delivery matches no
/// rule, not even one without `when` (product.md §2.3).
package enum TestDelivery: Hashable, Sendable {
    /// The sender has no test delivery that can be told from an event.
    case none
    /// `"event": "test_event"` in the body.
    case fivetran
    /// The header `X-GitHub-Event: ping`.
    case github
    /// The sender proves nothing, so it may be either of the two.
    case any

    /// The header fields it looks at.
    var headerNames: [String] {
        switch self {
        case .none, .fivetran: []
        case .github, .any: [Self.githubEvent]
        }
    }

    func matches(_ root: JSONNode, _ headers: any HeaderFields) -> Bool {
        switch self {
        case .none: false
        case .fivetran: Self.isFivetran(root)
        case .github: Self.isGitHub(headers)
        case .any: Self.isFivetran(root) || Self.isGitHub(headers)
        }
    }

    private static func isFivetran(_ root: JSONNode) -> Bool {
        root.member("event")?.isString(utf8: fivetranEvent) == true
    }

    private static func isGitHub(_ headers: any HeaderFields) -> Bool { headers.values(named: githubEvent) == ["ping"] }

    private static let fivetranEvent = Array("test_event".utf8)
    private static let githubEvent = "X-GitHub-Event"
}
