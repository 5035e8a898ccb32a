#include "service/key_format.h"

namespace vitrine::service {

std::optional<core::KeyFormat> key_format(const net::Target& target) {
  const auto fmt = target.find("fmt");
  if (!fmt || fmt->empty() || *fmt == "jwk") return core::KeyFormat::jwk;
  if (*fmt == "tink") return core::KeyFormat::tink;
  return std::nullopt;
}

}  // namespace vitrine::service
