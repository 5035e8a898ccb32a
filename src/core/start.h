// A node's beginnings: genesis, which makes the service's keys inside the node and writes its first
// entries, and every later start, which unseals, replays and checks the whole ledger.
#pragma once

#include <memory>
#include <string>

#include "core/core.h"
#include "crypto/x509.h"
#include "governance/state.h"

namespace vitrine::core {

struct Genesis {
  governance::State governance;  // its settings carry the dev flag
  std::string log_origin;        // empty: "vitrine.invalid/" and 16 hex digits of the service id
  crypto::KeyKind service_key = crypto::KeyKind::ec_p256;  // or ec_p384
};

struct NodeOptions {
  crypto::SubjectAlternatives alternatives;  // names that the TLS certificate carries
  std::string software;                      // version, as genesis records it
  bool dev = false;                          // must be what the ledger was born with
};

// Before anything is read or written in earnest. denied: what unseals is something that the
// operator alone can open (a key file, a TPM that no evidence vouches for, a token), and neither
// dev nor governance allows it.
Status check_seal(const governance::Settings& settings, std::string_view kind);
// denied: the store's ledger was born with another dev flag. Its first entry is not verified yet:
// start_service() looks again, at what the service's secrets vouch for.
Status check_dev_flag(const storage::Store& store, bool dev);
Status check_dev_flag(const governance::State& governance, bool dev);

// denied: the node's files speak of a service, and the store that lies beside them is empty.
// Whoever makes files for a genesis asks first.
Status check_never_used(const NodeFiles& files);

// The store must be empty (conflict otherwise), and the node's files must not speak of a service
// (denied). The sealed secrets are durable before the first entry. Confirmed: nothing can have been
// rolled back.
Result<std::unique_ptr<Core>> create_service(const Core::Parts& parts, const Genesis& genesis,
                                             const NodeOptions& options, SealProvider& seal);

// Unconfirmed: Core::take_up() is next, once whatever else can fail has not. denied: an entry, tag
// or head that the service's secrets do not vouch for, a store that does not extend the last head
// this node sealed, the wrong seal key, or a dev flag other than the ledger's; the message names
// file, entry and reason. not_found: there are no sealed secrets.
Result<std::unique_ptr<Core>> start_service(const Core::Parts& parts, const NodeOptions& options,
                                            SealProvider& seal);

}  // namespace vitrine::core
