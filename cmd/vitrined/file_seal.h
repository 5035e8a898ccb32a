// The seal kind "file": the sealing key lies in a file of the operator's, mode 0600 (DESIGN.md 4,
// decision 8). Insecure outside development, and said so: who reads file and disk opens everything.
#pragma once

#include <string>

#include "base/random.h"
#include "core/secrets.h"

namespace vitrine::vitrined {

class FileSeal final : public core::SealProvider {
 public:
  explicit FileSeal(std::string path) : path_(std::move(path)) {}
  std::string_view kind() const override { return "file"; }
  // Makes the file with a fresh key, or takes the key that lies there; no object.
  Result<core::SealingKey> make(Random& random) override;
  // not_found: no such file. denied: its mode is wider than 0600. malformed: not 64 hex digits and
  // a newline.
  Result<SecretBytes> open(ByteView object) override;

 private:
  Result<SecretBytes> read() const;
  std::string path_;
};

}  // namespace vitrine::vitrined
