// vitrine: the command line for clients, attesters, members and operators.
#include <cstdlib>
#include <iostream>

#include "base/clock.h"
#include "cli/run.h"

namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

int main(int argc, char** argv) {
  const vitrine::cli::Environment environment{from_environment("VITRINE_URL"),
                                              from_environment("VITRINE_CA"), VITRINE_VERSION};
  const vitrine::SystemClock clock;
  return vitrine::cli::run(argc, argv, environment, clock, std::cout, std::cerr);
}
