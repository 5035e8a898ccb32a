// Folders that commands make, and files that they copy into them.
#pragma once

#include <string>

#include "base/result.h"

namespace vitrine::cli {

// Mode 0700. conflict: something is there that is no empty folder.
Status make_empty_folder(const std::string& path);
// The whole file, mode 0600, durable. False: there is none to copy.
Result<bool> copy_if_there(const std::string& from, const std::string& to, std::size_t bytes_max);
Result<std::uint64_t> size_of_file(const std::string& path);

}  // namespace vitrine::cli
