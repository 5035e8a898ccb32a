#include "attestation/claims.h"

#include <fmt/format.h>

namespace vitrine::attestation {

namespace {

struct TextWriter {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const std::vector<std::string>& values) const {
    return fmt::format("{}", fmt::join(values, ","));
  }
};

}  // namespace

std::string to_text(const ClaimValue& value) { return std::visit(TextWriter{}, value); }

std::string_view name_of(Freshness freshness) {
  switch (freshness) {
    case Freshness::none:
      return "none";
    case Freshness::age:
      return "age";
    case Freshness::nonce:
      return "nonce";
  }
  return "none";
}

const ClaimValue* Claims::find(std::string_view name) const {
  const auto found = claims_.find(name);
  return found == claims_.end() ? nullptr : &found->second;
}

}  // namespace vitrine::attestation
