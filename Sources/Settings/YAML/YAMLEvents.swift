import CYaml

/// libyaml's event stream over bytes that outlive it. Its events carry the places that a composed tree loses, and show
/// every repeated key.
final class YAMLEvents {
    /// One step of the file, with the place where it stands.
    struct Event {
        enum Kind {
            case scalar(YAMLScalar, tag: String?, anchor: String?)
            case sequenceStart(tag: String?, anchor: String?)
            case mappingStart(tag: String?, anchor: String?)
            /// Of a sequence or a mapping.
            case containerEnd
            case alias(String)
            case documentStart
            case streamEnd
        }

        var kind: Kind
        var span: Span
    }

    /// The text is not YAML.
    struct SyntaxError: Error {
        var message: String
        var at: At

        enum At {
            case place(Place)
            /// Of the byte that is no text; the first is 0.
            case byte(Int)
        }
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(SyntaxError) {
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw SyntaxError(message: "out of memory", at: .byte(0))
        }
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event; after `streamEnd` or an error there is none.
    func next() throws(SyntaxError) -> Event {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
            defer { yaml_event_delete(&event) }
            if let kind = Self.kind(of: event) {
                return Event(kind: kind, span: Span(start: Place(event.start_mark), end: Place(event.end_mark)))
            }
        }
    }

    private static func kind(of event: yaml_event_t) -> Event.Kind? {
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                YAMLScalar(
                    text: String(decoding: bytes, as: UTF8.self),
                    isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE
                ),
                tag: text(scalar.tag),
                anchor: text(scalar.anchor)
            )
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return .sequenceStart(tag: text(start.tag), anchor: text(start.anchor))
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return .mappingStart(tag: text(start.tag), anchor: text(start.anchor))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .containerEnd
        case YAML_ALIAS_EVENT: return .alias(text(event.data.alias.anchor) ?? "")
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .streamEnd
        default: return nil
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func problem() -> SyntaxError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "not YAML"
        switch state.error {
        case YAML_READER_ERROR: return SyntaxError(message: problem, at: .byte(state.problem_offset))
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
            let context = state.context.map { " " + String(cString: $0) } ?? ""
            return SyntaxError(message: problem + context, at: .place(Place(state.problem_mark)))
        default: return SyntaxError(message: problem, at: .place(Place(state.mark)))
        }
    }
}

extension Place {
    /// libyaml counts from 0.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
