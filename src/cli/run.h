// The whole of `vitrine` behind main(): reads the command line, runs one command, says what went
// wrong.
#pragma once

#include <iosfwd>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace vitrine::cli {

struct Environment {  // what main() reads from outside
  std::string url;    // VITRINE_URL
  std::string ca;     // VITRINE_CA
  std::string version;
};

// The exit status: 0, one per Code (output.h), or 64 for a command line that cannot be read.
int run(int argc, const char* const* argv, const Environment& environment, const Clock& clock,
        std::ostream& out, std::ostream& err);

}  // namespace vitrine::cli
