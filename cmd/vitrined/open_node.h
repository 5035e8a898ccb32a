// How this process comes by its service: it makes one, opens the one in its folder, or waits until
// members open it.
#pragma once

#include <memory>

#include "core/core.h"
#include "core/waiting_node.h"
#include "vitrined/options.h"

namespace vitrine::vitrined {

// One of the two is there.
struct OpenedNode {
  std::unique_ptr<core::Core> core;
  std::unique_ptr<core::WaitingNode> waiting;  // its seal is lost, or --recover was given
};

Result<OpenedNode> open_node(const Options& options, core::Core::Parts parts);

}  // namespace vitrine::vitrined
