// Reading what settings of the genesis file name: files, beside it or elsewhere.
#pragma once

#include <functional>
#include <string>

#include "codec/json.h"
#include "crypto/x509.h"

namespace vitrine::vitrined {

// Errors name the file.
Result<crypto::Certificate> read_certificate(const std::string& path);
Result<codec::json::Object> read_json(const std::string& path);
Result<std::string> read_text(const std::string& path, std::size_t bytes_max);

// `name` as the genesis file writes it.
std::string path_from(const std::string& folder, std::string_view name);
// Calls `use` with the path of each file that the value names: one, or a list. malformed: it is
// neither.
Status each_file(const std::string& folder, const codec::json::Value& value,
                 const std::function<Status(const std::string& path)>& use);
// The path that a member of a table names. malformed: it is missing, or no text.
Result<std::string> file_in(const std::string& folder, const codec::json::Object& table,
                            std::string_view name);

}  // namespace vitrine::vitrined
