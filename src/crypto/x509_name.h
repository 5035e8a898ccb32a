// Distinguished names (RFC 5280 4.1.2.4): read for people and for the common name; two names are
// compared as bytes. Internal to crypto.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::crypto {

struct NameText {
  std::string text;         // "CN=SEV-VCEK, O=…", ASCII, safe to print
  std::string common_name;  // empty if there is not exactly one, or it is no text of bytes
};
Result<NameText> read_name(ByteView der);
// A name of one common name, UTF-8.
Bytes write_name(std::string_view common_name);

}  // namespace vitrine::crypto
