import Foundation
import OffThePool
import Testing
import Vocabulary

@testable import Settings

@Suite("The configuration's JSON Schema", .offThePool)
struct ConfigurationSchemaTests {
    private let schema: JSON
    private let validator: SchemaValidator

    init() throws {
        schema = try JSON.parsed(ConfigurationSchema.text)
        validator = SchemaValidator(root: schema)
    }

    /// What an editor makes of a file's text.
    private static func json(of yaml: String) throws -> JSON {
        let report = Report(source: SourceText(yaml), file: "f")
        let node = try #require(YAMLTree.parse(Array(yaml.utf8), report: report))
        return try JSON.parsed(try #require(Reader<String>.json.read(node, Reading(report: report, secrets: nil))))
    }

    private static func errors(_ value: JSON) -> [String] {
        SettingsLoader.load(text: value.text, file: "f", secrets: nil).diagnostics
            .filter { $0.severity == .error }.map(\.message)
    }

    /// Mistakes that a schema can know of: keys, types and words.
    private static func structural(_ errors: [String]) -> [String] {
        errors.filter { error in
            ["unknown ", "expected ", "missing key"].contains { error.hasPrefix($0) }
                // Depends on what `signature` says.
                && error != "missing key \"secrets\" in a source"
        }
    }

    @Test("accepts what check accepts: the complete example")
    func example() throws {
        let value = try Self.json(of: completeExample)
        #expect(Self.errors(value) == [])
        #expect(try validator.accepts(value))
    }

    @Test("accepts every single value where text is expected, as check does")
    func plainScalars() throws {
        let text = file(
            models: "models:\n  otc: { pool_id: 5, data_model_id: true }",
            rules: "rules:\n  - { name: 1.5, source: etl, reload: { model: otc, tables: [0123, NO, null, 1e3] } }",
            more: "admin: { token: env:KEY }"
        )
        _ = try load(text)
        #expect(try validator.accepts(try Self.json(of: text)))
    }

    @Test("describes every key, and describes none that does not exist")
    func descriptions() throws {
        var described: Set<String> = []
        func walk(_ value: JSON) {
            for (key, property) in value["properties"]?.members ?? [:] {
                #expect(property["description"] != nil, "\(key) has no description")
                if let text = property["description"]?.string { described.insert(key + ": " + text) }
            }
            for child in value.members.values { walk(child) }
            for child in value.elements { walk(child) }
        }
        walk(schema)
        for (what, keys) in Descriptions.texts {
            for (key, text) in keys {
                let isUsed = described.contains { $0.hasPrefix(key + ": " + text) }
                #expect(isUsed, "\(what) has no key \(key)")
            }
        }
    }

    @Test("agrees with check about every place of the complete example: another key, kind or word there")
    func mutations() throws {
        let base = try Self.json(of: completeExample)
        var count = 0
        for mutation in Mutation.all(of: base, schema, validator) {
            count += 1
            let isAccepted = try validator.accepts(mutation.value)
            let errors = Self.errors(mutation.value)
            // The schema says no only where check does …
            if !isAccepted { #expect(!errors.isEmpty, "only the schema refuses \(mutation.label)") }
            // … and check finds no mistake of this kind that the schema does not.
            if isAccepted { #expect(Self.structural(errors) == [], "the schema accepts \(mutation.label)") }
        }
        #expect(count > 1000)
    }

    @Test("what it allows, check reads without a wrong key, type or word", arguments: 0..<4 as Range<UInt64>)
    func generated(_ seed: UInt64) throws {
        var generator = ConfigurationGenerator(validator: validator, random: SeededGenerator(seed: seed))
        var accepted = 0
        for round in 0..<50 {
            let value = generator.configuration()
            #expect(try validator.accepts(value), "seed \(seed), round \(round): \(value.text)")
            let errors = Self.errors(value)
            #expect(Self.structural(errors) == [], "seed \(seed), round \(round): \(value.text)")
            accepted += errors.isEmpty ? 1 : 0
        }
        #expect(accepted > 0, "seed \(seed): too few of these configurations are right")
    }

    @Test("a default that it names is what an absent key means")
    func defaults() throws {
        var base = try Self.json(of: completeExample)
        // The place of a test would differ.
        base["tests"] = nil
        // Needs a `signed` that is not the default.
        base["sources"]?["custom"]?["signature"]?["timestamp"] = nil
        var count = 0
        for place in Mutation.places(in: base, schema, validator) {
            guard case .object = place.value else { continue }
            for (key, property) in place.schema["properties"]?.members ?? [:] {
                guard let standard = property["default"] else { continue }
                count += 1
                var absent = place.value
                absent[key] = nil
                var written = place.value
                written[key] = standard
                let read = try [absent, written].map { value in
                    var configuration = try load(place.replaced(value).text, secrets: nil)
                    configuration.mentions = []
                    configuration.places = ConfigurationPlaces()
                    // The words only: dictionaries have no order.
                    return "\(configuration)".split { !$0.isLetter && !$0.isNumber }.sorted()
                }
                #expect(read[0] == read[1], "\(place.path).\(key): \(standard.text)")
            }
        }
        #expect(count > 35)
    }
}

/// One change to a valid configuration.
struct Mutation {
    var label: String
    var value: JSON

    /// A value within a configuration, the part of the schema for it, and how the whole looks with another there.
    struct Place {
        var value: JSON
        var schema: JSON
        var path: String
        var replaced: (JSON) -> JSON
    }

    static func places(in root: JSON, _ schema: JSON, _ validator: SchemaValidator) -> [Place] {
        var places: [Place] = []
        func walk(_ place: Place) {
            var place = place
            place.schema = validator.resolved(place.schema)
            if let forms = place.schema["anyOf"]?.elements {
                for form in forms where (try? validator.accepts(place.value, form)) == true {
                    place.schema = validator.resolved(form)
                }
            }
            places.append(place)
            for (index, element) in place.value.elements.enumerated() {
                guard let items = place.schema["items"] else { continue }
                walk(
                    Place(value: element, schema: items, path: "\(place.path)[\(index)]") { [place] new in
                        var elements = place.value.elements
                        elements[index] = new
                        return place.replaced(.array(elements))
                    }
                )
            }
            for (key, member) in place.value.members.sorted(by: { $0.key < $1.key }) {
                var part = place.schema["properties"]?[key]
                for (pattern, schema) in place.schema["patternProperties"]?.members ?? [:] where part == nil {
                    if key.range(of: pattern, options: .regularExpression) != nil { part = schema }
                }
                if part == nil, case .object(let any)? = place.schema["additionalProperties"] { part = .object(any) }
                guard let part else { continue }
                walk(
                    Place(value: member, schema: part, path: "\(place.path).\(key)") { [place] new in
                        var changed = place.value
                        changed[key] = new
                        return place.replaced(changed)
                    }
                )
            }
        }
        walk(Place(value: root, schema: schema, path: "$") { $0 })
        return places
    }

    static func all(of root: JSON, _ schema: JSON, _ validator: SchemaValidator) -> [Mutation] {
        places(in: root, schema, validator).flatMap { place in
            var mutations: [Mutation] = []
            func add(_ label: String, _ value: JSON) {
                mutations.append(Mutation(label: "\(place.path): \(label)", value: place.replaced(value)))
            }
            let others: [JSON] = [
                .string("no such word"), .bool(true), .number(5), .array([]), .object([:]), .null,
            ]
            for other in others { add(other.text, other) }
            if case .object(let members) = place.value {
                var changed = place.value
                changed["no_such_key"] = .number(1)
                add("a further key", changed)
                for key in members.keys.sorted() {
                    var without = place.value
                    without[key] = nil
                    add("without \(key)", without)
                }
            }
            return mutations
        }
    }
}

/// Makes configurations that the schema allows: any keys, words and examples of it. Names refer to what is there.
struct ConfigurationGenerator {
    let validator: SchemaValidator
    var random: SeededGenerator

    mutating func configuration() -> JSON {
        var value = value(of: validator.root, depth: 0)
        value["sources"] = .object(["etl": value["sources"]?.members.values.first ?? .null])
        value["models"] = .object(["otc": value["models"]?.members.values.first ?? .null])
        return value
    }

    private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }

    private mutating func value(of schema: JSON, depth: Int) -> JSON {
        let schema = validator.resolved(schema)
        if let forms = schema["anyOf"]?.elements {
            // A condition may hold a condition: deep down the first form, which holds nothing, ends it.
            let form = depth > 8 ? forms.first : forms.randomElement(using: &random)
            return value(of: form ?? .null, depth: depth + 1)
        }
        if let words = schema["enum"]?.elements, let word = words.randomElement(using: &random) { return word }
        if let constant = schema["const"] { return constant }
        if let examples = schema["examples"]?.elements, let example = examples.randomElement(using: &random) {
            return example
        }
        switch schema["type"] {
        case .string("object"): return object(of: schema, depth: depth)
        case .string("array"):
            let least = Int(schema["minItems"]?.number ?? 0)
            let count = Int.random(in: least...(least + 1), using: &random)
            return .array((0..<count).map { _ in value(of: schema["items"] ?? .null, depth: depth + 1) })
        case .string("boolean"): return .bool(chance(0.5))
        case .string("integer"), .string("number"): return .number(chance(0.5) ? 1 : schema["maximum"]?.number ?? 1)
        default: return [.string("EKKO"), .number(5), .bool(true), .null].randomElement(using: &random) ?? .null
        }
    }

    private mutating func object(of schema: JSON, depth: Int) -> JSON {
        var members: [String: JSON] = [:]
        let required = schema["required"]?.elements.compactMap(\.string) ?? []
        for (key, property) in (schema["properties"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            // Conditions nest: the deeper, the fewer.
            guard required.contains(key) || chance(depth > 8 ? 0 : 0.3) else { continue }
            switch key {
            case "source": members[key] = .string("etl")
            case "model": members[key] = .string("otc")
            default: members[key] = value(of: property, depth: depth + 1)
            }
        }
        for (pattern, property) in (schema["patternProperties"]?.members ?? [:]).sorted(by: { $0.key < $1.key })
        where depth < 10 {
            members[pattern == "^header:" ? "header:X-Kind" : "$.kind"] = value(of: property, depth: depth + 1)
        }
        if case .object(let any)? = schema["additionalProperties"] {
            members["name"] = value(of: .object(any), depth: depth + 1)
        }
        if members.isEmpty, schema["minProperties"] != nil { members["exists"] = .bool(true) }
        return .object(members)
    }
}
