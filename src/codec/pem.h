// PEM (RFC 7468), strictly: LF or CRLF line ends, 64-character lines as OpenSSL writes them, no
// text between blocks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

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
std::string encode(std::string_view label, ByteView der);  // LF line ends, final newline

}  // namespace vitrine::codec::pem
