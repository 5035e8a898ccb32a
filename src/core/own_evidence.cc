#include "core/own_evidence.h"

#include <algorithm>

#include "crypto/hash.h"

namespace vitrine::core {
namespace {

constexpr std::string_view kLabel = "vitrine node v1";
constexpr std::size_t kRawEd25519Bytes = 32;

}  // namespace

Attest no_evidence() {
  return [](const ReportData&) -> Result<attestation::SnpEvidence> {
    return not_found("this node has no evidence: it runs in no TEE",
                     "what it does is its operator's word");
  };
}

ReportData node_report_data(const State& state, ByteView freshness) {
  Bytes input = to_bytes(kLabel);
  const auto append = [&input](ByteView part) {
    input.insert(input.end(), part.begin(), part.end());
  };
  input.push_back(0);
  append(state.service->genesis_hash);
  append(state.service->certificate.public_key().spki_sha256());
  // RFC 8410 4: the key is the last 32 bytes of its SPKI.
  append(crypto::sha256(ByteView(state.service->log_key.spki()).last(kRawEd25519Bytes)));
  append(state.node->certificate.public_key().spki_sha256());
  append(freshness);
  const Bytes digest = crypto::digest(crypto::Hash::sha512, input);
  ReportData data{};
  std::copy(digest.begin(), digest.end(), data.begin());
  return data;
}

Result<std::shared_ptr<const Quote>> Quotes::newest(const View& view, Time now) {
  const Lock lock(mutex_);
  const bool fresh = newest_ != nullptr && now - newest_->made < kQuoteLife && newest_->made <= now;
  if (fresh && newest_->report_data == node_report_data(view.state, newest_->head.rfc9162))
    return newest_;
  const ledger::Roots& head = view.head.root.roots;
  const ReportData data = node_report_data(view.state, head.rfc9162);
  VITRINE_TRY(auto evidence, attest_(data));
  newest_ = std::make_shared<const Quote>(Quote{std::move(evidence), data, {}, head, now});
  return newest_;
}

Result<Quote> Quotes::challenged(const View& view, Time now, ByteView challenge) {
  if (challenge.size() < kChallengeBytesMin || challenge.size() > kChallengeBytesMax)
    return malformed("challenge: must be 16 to 64 bytes");
  {
    const Lock lock(mutex_);
    const bool soon =
        last_challenge_ && now - *last_challenge_ < kChallengeInterval && *last_challenge_ <= now;
    if (soon) {
      return unavailable("this node answers ten challenges a second at most",
                         "try again in a moment, or leave the challenge out");
    }
    last_challenge_ = now;
  }
  const ReportData data = node_report_data(view.state, challenge);
  VITRINE_TRY(auto evidence, attest_(data));
  return Quote{std::move(evidence), data, to_bytes(challenge), view.head.root.roots, now};
}

}  // namespace vitrine::core
