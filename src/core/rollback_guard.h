// The governed rollback guard (DESIGN.md 2, rule 5): whether the newest head this node can show is
// the newest there is. A node that starts is unconfirmed, and answers reads alone, until it holds.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "governance/settings.h"
#include "ledger/leaf.h"

namespace vitrine::core {

class RollbackGuard {
 public:
  virtual ~RollbackGuard() = default;
  virtual std::string_view kind() const = 0;  // as governance names it
  // unavailable: not known yet, ask again. denied: a newer head was seen elsewhere, or another of
  // this size: this store is old, or a fork.
  virtual Status check(const ledger::Roots& newest) = 0;
};

// Kind "none": holds at once. A rollback is then seen by whoever kept a head, not prevented.
class NoRollbackGuard final : public RollbackGuard {
 public:
  std::string_view kind() const override { return "none"; }
  Status check(const ledger::Roots&) override { return {}; }
};

// The guard that governance names. denied: this program has no such guard, and must not serve.
Result<std::unique_ptr<RollbackGuard>> make_rollback_guard(const governance::Settings& settings);

}  // namespace vitrine::core
