#include "attestation/collect/uvm_context.h"

#include "base/base64.h"
#include "base/file.h"
#include "codec/json.h"

namespace vitrine::attestation::collect {
namespace {

constexpr std::size_t kFileBytesMax = 262'144;

Result<Bytes> decoded_file(const std::string& path) {
  VITRINE_TRY(const Bytes read, read_file(path, kFileBytesMax));
  std::string_view text = as_text(read);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  auto bytes = from_base64_lenient(text);
  if (!bytes) return malformed(path + ": is not base64");
  return bytes;
}

}  // namespace

Result<SnpEvidence> read_uvm_context(const std::string& folder) {
  const std::string chain_path = folder + "/host-amd-cert-base64";
  VITRINE_TRY(const Bytes chain, decoded_file(chain_path));
  const auto json = codec::json::parse(as_text(chain));
  const auto* tcb = json && json->is_object() ? json->get_object().if_contains("tcbm") : nullptr;
  if (tcb == nullptr || !tcb->is_string()) return malformed(chain_path + ": has no text tcbm");
  SnpEvidence evidence;
  evidence.endorsements = std::string(as_text(chain));
  evidence.endorsed_tcb = std::string(codec::json::text_view(tcb->get_string()));
  VITRINE_TRY(evidence.uvm_endorsements, decoded_file(folder + "/reference-info-base64"));
  return evidence;
}

}  // namespace vitrine::attestation::collect
