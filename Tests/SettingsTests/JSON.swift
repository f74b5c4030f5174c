import Foundation
import Vocabulary

/// A JSON value as tests take it apart.
indirect enum JSON: Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    static func parsed(_ text: String) throws -> JSON { try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }

    /// JSON text, which is YAML too.
    var text: String {
        switch self {
        case .null: "null"
        case .bool(let bool): bool ? "true" : "false"
        case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
        case .string(let string): JSONText.quoted(string)
        case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { JSONText.quoted($0.key) + ": " + $0.value.text }
                .joined(separator: ", ") + "}"
        }
    }

    subscript(key: String) -> JSON? {
        get { if case .object(let members) = self { members[key] } else { nil } }
        set {
            guard case .object(var members) = self else { return }
            members[key] = newValue
            self = .object(members)
        }
    }

    var members: [String: JSON] { if case .object(let members) = self { members } else { [:] } }
    var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
    var string: String? { if case .string(let string) = self { string } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
}

extension JSON: Decodable {
    init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let bool = try? single.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? single.decode(Double.self) {
            self = .number(number)
        } else if let string = try? single.decode(String.self) {
            self = .string(string)
        } else if let array = try? single.decode([JSON].self) {
            self = .array(array)
        } else {
            self = .object(try single.decode([String: JSON].self))
        }
    }
}

/// As much of JSON Schema 2020-12 as the configuration's schema uses; it knows no other word, and says so.
struct SchemaValidator {
    struct UnknownKeyword: Error { var name: String }

    let root: JSON

    func accepts(_ value: JSON) throws -> Bool { try accepts(value, root) }

    /// A schema with its `$ref` followed.
    func resolved(_ schema: JSON) -> JSON {
        guard let name = schema["$ref"]?.string?.split(separator: "/").last else { return schema }
        return root["$defs"]?[String(name)] ?? .object([:])
    }

    func accepts(_ value: JSON, _ schema: JSON) throws -> Bool {
        for (keyword, argument) in schema.members where try !holds(keyword, argument, of: value, schema) {
            return false
        }
        return true
    }

    private func holds(_ keyword: String, _ argument: JSON, of value: JSON, _ schema: JSON) throws -> Bool {
        switch keyword {
        case "$schema", "title", "description", "default", "examples", "$defs": return true
        case "$ref": return try accepts(value, resolved(schema))
        case "anyOf": return try argument.elements.contains { try accepts(value, $0) }
        case "type":
            let types = argument.string.map { [$0] } ?? argument.elements.compactMap(\.string)
            return types.contains { isOfType($0, value) }
        case "enum": return argument.elements.contains(value)
        case "const": return argument == value
        case "minimum": return (value.number ?? .infinity) >= argument.number ?? 0
        case "maximum": return (value.number ?? -.infinity) <= argument.number ?? 0
        case "minLength": return value.string.map { Double($0.unicodeScalars.count) >= argument.number ?? 0 } ?? true
        case "pattern": return value.string.map { matches(argument.string ?? "", $0) } ?? true
        case "items": return try value.elements.allSatisfy { try accepts($0, argument) }
        case "minItems":
            if case .array(let elements) = value { return Double(elements.count) >= argument.number ?? 0 }
            return true
        case "minProperties":
            if case .object(let members) = value { return Double(members.count) >= argument.number ?? 0 }
            return true
        case "required":
            guard case .object(let members) = value else { return true }
            return argument.elements.compactMap(\.string).allSatisfy { members[$0] != nil }
        case "properties":
            return try argument.members.allSatisfy { key, schema in
                try value[key].map { try accepts($0, schema) } ?? true
            }
        case "patternProperties":
            return try argument.members.allSatisfy { pattern, schema in
                try value.members.allSatisfy { try !matches(pattern, $0.key) || accepts($0.value, schema) }
            }
        case "additionalProperties":
            let patterns = (schema["patternProperties"]?.members ?? [:]).keys
            return try value.members.allSatisfy { key, member in
                if schema["properties"]?[key] != nil || patterns.contains(where: { matches($0, key) }) { return true }
                return argument == .bool(false) ? false : try accepts(member, argument)
            }
        default: throw UnknownKeyword(name: keyword)
        }
    }

    private func isOfType(_ type: String, _ value: JSON) -> Bool {
        switch (type, value) {
        case ("string", .string), ("number", .number), ("boolean", .bool), ("null", .null), ("array", .array),
            ("object", .object):
            true
        case ("integer", .number(let number)): number == number.rounded()
        default: false
        }
    }

    private func matches(_ pattern: String, _ text: String) -> Bool {
        text.range(of: pattern, options: .regularExpression) != nil
    }
}
