// Answers of a token issuer: the discovery document, the key set; and CA bundles. The first byte
// says which.
#include "base/assert.h"
#include "codec/json.h"
#include "governance/issuer_discovery.h"

namespace vitrine::governance {
namespace {

constexpr std::string_view kIssuer = "https://idp.example/5fe7/v2.0";

void look_at_keys(std::string_view text) {
  const auto keys = keys_in(text, kIssuer);
  if (!keys) return;
  VITRINE_ASSERT(!keys->empty() && keys->size() <= kIssuerKeysMax);
  const auto again = keys_in(codec::json::write(jwks_to_json(*keys)), kIssuer);
  VITRINE_ASSERT(again && same_keys(*keys, *again));
}

void look(std::string_view text) {
  if (text.empty()) return;
  const char which = text.front();
  text.remove_prefix(1);
  switch (which) {
    case 'd':
      if (const auto uri = jwks_uri_in(text, kIssuer)) VITRINE_ASSERT(uri->starts_with("https://"));
      return;
    case 'k':
      return look_at_keys(text);
    case 'u':
      if (check_refreshable(text)) VITRINE_ASSERT(discovery_url(text).starts_with("https://"));
      return;
    default:
      if (const auto list = certificates_of_bundle(text)) VITRINE_ASSERT(!list->empty());
  }
}

}  // namespace
}  // namespace vitrine::governance

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vitrine::governance::look({reinterpret_cast<const char*>(data), size});
  return 0;
}
