// `vitrined --handoff URL`: this program takes over from the version that runs. It gets the
// secrets, seals them by its own seal beside the other's, and waits until that one has let go of
// the store.
#pragma once

#include "vitrined/options.h"

namespace vitrine::vitrined {

enum class TakenOver {
  yes,        // the store is free: start on it
  stopped,    // a signal came meanwhile
  no_ledger,  // the secrets are there, but the data folder holds no ledger yet
};
// denied: the running node does not let this program in, or the service's governance does not allow
// this program's seal or mode. unavailable: no node answers.
Result<TakenOver> take_over(const Options& options);

}  // namespace vitrine::vitrined
