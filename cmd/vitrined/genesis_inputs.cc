#include "vitrined/genesis_inputs.h"

#include "base/file.h"
#include "base/limits.h"

namespace vitrine::vitrined {
namespace {

using codec::json::Object;
using codec::json::Value;

constexpr std::size_t kJsonBytesMax = 1'048'576;

}  // namespace

Result<crypto::Certificate> read_certificate(const std::string& path) {
  VITRINE_TRY(const std::string text, read_text(path, limits::kCertificateBytesMax));
  auto certificate = crypto::Certificate::from_pem(text);
  if (!certificate) return in_context(path, certificate.error());
  return certificate;
}

Result<Object> read_json(const std::string& path) {
  VITRINE_TRY(const std::string text, read_text(path, kJsonBytesMax));
  auto object = codec::json::parse_object(text);
  if (!object) return in_context(path, object.error());
  return object;
}

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
  VITRINE_TRY(const Bytes bytes, read_file(path, bytes_max));
  return std::string(as_text(bytes));
}

std::string path_from(const std::string& folder, std::string_view name) {
  return name.starts_with('/') ? std::string(name) : folder + std::string(name);
}

Status each_file(const std::string& folder, const Value& value,
                 const std::function<Status(const std::string& path)>& use) {
  const auto one = [&](const Value& item) -> Status {
    if (!item.is_string()) return malformed("must be a file name, or a list of them");
    return use(path_from(folder, codec::json::text_view(item.get_string())));
  };
  if (!value.is_array()) return one(value);
  for (const Value& item : value.get_array()) VITRINE_CHECK(one(item));
  return {};
}

Result<std::string> file_in(const std::string& folder, const Object& table, std::string_view name) {
  const auto file = codec::json::text_of(table, name);
  if (!file || file->empty()) return malformed(std::string(name) + " must be a file name");
  return path_from(folder, *file);
}

}  // namespace vitrine::vitrined
