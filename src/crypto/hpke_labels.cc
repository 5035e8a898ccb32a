#include "crypto/hpke_labels.h"

namespace vitrine::crypto {

namespace {
constexpr std::string_view kVersion = "HPKE-v1";
}

void append_u16(Bytes& to, std::size_t value) {
  to.push_back(static_cast<Byte>(value >> 8));
  to.push_back(static_cast<Byte>(value & 0xff));
}

SecretBytes labeled_extract(Hash hash, ByteView suite_id, ByteView salt, std::string_view label,
                            ByteView ikm) {
  return hkdf_extract_of_parts(hash, salt, {as_bytes(kVersion), suite_id, as_bytes(label), ikm});
}

// Unlike extraction, expansion is bound to its length.
SecretBytes labeled_expand(Hash hash, ByteView suite_id, ByteView prk, std::string_view label,
                           ByteView info, std::size_t size) {
  Bytes labeled;
  append_u16(labeled, size);
  append(labeled, as_bytes(kVersion));
  append(labeled, suite_id);
  append(labeled, as_bytes(label));
  append(labeled, info);
  return hkdf_expand(hash, prk, labeled, size);
}

}  // namespace vitrine::crypto
