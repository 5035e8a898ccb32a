// A hand-off as the two programs say it to each other (docs/design/2026-11-30-hand-off.md). Each
// side reads what the other wrote as bytes from outside.
#pragma once

#include "codec/json.h"
#include "core/hand_off.h"

namespace vitrine::core {

// {"service": genesis hash in hex, "challenge": hex}
struct HandOffOffer {
  Digest genesis_hash;
  Bytes challenge;
};
codec::json::Object to_json(const HandOffOffer& offer);
// {"challenge": hex, "node_key": SPKI in base64, "hpke_key": base64, "attestation": kms-api.md 6.1}
codec::json::Object to_json(const HandOffRequest& request);
// {"enc": base64, "ct": base64, "transaction_id": "2.14"}
codec::json::Object to_json(const HandedOff& handed_off);

// malformed: names the member; no other members are taken, nor sizes or kinds of keys than those of
// the page.
Result<HandOffOffer> hand_off_offer_from_json(const codec::json::Value& json);
Result<HandOffRequest> hand_off_request_from_json(const codec::json::Value& json);
Result<HandedOff> handed_off_from_json(const codec::json::Value& json);

}  // namespace vitrine::core
