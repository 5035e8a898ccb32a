#include "core/node_certificate.h"

#include <algorithm>

namespace vitrine::core {

Result<crypto::Certificate> make_node_certificate(const ServiceSecrets& secrets,
                                                  const crypto::Certificate& service,
                                                  const crypto::SubjectAlternatives& alternatives,
                                                  Time now) {
  VITRINE_TRY(const auto service_key, secrets.service_key_of(service.public_key()));
  crypto::CertificateRequest request;
  request.common_name = "Vitrine Node";
  request.not_before = now - kBackdated;
  request.not_after = std::min(now + kNodeCertificateLife, service.not_after());
  request.alternatives = alternatives;
  return crypto::make_certificate(request, secrets.node_key.public_key(), service, service_key);
}

}  // namespace vitrine::core
