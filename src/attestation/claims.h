// Claims: what verified evidence says. Only verification makes them, so skipping it does not
// compile.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace vitrine::attestation {

// Hex is lower-case text. Each claim has one type (attestation.md 13).
using ClaimValue = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;
using ClaimMap = std::map<std::string, ClaimValue, std::less<>>;

// "true", "2", the text itself, or the list joined by ",": for reasons and tables.
std::string to_text(const ClaimValue& value);

// What the evidence proves about its age.
enum class Freshness { none, age, nonce };
std::string_view name_of(Freshness freshness);

class Claims {
 public:
  // nullptr when the evidence makes no such claim.
  const ClaimValue* find(std::string_view name) const;
  const ClaimMap& all() const { return claims_; }
  // The evidence profile that was verified: "snp-aci" or "snp". A policy must name it (DESIGN.md 4,
  // decision 10).
  const std::string& profile() const { return profile_; }
  Freshness freshness() const { return freshness_; }
  // The 64 bytes the attester chose, as signed.
  const std::array<Byte, 64>& report_data() const { return report_data_; }
  // Verified under a simulated root; accepted by services born with --dev only.
  bool simulated() const { return simulated_; }

 private:
  friend class ClaimsMaker;  // attestation/claims_maker.h, used by verifiers alone
  Claims() = default;
  ClaimMap claims_;
  std::string profile_;
  Freshness freshness_ = Freshness::none;
  std::array<Byte, 64> report_data_{};
  bool simulated_ = false;
};

}  // namespace vitrine::attestation
