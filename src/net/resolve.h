// Names to addresses. The system resolves, with time limits of its own that may be a minute: a name
// is looked up on a thread of its own, which is left behind where the caller has waited enough.
#pragma once

#include <netdb.h>

#include <memory>

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

}  // namespace vitrine::net
