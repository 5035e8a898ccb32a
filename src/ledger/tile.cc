#include "ledger/tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "base/text.h"
#include "ledger/tree.h"

namespace vitrine::ledger {

namespace {

constexpr std::uint64_t kLevelMax = 63;
constexpr std::size_t kGroupDigits = 3;

tl::unexpected<Error> misspelt() {
  return malformed("tile path: not tile/<level>/<index> or tile/entries/<index>",
                   "an example: tile/0/x001/x234/067.p/8");
}

// "x001/x234/067": groups of three digits, all but the last prefixed.
std::string index_text(std::uint64_t index) {
  std::string text = fmt::format("{:03}", index % 1000);
  for (index /= 1000; index > 0; index /= 1000) {
    text = fmt::format("x{:03}/{}", index % 1000, text);
  }
  return text;
}

// The digits of all groups; to_text() then settles that the spelling is the only one.
Result<std::uint64_t> index_from(const std::vector<std::string_view>& groups, std::size_t first) {
  std::string digits;
  for (std::size_t i = first; i < groups.size(); ++i) {
    std::string_view group = groups[i];
    if (i + 1 < groups.size() && !group.empty() && group.front() == 'x') group.remove_prefix(1);
    if (group.size() != kGroupDigits) return misspelt();
    digits += group;
  }
  const auto nonzero = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  const auto index = parse_decimal(std::string_view(digits).substr(nonzero));
  if (!index) return misspelt();
  return *index;
}

}  // namespace

std::string to_text(const TilePath& path) {
  std::string text =
      path.entries ? std::string("tile/entries/") : fmt::format("tile/{}/", path.level);
  text += index_text(path.index);
  if (path.width < kTileWidth) text += fmt::format(".p/{}", path.width);
  return text;
}

Result<TilePath> tile_path_from(std::string_view text) {
  constexpr std::string_view kPartial = ".p/";
  TilePath path;
  std::string_view name = text;
  if (const auto dot = text.find(kPartial); dot != std::string_view::npos) {
    const auto width = parse_decimal(text.substr(dot + kPartial.size()));
    if (!width || *width == 0 || *width >= kTileWidth) return misspelt();
    path.width = *width;
    name = text.substr(0, dot);
  }
  const auto parts = split(name, '/');
  if (parts.size() < 3 || parts[0] != "tile") return misspelt();
  path.entries = parts[1] == "entries";
  if (!path.entries) {
    const auto level = parse_decimal(parts[1]);
    if (!level || *level > kLevelMax) return misspelt();
    path.level = static_cast<std::uint8_t>(*level);
  }
  VITRINE_TRY(path.index, index_from(parts, 2));
  if (to_text(path) != text) return misspelt();
  return path;
}

void append_to_bundle(Bytes& bundle, ByteView leaf) {
  VITRINE_ASSERT(leaf.size() <= 0xffff);
  bundle.push_back(static_cast<Byte>(leaf.size() >> 8));
  bundle.push_back(static_cast<Byte>(leaf.size()));
  append(bundle, leaf);
}

Result<std::vector<ByteView>> entries_in_bundle(ByteView bundle, std::uint64_t width) {
  std::vector<ByteView> entries;
  while (!bundle.empty() && entries.size() < width) {
    constexpr std::size_t kLengthBytes = 2;
    if (bundle.size() < kLengthBytes) return malformed("entry bundle: ends within a length");
    const auto length = static_cast<std::size_t>(bundle[0]) << 8 | bundle[1];
    bundle = bundle.subspan(kLengthBytes);
    if (bundle.size() < length) return malformed("entry bundle: ends within an entry");
    entries.push_back(bundle.first(length));
    bundle = bundle.subspan(length);
  }
  if (!bundle.empty()) {
    return malformed(fmt::format("entry bundle: more than {} entries", width));
  }
  if (entries.size() < width) {
    return malformed(fmt::format("entry bundle: {} entries, not {}", entries.size(), width));
  }
  return entries;
}

}  // namespace vitrine::ledger
