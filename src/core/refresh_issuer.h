// Keys of an issuer with auto_refresh, asked of the issuer itself (docs/issuers.md). Who asks, and
// when, is auto_refresh.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/core.h"

namespace vitrine::core {

// The network, which cmd supplies. Safe from any thread.
class IssuerSource {
 public:
  virtual ~IssuerSource() = default;
  // The body that GET `url` (https) is answered with, with status 200 and at most `bytes_max`. The
  // server's certificate must name the URL's host and its chain end in one of `roots`, none of
  // which the system adds to; a redirect is not followed. unavailable, denied or malformed: why
  // not, with the host.
  virtual Result<std::string> get(const std::string& url,
                                  const std::vector<crypto::Certificate>& roots,
                                  std::size_t bytes_max) = 0;
  // From now on, and where it waits already, get() is unavailable.
  virtual void stop() = 0;
};

inline constexpr std::size_t kDiscoveryBytesMax = 65'536;
inline constexpr std::size_t kJwksBytesMax = 1'048'576;

struct RefreshedKeys {
  std::size_t keys = 0;
  std::optional<ledger::TransactionId> entry;  // where they replaced others
};
// Fetches where the keys are, then the keys; appends issuer_keys_refreshed where they are others
// than those stored. not_found: the issuer is not set, or without auto_refresh. conflict: what
// governance says of it moved meanwhile. Otherwise why its answers are not to be had or not taken.
Result<RefreshedKeys> refresh_issuer(Core& core, IssuerSource& source, const std::string& issuer);

}  // namespace vitrine::core
