// What an audit found broken first, and where.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace vitrine::client::audit {

struct Finding {
  // The entries among which it stands, by sequence number; both 0: not among the entries.
  std::uint64_t first = 0, last = 0;
  // internal: the ledger is broken. Others say why the audit could not go on.
  Error error;
};
template <class T>
using Found = tl::expected<T, Finding>;

// "entry 12", "entries 257 to 512", "" where it is not among the entries.
std::string place_of(const Finding& finding);

inline tl::unexpected<Finding> found_at(std::uint64_t first, std::uint64_t last, Error error) {
  return tl::unexpected<Finding>(Finding{first, last, std::move(error)});
}

}  // namespace vitrine::client::audit
