// How the fetching of issuers' keys goes: for metrics, the status and the log. Safe from any
// thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"

namespace vitrine::core {

// What an issuer is called where its name would be too long: 16 hex digits of the name's SHA-256.
std::string issuer_id(std::string_view issuer);

struct IssuerRefresh {
  std::string issuer;
  Time last_try;
  std::optional<Time> last_success;  // of this process
  std::string failure;               // why the last try failed; empty: it did not
  std::uint64_t failures_in_row = 0;
};

struct RefreshCounts {
  std::uint64_t unchanged = 0, changed = 0, failed = 0;
};

class IssuerRefreshes {
 public:
  enum class Heard { news, nothing_new };  // what deserves a line in the log

  // The keys were fetched; `changed`: and stored. News: the try before failed.
  Heard succeeded(const std::string& issuer, bool changed, Time now);
  // News: the try before succeeded, was none, or failed for another reason.
  Heard failed(const std::string& issuer, const std::string& reason, Time now);
  // Forgets the others, but for their counts.
  void keep_only(const std::set<std::string, std::less<>>& issuers);

  RefreshCounts counts() const;            // of all tries of this process
  std::vector<IssuerRefresh> all() const;  // by issuer, ascending; those that were tried

 private:
  mutable Mutex mutex_;
  RefreshCounts counts_ VITRINE_GUARDED_BY(mutex_);
  std::map<std::string, IssuerRefresh, std::less<>> issuers_ VITRINE_GUARDED_BY(mutex_);
};

}  // namespace vitrine::core
