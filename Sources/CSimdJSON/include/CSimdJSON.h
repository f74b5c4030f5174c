// A small C face over simdjson's DOM. A parser owns one document at a time; a node is a place in that document and
// stays valid until the parser's next parse or its end. Nothing here throws, and only csj_parser_create and a parse
// of something larger than ever before allocate.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define CSJ_NOEXCEPT noexcept
#else
#define CSJ_NOEXCEPT
#endif

/// Why a text was refused.
typedef enum __attribute__((enum_extensibility(closed))) CSJError {
    CSJErrorNone,
    CSJErrorEmpty,
    CSJErrorTooLarge,
    CSJErrorTooDeep,
    CSJErrorInvalidUTF8,
    CSJErrorNumber,
    CSJErrorString,
    CSJErrorLoneSurrogate,
    CSJErrorSyntax,
    CSJErrorOutOfMemory,
} CSJError;

/// What a node is. Integers are signed wherever they fit.
typedef enum __attribute__((enum_extensibility(closed))) CSJKind {
    CSJKindNull,
    CSJKindFalse,
    CSJKindTrue,
    CSJKindSigned,
    CSJKindUnsigned,
    CSJKindDouble,
    CSJKindString,
    CSJKindArray,
    CSJKindObject,
} CSJKind;

/// A place in a parsed document. `index` 0 means "no node".
typedef struct CSJNode {
    const void *_Nullable document;
    size_t index;
} CSJNode;

/// Bytes of valid UTF-8 inside a document.
typedef struct CSJText {
    const uint8_t *_Nonnull bytes;
    size_t length;
} CSJText;

typedef struct CSJParser CSJParser;

/// A parser for texts of at most `max_bytes`, nested at most `max_depth` deep; null when memory is short.
CSJParser *_Nullable csj_parser_create(size_t max_bytes, size_t max_depth) CSJ_NOEXCEPT;
void csj_parser_free(CSJParser *_Nonnull parser) CSJ_NOEXCEPT;

/// Parses a text (a byte order mark is skipped) and sets `root`. Of repeated names in an object the first counts:
/// the others are never seen again, not by lookup, iteration or count.
CSJError csj_parse(CSJParser *_Nonnull parser, const void *_Nullable bytes, size_t length,
                   CSJNode *_Nonnull root) CSJ_NOEXCEPT;

CSJKind csj_kind(CSJNode node) CSJ_NOEXCEPT;

// Each of these reads a node of that kind only.
int64_t csj_signed(CSJNode node) CSJ_NOEXCEPT;
uint64_t csj_unsigned(CSJNode node) CSJ_NOEXCEPT;
double csj_double(CSJNode node) CSJ_NOEXCEPT;
CSJText csj_text(CSJNode node) CSJ_NOEXCEPT;

/// Elements of an array or members of an object.
size_t csj_count(CSJNode container) CSJ_NOEXCEPT;
CSJNode csj_element(CSJNode array, size_t position) CSJ_NOEXCEPT;
CSJNode csj_member(CSJNode object, const uint8_t *_Nullable name, size_t length) CSJ_NOEXCEPT;

// Walking children in the text's order. A member is its value; csj_name gives its name.
CSJNode csj_first_element(CSJNode array) CSJ_NOEXCEPT;
CSJNode csj_next_element(CSJNode element) CSJ_NOEXCEPT;
CSJNode csj_first_member(CSJNode object) CSJ_NOEXCEPT;
CSJNode csj_next_member(CSJNode member) CSJ_NOEXCEPT;
CSJText csj_name(CSJNode member) CSJ_NOEXCEPT;

/// The array or object that follows `container` in document order inside `top`, parents before children.
CSJNode csj_next_container(CSJNode top, CSJNode container) CSJ_NOEXCEPT;

/// The place behind an array or object.
size_t csj_end(CSJNode container) CSJ_NOEXCEPT;

/// Whether `node` is `container` itself or lies inside it.
bool csj_contains(CSJNode container, CSJNode node) CSJ_NOEXCEPT;

#ifdef __cplusplus
}
#endif
