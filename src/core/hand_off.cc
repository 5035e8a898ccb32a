#include "core/hand_off.h"

#include <algorithm>

#include "base/reader.h"
#include "codec/json.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "governance/admission.h"
#include "ledger/entries.h"

namespace vitrine::core {
namespace {

constexpr std::string_view kLabel = "vitrine hand-off v1";
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHeadBytes = kHandOffChallengeBytes - kTagBytes;  // time, chance
constexpr std::size_t kTimeBytes = 8;

tl::unexpected<Error> frozen() {
  return denied("hand-off: the service is frozen",
                "its members thaw it by a proposal; until then nobody gets its secrets");
}

void put_number(std::span<Byte> out, std::uint64_t number) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[out.size() - 1 - i] = static_cast<Byte>(number >> (8 * i));
}

std::uint64_t number_of(ByteView bytes) {
  std::uint64_t number = 0;
  for (const Byte byte : bytes) number = number << 8 | byte;
  return number;
}

// service id ‖ length of the settings in four bytes, big-endian ‖ settings, JSON ‖ packed secrets
// (docs/formats/service-secrets.md), without a node key.
SecretBytes plaintext_of(const ServiceSecrets& secrets, const governance::Settings& settings) {
  const SecretBytes packed = pack_secrets(secrets, /*with_node_key=*/false);
  const std::string text = codec::json::write(settings.to_json());
  std::array<Byte, 4> length{};
  put_number(length, text.size());
  SecretBytes out(secrets.service_id.size() + length.size() + text.size() + packed.size());
  auto at = out.reveal_writable().begin();
  at = std::copy(secrets.service_id.begin(), secrets.service_id.end(), at);
  at = std::copy(length.begin(), length.end(), at);
  at = std::copy(text.begin(), text.end(), at);
  std::copy(packed.reveal().begin(), packed.reveal().end(), at);
  return out;
}

Result<attestation::Claims> admit(Core& core, const View& view, const HandOffRequest& request) {
  const governance::State& governance = *view.state.governance;
  if (governance.join_policy == governance::JoinPolicy{}) {
    return denied("hand-off: the join policy is empty, so nobody is let in",
                  "members say who may take over: add_snp_measurement, add_snp_host_data");
  }
  const Gate::Place place(core.verification_gate());
  return governance::admit(governance, request.evidence, core.now(), core.verifications());
}

Result<ledger::TransactionId> append(Core& core, const HandOffRequest& request,
                                     const attestation::Claims& claims,
                                     const governance::JoinPolicy& judged_by) {
  ledger::SecretsHandedOff entry;
  entry.node_spki_sha256 = request.node_key.spki_sha256();
  entry.profile = claims.profile();
  entry.claims = governance::judged_claims(claims);
  const Decide decide = [&](const State& newest, Time) -> Result<Draft> {
    if (newest.governance->frozen) return frozen();
    if (newest.governance->join_policy != judged_by)
      return conflict("hand-off: the join policy changed meanwhile", "try again");
    return Draft{ledger::Kind::secrets_handed_off, ledger::encode(entry), {}, {}, {}};
  };
  VITRINE_TRY(const Appended appended, core.append(decide));
  return appended.id;
}

}  // namespace

ReportData hand_off_report_data(const Digest& genesis_hash, const crypto::PublicKey& node_key,
                                ByteView hpke_key, ByteView challenge) {
  Bytes input = to_bytes(kLabel);
  input.push_back(0);
  for (const ByteView part :
       {ByteView(genesis_hash), ByteView(node_key.spki_sha256()), hpke_key, challenge})
    input.insert(input.end(), part.begin(), part.end());
  const Bytes digest = crypto::digest(crypto::Hash::sha512, input);
  ReportData data{};
  std::copy(digest.begin(), digest.end(), data.begin());
  return data;
}

