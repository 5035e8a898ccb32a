// What requests may cost, in separate budgets: each has its own threads and its own queue, so that
// a flood of one kind leaves the others as they are (DESIGN.md 4, decision 14). Safe from any
// thread.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string_view>

#include "service/workers.h"

namespace vitrine::service {

enum class Budget {
  immediate,   // reads a view: answered at once on the I/O thread
  release,     // evidence, wrapping and the ledger, for callers who are authenticated already
  governance,  // new keys and proposals
  open,        // what anyone may ask for and costs: tokens not seen before, receipts, policies
};
inline constexpr std::array kQueuedBudgets = {Budget::release, Budget::governance, Budget::open};
std::string_view name_of(Budget budget);

struct BudgetLimits {
  unsigned release_workers = 32;  // most of them wait for the disk, and share its batches
  unsigned governance_workers = 4;
  unsigned open_workers = 4;
  std::chrono::milliseconds wait_max{1000};  // see Workers::Limits
};

class Budgets {
 public:
  explicit Budgets(const BudgetLimits& limits);
  // As Workers::post. Not for Budget::immediate.
  std::optional<std::chrono::seconds> post(Budget budget, Workers::Job job);
  std::size_t waiting(Budget budget) const;
  void set_wait_max(std::chrono::milliseconds wait_max);
  void stop();  // what was taken is answered

 private:
  Workers& of(Budget budget) const;
  const std::unique_ptr<Workers> open_, release_, governance_;
};

}  // namespace vitrine::service
