// Whom the service's secrets may be given to, and who decides that (ccf.md 5, 11).
#include <algorithm>
#include <array>

#include "base/hex.h"
#include "crypto/hash.h"
#include "governance/action_args.h"
#include "governance/action_table.h"
#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

namespace cbor = codec::cbor;
using codec::json::Object;

constexpr std::size_t kMeasurementDigits = 96, kHostDataDigits = 64, kCpuidDigits = 8,
                      kTcbDigits = 16;
constexpr std::size_t kNameBytesMax = 1024;  // of a DID or a feed

tl::unexpected<Error> not_trusted(std::string_view what, std::string_view value) {
  return malformed(std::string(what) + ": " + quoted(value) + " is not in the join policy");
}

Status add_snp_measurement(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"measurement"}));
  VITRINE_TRY(auto measurement, hex_arg(args, "measurement", kMeasurementDigits));
  change.state.join_policy.snp_measurements.insert(std::move(measurement));
  return {};
}

Status remove_snp_measurement(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"measurement"}));
  VITRINE_TRY(const auto measurement, hex_arg(args, "measurement", kMeasurementDigits));
  if (change.state.join_policy.snp_measurements.erase(measurement) == 0) {
    return not_trusted("measurement", measurement);
  }
  return {};
}

Status add_snp_host_data(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"host_data", "security_policy"}));
  VITRINE_TRY(auto host_data, hex_arg(args, "host_data", kHostDataDigits));
  const auto text = codec::json::text_of(args, "security_policy");
  if (!text) return malformed("security_policy is not text", "without a policy it is \"\"");
  if (!text->empty() && to_hex(crypto::sha256(as_bytes(*text))) != host_data) {
    return malformed("security_policy: its SHA-256 is not host_data");
  }
  change.state.join_policy.snp_host_data[std::move(host_data)] = std::string(*text);
  return {};
}

Status remove_snp_host_data(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"host_data", "security_policy"}));
  VITRINE_TRY(const auto host_data, hex_arg(args, "host_data", kHostDataDigits));
  if (change.state.join_policy.snp_host_data.erase(host_data) == 0) {
    return not_trusted("host_data", host_data);
  }
  return {};
}

// Text as CCF's tools send it, or a number; the result is in decimals without leading zeros.
Result<std::string> svn_arg(const Object& args) {
  constexpr std::size_t kDigitsMax = 18;
  std::string text;
  if (const auto number = codec::json::integer_of(args, "svn")) {
    text = std::to_string(*number);
  } else {
    text = std::string(codec::json::text_of(args, "svn").value_or(""));
  }
  const bool decimal = !text.empty() && text.size() <= kDigitsMax &&
                       text.find_first_not_of("0123456789") == std::string::npos;
  if (!decimal) return malformed("svn is not a number of at most 18 digits");
  return text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
}

Status add_snp_uvm_endorsement(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"did", "feed", "svn"}));
  VITRINE_TRY(auto did, text_arg(args, "did", kNameBytesMax));
  VITRINE_TRY(auto feed, text_arg(args, "feed", kNameBytesMax));
  VITRINE_TRY(auto svn, svn_arg(args));
  change.state.join_policy.snp_uvm_endorsements[std::move(did)][std::move(feed)] = std::move(svn);
  return {};
}

Status remove_snp_uvm_endorsement(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"did", "feed", "svn"}));
  VITRINE_TRY(const auto did, text_arg(args, "did", kNameBytesMax));
  VITRINE_TRY(const auto feed, text_arg(args, "feed", kNameBytesMax));
  auto& endorsements = change.state.join_policy.snp_uvm_endorsements;
  const auto found = endorsements.find(did);
  if (found == endorsements.end()) return not_trusted("did", did);
  if (found->second.erase(feed) == 0) return not_trusted("feed", feed);
  if (found->second.empty()) endorsements.erase(found);
  return {};
}

Status set_snp_minimum_tcb_version_hex(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"cpuid", "tcb_version"}));
  VITRINE_TRY(auto cpuid, hex_arg(args, "cpuid", kCpuidDigits));
  VITRINE_TRY(change.state.join_policy.snp_tcb_versions[std::move(cpuid)],
              hex_arg(args, "tcb_version", kTcbDigits));
  return {};
}

