#include "core/rollback_guard.h"

namespace vitrine::core {

Result<std::unique_ptr<RollbackGuard>> make_rollback_guard(const governance::Settings& settings) {
  if (settings.rollback_guard == NoRollbackGuard().kind())
    return std::make_unique<NoRollbackGuard>();
  return denied("rollback guard \"" + settings.rollback_guard + "\" is not known to this program",
                "start a version of vitrined that knows it");
}

}  // namespace vitrine::core