Result<HandedOff> hand_off(Core& core, HandOffChallenges& challenges,
                           const HandOffRequest& request) {
  VITRINE_CHECK(core.check_confirmed());
  const auto view = core.view();
  const governance::State& governance = *view->state.governance;
  if (governance.frozen) return frozen();
  VITRINE_CHECK(challenges.check(request.challenge, core.now()));
  VITRINE_TRY(const auto claims, admit(core, *view, request));
  const ReportData data = hand_off_report_data(view->state.service->genesis_hash, request.node_key,
                                               request.hpke_key, request.challenge);
  if (claims.report_data() != data)
    return denied("hand-off: the evidence binds other keys or another challenge");
  VITRINE_CHECK(challenges.use(request.challenge, core.now()));
  VITRINE_TRY(const auto id, append(core, request, claims, governance.join_policy));
  const SecretBytes plaintext =
      plaintext_of(*core.secrets(), core.view()->state.governance->settings);
  VITRINE_TRY(auto sealed, crypto::hpke::seal_base(crypto::hpke::kKmsSuite, request.hpke_key,
                                                   as_bytes(kLabel), data, plaintext.reveal()));
  return HandedOff{std::move(sealed.enc), std::move(sealed.ciphertext), id};
}

Result<HandOffKeys> make_hand_off_keys() {
  VITRINE_TRY(auto node_key, crypto::PrivateKey::generate(crypto::KeyKind::ec_p256));
  VITRINE_TRY(auto hpke, crypto::kem_generate(crypto::Kem::x25519_sha256));
  return HandOffKeys{std::move(node_key), std::move(hpke)};
}

Result<Received> open_handed_off(const HandedOff& handed_off, const HandOffKeys& keys,
                                 const ReportData& report_data) {
  VITRINE_TRY(const SecretBytes plaintext,
              crypto::hpke::open_base(crypto::hpke::kKmsSuite, handed_off.enc,
                                      keys.hpke.private_key.reveal(), keys.hpke.public_key,
                                      as_bytes(kLabel), report_data, handed_off.ciphertext));
  const ByteView all = plaintext.reveal();
  ledger::ServiceId service{};
  const std::size_t fixed = service.size() + 4;
  if (all.size() < fixed) return malformed("handed-off secrets: cut short");
  std::copy_n(all.begin(), service.size(), service.begin());
  const std::uint64_t length = number_of(all.subspan(service.size(), 4));
  if (length > all.size() - fixed) return malformed("handed-off secrets: cut short");
  VITRINE_TRY(const auto json, codec::json::parse(as_text(all.subspan(fixed, length))));
  if (!json.is_object()) return malformed("handed-off secrets: no settings");
  VITRINE_TRY(auto settings, governance::Settings::from_json(json.get_object()));
  VITRINE_TRY(auto secrets, unpack_secrets(all.subspan(fixed + length), service, keys.node_key));
  return Received{std::move(secrets), std::move(settings)};
}

HandOffChallenges::HandOffChallenges(Random& random) : random_(random), key_(32) {
  random_.fill(key_.reveal_writable());
}

Bytes HandOffChallenges::tag_of(ByteView head) const {
  const auto tag = crypto::hmac_sha256(key_.reveal(), head);
  return to_bytes(ByteView(tag).first(kTagBytes));
}

Bytes HandOffChallenges::give(Time now) {
  Bytes challenge(kHeadBytes);
  random_.fill(challenge);
  put_number(std::span(challenge).first(kTimeBytes),
             static_cast<std::uint64_t>(std::max<std::int64_t>(to_unix_ms(now), 0)));
  const Bytes tag = tag_of(challenge);
  challenge.insert(challenge.end(), tag.begin(), tag.end());
  return challenge;
}

Status HandOffChallenges::check(ByteView challenge, Time now) const {
  const auto refused = [] {
    return denied("hand-off: the challenge is not this process's, or too old", "ask for another");
  };
  if (challenge.size() != kHandOffChallengeBytes) return refused();
  const ByteView head = challenge.first(kHeadBytes);
  if (!equal_in_constant_time(tag_of(head), challenge.subspan(kHeadBytes))) return refused();
  const Time given = from_unix_ms(static_cast<std::int64_t>(number_of(head.first(kTimeBytes))));
  if (now > given + kChallengeLife) return refused();
  return {};
}

Status HandOffChallenges::use(ByteView challenge, Time now) {
  const Lock lock(mutex_);
  std::erase_if(used_, [now](const auto& used) { return now > used.second + kChallengeLife; });
  for (const auto& [value, when] : used_) {
    if (same(value, challenge))
      return denied("hand-off: this challenge was used already", "ask for another");
    if (now < when + kInterval)
      return unavailable("hand-off: the last one was a moment ago", "try again in some seconds");
  }
  used_.emplace(to_bytes(challenge), now);
  return {};
}

}  // namespace vitrine::core
