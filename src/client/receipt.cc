#include "client/receipt.h"

#include "base/hex.h"
#include "client/public_key.h"
#include "crypto/hash.h"

namespace vitrine::client {
namespace {

using codec::json::Object;

Result<FoundReceipt> in_answer(const Object& answer) {
  FoundReceipt found;
  const auto text = codec::json::text_of(answer, "receipt");
  if (!text) {
    return malformed("receipt: the file has neither a receipt's members nor a member `receipt`",
                     "give the answer of `vitrine pubkey --out F`, or of /app/receipt");
  }
  VITRINE_TRY(found.receipt, parse_receipt(*text));
  const bool is_key = codec::json::find(answer, "kty") != nullptr ||
                      codec::json::find(answer, "primaryKeyId") != nullptr;
  if (is_key) {
    VITRINE_TRY(const auto key, public_key_from_json(answer));
    found.kid = key.kid;
    found.x = key.x;
  } else if (const auto kid = codec::json::text_of(answer, "wrappedKid")) {
    found.kid = std::string(*kid);
  }
  return found;
}

}  // namespace

Result<ledger::Receipt> parse_receipt(std::string_view receipt_text) {
  if (receipt_text.empty()) {
    return unavailable("receipt: empty: the service had none yet when it answered",
                       "ask again: vitrine pubkey --kid KID");
  }
  const auto object = codec::json::parse_object(receipt_text);
  if (!object) return in_context("receipt", object.error());
  return ledger::Receipt::from_json(*object);
}

Result<FoundReceipt> find_receipt(std::string_view text) {
  const auto value = codec::json::parse(text);
  if (!value) return in_context("receipt", value.error());
  FoundReceipt found;
  if (value->is_string()) {
    VITRINE_TRY(found.receipt, parse_receipt(codec::json::text_view(value->get_string())));
    return found;
  }
  if (!value->is_object()) return malformed("receipt: neither an object nor text");
  const Object& object = value->get_object();
  if (codec::json::find(object, "signature") != nullptr) {
    VITRINE_TRY(found.receipt, ledger::Receipt::from_json(object));
    return found;
  }
  return in_answer(object);
}

Result<ledger::VerifiedReceipt> verify_key_receipt(const ledger::Receipt& receipt,
                                                   std::string_view x,
                                                   const crypto::Certificate& service_certificate) {
  VITRINE_TRY(auto verified, ledger::verify_receipt(receipt, service_certificate));
  const Digest wanted = crypto::sha256(as_bytes(x));
  if (verified.claims_digest != wanted) {
    return denied("receipt: it is of another key: its claim is " + to_hex(verified.claims_digest) +
                  ", SHA-256 of x is " + to_hex(wanted));
  }
  return verified;
}

}  // namespace vitrine::client
