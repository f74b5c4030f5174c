import Settings

/// The configuration that the demo runs with: the real loader reads it, from text, as it would a file.
enum DemoConfiguration {
    /// What the demo's sender signs with. Not secret: it guards a service that ends with the demo.
    static let secret = "demo-secret"

    static func load(celonis: String) throws -> Configuration {
        let secrets = FixedSecrets(variables: [
            "DEMO_FIVETRAN_SECRET": secret, "DEMO_CLIENT_ID": "demo-client", "DEMO_CLIENT_SECRET": "demo-secret",
        ])
        let file = ConfigurationFile(
            bytes: Array(text(celonis: celonis).utf8),
            name: "demo.yaml",
            secrets: secrets,
            mustRun: true
        )
        guard let configuration = file.configuration else {
            throw DemoError(description: file.errors.map(\.description).joined(separator: "\n"))
        }
        return configuration
    }

    static func text(celonis: String) -> String {
        """
        listen: { address: 127.0.0.1:0 }
        admin: { address: 127.0.0.1:0 }
        celonis:
          base_url: \(celonis)
          auth: { type: oauth_client, client_id: env:DEMO_CLIENT_ID, client_secret: env:DEMO_CLIENT_SECRET }
          poll: { initial: 200ms, maximum: 1s, start_within: 10s }
        models:
          order-to-cash:
            pool_id: demo-pool
            data_model_id: demo-model
            debounce: 1s
            max_wait: 10s
        sources:
          fivetran:
            signature: fivetran
            secrets: [env:DEMO_FIVETRAN_SECRET]
        rules:
          - name: sap-tables
            source: fivetran
            when:
              $.event: sync_end
              $.data.status: SUCCESSFUL
            reload:
              model: order-to-cash
              tables: { from: $.connector_name, strip_prefix: sap_, case: upper }
        log: { level: warning }
        """
    }
}

/// Why the demo could not go on.
package struct DemoError: Error, CustomStringConvertible {
    package let description: String
}
