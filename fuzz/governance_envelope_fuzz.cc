// POST /app/proposals from anybody: an envelope is accepted only with a registered user's signature
// over these very bytes, which no mutation makes.
#include <cstdint>

#include "base/assert.h"
#include "governance/actions.h"
#include "governance/identities_for_testing.h"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto user = governance::identity_for_testing("user");
  static const auto state = [] {
    governance::State with_user;
    with_user.settings = governance::Settings::dev_defaults();
    with_user.users.emplace(user.id, governance::User{user.certificate, {}});
    return with_user;
  }();
  const ByteView input(data, size);
  VITRINE_ASSERT(!governance::verify_envelope(state, input).has_value());

  // The input as payload, then that envelope damaged where the input says.
  auto good = governance::envelope_for_testing(user, as_text(input));
  const auto envelope = governance::verify_envelope(state, good);
  VITRINE_ASSERT(envelope.has_value() && same(envelope->message.payload, input));
  if (size >= 3) {
    const std::size_t at = (std::size_t{data[0]} << 8 | data[1]) % good.size();
    if (data[2] != 0) {
      good[at] ^= data[2];
      VITRINE_ASSERT(!governance::verify_envelope(state, good).has_value());
    }
  }
  return 0;
}
