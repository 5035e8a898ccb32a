// A strict DER reader (X.690 10): minimal lengths, definite form, no trailing bytes. For the
// structures that OpenSSL would read too loosely or not at all; certificates themselves are parsed
// by crypto/x509.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::codec::der {

inline constexpr Byte kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kNull = 0x05,
                      kOid = 0x06, kUtf8String = 0x0c, kIa5String = 0x16, kSequence = 0x30,
                      kSet = 0x31;

struct Element {
  Byte tag = 0;
  ByteView content;  // points into the input
  ByteView whole;    // with tag and length
};

class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }
  Result<Element> next();            // any element
  Result<Element> next(Byte tag);    // that element, else malformed
  std::optional<Byte> peek() const;  // tag of the next element
  Status finish() const;

 private:
  ByteView rest_;
};

// An element's content as a non-negative INTEGER of at most 63 bits; minimal form required.
Result<std::int64_t> to_integer(const Element& element);
// "1.3.6.1.4.1.3704.1.4"
Result<std::string> to_oid(const Element& element);

}  // namespace vitrine::codec::der
