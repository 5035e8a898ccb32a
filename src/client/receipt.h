// Offline verification of receipts (kms-api.md 9, ccf.md 7): that the service whose certificate is
// pinned holds this key in its ledger. Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/x509.h"
#include "ledger/receipt.h"

namespace vitrine::client {

// A receipt as found in a file or an answer, with the key it speaks of where that is said.
struct FoundReceipt {
  ledger::Receipt receipt;
  std::string kid;  // empty where unknown
  std::string x;    // empty where unknown
};

// Reads any of: a pubkey answer (jwk or tink), an answer of /key or /unwrapKey, a receipt object, a
// receipt as JSON text inside a JSON string.
Result<FoundReceipt> find_receipt(std::string_view text);

// The text of a `receipt` member. unavailable: it is empty, as it may be on some services until the
// transaction is signed.
Result<ledger::Receipt> parse_receipt(std::string_view receipt_text);

// Every step of ledger::verify_receipt, and that the receipt's claim is SHA-256 of the text `x`.
// denied names the step.
Result<ledger::VerifiedReceipt> verify_key_receipt(const ledger::Receipt& receipt,
                                                   std::string_view x,
                                                   const crypto::Certificate& service_certificate);

}  // namespace vitrine::client
