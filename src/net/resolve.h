// Names to addresses. The system resolves, with time limits of its own that may be a minute: a name
// is looked up on a thread of its own, which is left behind where the caller has waited enough.
#pragma once

#include <netdb.h>

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/tcp_connect.h"

namespace vitrine::net {

struct AddressListFree {
  void operator()(addrinfo* list) const {
    if (list != nullptr) ::freeaddrinfo(list);
  }
};
using AddressList = std::unique_ptr<addrinfo, AddressListFree>;

// unavailable: no such name, or the patience is over. An address in digits takes no thread.
Result<AddressList> resolve(const Authority& authority, const Patience& patience);

struct FoundAddresses {
  int failed = 0;  // as getaddrinfo returns
  AddressList list;
};
using NameLookUp = std::function<FoundAddresses(const std::string& host, const std::string& port)>;
// Names are looked up by `look_up_name`, which may still run when this returns.
Result<AddressList> resolve_by_for_testing(const NameLookUp& look_up_name,
                                           const Authority& authority, const Patience& patience);

}  // namespace vitrine::net
