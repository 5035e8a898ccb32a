#include "ledger/checkpoint.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/text.h"
#include "ledger/members.h"
#include "ledger/tree.h"

namespace vitrine::ledger {

namespace {

// Bounds of transparency.md 14.
constexpr std::size_t kLinesMax = 16;
constexpr std::size_t kOriginBytesMax = 255;

Result<Digest> parse_root(std::string_view line) {
  const auto bytes = from_base64(line);
  if (!bytes || bytes->size() != 32) return malformed("checkpoint: root is not base64 of 32 bytes");
  Digest root;
  std::memcpy(root.bytes.data(), bytes->data(), 32);
  return root;
}

}  // namespace

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                     to_base64(checkpoint.root));
}

Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
  if (text.empty() || text.back() != '\n') {
    return malformed("checkpoint: does not end in a newline");
  }
  if (!is_utf8(text)) return malformed("checkpoint: not UTF-8");
  const auto lines = split(text.substr(0, text.size() - 1), '\n');
  if (lines.size() < 3 || lines.size() > kLinesMax) {
    return malformed(
        fmt::format("checkpoint: {} lines where 3 to {} are allowed", lines.size(), kLinesMax));
  }
  for (const auto line : lines) {
    if (line.empty()) return malformed("checkpoint: an empty line");
  }
  Checkpoint checkpoint;
  checkpoint.origin = lines[0];
  if (checkpoint.origin.size() > kOriginBytesMax) {
    return malformed(fmt::format("checkpoint: origin over {} bytes", kOriginBytesMax));
  }
  const auto size = parse_decimal(lines[1]);
  if (!size || *size > kNumberMax) {
    return malformed("checkpoint: tree size is not a decimal from 0 to 2^63 - 1");
  }
  checkpoint.size = *size;
  VITRINE_TRY(checkpoint.root, parse_root(lines[2]));
  if (checkpoint.size == 0 && checkpoint.root != empty_root()) {
    return malformed("checkpoint: size 0 with a root that is not the empty one");
  }
  checkpoint.extensions.assign(lines.begin() + 3, lines.end());
  return checkpoint;
}

}  // namespace vitrine::ledger
