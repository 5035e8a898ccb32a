// The network side of issuers whose keys are fetched: one HTTPS connection for each answer.
#pragma once

#include <atomic>

#include "core/refresh_issuer.h"

namespace vitrine::vitrined {

class HttpsIssuerSource final : public core::IssuerSource {
 public:
  // `patience`: with one answer, from the name's look-up to its last byte.
  explicit HttpsIssuerSource(std::chrono::milliseconds patience = std::chrono::seconds{10})
      : patience_(patience) {}
  Result<std::string> get(const std::string& url, const std::vector<crypto::Certificate>& roots,
                          std::size_t bytes_max) override;
  void stop() override { stopped_ = true; }

 private:
  const std::chrono::milliseconds patience_;
  std::atomic<bool> stopped_{false};
};

}  // namespace vitrine::vitrined
