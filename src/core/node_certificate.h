// The node's TLS certificate: its key and names, endorsed by the service key. Made at each start,
// which records it in node_started, and again while the node runs (cmd), which nothing records.
#pragma once

#include "base/clock.h"
#include "core/secrets.h"
#include "crypto/x509.h"

namespace vitrine::core {

// Renewed by the running node in its last third, so it may be short.
inline constexpr auto kNodeCertificateLife = std::chrono::hours(24 * 90);
inline constexpr auto kBackdated = std::chrono::hours(1);  // peers' clocks may be a little behind

struct Validity {
  Time not_before;
  Time not_after;
};
// Ends no later than the service's.
Result<crypto::Certificate> make_node_certificate(const ServiceSecrets& secrets,
                                                  const crypto::Certificate& service,
                                                  const crypto::SubjectAlternatives& alternatives,
                                                  const Validity& validity);
// From an hour before `now`, for kNodeCertificateLife.
Result<crypto::Certificate> make_node_certificate(const ServiceSecrets& secrets,
                                                  const crypto::Certificate& service,
                                                  const crypto::SubjectAlternatives& alternatives,
                                                  Time now);

}  // namespace vitrine::core
