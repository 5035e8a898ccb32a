// What readers see: a state, the trees it stands on and the signed head that covers both,
// immutable.
#pragma once

#include <memory>

#include "core/head.h"
#include "core/state.h"
#include "core/trees.h"

namespace vitrine::core {

struct View {
  State state;
  Head head;
  std::shared_ptr<const TreePair> trees;
};

}  // namespace vitrine::core
