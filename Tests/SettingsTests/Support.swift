import Testing

@testable import Settings

/// A valid file in parts, each of which a test may replace.
func file(
    celonis: String = "celonis: { base_url: https://acme.celonis.cloud, auth: { type: api_key, key: env:KEY } }",
    models: String = "models:\n  otc: { pool_id: p, data_model_id: d }",
    sources: String = "sources:\n  etl: { signature: fivetran, secrets: [env:SECRET] }",
    rules: String = "rules:\n  - { name: r, source: etl, reload: { model: otc, tables: [EKKO] } }",
    more: String = ""
) -> String {
    [celonis, models, sources, rules, more].joined(separator: "\n") + "\n"
}

let testSecrets = FixedSecrets(
    variables: ["KEY": "app-key", "SECRET": "shh", "ID": "client", "EMPTY": "", "CREDENTIALS_DIRECTORY": "/creds"],
    files: [
        "/run/key": Array("from a file\n".utf8), "/run/two": Array("x\n\n".utf8), "/run/crlf": Array("x\r\n".utf8),
        "/run/newline": Array("\n".utf8), "/run/binary": [0xff, 0xfe, 0], "/creds/key": Array("credential".utf8),
    ]
)

/// The settings of a file that must be without errors.
func load(
    _ text: String,
    secrets: (any SecretSource)? = testSecrets,
    _ location: SourceLocation = #_sourceLocation
) throws -> Configuration {
    let (configuration, diagnostics) = SettingsLoader.load(text: text, file: "reloader.yaml", secrets: secrets)
    return try #require(configuration, "\(diagnostics.map(\.description))", sourceLocation: location)
}

/// What is wrong with a file, as `LINE:COLUMN: severity: message`.
func findings(_ text: String, secrets: (any SecretSource)? = testSecrets) -> [String] {
    SettingsLoader.load(text: text, file: "reloader.yaml", secrets: secrets).diagnostics
        .map { "\($0.place): \($0.severity.rawValue): \($0.message)" }
}

/// Expects exactly one error, with this message, at the place marked `▶`, and a hint where one is given.
func expectError(
    _ message: String,
    hint: String? = nil,
    in marked: String,
    _ location: SourceLocation = #_sourceLocation
) {
    let before = marked.prefix { $0 != "▶" }
    let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
    let text = marked.replacing("▶", with: "")
    let (configuration, all) = SettingsLoader.load(text: text, file: "reloader.yaml", secrets: testSecrets)
    let errors = all.filter { $0.severity == .error }
    #expect(configuration == nil, sourceLocation: location)
    #expect(errors.map(\.message) == [message], sourceLocation: location)
    let place = Place(line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    #expect(errors.map(\.place) == [place], sourceLocation: location)
    if let hint { #expect(errors.map(\.hint) == [hint], sourceLocation: location) }
}
