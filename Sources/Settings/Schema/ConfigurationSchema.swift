/// The JSON Schema (draft 2020-12) of the configuration, by which editors complete and check it. It is made of the
/// readers that read the file: a key, a word or a default exists once, here and there.
package enum ConfigurationSchema {
    /// The schema's JSON text.
    package static var text: String {
        var writer = SchemaWriter()
        let root = writer.members(of: Reader<Configuration>.configuration.schema)
        let definitions = writer.definitions.sorted { $0.key < $1.key }
        let head: [(key: String, value: JSONValue)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string("Configuration of Reloader")),
        ]
        return JSONValue.object(head + root + [("$defs", .object(definitions.map { ($0.key, $0.value) }))]).text()
            + "\n"
    }
}

/// Writes a `Schema` in the words of JSON Schema.
private struct SchemaWriter {
    typealias Members = [(key: String, value: JSONValue)]

    /// The shared parts met so far.
    var definitions: [String: JSONValue] = [:]

    mutating func members(of schema: Schema) -> Members {
        switch schema {
        case .anything: return []
        case .scalar(let mayBeEmpty):
            let kinds = ["string", "number", "boolean", "null"]
            let type: Members = [("type", .array(kinds.map(JSONValue.string)))]
            return mayBeEmpty ? type : type + [("minLength", .integer(1))]
        case .text(let pattern, let examples):
            return [
                ("type", .string("string")), ("pattern", .string(pattern)),
                ("examples", .array(examples.map(JSONValue.string))),
            ]
        case .words(let words): return [("enum", .array(words.map(JSONValue.string)))]
        case .boolean: return [("type", .string("boolean"))]
        case .yes: return [("const", .bool(true))]
        case .integer(let range):
            return [
                ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
                ("maximum", .integer(range.upperBound)),
            ]
        case .number(let range):
            return [
                ("type", .string("number")), ("minimum", .number(range.lowerBound)),
                ("maximum", .number(range.upperBound)),
            ]
        case .quotableNumber:
            return [
                ("type", .array([.string("number"), .string("string")])),
                ("pattern", .string("^([-+]?[0-9.][-+.0-9eE]*|0x[0-9A-Fa-f]+|0o[0-7]+)$")),
                ("examples", .array([.integer(5), .number(0.5)])),
            ]
        case .list(let element, let atLeast):
            let list: Members = [("type", .string("array")), ("items", value(of: element))]
            return atLeast == 0 ? list : list + [("minItems", .integer(atLeast))]
        case .named(let element, let atLeast):
            let map: Members = [("type", .string("object")), ("additionalProperties", value(of: element))]
            return atLeast == 0 ? map : map + [("minProperties", .integer(atLeast))]
        case .object(let object): return members(of: object)
        case .either(let schemas): return [("anyOf", .array(schemas.map { value(of: $0) }))]
        case .shared(let name, let make):
            if definitions[name] == nil {
                // The name is taken before the part is written: it may hold itself.
                definitions[name] = .object([])
                definitions[name] = value(of: make())
            }
            return [("$ref", .string("#/$defs/\(name)"))]
        }
    }

    private mutating func value(of schema: Schema) -> JSONValue { .object(members(of: schema)) }

    private mutating func members(of object: ObjectSchema) -> Members {
        let properties = object.properties()
        var members: Members = [("type", .string("object"))]
        if !properties.isEmpty {
            let written = properties.map { (key: $0.key, value: value(of: $0, in: object.what)) }
            members.append(("properties", .object(written)))
        }
        if !object.patterns.isEmpty {
            let patterns = object.patterns.map { (key: $0.pattern, value: value(of: $0.schema)) }
            members.append(("patternProperties", .object(patterns)))
        }
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.key) }
        if !required.isEmpty { members.append(("required", .array(required))) }
        if object.atLeast > 0 { members.append(("minProperties", .integer(object.atLeast))) }
        members.append(("additionalProperties", .bool(false)))
        return members
    }

    private mutating func value(of property: ObjectSchema.Property, in what: String) -> JSONValue {
        var text = Descriptions.text(of: property.key, in: what) ?? ""
        var members = self.members(of: property.schema)
        if let standard = property.standard {
            members.insert(("default", standard), at: 0)
            text += " Default: \(standard.text())."
        }
        if !text.isEmpty { members.insert(("description", .string(text)), at: 0) }
        return .object(members)
    }
}
