#include "attestation/collect/snp_guest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>
#include <vector>

#include "base/mutex.h"

namespace vitrine::attestation::collect {
namespace {

// struct snp_guest_request_ioctl of linux/sev-guest.h.
struct GuestRequest {
  std::uint8_t message_version = 1;
  std::uint64_t request = 0;
  std::uint64_t response = 0;
  std::uint64_t errors = 0;  // of the firmware below, of the hypervisor above
};
static_assert(sizeof(GuestRequest) == 32);

// struct snp_ext_report_req.
struct ExtendedReportRequest {
  std::array<Byte, kReportRequestBytes> report{};
  std::uint64_t certificates = 0;
  std::uint32_t certificates_size = 0;
};
static_assert(sizeof(ExtendedReportRequest) == 112);

std::uint64_t address_of(void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }

void pause_before_asking_again() {
  const timespec wait{0, 100'000'000};
  nanosleep(&wait, nullptr);
}

class GuestOverCalls final : public SnpGuest {
 public:
  explicit GuestOverCalls(DeviceCall call) : call_(std::move(call)) {}

  Result<SecretBytes> derived_key(const DerivedKeyRequest& request) override {
    auto message = encode(request);
    SecretBytes response(kDerivedKeyResponseBytes);
    VITRINE_CHECK(exchange(kSnpGetDerivedKey, message.data(), response.reveal_writable().data(),
                           "derived key"));
    return read_derived_key(response.reveal());
  }

  Result<Bytes> report(const std::array<Byte, 64>& report_data) override {
    auto message = encode_report_request(report_data, 0);
    std::vector<Byte> response(kReportResponseBytes);
    VITRINE_CHECK(exchange(kSnpGetReport, message.data(), response.data(), "report"));
    return read_report(response);
  }

  Result<SnpEvidence> evidence(const std::array<Byte, 64>& report_data) override {
    std::vector<Byte> table(kCertificateTableBytes);
    ExtendedReportRequest message;
    message.report = encode_report_request(report_data, 0);
    message.certificates = address_of(table.data());
    message.certificates_size = kCertificateTableBytes;
    std::vector<Byte> response(kReportResponseBytes);
    VITRINE_CHECK(exchange(kSnpGetExtendedReport, &message, response.data(), "report"));
    SnpEvidence evidence;
    VITRINE_TRY(evidence.report, read_report(response));
    VITRINE_TRY(evidence.endorsements, pem_of_table(table));
    return evidence;
  }

 private:
  // The host may slow guests down; then the same message is sent again, or the processor refuses
  // further ones (attestation.md 15).
  Status exchange(unsigned long number, void* message, void* response, std::string_view what) {
    constexpr int kTries = 50;
    const Lock lock(mutex_);
    for (int i = 0; i < kTries; ++i) {
      GuestRequest request;
      request.request = address_of(message);
      request.response = address_of(response);
      const int error = call_(number, &request);
      if (error == 0) return {};
      if (error != EAGAIN && error != EBUSY && error != EINTR) {
        return unavailable(fmt::format("SNP firmware: {}: {} (firmware and host say 0x{:x})", what,
                                       std::generic_category().message(error), request.errors));
      }
      pause_before_asking_again();
    }
    return unavailable(fmt::format("SNP firmware: {}: the host does not let it through", what),
                       "try again later");
  }

  const DeviceCall call_;
  Mutex mutex_;
};

// The device, closed with the last copy of the call that uses it.
class Device {
 public:
  explicit Device(int descriptor) : descriptor_(descriptor) {}
  ~Device() { ::close(descriptor_); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  int call(unsigned long request, void* argument) const {
    return ::ioctl(descriptor_, request, argument) == 0 ? 0 : errno;
  }

 private:
  const int descriptor_;
};

}  // namespace

std::unique_ptr<SnpGuest> snp_guest_over(DeviceCall call) {
  return std::make_unique<GuestOverCalls>(std::move(call));
}

Result<std::unique_ptr<SnpGuest>> open_snp_device(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ENODEV)
      return not_found(path + ": not there: this machine is no SEV-SNP guest");
    return unavailable(path + ": " + std::generic_category().message(errno),
                       "may this user open it?");
  }
  const auto device = std::make_shared<const Device>(descriptor);
  return snp_guest_over(
      [device](unsigned long request, void* argument) { return device->call(request, argument); });
}

}  // namespace vitrine::attestation::collect
