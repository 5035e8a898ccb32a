// Reading recorded vectors, for tests only: files below VITRINE_VECTORS, values in hex.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "base/hex.h"
#include "codec/json.h"

namespace vitrine::crypto::vectors {

inline std::string text_of_file(const std::string& path) {
  const char* const root = std::getenv("VITRINE_VECTORS");
  std::ifstream file(std::string(root == nullptr ? "" : root) + "/" + path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline codec::json::Object read(const std::string& path) {
  auto parsed = codec::json::parse_object(text_of_file(path));
  EXPECT_TRUE(parsed.has_value()) << path << ": " << (parsed ? "" : parsed.error().message);
  return parsed ? *std::move(parsed) : codec::json::Object();
}

inline std::string text(const codec::json::Object& object, std::string_view name) {
  const auto found = codec::json::text_of(object, name);
  EXPECT_TRUE(found.has_value()) << name;
  return std::string(found.value_or(""));
}

inline Bytes bytes(const codec::json::Object& object, std::string_view name) {
  auto found = from_hex(text(object, name));
  EXPECT_TRUE(found.has_value()) << name;
  return found ? *std::move(found) : Bytes();
}

inline std::int64_t integer(const codec::json::Object& object, std::string_view name) {
  const auto found = codec::json::integer_of(object, name);
  EXPECT_TRUE(found.has_value()) << name;
  return found.value_or(0);
}

}  // namespace vitrine::crypto::vectors
