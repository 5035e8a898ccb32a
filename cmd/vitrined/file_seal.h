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
  // denied: the file's mode is wider than 0600. malformed: not 64 hex digits and a newline.
  Result<SecretBytes> sealing_key() override;
  // Makes the file with a fresh key; conflict where it exists with something else than a key.
  Status make(Random& random);

 private:
  std::string path_;
};

}  // namespace vitrine::vitrined
