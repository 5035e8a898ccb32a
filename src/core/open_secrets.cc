#include "core/open_secrets.h"

#include "base/log.h"

namespace vitrine::core {
namespace {

Result<Unsealed> open_own(const NodeFiles& files, SealProvider& seal) {
  VITRINE_TRY(const auto sealed, files.secrets());
  if (!sealed) {
    return not_found("the service's sealed secrets: no file " + files.describe_secrets(),
                     "without it the ledger's private parts stay closed; restore it from a copy of "
                     "the data folder");
  }
  auto unsealed = unseal_secrets(*sealed, seal);
  if (!unsealed) return in_context(files.describe_secrets(), unsealed.error());
  return unsealed;
}

}  // namespace

Result<Unsealed> open_secrets(NodeFiles& files, SealProvider& seal) {
  auto own = open_own(files, seal);
  if (own) return own;
  VITRINE_TRY(const auto next, files.next_secrets());
  if (!next) return own;
  auto unsealed = unseal_secrets(*next, seal);
  if (!unsealed) {
    log::warning("the secrets that were handed to the next version do not open either",
                 {{"reason", unsealed.error().message}});
    return own;
  }
  VITRINE_CHECK(files.put_secrets(*next));
  log::info("took up the secrets that the version before handed on");
  return unsealed;
}

}  // namespace vitrine::core
