// Whether a release policy tells one workload from another (attestation.md 4; DESIGN.md 4,
// decision 10).
#include <algorithm>
#include <array>

#include "policy/release_policy.h"

namespace vitrine::policy {
namespace {

constexpr std::string_view kHostData = "x-ms-sevsnpvm-hostdata";
constexpr std::string_view kMeasurement = "x-ms-sevsnpvm-launchmeasurement";

// Host data of public samples: their container policies let anybody in (attestation.md 4).
constexpr std::array kPermissiveHostData = std::to_array<std::string_view>({
    "73973b78d70cc68353426de188db5dfc57e5b766e399935fb73a61127ea26d20",
    "cadd74f71ebb8fbf9782baab649612520f3c416bc5ce9ac768808ddc8d9b031c",
    "4f4448c67f3c8dfc8de8a5e37125d807dadcc41f06cf23f615dbd52eec777d10",
    "7925760b568ed7719a785adf5c6b03255d1c520d91bb1da334a38062a6c5a0ff",
});

}  // namespace

std::vector<std::string> ReleasePolicy::accepted_profiles() const {
  return profiles_.empty() ? std::vector<std::string>{"snp-aci"} : profiles_;
}

bool ReleasePolicy::pins(std::string_view name) const {
  return claims_.contains(boost::json::string_view(name.data(), name.size()));
}

std::string ReleasePolicy::permissive_host_data() const {
  const auto* values = codec::json::array_of(claims_, kHostData);
  if (values == nullptr) return {};
  for (const auto& value : *values) {
    const auto* text = value.if_string();
    if (text == nullptr) continue;
    const auto view = codec::json::text_view(*text);
    if (std::find(kPermissiveHostData.begin(), kPermissiveHostData.end(), view) !=
        kPermissiveHostData.end()) {
      return std::string(view);
    }
  }
  return {};
}

bool ReleasePolicy::is_bound() const {
  const auto profiles = accepted_profiles();
  return std::all_of(profiles.begin(), profiles.end(), [&](const std::string& profile) {
    if (profile == "snp-aci") return pins(kHostData) && permissive_host_data().empty();
    return profile == "snp" && pins(kMeasurement);
  });
}

}  // namespace vitrine::policy
