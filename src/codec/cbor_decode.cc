#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/reader.h"
#include "base/text.h"
#include "codec/cbor.h"

namespace vitrine::codec::cbor {

namespace {

constexpr Byte kBreak = 0xff;

// The initial byte and its argument (RFC 8949 3).
struct Head {
  unsigned major;
  std::uint64_t argument;  // of a definite one
  bool indefinite;
};

bool lexically_less(ByteView a, ByteView b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

class Decoder {
 public:
  Decoder(ByteView bytes, Strictness strictness, std::size_t depth_max)
      : all_(bytes), reader_(bytes), strictness_(strictness), depth_left_(depth_max) {}

  Result<Value> item();

  bool at_end() const { return reader_.at_end(); }
  tl::unexpected<Error> refuse(std::string_view why) const {
    return malformed(fmt::format("CBOR: {} at byte {}", why, offset()));
  }

 private:
  std::size_t offset() const { return all_.size() - reader_.remaining(); }
  bool deterministic() const { return strictness_ == Strictness::deterministic; }

  Result<Head> head();
  Result<std::uint64_t> argument(unsigned additional);
  Result<ByteView> take(std::uint64_t size);
  bool skip_break();

  Result<Value> content(const Head& head);
  Result<Bytes> string(const Head& head);
  Result<Value> text(const Head& head);
  Result<Value> array(const Head& head);
  Result<Value> map(const Head& head);
  Result<Value> tag(const Head& head);
  Result<Value> simple(const Head& head);
  Status check_new_key(const Value& key, ByteView encoded, std::set<Bytes>& seen,
                       ByteView previous) const;

  ByteView all_;
  Reader reader_;
  Strictness strictness_;
  std::size_t depth_left_;
  std::size_t items_left_ = limits::kCborItemsMax;
};

Result<std::uint64_t> Decoder::argument(unsigned additional) {
  if (additional < 24) return additional;
  const std::size_t size = std::size_t{1} << (additional - 24);
  VITRINE_TRY(const auto bytes, take(size));
  std::uint64_t value = 0;
  for (const Byte b : bytes) value = (value << 8) | b;
  const std::uint64_t smallest = size == 1 ? 24 : std::uint64_t{1} << (4 * size);
  if (deterministic() && value < smallest) return refuse("a head longer than needed");
  return value;
}

Result<Head> Decoder::head() {
  VITRINE_TRY(const auto initial, take(1));
  Head head{static_cast<unsigned>(initial[0] >> 5), 0, false};
  const unsigned additional = initial[0] & 31U;
  if (additional == 31) {
    // Strings, arrays and maps may be indefinite (3.2.1); 0xff is a break, and out of place here.
    if (head.major < 2 || head.major > 5) return refuse("a break or head that may not stand here");
    if (strictness_ != Strictness::foreign) return refuse("an indefinite length");
    head.indefinite = true;
    return head;
  }
  if (additional > 27) return refuse("a reserved head");
  if (head.major == 7) {
    // Simple values and floats: of these only false, true and null are in use here.
    if (additional < 20 || additional > 22) return refuse("a float or unknown simple value");
    head.argument = additional;
    return head;
  }
  VITRINE_TRY(head.argument, argument(additional));
  return head;
}

Result<ByteView> Decoder::take(std::uint64_t size) {
  if (size > reader_.remaining()) {
    return refuse(fmt::format("{} bytes wanted, {} left,", size, reader_.remaining()));
  }
  return reader_.take(size);
}

bool Decoder::skip_break() {
  Reader ahead = reader_;
  const auto next = ahead.u8();
  if (!next || *next != kBreak) return false;
  reader_ = ahead;
  return true;
}

Result<Value> Decoder::item() {
  // A one-byte item becomes a Value of a hundred: without a bound, short input takes much memory.
  if (items_left_ == 0) return refuse(fmt::format("more than {} items", limits::kCborItemsMax));
  --items_left_;
  VITRINE_TRY(const auto head, head());
  const bool nests = head.major >= 4 && head.major <= 6;
  if (!nests) return content(head);
  if (depth_left_ == 0) return refuse("nesting too deep");
  --depth_left_;
  auto value = content(head);
  ++depth_left_;
  return value;
}

Result<Value> Decoder::content(const Head& head) {
  switch (head.major) {
    case 0:
      return Value::uint(head.argument);
    case 1: {
      Value value;
      value.type_ = Type::negative_int;
      value.number_ = head.argument;
      return value;
    }
    case 2: {
      VITRINE_TRY(const auto bytes, string(head));
      return Value::bytes(bytes);
    }
    case 3:
      return text(head);
    case 4:
      return array(head);
    case 5:
      return map(head);
    case 6:
      return tag(head);
    default:
      return simple(head);
  }
}

// A definite string, or the chunks of an indefinite one: definite, of the same type (3.2.3), and
// for text each valid by itself.
Result<Bytes> Decoder::string(const Head& head) {
  Bytes bytes;
  const auto append_chunk = [&](const Head& chunk) -> Status {
    VITRINE_TRY(const auto more, take(chunk.argument));
    if (chunk.major == 3 && !is_utf8(as_text(more))) return refuse("text that is not UTF-8");
    append(bytes, more);
    return {};
  };
  if (!head.indefinite) {
    VITRINE_CHECK(append_chunk(head));
    return bytes;
  }
  while (!skip_break()) {
    VITRINE_TRY(const auto chunk, this->head());
    if (chunk.major != head.major || chunk.indefinite) return refuse("a chunk of another type");
    VITRINE_CHECK(append_chunk(chunk));
  }
  return bytes;
}

Result<Value> Decoder::text(const Head& head) {
  VITRINE_TRY(const auto bytes, string(head));
  return Value::text(as_text(bytes));
}

Result<Value> Decoder::array(const Head& head) {
  std::vector<Value> items;  // grows as items are really there, never by the count alone
  while (head.indefinite ? !skip_break() : items.size() < head.argument) {
    VITRINE_TRY(auto next, item());
    items.push_back(std::move(next));
  }
  return Value::array(std::move(items));
}

Result<Value> Decoder::map(const Head& head) {
  std::vector<Value::Entry> entries;
  std::set<Bytes> seen;
  ByteView previous;
  while (head.indefinite ? !skip_break() : entries.size() < head.argument) {
    const std::size_t begin = offset();
    VITRINE_TRY(auto key, item());
    const ByteView encoded = all_.subspan(begin, offset() - begin);
    VITRINE_CHECK(check_new_key(key, encoded, seen, previous));
    previous = encoded;
    VITRINE_TRY(auto value, item());
    entries.emplace_back(std::move(key), std::move(value));
  }
  return Value::map(std::move(entries));
}

// Deterministic keys ascend bytewise (4.2.1), so equal ones would be neighbours. Foreign keys are
// compared in their one deterministic form.
Status Decoder::check_new_key(const Value& key, ByteView encoded, std::set<Bytes>& seen,
                              ByteView previous) const {
  if (!deterministic()) {
    if (!seen.insert(encode(key)).second) return refuse("a duplicate map key");
    return {};
  }
  if (previous.empty() || lexically_less(previous, encoded)) return {};
  return refuse(same(previous, encoded) ? "a duplicate map key" : "a map key out of order");
}

Result<Value> Decoder::tag(const Head& head) {
  VITRINE_TRY(auto inner, item());
  return Value::tag(head.argument, std::move(inner));
}

Result<Value> Decoder::simple(const Head& head) {
  if (head.argument == 22) return Value();
  return Value::boolean(head.argument == 21);
}

Result<Value> decode(ByteView bytes, Strictness strictness, std::size_t depth_max) {
  Decoder decoder(bytes, strictness, depth_max);
  VITRINE_TRY(auto value, decoder.item());
  if (!decoder.at_end()) return decoder.refuse("more bytes");
  return value;
}

}  // namespace vitrine::codec::cbor
