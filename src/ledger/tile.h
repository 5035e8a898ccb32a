// Names of tiles and entry bundles, and what a bundle holds (C2SP tlog-tiles; transparency.md 5,
// docs/formats/heads.md). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::ledger {

struct TilePath {
  bool entries = false;    // an entry bundle; level is 0
  std::uint8_t level = 0;  // 0 to 63
  std::uint64_t index = 0;
  std::uint64_t width = 256;  // 1 to 256; 256: the full tile
  bool operator==(const TilePath&) const = default;
};
std::string to_text(const TilePath& path);  // "tile/0/x001/x234/067.p/8", "tile/entries/005"
// malformed: any other spelling.
Result<TilePath> tile_path_from(std::string_view text);

// Adds one entry to a bundle: its length in two bytes, then its bytes. Asserts that it fits, as a
// leaf does.
void append_to_bundle(Bytes& bundle, ByteView leaf);
// The entries of a bundle of `width`, which point into it. malformed: more or fewer entries, or one
// that is cut.
Result<std::vector<ByteView>> entries_in_bundle(ByteView bundle, std::uint64_t width);

}  // namespace vitrine::ledger
