// The newest head: one statement about both trees, signed twice. Never leaves the process, nor
// reaches its own disk, before its batch is confirmed (transparency.md 12).
#pragma once

#include <string>

#include "base/result.h"
#include "core/secrets.h"
#include "core/state.h"
#include "ledger/receipt.h"

namespace vitrine::core {

struct Head {
  std::string checkpoint;   // signed note over the RFC 9162 root, by the log key
  ledger::SignedRoot root;  // the CCF root, by the node key
};

Result<Head> sign_head(const ledger::Roots& roots, const State& state,
                       const ServiceSecrets& secrets);
Bytes encode(const Head& head);  // docs/formats/heads.md
Result<Head> decode_head(ByteView bytes);
// Both signatures, and that both speak of `roots`. denied names what differs.
Status verify_head(const Head& head, const ledger::Roots& roots, const Service& service);

}  // namespace vitrine::core
