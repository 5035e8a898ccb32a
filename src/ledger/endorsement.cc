#include "ledger/endorsement.h"

namespace vitrine::ledger {

Bytes log_key_endorsement(const ServiceId& service, ByteView new_log_key) {
  Bytes out = to_bytes(std::string_view("vitrine log key v1"));
  append(out, service);
  append(out, new_log_key);
  return out;
}

}  // namespace vitrine::ledger
