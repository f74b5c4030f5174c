/// What the dashboard consists of, each under its own path, so that the page needs no inline script or style and the
/// policy can forbid them. The bytes are compiled in: the program stays one file.
package enum DashboardFile: String, Hashable, Sendable, CaseIterable {
    /// `GET /`.
    case page = ""
    case style = "dashboard.css"
    case script = "dashboard.js"
    case cards = "cards.js"
    case charts = "charts.js"
    case dom = "dom.js"

    package var contentType: String {
        switch self {
        case .page: "text/html; charset=utf-8"
        case .style: "text/css; charset=utf-8"
        case .script, .cards, .charts, .dom: "text/javascript; charset=utf-8"
        }
    }

    package var bytes: [UInt8] {
        switch self {
        case .page: PackageResources.index_html
        case .style: PackageResources.dashboard_css
        case .script: PackageResources.dashboard_js
        case .cards: PackageResources.cards_js
        case .charts: PackageResources.charts_js
        case .dom: PackageResources.dom_js
        }
    }

    /// Nothing but what this address itself serves runs, is shown or is asked; no other page may frame it.
    package static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'
        """

    /// The header fields of every file.
    package var headers: [(name: String, value: String)] {
        [
            ("content-type", contentType), ("content-security-policy", Self.policy),
            ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"), ("cross-origin-opener-policy", "same-origin"),
            // A newer program may bring another page.
            ("cache-control", "no-cache"),
        ]
    }
}
