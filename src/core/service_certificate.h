// The service's own certificate, which clients pin, and what the key before says of a new one.
#pragma once

#include <array>

#include "base/clock.h"
#include "crypto/x509.h"

namespace vitrine::core {

// Self-signed. It may endorse node certificates and nothing below them.
Result<crypto::Certificate> make_service_certificate(const crypto::PrivateKey& key, Time not_before,
                                                     Time not_after);
// Of `key` by the service key before, so that who pinned `before` can verify what `key` endorses;
// ends with `before`.
Result<crypto::Certificate> endorse_service_key(const crypto::PublicKey& key,
                                                const crypto::Certificate& before,
                                                const crypto::PrivateKey& key_before,
                                                Time not_before);

// As entries carry it.
std::array<Byte, 32> raw_log_key(const crypto::PublicKey& key);

}  // namespace vitrine::core
