// The confirm seam (DESIGN.md 4, decision 2): what must agree to a durable batch before its head is
// signed.
#pragma once

#include "base/result.h"
#include "ledger/leaf.h"

namespace vitrine::core {

class Confirm {
 public:
  virtual ~Confirm() = default;
  // Blocks until [size, roots] is certain: at once on one machine; a majority of nodes or the
  // witness quorum in a cluster. One batch per size. An error leaves the batch unconfirmed: nothing
  // of it is signed or answered.
  virtual Status confirm(const ledger::Roots& roots) = 0;
};

// One machine: a durable batch is certain.
class ConfirmAtOnce final : public Confirm {
 public:
  Status confirm(const ledger::Roots&) override { return {}; }
};

}  // namespace vitrine::core