// The parts of a TCB version before Turin (AMD 56860, table 3), from its highest byte on.
Result<std::string> tcb_from_parts(const Object& parts) {
  constexpr std::array kNames =
      std::to_array<std::string_view>({"microcode", "snp", "tee", "boot_loader"});
  constexpr std::array<std::size_t, kNames.size()> kAt = {0, 1, 6, 7};
  VITRINE_CHECK(check_known("tcb_version", parts, kNames));
  std::array<Byte, 8> bytes{};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::int64_t value = -1;
    VITRINE_CHECK(read_integer("tcb_version", parts, kNames.at(i), 0, 255, value));
    if (value < 0) return malformed("tcb_version: " + std::string(kNames.at(i)) + " is missing");
    bytes.at(kAt.at(i)) = static_cast<Byte>(value);
  }
  return to_hex(bytes);
}

// Family 1Ah and later: the extended family of CPUID 1 EAX is in bits 20 to 27.
bool is_turin_or_later(const std::string& cpuid) {
  const auto eax = from_hex(cpuid);
  return eax && (((*eax)[0] & 0x0fU) << 4U | (*eax)[1] >> 4U) >= 0x0bU;
}

Status set_snp_minimum_tcb_version(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"cpuid", "tcb_version"}));
  VITRINE_TRY(auto cpuid, hex_arg(args, "cpuid", kCpuidDigits));
  if (is_turin_or_later(cpuid)) {
    return malformed("cpuid: this processor's TCB version has other parts",
                     "use set_snp_minimum_tcb_version_hex");
  }
  VITRINE_TRY(const auto* parts, object_arg(args, "tcb_version"));
  VITRINE_TRY(change.state.join_policy.snp_tcb_versions[std::move(cpuid)], tcb_from_parts(*parts));
  return {};
}

Status remove_snp_minimum_tcb_version(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"cpuid"}));
  VITRINE_TRY(const auto cpuid, hex_arg(args, "cpuid", kCpuidDigits));
  if (change.state.join_policy.snp_tcb_versions.erase(cpuid) == 0) {
    return not_trusted("cpuid", cpuid);
  }
  return {};
}

// A preset's name, a table, or a table as text; null: a text that is none of them.
Result<std::optional<Constitution>> constitution_arg(const Object& args) {
  const auto* value = codec::json::find(args, "constitution");
  Result<Constitution> read = malformed("neither text nor an object");
  if (value != nullptr && value->is_object()) {
    read = Constitution::from_json(value->get_object());
  } else if (const auto text = codec::json::text_of(args, "constitution")) {
    read = Constitution::preset(*text);
    if (!read) {
      const auto table = codec::json::parse_object(*text);
      if (!table) return std::optional<Constitution>();
      read = Constitution::from_json(*table);
    }
  }
  if (!read) return in_context("constitution", read.error());
  return std::optional<Constitution>(*std::move(read));
}

Status set_constitution(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"constitution"}));
  VITRINE_TRY(auto constitution, constitution_arg(args));
  const auto& settings = change.state.settings;
  if (!constitution) {
    if (settings.tolerate_no_ops) return {};  // a script, which nothing here would run
    return malformed("constitution: neither the name of a preset nor a table; scripts are not run",
                     "presets are majority, veto and operator; docs/governance.md shows a table");
  }
  if (constitution->is_sandbox() && !settings.dev) {
    return malformed("constitution: sandbox is for services born with --dev alone");
  }
  change.state.constitution = *std::move(constitution);
  return {};
}

cbor::Value constitution_target(const State& state, const Object&) {
  return cbor::Value::text(codec::json::write(state.constitution.to_json()));
}

constexpr bool kTrust = true;
constexpr std::array kRows = std::to_array<ActionRow>({
    {"set_constitution", set_constitution, constitution_target, kTrust},
    {"add_snp_measurement", add_snp_measurement, nullptr, kTrust},
    {"remove_snp_measurement", remove_snp_measurement, nullptr, kTrust},
    {"add_snp_host_data", add_snp_host_data, nullptr, kTrust},
    {"remove_snp_host_data", remove_snp_host_data, nullptr, kTrust},
    {"add_snp_uvm_endorsement", add_snp_uvm_endorsement, nullptr, kTrust},
    {"remove_snp_uvm_endorsement", remove_snp_uvm_endorsement, nullptr, kTrust},
    {"set_snp_minimum_tcb_version", set_snp_minimum_tcb_version, nullptr, kTrust},
    {"set_snp_minimum_tcb_version_hex", set_snp_minimum_tcb_version_hex, nullptr, kTrust},
    {"remove_snp_minimum_tcb_version", remove_snp_minimum_tcb_version, nullptr, kTrust},
});

}  // namespace

std::span<const ActionRow> trust_actions() { return kRows; }

}  // namespace vitrine::governance
