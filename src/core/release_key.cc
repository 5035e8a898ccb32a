#include "core/release_key.h"

#include "base/hex.h"
#include "base/text.h"
#include "codec/json.h"
#include "keys/wrap.h"
#include "ledger/entries.h"
#include "ledger/seal.h"

namespace vitrine::core {
namespace {

constexpr int kJudgementsMax = 3;

tl::unexpected<ReleaseRefusal> refuse(Refused step, Error error, std::string reason = {}) {
  if (reason.empty()) reason = printable_ascii(error.message, limits::kReasonHeaderBytesMax);
  return tl::unexpected<ReleaseRefusal>(
      ReleaseRefusal{step, std::move(error), std::move(reason), {}});
}

// A release judged by one view; nothing of it has happened yet.
struct Judgement {
  std::shared_ptr<const KeyRecord> key;
  Bytes wrapped;
  Digest governance;  // by whose digest it was judged
  Draft entry;        // encoded here, so that the sequencer need not
};

std::string identity_text(const governance::Caller* caller) {
  if (caller == nullptr) return "anyone";
  return std::string(governance::name_of(caller->policy)) + " " + caller->issuer + " " + caller->id;
}

// Who got the key, for those who may open it: the caller's identity and the hardware's, and which
// request it was.
SecretBytes sealed_record(const ReleaseRequest& request, const attestation::Claims& claims) {
  codec::json::Object record;
  record["caller"] = identity_text(request.caller.get());
  if (!request.request_id.empty()) record["request"] = request.request_id;
  for (const std::string_view name : {"snp_chip_id", "x-ms-sevsnpvm-reportid"}) {
    if (const auto* value = claims.find(name)) record[name] = attestation::to_text(*value);
  }
  std::string text = codec::json::write(record);
  SecretBytes out = SecretBytes::copy_of(as_bytes(text));
  wipe(text);
  return out;
}

Result<SecretBytes> plaintext_of(const KeyRecord& key, ByteView private_key, KeyFormat format) {
  return format == KeyFormat::jwk ? keys::private_jwk(key.item, private_key)
                                  : keys::private_tink(private_key);
}

Result<attestation::Claims> verify_in_turn(const Core& core, const governance::State& governance,
                                           const attestation::SnpEvidence& evidence) {
  const Gate::Place place(core.verification_gate());
  const auto began = std::chrono::steady_clock::now();
  auto claims = attestation::verify_snp(evidence, governance.settings.trust_anchors(), core.now(),
                                        core.verifications());
  core.observer().evidence_verified(std::chrono::steady_clock::now() - began);
  return claims;
}

Judged<Judgement> judge(Core& core, const View& view, const ReleaseRequest& request) {
  const governance::State& governance = *view.state.governance;
  auto appraised = appraise_evidence(core, view, request.evidence);
  if (!appraised) return tl::unexpected<ReleaseRefusal>(std::move(appraised).error());

  const auto bound = keys::bound_by(appraised->claims, request.wrapping_key, core.wrapping_keys());
  if (!bound && bound.error().code == Code::denied) {
    auto refusal = refuse(Refused::wrapping_key_unbound, bound.error());
    refusal.value().report_data_prefix = keys::report_data_prefix(appraised->claims);
    return refusal;
  }
  const auto key = view.state.keys->find(request.kid);
  if (key == nullptr)
    return refuse(Refused::key_unknown,
                  {Code::not_found, "release: no key has kid " + request.kid, {}});
  if (is_expired(governance, *key, core.now())) {
    return refuse(Refused::key_expired,
                  {Code::denied,
                   "release: key " + request.kid + " is expired by the rotation policy in force",
                   {}});
  }
  if (!bound) return refuse(Refused::wrapping_failed, bound.error());
  if (!governance.settings.allow_published_wrapping_key &&
      keys::is_published_sample_key(bound->key())) {
    return refuse(Refused::published_wrapping_key,
                  {Code::denied, "release: the private half of this wrapping key is published",
                   "make a fresh wrapping key"});
  }

  auto private_key = core.vault().private_key(*key);
  if (!private_key) return refuse(Refused::failed, private_key.error(), "internal error");
  auto plaintext = plaintext_of(*key, (*private_key)->reveal(), request.format);
  if (!plaintext) return refuse(Refused::failed, plaintext.error(), "internal error");
  auto wrapped = keys::wrap_for(appraised->result, *bound, plaintext->reveal());
  if (!wrapped) return refuse(Refused::wrapping_failed, wrapped.error());

  const auto secrets = core.secrets();
  const auto caller = caller_hash(core, request.caller.get());
  if (!caller) return refuse(Refused::failed, caller.error(), "internal error");
  ledger::KeyReleased entry{key->item.kid,
                            view.state.governance_ref.digest,
                            appraised->result.profile(),
                            {},
                            std::string(attestation::name_of(appraised->result.freshness())),
                            bound->text_sha256(),
                            *caller,
                            std::string(name_of(request.format))};
  for (const auto& [name, value] : appraised->result.matched()) entry.claims.emplace(name, value);
  const SecretBytes record = sealed_record(request, appraised->claims);
  auto sealed = ledger::seal(secrets->ledger, secrets->service_id, ledger::Kind::key_released,
                             ByteView(entry.wrapping_key), record.reveal(), core.random());
  auto public_part = ledger::encode(entry);
  Bytes encoded = codec::cbor::encode(public_part);
  return Judgement{key,
                   *std::move(wrapped),
                   view.state.governance_ref.digest,
                   {ledger::Kind::key_released,
                    std::move(public_part),
                    std::move(sealed),
                    {},
                    {},
                    std::move(encoded)}};
}

}  // namespace

std::string_view name_of(KeyFormat format) { return format == KeyFormat::jwk ? "jwk" : "tink"; }

Result<Digest> caller_hash(const Core& core, const governance::Caller* caller) {
  const auto secrets = core.secrets();
  VITRINE_TRY(const auto secret, secrets->ledger.secret(secrets->ledger.current_version()));
  return ledger::caller_hash(secret, secrets->service_id, identity_text(caller));
}

bool is_expired(const governance::State& governance, const KeyRecord& key, Time now) {
  return governance.rotation_policy && governance.rotation_policy->expired(key.item.created, now);
}

Status check_releasing(const governance::State& governance) {
  if (governance.frozen) {
    return unavailable("release: a member froze the service on " +
                           to_rfc3339(governance.frozen->since) + "; nothing is released",
                       "a quorum of members thaws it");
  }
  if (governance.opening) {
    return unavailable("release: the service is not open yet",
                       "members open it: transition_service_to_open");
  }
  return {};
}

Judged<Appraised> appraise_evidence(const Core& core, const View& view,
                                    const attestation::SnpEvidence& evidence) {
  const governance::State& governance = *view.state.governance;
  if (const Status released = check_releasing(governance); !released)
    return refuse(Refused::frozen, released.error());
  auto claims = verify_in_turn(core, governance, evidence);
  if (!claims) return refuse(Refused::evidence_denied, claims.error());
  if (claims->simulated() && !governance.settings.dev) {
    return refuse(
        Refused::evidence_denied,
        {Code::denied, "evidence: simulated evidence counts in development mode only", {}});
  }
  if (!governance.release_policy) {
    return refuse(Refused::no_policy, {Code::denied, "release: no release policy is set",
                                       "members propose one: vitrine propose"});
  }
  auto result = policy::appraise(*governance.release_policy, *claims);
  if (!result) {
    const policy::Refusal& refusal = result.error();
    return refuse(refusal.policy_broken ? Refused::policy_broken : Refused::policy_denied,
                  {Code::denied, "release: " + refusal.to_text(),
                   "see what is accepted with: vitrine policy show"},
                  refusal.to_header());
  }
  return Appraised{*std::move(claims), *std::move(result)};
}

Judged<Released> release_key(Core& core, const ReleaseRequest& request) {
  if (const Status confirmed = core.check_confirmed(); !confirmed)
    return refuse(Refused::failed, confirmed.error(), "unconfirmed");
  for (int judgements = 0; judgements < kJudgementsMax; ++judgements) {
    const auto view = core.view();
    if (request.admits && !request.admits(view)) {
      return refuse(Refused::moved,
                    {Code::unavailable,
                     "release: what admitted the caller changed while it was judged", "try again"});
    }
    auto judgement = judge(core, *view, request);
    if (!judgement) return tl::unexpected<ReleaseRefusal>(std::move(judgement).error());
    if (core.after_judging_for_testing) core.after_judging_for_testing();

    auto& judged = *judgement;
    bool moved = false;
    auto appended = core.append([&judged, &moved](const State& newest, Time now) -> Result<Draft> {
      if (newest.governance_ref.digest != judged.governance) {
        moved = true;
        return conflict("release: the governance state moved while it was judged");
      }
      if (judged.entry.sealed->commitment.secret_version != newest.secret_version) {
        moved = true;
        return conflict("release: the ledger was rekeyed while it was judged");
      }
      if (is_expired(*newest.governance, *judged.key, now)) {
        moved = true;  // judged again, it is refused as expired
        return conflict("release: the key expired while it was judged");
      }
      return std::move(judged.entry);
    });
    if (appended) return Released{std::move(judged.wrapped), judged.key, appended->id};
    if (!moved) return refuse(Refused::failed, appended.error());
  }
  return refuse(Refused::moved,
                {Code::unavailable,
                 "release: the policy changed while it was judged, three times over", "try again"});
}

}  // namespace vitrine::core
