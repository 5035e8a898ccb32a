// What this program can show about itself: evidence of its own, made by the processor it runs on.
// Cmd says where it comes from; node, waiting node and hand-off each choose what it binds.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "attestation/evidence.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "core/view.h"

namespace vitrine::core {

using ReportData = std::array<Byte, 64>;

// Evidence and endorsements over 64 bytes. not_found: this program runs in no TEE. unavailable: the
// TEE does not answer now. Safe from any thread, also while the process is confined.
using Attest = std::function<Result<attestation::SnpEvidence>(const ReportData&)>;
Attest no_evidence();  // answers not_found

// Of a running node (decisions.md, Node evidence): SHA-512("vitrine node v1" ‖ 0x00 ‖ genesis hash
// ‖ SHA-256 of service SPKI ‖ of log key ‖ of node SPKI ‖ `freshness`), the last being a caller's
// challenge or the newest root.
ReportData node_report_data(const State& state, ByteView freshness);

struct Quote {
  attestation::SnpEvidence evidence;
  ReportData report_data;
  Bytes challenge;     // empty: the root of `head` stands for it
  ledger::Roots head;  // the newest signed one when it was made
  Time made;
};
inline constexpr std::size_t kChallengeBytesMin = 16;
inline constexpr std::size_t kChallengeBytesMax = 64;

// The node's own evidence for whoever asks. Processors make few reports a second, and anyone may
// ask: so one over a root is kept for a while, and challenges are answered so many a second.
class Quotes {
 public:
  explicit Quotes(Attest attest) : attest_(std::move(attest)) {}

  // At most kQuoteLife old, and of the keys that are in force now.
  Result<std::shared_ptr<const Quote>> newest(const View& view, Time now);
  // malformed: fewer or more bytes than above. unavailable: too soon after the challenge before.
  Result<Quote> challenged(const View& view, Time now, ByteView challenge);
  const Attest& attest() const { return attest_; }

  static constexpr std::chrono::seconds kQuoteLife{10};
  static constexpr std::chrono::milliseconds kChallengeInterval{100};

 private:
  const Attest attest_;
  Mutex mutex_;
  std::shared_ptr<const Quote> newest_ VITRINE_GUARDED_BY(mutex_);
  std::optional<Time> last_challenge_ VITRINE_GUARDED_BY(mutex_);
};

}  // namespace vitrine::core
