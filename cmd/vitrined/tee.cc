#include "vitrined/tee.h"

#include <cstdlib>

#include "attestation/collect/uvm_context.h"
#include "base/log.h"
#include "vitrined/dev_folder.h"

namespace vitrine::vitrined {
namespace {

namespace collect = attestation::collect;

// Azure confidential containers name a folder with what vouches for their utility VM.
constexpr const char* kUvmContext = "UVM_SECURITY_CONTEXT_DIR";

Result<Tee> dev_tee(const Options& options) {
  Tee tee;
  auto attest = dev_evidence(options.common(), options.simulated_measurement);
  if (attest) {
    tee.attest = *std::move(attest);
  } else if (attest.error().code == Code::malformed) {
    return tl::unexpected<Error>(attest.error());
  } else {
    log::warning("no simulated evidence of this node", {{"reason", attest.error().message}});
  }
  return tee;
}

}  // namespace

Result<Tee> find_tee(const Options& options) {
  if (options.dev) return dev_tee(options);
  auto device = collect::open_snp_device();
  if (!device && device.error().code == Code::not_found) return Tee{};
  if (!device) return tl::unexpected<Error>(device.error());
  Tee tee;
  tee.snp = *std::move(device);
  if (const char* folder = std::getenv(kUvmContext); folder != nullptr) {
    VITRINE_TRY(const auto context, collect::read_uvm_context(folder));
    tee.attest = [guest = tee.snp,
                  context](const core::ReportData& data) -> Result<attestation::SnpEvidence> {
      auto evidence = context;
      VITRINE_TRY(evidence.report, guest->report(data));
      return evidence;
    };
    return tee;
  }
  tee.attest = [guest = tee.snp](const core::ReportData& data) { return guest->evidence(data); };
  return tee;
}

}  // namespace vitrine::vitrined
