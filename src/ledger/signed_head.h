// The newest head: one statement about both trees, signed twice (docs/formats/heads.md). Made by
// core; kept in the store, served to auditors, and checked by both. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "ledger/receipt.h"

namespace vitrine::ledger {

struct SignedHead {
  std::string checkpoint;  // signed note over the RFC 9162 root, by the log key
  SignedRoot root;         // the CCF root, by the node key
};

inline constexpr std::size_t kSignedHeadBytesMax = 65'536;
Bytes encode(const SignedHead& head);
// malformed: names the member. Nothing is verified.
Result<SignedHead> decode_signed_head(ByteView bytes);

// Whose signatures a head must carry.
struct HeadSigners {
  std::string_view log_origin;
  const crypto::PublicKey& log_key;
  const crypto::Certificate& service_certificate;  // it endorses the node's
};
// Both signatures, and that both speak of `roots`. denied names what differs.
Status verify_signed_head(const SignedHead& head, const Roots& roots, const HeadSigners& signers);

}  // namespace vitrine::ledger
