#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

#include "CSimdJSON.h"

using simdjson::dom::document;
using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

namespace {

/// Marks the name of a member whose name already occurred in its object. simdjson itself never writes it.
constexpr uint64_t shadowed = 'x';
/// Above this many members an object's names are sorted to find repeated ones, below they are compared in pairs.
constexpr size_t few_members = 12;
/// simdjson counts members in 24 bits and stops there.
constexpr uint32_t saturated_count = 0xFFFFFF;
constexpr size_t smallest_capacity = 4096;

struct Name {
    std::string_view text;
    size_t index;
};

tape_ref at(CSJNode node) noexcept { return tape_ref(static_cast<const document *>(node.document), node.index); }

CSJNode node(const document *document, size_t index) noexcept { return CSJNode{document, index}; }

CSJNode none() noexcept { return CSJNode{nullptr, 0}; }

size_t after(const document *document, size_t index) noexcept { return tape_ref(document, index).after_element(); }

tape_type type(const document *document, size_t index) noexcept {
    return tape_ref(document, index).tape_ref_type();
}

bool is_shadowed(const document *document, size_t name) noexcept {
    return (document->tape[name] >> 56) == shadowed;
}

/// The first member whose name is at or after `name`, passing over repeated names.
CSJNode member_from(const document *document, size_t name) noexcept {
    while (is_shadowed(document, name)) { name = after(document, name + 1); }
    if (type(document, name) == tape_type::END_OBJECT) { return none(); }
    return node(document, name + 1);
}

CSJError translate(simdjson::error_code code) noexcept {
    switch (code) {
    case simdjson::SUCCESS: return CSJErrorNone;
    case simdjson::CAPACITY: return CSJErrorTooLarge;
    case simdjson::MEMALLOC: return CSJErrorOutOfMemory;
    case simdjson::DEPTH_ERROR: return CSJErrorTooDeep;
    case simdjson::UTF8_ERROR: return CSJErrorInvalidUTF8;
    case simdjson::EMPTY: return CSJErrorEmpty;
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE: return CSJErrorNumber;
    case simdjson::STRING_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::UNCLOSED_STRING: return CSJErrorString;
    default: return CSJErrorSyntax;
    }
}

uint32_t hex4(const uint8_t *digits) noexcept {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const uint8_t c = digits[i];
        value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

/// Whether a text that simdjson accepted escapes half a surrogate pair (simdjson 3.0 lets some of them pass).
bool has_lone_surrogate(const uint8_t *text, size_t length) noexcept {
    const uint8_t *const end = text + length;
    const uint8_t *next = text;
    while ((next = static_cast<const uint8_t *>(std::memchr(next, '\\', size_t(end - next)))) != nullptr) {
        if (next[1] != 'u') {
            next += 2;
            continue;
        }
        const uint32_t unit = hex4(next + 2);
        next += 6;
        if (unit < 0xD800 || unit > 0xDFFF) { continue; }
        if (unit >= 0xDC00 || next[0] != '\\' || next[1] != 'u') { return true; }
        const uint32_t low = hex4(next + 2);
        if (low < 0xDC00 || low > 0xDFFF) { return true; }
        next += 6;
    }
    return false;
}

}  // namespace

struct CSJParser {
    simdjson::dom::parser simdjson;
    std::unique_ptr<uint8_t[]> text;
    size_t capacity = 0;
    std::unique_ptr<Name[]> names;
    size_t names_capacity = 0;
    const size_t max_bytes;
    const size_t max_depth;

    CSJParser(size_t max_bytes, size_t max_depth) noexcept
        : simdjson(max_bytes + simdjson::SIMDJSON_PADDING), max_bytes(max_bytes), max_depth(max_depth) {}

