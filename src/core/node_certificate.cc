#include "core/node_certificate.h"

#include <algorithm>

namespace vitrine::core {

Result<crypto::Certificate> make_node_certificate(const ServiceSecrets& secrets,
                                                  const crypto::Certificate& service,
                                                  const crypto::SubjectAlternatives& alternatives,
                                                  const Validity& validity) {
  VITRINE_TRY(const auto service_key, secrets.service_key_of(service.public_key()));
  crypto::CertificateRequest request;
  request.common_name = "Vitrine Node";
  request.not_before = validity.not_before;
  // Where the service's has ended it is renewed next: until then nobody verifies either.
  const bool ended = service.not_after() <= validity.not_before;
  request.not_after =
      ended ? validity.not_after : std::min(validity.not_after, service.not_after());
  request.alternatives = alternatives;
  return crypto::make_certificate(request, secrets.node_key.public_key(), service, service_key);
}

Result<crypto::Certificate> make_node_certificate(const ServiceSecrets& secrets,
                                                  const crypto::Certificate& service,
                                                  const crypto::SubjectAlternatives& alternatives,
                                                  Time now) {
  return make_node_certificate(secrets, service, alternatives,
                               Validity{now - kBackdated, now + kNodeCertificateLife});
}

}  // namespace vitrine::core
