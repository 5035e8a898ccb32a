#include "core/service_certificate.h"

#include <algorithm>

namespace vitrine::core {
namespace {

crypto::CertificateRequest request_of(Time not_before, Time not_after) {
  crypto::CertificateRequest request;
  request.common_name = "Vitrine Service";
  request.not_before = not_before;
  request.not_after = not_after;
  request.ca = true;
  return request;
}

}  // namespace

Result<crypto::Certificate> make_service_certificate(const crypto::PrivateKey& key, Time not_before,
                                                     Time not_after) {
  auto request = request_of(not_before, not_after);
  request.path_length = 1;
  return crypto::make_self_signed(request, key);
}

Result<crypto::Certificate> endorse_service_key(const crypto::PublicKey& key,
                                                const crypto::Certificate& before,
                                                const crypto::PrivateKey& key_before,
                                                Time not_before) {
  auto request = request_of(not_before, before.not_after());
  request.path_length = 0;
  return crypto::make_certificate(request, key, before, key_before);
}

std::array<Byte, 32> raw_log_key(const crypto::PublicKey& key) {
  std::array<Byte, 32> raw{};
  const ByteView last = ByteView(key.spki()).last(raw.size());  // RFC 8410 4
  std::copy(last.begin(), last.end(), raw.begin());
  return raw;
}

}  // namespace vitrine::core
