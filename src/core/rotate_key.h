// Makes a new HPKE key pair: POST /app/refresh (kms-api.md 2.3), and by itself when the governed
// setting auto_rotate asks.
#pragma once

#include <chrono>
#include <memory>

#include "core/core.h"

namespace vitrine::core {

struct Rotated {
  std::shared_ptr<const KeyRecord> key;
  ledger::TransactionId id;
};

struct TooSoon {
  std::chrono::seconds retry_after{};
};
struct RotationError {
  Error error;
  std::optional<TooSoon> too_soon;
};

// unavailable with too_soon: the governed minimum interval has not passed, or the next key's id is
// still used by an unexpired key (outside dev; decisions.md, Wire).
tl::expected<Rotated, RotationError> rotate_key(Core& core);

// At once, whatever interval and ids say: for a duty, after a key was marked compromised.
Result<Rotated> make_key_now(Core& core);

// When auto_rotate is set and the newest key is older than interval - grace (or there is none),
// makes a key. True when it made one.
Result<bool> rotate_if_due(Core& core);

}  // namespace vitrine::core
