// When which issuer's keys are fetched: at once where governance sets the issuer or another CA
// bundle for it, then every interval; after a failure sooner, and each time later than before. Each
// time is moved by chance, so that a fleet of nodes does not ask at once. Not thread-safe; whoever
// uses it says what time it is.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/random.h"
#include "crypto/hash.h"
#include "governance/state.h"

namespace vitrine::core {

class RefreshSchedule {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kFirstRetry{10};

  RefreshSchedule(std::chrono::seconds interval, Random& random)
      : interval_(interval), random_(random) {}

  // Takes up what governance says now. The names of the issuers whose keys are fetched.
  std::set<std::string, std::less<>> take_up(const governance::State& state, Instant now);
  // An issuer that is due, the longest waiting first; it is under way until its outcome is said.
  std::optional<std::string> next(Instant now);
  void succeeded(const std::string& issuer, Instant now);
  void failed(const std::string& issuer, Instant now);

 private:
  struct Plan {
    Digest settings;  // of what governance says of it, its keys apart
    Instant due;
    unsigned failures_in_row = 0;
    bool under_way = false;
  };
  void plan(const std::string& issuer, bool success, Instant now);
  // A tenth less to a tenth more.
  std::chrono::milliseconds about(std::chrono::milliseconds time);

  const std::chrono::seconds interval_;
  Random& random_;
  std::map<std::string, Plan, std::less<>> plans_;
};

}  // namespace vitrine::core
