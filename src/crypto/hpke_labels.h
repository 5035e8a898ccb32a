// LabeledExtract and LabeledExpand (RFC 9180 4): used by the KEM with its own suite_id and by the
// key schedule with another. Internal to crypto.
#pragma once

#include <string_view>

#include "crypto/hash.h"

namespace vitrine::crypto {

// `ikm` may be a secret: it is hashed in place, not copied behind the label.
SecretBytes labeled_extract(Hash hash, ByteView suite_id, ByteView salt, std::string_view label,
                            ByteView ikm);
SecretBytes labeled_expand(Hash hash, ByteView suite_id, ByteView prk, std::string_view label,
                           ByteView info, std::size_t size);

// Appends `value` as two bytes, big-endian.
void append_u16(Bytes& to, std::size_t value);

}  // namespace vitrine::crypto
