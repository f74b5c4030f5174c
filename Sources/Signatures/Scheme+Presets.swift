/// The presets of product.md §2.2 as a table. The tests' vectors say where each line comes from.
extension Scheme {
    /// The preset that a configuration names; nil when there is none.
    package static func preset(named name: String) -> Self? { presets.first { $0.name == name } }

    /// Every name that `preset(named:)` knows.
    package static var presetNames: [String] { presets.map(\.name) }

    /// The preset `standard-webhooks`, by which our own notifications are signed.
    package static let standardWebhooks = standardWebhooks(name: "standard-webhooks", prefixes: ["webhook-", "svix-"])

    private static let presets = [
        Self(
            name: "fivetran",
            proof: .signature(
                SignatureForm(headers: ["X-Fivetran-Signature-256"], algorithm: .sha256, encoding: .hex)
            ),
            eventID: ["$.connector_id", "$.sync_id", "$.event", "$.data.status"]
        ),
        Self(
            name: "dbt",
            proof: .signature(SignatureForm(headers: ["Authorization"], algorithm: .sha256, encoding: .hex)),
            eventID: ["$.eventId"]
        ),
        Self(
            name: "qlik",
            proof: .signature(SignatureForm(headers: ["Qlik-Signature"], algorithm: .sha256, encoding: .hex)),
            eventID: ["$.source", "$.id"]
        ),
        Self(
            name: "nango",
            proof: .signature(SignatureForm(headers: ["X-Nango-Hmac-Sha256"], algorithm: .sha256, encoding: .hex))
        ),
        Self(
            name: "segment",
            proof: .signature(SignatureForm(headers: ["X-Signature"], algorithm: .sha1, encoding: .hex)),
            eventID: ["$.messageId"],
            refusesArrays: true
        ),
        // Its SHA-1 header is there for receivers of long ago; who needs it writes the custom mapping.
        Self(
            name: "github",
            proof: .signature(
                SignatureForm(
                    headers: ["X-Hub-Signature-256"],
                    prefix: "sha256=",
                    algorithm: .sha256,
                    encoding: .hex
                )
            )
        ),
        // t=1533204620,v1=2220f8…,v1=63f3a7…,v0=…
        Self(
            name: "stripe",
            proof: .signature(
                SignatureForm(
                    headers: ["Stripe-Signature"],
                    separator: ",",
                    prefix: "v1=",
                    algorithm: .sha256,
                    encoding: .hex,
                    signed: [.timestamp, ".", .body],
                    timestamp: .item(prefix: "t=")
                )
            ),
            eventID: ["$.id"]
        ),
        Self(
            name: "slack",
            proof: .signature(
                SignatureForm(
                    headers: ["X-Slack-Signature"],
                    prefix: "v0=",
                    algorithm: .sha256,
                    encoding: .hex,
                    signed: ["v0:", .timestamp, ":", .body],
                    timestamp: .header(["X-Slack-Request-Timestamp"])
                )
            ),
            eventID: ["$.event_id"]
        ),
        Self(
            name: "shopify",
            proof: .signature(
                SignatureForm(
                    headers: ["X-Shopify-Hmac-SHA256", "Shopify-Hmac-Sha256"],
                    algorithm: .sha256,
                    encoding: .base64
                )
            )
        ),
        standardWebhooks,
        standardWebhooks(name: "svix", prefixes: ["svix-", "webhook-"]),
    ]

    /// v1,g0hM9S… v1,Ceo5qE… v1a,…: the same form under two families of names. The first is what we send.
    private static func standardWebhooks(name: String, prefixes: [String]) -> Self {
        Self(
            name: name,
            proof: .signature(
                SignatureForm(
                    headers: prefixes.map { $0 + "signature" },
                    separator: " ",
                    prefix: "v1,",
                    algorithm: .sha256,
                    encoding: .base64,
                    signed: [.header(prefixes.map { $0 + "id" }), ".", .timestamp, ".", .body],
                    timestamp: .header(prefixes.map { $0 + "timestamp" }),
                    secretForm: .whsec
                )
            ),
            eventID: ["header:" + prefixes[0] + "id"]
        )
    }
}
