import Signatures
import Testing

@testable import Settings

@Suite("Secrets")
struct SecretTests {
    private func source(_ secret: String, signature: String = "fivetran") -> String {
        file(sources: "sources:\n  etl:\n    signature: \(signature)\n    secrets: [▶\(secret)]")
    }

    private func key(_ secret: String, signature: String = "fivetran") throws -> [UInt8]? {
        try load(source(secret, signature: signature).replacing("▶", with: "")).sources[0].secrets[0].bytes
    }

    @Test(
        "Each form gives its value",
        arguments: [
            ("env:SECRET", "shh"), ("file:/run/key", "from a file"), ("credential:key", "credential"),
            ("literal:a:b c", "a:b c"), ("'literal: spaces '", " spaces "), ("base64:literal:aGk=", "hi"),
            ("hex:literal:6869", "hi"), ("hex:literal:4A4b", "JK"),
        ]
    )
    func forms(_ secret: String, _ value: String) throws {
        #expect(try key(secret) == Array(value.utf8))
    }

    @Test("One trailing newline of a file is dropped, and no more")
    func trailingNewline() throws {
        #expect(try key("file:/run/two") == Array("x\n".utf8))
        #expect(try key("file:/run/crlf") == Array("x".utf8))
        #expect(try key("file:/run/binary") == [0xff, 0xfe, 0])
    }

    @Test(
        "What cannot be looked up is an error at that secret",
        arguments: [
            ("env:MISSING", "environment variable MISSING is not set"),
            ("env:EMPTY", "the secret is empty: env:EMPTY"),
            ("literal:", "the secret is empty: literal:…"),
            ("file:/run/newline", "the secret is empty: file:/run/newline"),
            ("file:/none", "cannot read the secret's file /none: No such file or directory"),
            ("credential:none", "cannot read the secret's file /creds/none: No such file or directory"),
            ("base64:env:SECRET", "the secret is not base64: base64:env:SECRET"),
            ("hex:env:SECRET", "the secret is not hex: hex:env:SECRET"),
            ("hunter2", "a secret must say where it comes from"),
            ("ENV:SECRET", "a secret must say where it comes from"),
            ("base64:hunter2", "a secret must say where it comes from"),
            ("credential:../x", "a secret must say where it comes from"),
            ("env:", "a secret must say where it comes from"),
            ("{ env: SECRET }", "expected a secret, found a mapping"),
        ]
    )
    func errors(_ secret: String, _ message: String) {
        expectError(message, in: source(secret.hasSuffix(":") ? "'\(secret)'" : secret))
    }

    @Test("A literal secret is a warning")
    func literal() {
        let text = source("literal:x").replacing("▶", with: "")
        #expect(findings(text) == ["7:15: warning: a secret written in the configuration"])
    }

    @Test("whsec_ is base64 for standard-webhooks and svix only, and an explicit encoding is all there is")
    func whsec() throws {
        #expect(try key("literal:whsec_aGk=", signature: "standard-webhooks") == Array("hi".utf8))
        #expect(try key("literal:aGk=", signature: "svix") == Array("hi".utf8))
        #expect(try key("literal:whsec_aGk=", signature: "stripe") == Array("whsec_aGk=".utf8))
        #expect(try key("hex:literal:6869", signature: "svix") == Array("hi".utf8))
        expectError(
            "the secret is not base64, as this signature's secrets are (after 'whsec_')",
            in: source("literal:whsec_a!", signature: "svix")
        )
    }

    @Test("A secret that travels in a header must be text without line breaks")
    func headerSecrets() {
        let celonis = "celonis: { base_url: https://acme.celonis.cloud, auth: { type: api_key, key: ▶file:/run/two } }"
        expectError("this secret holds bytes that are no text, or a line break", in: file(celonis: celonis))
    }

    @Test("S7: no printed form of a secret shows its value")
    func printing() throws {
        let secret = Secret(reference: SecretReference(origin: .literal), bytes: Array("hunter2".utf8))
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)", dumped] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("104"))
        }
    }

    @Test(
        "S7: no diagnostic shows what may be a secret",
        arguments: [
            "secrets: [hunter2], bogus: 1", "secrets: [literal:hunter2], bogus: 1", "secret: hunter2",
            "secrets: [*hunter2]", "secrets: [!hunter2 x]", "secrets: { a: hunter2 }", "secrets: hunter2",
            "secrets: 'literal:hunter2' ], x: [", "secrets: [base64:literal:hunter2], bogus: {",
            "secrets: [@hunter2]", "secrets: [%hunter2]", "secrets: [`hunter2`]", "secrets: hunter2: x",
            "secrets: [hunter2, 'x]", "rate_limit: hunter2",
            "signature: { bearer: hunter2 }", "signature: { basic: { user: x, password: hunter2 } }",
            "signature: { bearer: [hunter2] }",
        ]
    )
    func diagnosticsHideSecrets(_ line: String) {
        let signature = line.hasPrefix("signature") ? "" : "signature: fivetran, "
        let text = file(sources: "sources:\n  etl: { \(signature)\(line) }")
        let (_, diagnostics) = SettingsLoader.load(text: text, file: "f.yaml", secrets: testSecrets)
        #expect(diagnostics.contains { $0.severity == .error })
        for diagnostic in diagnostics {
            #expect(!diagnostic.description.contains("hunter2"), "\(diagnostic)")
            #expect(!diagnostic.json.contains("hunter2"))
        }
    }

    @Test(
        "S7: nor where a section's own type is wrong",
        arguments: ["auth: hunter2", "auth: [hunter2]", "auth:\n    - hunter2", "auth: { client_secret: hunter2: x }"]
    )
    func sectionsHideSecrets(_ auth: String) {
        let text = file(celonis: "celonis:\n  base_url: https://acme.celonis.cloud\n  \(auth)", more: "admin: hunter2")
        let (_, diagnostics) = SettingsLoader.load(text: text, file: "f.yaml", secrets: testSecrets)
        #expect(diagnostics.contains { $0.severity == .error })
        for diagnostic in diagnostics { #expect(!diagnostic.description.contains("hunter2"), "\(diagnostic)") }
    }

    @Test("Without $CREDENTIALS_DIRECTORY there are no credentials")
    func noCredentials() {
        let text = source("credential:key").replacing("▶", with: "")
        let secrets = FixedSecrets(variables: ["KEY": "k"])
        #expect(findings(text, secrets: secrets) == ["7:15: error: $CREDENTIALS_DIRECTORY is not set"])
    }
}

@Suite("The machine's secrets")
struct MachineSecretsTests {
    @Test("A missing file, a directory and an endless file are errors, not hangs")
    func files() {
        #expect(throws: SecretFileError.system("No such file or directory")) {
            try MachineSecrets().contents(ofFile: "/nonexistent/secret")
        }
        #expect(throws: SecretFileError.system("Is a directory")) { try MachineSecrets().contents(ofFile: "/") }
        #expect(throws: SecretFileError.tooLarge) { try MachineSecrets().contents(ofFile: "/dev/zero") }
        #expect(throws: Never.self) {
            let nothing = try MachineSecrets().contents(ofFile: "/dev/null")
            #expect(nothing == [])
        }
    }

    @Test("Variables come from the environment")
    func variables() {
        #expect(MachineSecrets().variable("PATH") != nil)
        #expect(MachineSecrets().variable("NO_SUCH_VARIABLE_HERE") == nil)
    }
}
