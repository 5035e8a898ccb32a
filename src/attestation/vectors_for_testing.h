// Recorded evidence for tests: the folder named by VITRINE_VECTORS, and its manifest.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "codec/json.h"

namespace vitrine::attestation::vectors {

inline std::string folder() {
  const char* path = std::getenv("VITRINE_VECTORS");
  return path == nullptr ? "../shared/vectors" : path;
}

inline Bytes read(const std::string& path) {
  std::ifstream file(folder() + "/" + path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

inline std::string read_text(const std::string& path) {
  const auto bytes = read(path);
  return std::string(as_text(bytes));
}

inline codec::json::Object read_json(const std::string& path) {
  auto object = codec::json::parse_object(read_text(path));
  EXPECT_TRUE(object.has_value()) << path;
  return object ? *object : codec::json::Object();
}

// One entry of vectors/attestation/manifest.json.
struct Vector {
  std::string id;
  bool valid = false;
  Time verify_at;
  codec::json::Object inputs;
  codec::json::Object key_fields;

  bool has(std::string_view role) const { return codec::json::find(inputs, role) != nullptr; }
  Bytes input(std::string_view role) const {
    return read("attestation/" + std::string(codec::json::text_of(inputs, role).value()));
  }
};

inline std::vector<Vector> of_type(std::string_view type) {
  std::vector<Vector> out;
  const auto manifest = read_json("attestation/manifest.json");
  for (const auto& entry : *codec::json::array_of(manifest, "vectors")) {
    const auto& object = entry.as_object();
    if (codec::json::text_of(object, "type") != type) continue;
    Vector vector;
    vector.id = codec::json::text_of(object, "id").value();
    vector.valid = codec::json::text_of(object, "verdict") == "valid";
    vector.verify_at = from_rfc3339(codec::json::text_of(object, "verify_at").value()).value();
    vector.inputs = *codec::json::object_of(object, "inputs");
    vector.key_fields = *codec::json::object_of(object, "key_fields");
    out.push_back(std::move(vector));
  }
  return out;
}

}  // namespace vitrine::attestation::vectors