    bool reserve(size_t length) noexcept;
    bool hide_repeated_names(size_t object) noexcept;
    CSJError settle() noexcept;
};

/// Grows in powers of two, so that a slowly growing sender does not allocate for each delivery.
bool CSJParser::reserve(size_t length) noexcept {
    if (length <= capacity) { return true; }
    size_t wanted = smallest_capacity;
    while (wanted < length) { wanted *= 2; }
    text.reset(new (std::nothrow) uint8_t[wanted + simdjson::SIMDJSON_PADDING]);
    capacity = 0;
    // One more than allowed: simdjson refuses a container at its limit, but not an empty one. `settle` is exact.
    if (!text || simdjson.allocate(wanted, max_depth + 1) || simdjson.doc.allocate(wanted)) { return false; }
    capacity = wanted;
    return true;
}

bool CSJParser::hide_repeated_names(size_t object) noexcept {
    document *const doc = &simdjson.doc;
    const size_t end = tape_ref(doc, object).matching_brace_index() - 1;
    Name few[few_members];
    Name *found = few;
    size_t room = few_members;
    size_t count = 0;
    size_t repeated = 0;
    const auto hide = [&](size_t name) {
        doc->tape[name] = (doc->tape[name] & simdjson::internal::JSON_VALUE_MASK) | shadowed << 56;
        repeated++;
    };

    for (size_t name = object + 1; name < end; name = after(doc, name + 1)) {
        if (count == room) {
            if (names_capacity <= room) {
                std::unique_ptr<Name[]> larger(new (std::nothrow) Name[room * 2]);
                if (!larger) { return false; }
                std::copy(found, found + count, larger.get());
                names = std::move(larger);
                names_capacity = room * 2;
            } else if (found == few) {
                std::copy(found, found + count, names.get());
            }
            found = names.get();
            room = names_capacity;
        }
        found[count++] = Name{tape_ref(doc, name).get_string_view(), name};
    }

    if (count <= few_members) {
        for (size_t later = 1; later < count; later++) {
            for (size_t earlier = 0; earlier < later; earlier++) {
                if (found[earlier].text == found[later].text) {
                    hide(found[later].index);
                    break;
                }
            }
        }
    } else {
        // Sorted by length first: names are then compared byte by byte only with names of their own length.
        std::sort(found, found + count, [](const Name &a, const Name &b) noexcept {
            if (a.text.size() != b.text.size()) { return a.text.size() < b.text.size(); }
            const int order = std::memcmp(a.text.data(), b.text.data(), a.text.size());
            return order != 0 ? order < 0 : a.index < b.index;
        });
        for (size_t i = 1; i < count; i++) {
            if (found[i - 1].text == found[i].text) { hide(found[i].index); }
        }
    }

    if (repeated > 0 && tape_ref(doc, object).scope_count() != saturated_count) {
        doc->tape[object] -= uint64_t(repeated) << 32;
    }
    return true;
}

/// One pass over a parsed document: holds it to the exact depth, and hides repeated names.
CSJError CSJParser::settle() noexcept {
    const document *const doc = &simdjson.doc;
    const size_t end = tape_ref(doc, 0).matching_brace_index();
    size_t depth = 0;
    for (size_t index = 1; index < end;) {
        switch (type(doc, index)) {
        case tape_type::START_OBJECT:
            if (!hide_repeated_names(index)) { return CSJErrorOutOfMemory; }
            [[fallthrough]];
        case tape_type::START_ARRAY:
            if (++depth > max_depth) { return CSJErrorTooDeep; }
            index += 1;
            break;
        case tape_type::END_ARRAY:
        case tape_type::END_OBJECT:
            depth -= 1;
            index += 1;
            break;
        case tape_type::INT64:
        case tape_type::UINT64:
        case tape_type::DOUBLE:
            index += 2;
            break;
        default:
            index += 1;
        }
    }
    return CSJErrorNone;
}

extern "C" {

CSJParser *csj_parser_create(size_t max_bytes, size_t max_depth) noexcept {
    return new (std::nothrow) CSJParser(max_bytes, max_depth);
}

void csj_parser_free(CSJParser *parser) noexcept { delete parser; }

CSJError csj_parse(CSJParser *parser, const void *bytes, size_t length, CSJNode *root) noexcept {
    *root = none();
    const uint8_t *text = static_cast<const uint8_t *>(bytes);
    if (length >= 3 && std::memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        length -= 3;
    }
    if (length == 0) { return CSJErrorEmpty; }
    if (length > parser->max_bytes) { return CSJErrorTooLarge; }
    if (!parser->reserve(length)) { return CSJErrorOutOfMemory; }
    std::memcpy(parser->text.get(), text, length);
    std::memset(parser->text.get() + length, 0, simdjson::SIMDJSON_PADDING);

    const auto result = parser->simdjson.parse(parser->text.get(), length, false);
    if (result.error()) { return translate(result.error()); }
    if (has_lone_surrogate(parser->text.get(), length)) { return CSJErrorLoneSurrogate; }
    const CSJError error = parser->settle();
    if (error == CSJErrorNone) { *root = node(&parser->simdjson.doc, 1); }
    return error;
}

CSJKind csj_kind(CSJNode node) noexcept {
    switch (at(node).tape_ref_type()) {
    case tape_type::FALSE_VALUE: return CSJKindFalse;
    case tape_type::TRUE_VALUE: return CSJKindTrue;
    case tape_type::INT64: return CSJKindSigned;
    case tape_type::UINT64: return CSJKindUnsigned;
    case tape_type::DOUBLE: return CSJKindDouble;
    case tape_type::STRING: return CSJKindString;
    case tape_type::START_ARRAY: return CSJKindArray;
    case tape_type::START_OBJECT: return CSJKindObject;
    default: return CSJKindNull;
    }
}

int64_t csj_signed(CSJNode node) noexcept { return at(node).next_tape_value<int64_t>(); }

uint64_t csj_unsigned(CSJNode node) noexcept { return at(node).next_tape_value<uint64_t>(); }

double csj_double(CSJNode node) noexcept { return at(node).next_tape_value<double>(); }

CSJText csj_text(CSJNode node) noexcept {
    const std::string_view view = at(node).get_string_view();
    return CSJText{reinterpret_cast<const uint8_t *>(view.data()), view.size()};
}

size_t csj_count(CSJNode container) noexcept {
    const uint32_t count = at(container).scope_count();
    if (count != saturated_count) { return count; }
    const bool is_object = csj_kind(container) == CSJKindObject;
    size_t counted = 0;
    CSJNode child = is_object ? csj_first_member(container) : csj_first_element(container);
    for (; child.index != 0; child = is_object ? csj_next_member(child) : csj_next_element(child)) { counted++; }
    return counted;
}

CSJNode csj_element(CSJNode array, size_t position) noexcept {
    CSJNode element = csj_first_element(array);
    while (position > 0 && element.index != 0) {
        element = csj_next_element(element);
        position--;
    }
    return element;
}

CSJNode csj_member(CSJNode object, const uint8_t *name, size_t length) noexcept {
    const auto *const doc = static_cast<const document *>(object.document);
    const std::string_view wanted(reinterpret_cast<const char *>(name), length);
    const size_t end = at(object).matching_brace_index() - 1;
    for (size_t index = object.index + 1; index < end; index = after(doc, index + 1)) {
        if (tape_ref(doc, index).get_string_view() == wanted) { return node(doc, index + 1); }
    }
    return none();
}

CSJNode csj_first_element(CSJNode array) noexcept {
    const auto *const doc = static_cast<const document *>(array.document);
    return type(doc, array.index + 1) == tape_type::END_ARRAY ? none() : node(doc, array.index + 1);
}

CSJNode csj_next_element(CSJNode element) noexcept {
    const auto *const doc = static_cast<const document *>(element.document);
    const size_t next = at(element).after_element();
    return type(doc, next) == tape_type::END_ARRAY ? none() : node(doc, next);
}

CSJNode csj_first_member(CSJNode object) noexcept {
    return member_from(static_cast<const document *>(object.document), object.index + 1);
}

CSJNode csj_next_member(CSJNode member) noexcept {
    return member_from(static_cast<const document *>(member.document), at(member).after_element());
}

CSJText csj_name(CSJNode member) noexcept { return csj_text(CSJNode{member.document, member.index - 1}); }

CSJNode csj_next_container(CSJNode top, CSJNode container) noexcept {
    const auto *const doc = static_cast<const document *>(top.document);
    const size_t end = at(top).matching_brace_index() - 1;
    for (size_t index = container.index + 1; index < end;) {
        if (is_shadowed(doc, index)) {
            index = after(doc, index + 1);
            continue;
        }
        switch (type(doc, index)) {
        case tape_type::START_ARRAY:
        case tape_type::START_OBJECT: return node(doc, index);
        case tape_type::INT64:
        case tape_type::UINT64:
        case tape_type::DOUBLE:
            index += 2;
            break;
        default:
            index += 1;
        }
    }
    return none();
}

size_t csj_end(CSJNode container) noexcept { return at(container).after_element(); }

bool csj_contains(CSJNode container, CSJNode node) noexcept {
    return node.index >= container.index && node.index < csj_end(container);
}

}  // extern "C"
