#include "codec/pem.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.h"

namespace vitrine::codec::pem {

namespace {

constexpr std::size_t kTextBytesMax = 1'048'576;
constexpr std::size_t kLineDigits = 64;  // RFC 7468 2
constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "-----END ", kDashes = "-----";

struct Line {
  std::string_view text;
  bool crlf = false;
  bool ended = false;  // the last line of a text may lack its line end
};

class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  std::size_t number() const { return number_; }  // of the line that was read last, from 1
  Line next() {
    ++number_;
    const std::size_t end = rest_.find('\n');
    Line line{rest_.substr(0, end), false, end != std::string_view::npos};
    rest_.remove_prefix(line.ended ? end + 1 : rest_.size());
    line.crlf = line.ended && line.text.ends_with('\r');
    if (line.crlf) line.text.remove_suffix(1);
    return line;
  }
  std::size_t distance_to(std::string_view mark) const {
    return std::min(rest_.find(mark), rest_.size());
  }
  tl::unexpected<Error> refuse(std::string_view why) const {
    return malformed(fmt::format("PEM: {} in line {}", why, number_));
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

// RFC 7468 3: labelchar *( ["-" / SP] labelchar ); labels seen in practice are upper-case words.
bool is_label(std::string_view label) {
  if (label.empty() || label.front() == ' ' || label.back() == ' ') return false;
  for (const char c : label) {
    const bool allowed = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ';
    if (!allowed) return false;
  }
  return label.find("  ") == std::string_view::npos;
}

Result<std::string_view> label_of_begin(const LineReader& reader, std::string_view line) {
  if (!line.starts_with(kBegin) || !line.ends_with(kDashes) ||
      line.size() < kBegin.size() + kDashes.size()) {
    return reader.refuse("no -----BEGIN …-----");
  }
  const auto label = line.substr(kBegin.size(), line.size() - kBegin.size() - kDashes.size());
  if (!is_label(label)) return reader.refuse("a bad label");
  return label;
}

// The digits of a block between its lines. They may be a private key's: allocated once, and wiped.
struct Digits {
  Digits() = default;
  Digits(Digits&&) noexcept = default;
  Digits& operator=(Digits&&) = delete;
  ~Digits() { wipe(text); }

  std::string label;
  std::string text;
};

// Reads the lines of base64 and the END line of the block whose BEGIN line was `begin`.
Result<Digits> read_digits(LineReader& reader, const Line& begin) {
  VITRINE_TRY(const auto label, label_of_begin(reader, begin.text));
  const std::string end = fmt::format("{}{}{}", kEnd, label, kDashes);
  Digits digits;
  digits.label = label;
  digits.text.reserve(reader.distance_to(kEnd));
  bool last = false;  // a line shorter than 64 was read: nothing but END may follow
  while (!reader.at_end()) {
    const Line line = reader.next();
    if (line.ended && line.crlf != begin.crlf) return reader.refuse("a line end unlike the others");
    if (line.text == end) {
      if (digits.text.empty()) return reader.refuse("an empty block");
      return digits;
    }
    if (line.text.starts_with(kDashes)) return reader.refuse(fmt::format("no {}", end));
    if (last) return reader.refuse("text after the last, short line");
    if (line.text.empty() || line.text.size() > kLineDigits) {
      return reader.refuse(fmt::format("{} characters instead of 64", line.text.size()));
    }
    last = line.text.size() < kLineDigits;
    digits.text += line.text;
  }
  return reader.refuse(fmt::format("no {} after the text that ends", end));
}

Result<std::vector<Digits>> read_all(std::string_view text) {
  if (text.size() > kTextBytesMax) {
    return malformed(fmt::format("PEM: larger than {} bytes", kTextBytesMax));
  }
  std::vector<Digits> all;
  LineReader reader(text);
  while (!reader.at_end()) {
    const Line line = reader.next();
    if (line.text.empty()) continue;
    VITRINE_TRY(auto digits, read_digits(reader, line));
    all.push_back(std::move(digits));
  }
  if (all.empty()) return malformed("PEM: no block");
  return all;
}

Result<Digits> read_one(std::string_view text, std::string_view label) {
  VITRINE_TRY(auto all, read_all(text));
  if (all.size() != 1) return malformed(fmt::format("PEM: one block wanted, {} found", all.size()));
  if (all[0].label != label) {
    return malformed(fmt::format("PEM: {} wanted, {} found", label, all[0].label));
  }
  return std::move(all[0]);
}

template <class T>
Result<T> in_block(const Digits& digits, Result<T> decoded) {
  if (decoded) return decoded;
  return in_context(fmt::format("PEM: {}", digits.label), std::move(decoded).error());
}

}  // namespace

Result<std::vector<Block>> decode(std::string_view text) {
  VITRINE_TRY(const auto all, read_all(text));
  std::vector<Block> blocks;
  for (const Digits& digits : all) {
    VITRINE_TRY(auto der, in_block(digits, from_base64(digits.text)));
    blocks.push_back({digits.label, std::move(der)});
  }
  return blocks;
}

Result<Bytes> decode_one(std::string_view text, std::string_view label) {
  VITRINE_TRY(const auto digits, read_one(text, label));
  return in_block(digits, from_base64(digits.text));
}

Result<SecretBytes> decode_one_secret(std::string_view text, std::string_view label) {
  VITRINE_TRY(const auto digits, read_one(text, label));
  return in_block(digits, secret_from_base64(digits.text));
}

std::string encode(std::string_view label, ByteView der) {
  std::string digits = to_base64(der);
  std::string out;
  out.reserve(digits.size() + digits.size() / kLineDigits + 2 * label.size() + 64);
  out.append(kBegin).append(label).append(kDashes).append("\n");
  for (std::size_t i = 0; i < digits.size(); i += kLineDigits) {
    out.append(digits, i, kLineDigits).append("\n");
  }
  wipe(digits);
  return out.append(kEnd).append(label).append(kDashes).append("\n");
}

}  // namespace vitrine::codec::pem
