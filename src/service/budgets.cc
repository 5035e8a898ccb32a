#include "service/budgets.h"

#include "base/assert.h"

namespace vitrine::service {
namespace {

std::unique_ptr<Workers> pool(unsigned threads, const BudgetLimits& limits) {
  Workers::Limits of_pool;
  of_pool.threads = threads;
  of_pool.wait_max = limits.wait_max;
  return std::make_unique<Workers>(of_pool);
}

}  // namespace

std::string_view name_of(Budget budget) {
  switch (budget) {
    case Budget::immediate:
      return "immediate";
    case Budget::release:
      return "release";
    case Budget::governance:
      return "governance";
    case Budget::open:
      return "open";
  }
  return "open";
}

Budgets::Budgets(const BudgetLimits& limits)
    : open_(pool(limits.open_workers, limits)),
      release_(pool(limits.release_workers, limits)),
      governance_(pool(limits.governance_workers, limits)) {}

Workers& Budgets::of(Budget budget) const {
  VITRINE_ASSERT(budget != Budget::immediate);
  return budget == Budget::release      ? *release_
         : budget == Budget::governance ? *governance_
                                        : *open_;
}

std::optional<std::chrono::seconds> Budgets::post(Budget budget, Workers::Job job) {
  return of(budget).post(std::move(job));
}

std::size_t Budgets::waiting(Budget budget) const { return of(budget).waiting(); }

void Budgets::set_wait_max(std::chrono::milliseconds wait_max) {
  for (const Budget budget : kQueuedBudgets) of(budget).set_wait_max(wait_max);
}

// The open one first: its jobs go on in the others.
void Budgets::stop() {
  open_->stop();
  release_->stop();
  governance_->stop();
}

}  // namespace vitrine::service
