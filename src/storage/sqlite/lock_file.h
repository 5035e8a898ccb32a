// A lock held as long as the object lives, given up by the kernel when the process ends.
#pragma once

#include <string>

#include "base/result.h"

namespace vitrine::storage::sqlite {

class LockFile {
 public:
  // unavailable: another process (or another store of this one) holds it, or the system refuses.
  static Result<LockFile> take(const std::string& path);
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace vitrine::storage::sqlite
