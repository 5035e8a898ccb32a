// What a member posts to a waiting node: statements are read back to the same text, and no share
// opens with a key it was not sealed to.
#include "base/assert.h"
#include "crypto/kem.h"
#include "governance/recovery_statement.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  static const auto pair = crypto::kem_generate(crypto::Kem::x25519_sha256).value();
  const std::string_view text = as_text({data, size});
  if (const auto statement = governance::RecoveryStatement::from_json(text)) {
    const std::string written = statement->to_json();
    const auto again = governance::RecoveryStatement::from_json(written);
    VITRINE_ASSERT(again.has_value() && again->to_json() == written);
    VITRINE_ASSERT(!governance::open_share(*statement, pair.private_key.reveal(), pair.public_key));
  } else {
    VITRINE_ASSERT(statement.error().code == Code::malformed);
  }
  const auto plain = governance::plaintext_share_from_json(text);
  VITRINE_ASSERT(plain || plain.error().code == Code::malformed);
  if (plain) VITRINE_ASSERT(governance::is_plaintext_share(text));
  return 0;
}
