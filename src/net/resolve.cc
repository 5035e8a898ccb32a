#include "net/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "base/mutex.h"

namespace vitrine::net {
namespace {

FoundAddresses look_up(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
  return {failed, AddressList(list)};
}

// Owned by both threads, whichever is last.
struct LookUp {
  Mutex mutex;
  Condition done;
  std::optional<FoundAddresses> found VITRINE_GUARDED_BY(mutex);
};

Result<FoundAddresses> look_up_patiently(const NameLookUp& look_up, const Authority& authority,
                                         const Patience& patience) {
  // Nothing ends a getaddrinfo before its time, so its thread is not joined: it has nothing of its
  // caller's but what both own.
  const auto shared = std::make_shared<LookUp>();
  std::thread([shared, look_up, host = authority.host, port = authority.port] {
    FoundAddresses found = look_up(host, port);
    const Lock lock(shared->mutex);
    shared->found = std::move(found);
    shared->done.notify_all();
  }).detach();
  const Lock lock(shared->mutex);
  while (!shared->found) {
    VITRINE_TRY(const auto left, patience.left());
    shared->done.wait_for(shared->mutex, left);
  }
  return *std::move(shared->found);
}

}  // namespace

Result<AddressList> resolve(const Authority& authority, const Patience& patience) {
  return resolve_by_for_testing(
      [](const std::string& host, const std::string& port) { return look_up(host, port, 0); },
      authority, patience);
}

Result<AddressList> resolve_by_for_testing(const NameLookUp& look_up_name,
                                           const Authority& authority, const Patience& patience) {
  const std::string what = fmt::format("connect to {}:{}", authority.host, authority.port);
  FoundAddresses found = look_up(authority.host, authority.port, AI_NUMERICHOST);
  if (found.failed != 0) {
    auto looked = look_up_patiently(look_up_name, authority, patience);
    if (!looked) return in_context(what + ": look up the name", looked.error());
    found = *std::move(looked);
  }
  if (found.failed != 0)
    return unavailable(fmt::format("{}: {}", what, ::gai_strerror(found.failed)));
  return std::move(found.list);
}

}  // namespace vitrine::net
