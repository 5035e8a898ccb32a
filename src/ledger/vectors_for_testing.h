// Recorded vectors, read from the folder that VITRINE_VECTORS names.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "base/hex.h"
#include "codec/json.h"

namespace vitrine::ledger {

inline codec::json::Object vector_file(const std::string& name) {
  const char* folder = std::getenv("VITRINE_VECTORS");
  std::ifstream file(std::string(folder == nullptr ? "" : folder) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  auto parsed = codec::json::parse_object(text.str());
  if (!parsed) {
    ADD_FAILURE() << name << ": " << parsed.error().message;
    return {};
  }
  return *std::move(parsed);
}

inline const codec::json::Array& list(const codec::json::Object& object, std::string_view name) {
  const auto* array = codec::json::array_of(object, name);
  if (array == nullptr || array->empty()) {
    ADD_FAILURE() << "no list " << name;
    static const codec::json::Array empty;
    return empty;
  }
  return *array;
}
// Would dangle.
const codec::json::Array& list(codec::json::Object&& object, std::string_view name) = delete;
inline std::string text(const codec::json::Object& object, std::string_view name) {
  const auto value = codec::json::text_of(object, name);
  if (!value) ADD_FAILURE() << "no text " << name;
  return std::string(value.value_or(""));
}
inline std::uint64_t number(const codec::json::Object& object, std::string_view name) {
  const auto* value = codec::json::find(object, name);
  if (value != nullptr && value->is_uint64()) return value->get_uint64();
  if (value != nullptr && value->is_int64()) return static_cast<std::uint64_t>(value->get_int64());
  ADD_FAILURE() << "no number " << name;
  return 0;
}
inline Digest hash(const codec::json::Object& object, std::string_view name) {
  const auto digest = digest_from_hex(text(object, name));
  if (!digest) ADD_FAILURE() << "no hash " << name;
  return digest.value_or(Digest{});
}

}  // namespace vitrine::ledger
