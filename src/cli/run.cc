#include "cli/run.h"

#include "cli/command_line.h"

namespace vitrine::cli {

int run(int argc, const char* const* argv, const Environment& environment, const Clock& clock,
        std::ostream& out, std::ostream& err) {
  CommandLine line(environment);
  add_keys(line);
  add_evidence(line);
  add_governance(line);
  add_members(line);
  add_node(line);
  add_audit(line);
  return line.run(argc, argv, clock, out, err);
}

}  // namespace vitrine::cli
