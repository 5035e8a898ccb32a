#include "core/restore_marker.h"

#include "base/hex.h"
#include "codec/json.h"
#include "governance/json_fields.h"

namespace vitrine::core {
namespace {

using codec::json::Object;
using governance::required_digest;
using governance::required_text;

constexpr std::string_view kWhat = "restore.json";
constexpr std::string_view kFormat = "vitrine/restore@v1";
constexpr std::size_t kShownMax = 16;

Status check_shown(const Object& object) {
  const auto* shown = codec::json::array_of(object, "shown");
  if (shown == nullptr || shown->size() > kShownMax)
    return malformed("restore.json: shown is not an array of at most 16");
  for (const auto& note : *shown) {
    if (!note.is_string()) return malformed("restore.json: shown holds what is no text");
  }
  return {};
}

}  // namespace

Result<RestoreMarker> read_restore_marker(ByteView json) {
  if (json.size() > kRestoreMarkerBytesMax) return malformed("restore.json: over 1 MiB");
  VITRINE_TRY(const Object object, codec::json::parse_object(as_text(json)));
  constexpr std::string_view known[] = {"format", "origin",     "size", "rfc9162",
                                        "ccf",    "checkpoint", "shown"};
  VITRINE_CHECK(governance::check_known(kWhat, object, known));
  VITRINE_TRY(const auto format, required_text(kWhat, object, "format"));
  if (format != kFormat)
    return malformed("restore.json: its format is not known to this version of vitrined");
  RestoreMarker marker;
  VITRINE_TRY(marker.origin, required_text(kWhat, object, "origin"));
  const auto size = codec::json::integer_of(object, "size");
  if (!size || *size < 1) return malformed("restore.json: size is not a number from 1 on");
  marker.head.size = static_cast<std::uint64_t>(*size);
  VITRINE_TRY(marker.head.rfc9162, required_digest(kWhat, object, "rfc9162"));
  VITRINE_TRY(marker.head.ccf, required_digest(kWhat, object, "ccf"));
  VITRINE_TRY(const auto checkpoint, required_text(kWhat, object, "checkpoint"));
  static_cast<void>(checkpoint);
  VITRINE_CHECK(check_shown(object));
  return marker;
}

}  // namespace vitrine::core
