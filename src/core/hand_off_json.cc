#include "core/hand_off_json.h"

#include <algorithm>
#include <initializer_list>

#include "base/base64.h"
#include "base/hex.h"

namespace vitrine::core {
namespace {

using codec::json::Object;
using codec::json::Value;

constexpr std::size_t kTextBytesMax = 4'194'304;

// The object, if it has these members and no others.
Result<const Object*> object_of(const Value& json,
                                std::initializer_list<std::string_view> members) {
  if (!json.is_object()) return malformed("hand-off: not a JSON object");
  const Object& object = json.get_object();
  for (const auto& member : object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(members.begin(), members.end(), name) == members.end())
      return malformed("hand-off: unknown member " + std::string(name));
  }
  for (const auto name : members) {
    if (codec::json::find(object, name) == nullptr)
      return malformed("hand-off: member " + std::string(name) + " is missing");
  }
  return &object;
}

tl::unexpected<Error> wrong(std::string_view name, std::string_view what) {
  return malformed("hand-off: member " + std::string(name) + " is not " + std::string(what));
}

Result<std::string_view> text(const Object& object, std::string_view name) {
  const auto value = codec::json::text_of(object, name);
  if (!value || value->size() > kTextBytesMax) return wrong(name, "text");
  return *value;
}

Result<Bytes> base64(const Object& object, std::string_view name) {
  VITRINE_TRY(const auto value, text(object, name));
  auto bytes = from_base64(value);
  if (!bytes) return wrong(name, "base64");
  return bytes;
}

Result<Bytes> sized_hex(const Object& object, std::string_view name, std::size_t size) {
  VITRINE_TRY(const auto value, text(object, name));
  auto bytes = from_hex(value);
  if (!bytes || bytes->size() != size)
    return wrong(name, std::to_string(2 * size) + " lower-case hex digits");
  return bytes;
}

Result<Bytes> sized_base64(const Object& object, std::string_view name, std::size_t size) {
  VITRINE_TRY(auto bytes, base64(object, name));
  if (bytes.size() != size) return wrong(name, std::to_string(size) + " bytes in base64");
  return bytes;
}

}  // namespace

Object to_json(const HandOffOffer& offer) {
  return {{"service", to_hex(offer.genesis_hash)}, {"challenge", to_hex(offer.challenge)}};
}

Object to_json(const HandOffRequest& request) {
  Object json;
  json["challenge"] = to_hex(request.challenge);
  json["node_key"] = to_base64(request.node_key.spki());
  json["hpke_key"] = to_base64(request.hpke_key);
  json["attestation"] = attestation::to_json(request.evidence);
  return json;
}

Object to_json(const HandedOff& handed_off) {
  Object json;
  json["enc"] = to_base64(handed_off.enc);
  json["ct"] = to_base64(handed_off.ciphertext);
  json["transaction_id"] = ledger::to_text(handed_off.id);
  return json;
}

Result<HandOffOffer> hand_off_offer_from_json(const Value& json) {
  VITRINE_TRY(const auto object, object_of(json, {"service", "challenge"}));
  HandOffOffer offer;
  VITRINE_TRY(const auto hash, sized_hex(*object, "service", offer.genesis_hash.bytes.size()));
  std::copy(hash.begin(), hash.end(), offer.genesis_hash.bytes.begin());
  VITRINE_TRY(offer.challenge, sized_hex(*object, "challenge", kHandOffChallengeBytes));
  return offer;
}

Result<HandOffRequest> hand_off_request_from_json(const Value& json) {
  VITRINE_TRY(const auto object,
              object_of(json, {"challenge", "node_key", "hpke_key", "attestation"}));
  VITRINE_TRY(auto challenge, sized_hex(*object, "challenge", kHandOffChallengeBytes));
  VITRINE_TRY(const auto spki, base64(*object, "node_key"));
  const auto node_key = crypto::PublicKey::from_spki(spki);
  if (!node_key || node_key->kind() != crypto::KeyKind::ec_p256)
    return wrong("node_key", "a SubjectPublicKeyInfo of EC P-256");
  VITRINE_TRY(auto hpke_key, sized_base64(*object, "hpke_key", kHandOffKeyBytes));
  const Value& attestation = object->at("attestation");
  if (!attestation.is_object()) return wrong("attestation", "an object");
  VITRINE_TRY(auto evidence, attestation::snp_evidence_from_json(attestation.get_object()));
  return HandOffRequest{std::move(challenge), *node_key, std::move(hpke_key), std::move(evidence)};
}

Result<HandedOff> handed_off_from_json(const Value& json) {
  VITRINE_TRY(const auto object, object_of(json, {"enc", "ct", "transaction_id"}));
  HandedOff handed_off;
  VITRINE_TRY(handed_off.enc, sized_base64(*object, "enc", kHandOffKeyBytes));
  VITRINE_TRY(handed_off.ciphertext, base64(*object, "ct"));
  VITRINE_TRY(const auto id, text(*object, "transaction_id"));
  VITRINE_TRY(handed_off.id, ledger::transaction_id_from(id));
  return handed_off;
}

}  // namespace vitrine::core
