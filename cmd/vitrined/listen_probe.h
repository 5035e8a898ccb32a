// Whether the address can be listened on, asked before anything is written: a start that fails
// there must not leave entries in the ledger.
#pragma once

#include "net/server.h"

namespace vitrine::vitrined {

// malformed: not an IP address. unavailable: the system refuses it; the message says why. Port 0
// always can.
Status probe_listen(const net::ServerConfig& config);

}  // namespace vitrine::vitrined
