// Whole files, for the modules that may touch the disk: cmd, cli, storage. not_found: no such file;
// denied: permissions; unavailable: any other answer of the system.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace vitrine {

// malformed: larger than `bytes_max`.
Result<Bytes> read_file(const std::string& path, std::size_t bytes_max);
// The same for a regular file that only its owner can reach. denied: mode wider than 0600.
Result<SecretBytes> read_secret_file(const std::string& path, std::size_t bytes_max);
// Whoever opens `path`, even after a power cut, finds the old content or the new, whole. Durable
// when it returns.
Status write_file_atomically(const std::string& path, ByteView content, mode_t mode);
// It stays gone after a power cut. Where there is none, that is well too.
Status remove_file(const std::string& path);
bool exists(const std::string& path);

}  // namespace vitrine
