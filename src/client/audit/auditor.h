// The audit of a ledger, from its first entry to its newest head, in memory that does not grow with
// it but for 24 bytes a key. docs/audit.md says what is checked and what can't be seen. Pure but
// for its source; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "client/audit/finding.h"
#include "client/audit/source.h"
#include "client/audit/standing.h"
#include "crypto/x509.h"

namespace vitrine::client::audit {

struct Options {
  crypto::Certificate service_certificate;  // pinned: any that the service has had
  // Checkpoints seen earlier, verbatim: the history must extend each.
  std::vector<std::string> earlier;
};

struct Report {
  Standing standing;  // after the last entry
  std::uint64_t entries = 0;
  std::uint64_t signed_entries = 0;  // what the newest head covers; the rest has no signature yet
  ledger::SignedHead head;
  std::map<ledger::Kind, std::uint64_t> kinds;
  bool sealed_parts_seen = false;  // and hashed
};

// Governance as the entry found it, to tell what it changed.
struct Before {
  std::shared_ptr<const governance::State> governance;
  std::shared_ptr<const governance::Proceedings> proceedings;
};

// Is told what happens as it is read, when what comes later may still be broken.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void entry(const Read& entry, const Before& before, const Standing& after) = 0;
  // Now and then.
  virtual void progress(std::uint64_t entries, std::uint64_t of) = 0;
};

Found<Report> audit(Source& source, const Options& options, Observer& observer);

}  // namespace vitrine::client::audit
