// The node on the command line.
#include "cli/command_line.h"

namespace vitrine::cli {

void add_node(CommandLine& line) {
  line.add(line.root(), "status", "The node in one screen", "  vitrine status\n", run_status);
}

}  // namespace vitrine::cli
