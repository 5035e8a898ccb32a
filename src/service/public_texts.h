// The texts of public keys as GET /app/pubkey and /app/listpubkeys answer them. A key's public
// parts and its receipt never change, so each text is made once and kept. Safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "base/result.h"
#include "core/state.h"

namespace vitrine::service {

class PublicTexts {
 public:
  enum class Form { listed, jwk, tink };
  static constexpr std::size_t kTextsMax = 1024;

  // The text that was kept, or that `make` gives; its error is returned and not kept.
  Result<std::shared_ptr<const std::string>> text(const core::KeyRecord& key, Form form,
                                                  const std::function<Result<std::string>()>& make);

 private:
  Mutex mutex_;
  std::map<std::pair<std::uint64_t, Form>, std::shared_ptr<const std::string>> texts_
      VITRINE_GUARDED_BY(mutex_);  // by the key's leaf index: the oldest key's first
};

}  // namespace vitrine::service
