// A DER writer that fills a caller's buffer from its end: what an element holds is written before
// its head, so lengths are known and nothing is moved. The buffer's type decides whether the
// content is a secret.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::crypto {

class DerWriter {
 public:
  // Writing more than the buffer holds is a broken invariant.
  explicit DerWriter(std::span<Byte> buffer) : buffer_(buffer), at_(buffer.size()) {}

  std::size_t size() const { return buffer_.size() - at_; }
  ByteView written() const { return buffer_.subspan(at_); }

  void raw(ByteView bytes);
  // The head for everything written since size() was `mark`.
  void wrap(Byte tag, std::size_t mark);
  void element(Byte tag, ByteView content);
  // INTEGER of a big-endian magnitude; leading zeros are dropped.
  void integer(ByteView magnitude);

 private:
  std::span<Byte> buffer_;
  std::size_t at_;
};

// One element around a concatenation, for public values where speed does not count.
Bytes der_element(Byte tag, std::initializer_list<ByteView> content);

// The content octets of an OBJECT IDENTIFIER. malformed: not dotted decimal of two arcs or more.
Result<Bytes> der_oid(std::string_view dotted);

}  // namespace vitrine::crypto
