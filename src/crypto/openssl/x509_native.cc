#include <openssl/x509.h>

#include "crypto/openssl/handle.h"
#include "crypto/x509_state.h"

namespace vitrine::crypto {

X509* Certificate::native() const {
  std::call_once(state_->native_made, [&] {
    const openssl::ErrorScope errors;
    const unsigned char* at = state_->der.data();
    if (X509* const made = d2i_X509(nullptr, &at, static_cast<long>(state_->der.size()))) {
      state_->native.reset(made, X509_free);
    }
  });
  return state_->native.get();
}

}  // namespace vitrine::crypto
