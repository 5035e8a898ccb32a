// PEM (RFC 7468), strictly: LF or CRLF line ends (the same within a block), 64-character lines as
// OpenSSL writes them, no text between blocks, at most 1 MiB. Only the last line end may be
// missing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace vitrine::codec::pem {

struct Block {
  std::string label;  // "CERTIFICATE"
  Bytes der;
};

// All blocks of `text`, in order; blank lines between blocks are tolerated. malformed otherwise, or
// if there is none.
Result<std::vector<Block>> decode(std::string_view text);
// Exactly one block with that label. malformed otherwise.
Result<Bytes> decode_one(std::string_view text, std::string_view label);
// The same for a private key: no copy is left behind. Wiping `text` is the caller's.
Result<SecretBytes> decode_one_secret(std::string_view text, std::string_view label);
// LF line ends, final newline. Allocated once: a caller with a secret in it can wipe the result.
std::string encode(std::string_view label, ByteView der);

}  // namespace vitrine::codec::pem
