import ReloaderService
import Settings
import Testing

@Suite("A configuration file as check reads it")
struct ConfigurationFileTests {
    private struct NoSecrets: SecretSource {
        func variable(_ name: String) -> String? { nil }
        func contents(ofFile path: String) throws(SecretFileError) -> [UInt8] { throw .tooLarge }
    }

    private static let text = """
        celonis: { base_url: https://acme.celonis.cloud, auth: { type: api_key, key: env:KEY } }
        models: { m: { pool_id: p, data_model_id: d } }
        sources: { etl: { signature: { bearer: true }, secrets: [env:S] } }
        rules: [{ name: r, source: etl, reload: { model: m, tables: [EKKO] } }]
        tests: [{ name: t, source: etl, body: {}, expect: [] }]

        """

    private func errors(_ text: String) -> [String] {
        ConfigurationFile(bytes: Array(text.utf8), name: "f", secrets: NoSecrets(), mustRun: true).errors.map(\.message)
    }

    @Test("its tests run also where secrets are missing, and not where anything else is wrong")
    func tests() {
        let found = errors(Self.text)
        #expect(found.count == 3 && found[0].contains("KEY") && found[1].contains("S"), "\(found)")
        #expect(found.last?.contains("\"t\"") == true, "\(found)")
        #expect(errors(Self.text.replacing("source: etl, reload", with: "source: x, reload")).count == 3)
    }
}
