#include "vitrined/genesis_tables.h"

#include <algorithm>
#include <array>
#include <map>

#include "governance/actions.h"
#include "governance/issuer_discovery.h"
#include "governance/json_fields.h"
#include "ledger/entries.h"
#include "vitrined/genesis_file.h"
#include "vitrined/genesis_inputs.h"

namespace vitrine::vitrined {
namespace {

using codec::json::Object;
using codec::json::Value;
using governance::Action;

constexpr std::size_t kOriginBytesMax = 255;

// A schema-less URL without spaces or '+' (transparency.md 4): it is the log's name for ever.
Status check_origin(std::string_view origin) {
  const bool good = !origin.empty() && origin.size() <= kOriginBytesMax &&
                    std::all_of(origin.begin(), origin.end(),
                                [](char c) { return c > ' ' && c < 0x7f && c != '+'; });
  if (good) return {};
  return malformed("log_origin must be 1 to 255 printable ASCII characters without space or '+'",
                   "such as kms.example/log1");
}

Result<std::string> text_from(const Value& value, std::string_view what) {
  if (!value.is_string()) return malformed(std::string(what) + " must be text");
  return std::string(codec::json::text_view(value.get_string()));
}

Status read_origin(Founding& founding, const Value& value) {
  VITRINE_TRY(founding.genesis.log_origin, text_from(value, "log_origin"));
  return check_origin(founding.genesis.log_origin);
}

Status read_curve(Founding& founding, const Value& value) {
  if (value == "P-256") return {};
  if (value != "P-384") return malformed("curve must be \"P-256\" or \"P-384\"");
  founding.genesis.service_key = crypto::KeyKind::ec_p384;
  return {};
}

// A preset's name, or a file with a table.
Status read_constitution(Founding& founding, const Value& value) {
  VITRINE_TRY(const std::string name, text_from(value, "constitution"));
  governance::Constitution& constitution = founding.state().constitution;
  if (name.ends_with(".json")) {
    const std::string path = path_from(founding.folder, name);
    VITRINE_TRY(const Object table, read_json(path));
    auto read = governance::Constitution::from_json(table);
    if (!read) return in_context(path, read.error());
    constitution = *std::move(read);
  } else {
    VITRINE_TRY(constitution, governance::Constitution::preset(name));
  }
  if (constitution.is_sandbox()) {
    return malformed("constitution: sandbox, where every proposal passes at once, is for --dev",
                     "vitrined --dev --constitution sandbox; presets are majority, veto, operator");
  }
  return {};
}

Status read_threshold(Founding& founding, const Value& value) {
  constexpr std::int64_t kMin = 2;  // one share alone would open the service
  constexpr auto kMax = static_cast<std::int64_t>(ledger::kSharesMax);
  if (!value.is_int64() || value.get_int64() < kMin || value.get_int64() > kMax) {
    return malformed("recovery_threshold must be an integer from 2 to " + std::to_string(kMax),
                     "so many members together open a service that has lost its seal");
  }
  founding.state().recovery_threshold = static_cast<std::uint32_t>(value.get_int64());
  return {};
}

// An action that the members could vote as well; its proceedings are nobody's yet.
Status apply(Founding& founding, const Action& action) {
  governance::Proceedings proceedings;
  const std::string nobody;
  const governance::Moment before_all;
  governance::Change change{founding.state(), proceedings, nobody, before_all};
  return governance::apply_action(change, action);
}

Status each_value(const Value& value, std::string_view what,
                  const std::function<Status(const Value&)>& use) {
  if (!value.is_array()) return malformed(std::string(what) + " must be a list");
  for (const Value& item : value.get_array()) VITRINE_CHECK(use(item));
  return {};
}

}  // namespace

Status read_service(Founding& founding, const std::string& key, const Value& value) {
  if (key == "log_origin") return read_origin(founding, value);
  if (key == "curve") return read_curve(founding, value);
  if (key == "constitution") return read_constitution(founding, value);
  if (key == "recovery_threshold") return read_threshold(founding, value);
  if (key == "opening")
    return governance::read_bool("service", Object{{key, value}}, key, founding.state().opening);
  return malformed("unknown setting " + key,
                   "this table has: log_origin, curve, constitution, recovery_threshold, opening");
}

Status read_governed(Founding& founding, const std::string& key, const Value& value) {
  return founding.state().settings.merge(Object{{key, value}});
}

Status read_ca_bundle(Founding& founding, const std::string& key, const Value& value) {
  return each_file(founding.folder, value, [&](const std::string& path) -> Status {
    VITRINE_TRY(const std::string pem, read_text(path, governance::kBundleBytesMax));
    const Status applied =
        apply(founding, {"set_ca_cert_bundle", Object{{"name", key}, {"cert_bundle", pem}}});
    if (!applied) return in_context(path, applied.error());
    return {};
  });
}

// A file of keys, or a table where the keys are fetched.
Status read_issuer(Founding& founding, const std::string& key, const Value& value) {
  if (!value.is_object()) {
    return each_file(founding.folder, value, [&](const std::string& path) {
      return add_issuer(founding.state(), key, path);
    });
  }
  constexpr std::array kKnown =
      std::to_array<std::string_view>({"jwks", "auto_refresh", "ca_cert_bundle"});
  const Object& table = value.get_object();
  VITRINE_CHECK(governance::check_known("issuer", table, kKnown));
  Object args{{"issuer", key}};
  if (codec::json::find(table, "jwks") != nullptr) {
    VITRINE_TRY(const std::string path, file_in(founding.folder, table, "jwks"));
    VITRINE_TRY(args["jwks"], read_json(path));
  }
  if (const Value* refresh = codec::json::find(table, "auto_refresh"))
    args["auto_refresh"] = *refresh;
  if (const Value* bundle = codec::json::find(table, "ca_cert_bundle"))
    args["ca_cert_bundle_name"] = *bundle;
  if (!args.contains("jwks") && !args.contains("auto_refresh"))
    return malformed("neither jwks nor auto_refresh: its keys would come from nowhere");
  return apply(founding, {"set_jwt_issuer", std::move(args)});
}

Status read_join_policy(Founding& founding, const std::string& key, const Value& value) {
  if (key == "snp_measurements") {
    return each_value(value, key, [&](const Value& item) {
      return apply(founding, {"add_snp_measurement", Object{{"measurement", item}}});
    });
  }
  if (key == "snp_host_data") {
    return each_value(value, key, [&](const Value& item) {
      return apply(founding,
                   {"add_snp_host_data", Object{{"host_data", item}, {"security_policy", ""}}});
    });
  }
  if (key == "snp_uvm_endorsements") {
    return each_value(value, key, [&](const Value& item) -> Status {
      if (!item.is_object()) return malformed(key + ": wanted {did = …, feed = …, svn = …}");
      return apply(founding, {"add_snp_uvm_endorsement", item.get_object()});
    });
  }
  if (key == "snp_tcb_versions" && value.is_object()) {
    for (const auto& [cpuid, version] : value.get_object()) {
      VITRINE_CHECK(apply(founding, {"set_snp_minimum_tcb_version_hex",
                                     Object{{"cpuid", cpuid}, {"tcb_version", version}}}));
    }
    return {};
  }
  return malformed("unknown or wrong setting " + key,
                   "this table has: snp_measurements, snp_host_data, snp_uvm_endorsements (lists), "
                   "snp_tcb_versions (a table)");
}

// The args of the policy's action, or a whole proposal with actions of that kind.
Status read_policy(Founding& founding, const std::string& key, const Value& value) {
  static const std::map<std::string, std::string, std::less<>> kActions = {
      {"release", "set_key_release_policy"},
      {"jwt", "set_jwt_validation_policy"},
      {"rotation", "set_key_rotation_policy"},
      {"settings", "set_settings_policy"}};
  const auto action = kActions.find(key);
  if (action == kActions.end())
    return malformed("unknown policy " + key, "policies are: release, jwt, rotation, settings");
  return each_file(founding.folder, value, [&](const std::string& path) -> Status {
    VITRINE_TRY(const Object json, read_json(path));
    std::vector<Action> list = {{action->second, json}};
    if (json.contains("actions")) {
      VITRINE_TRY(list, governance::actions_from_json(json));
    }
    for (const Action& one : list) {
      if (one.name != action->second)
        return malformed(path + ": holds action " + one.name + ", wanted " + action->second);
    }
    if (const Status applied = governance::apply_all(founding.state(), list); !applied)
      return in_context(path, applied.error());
    return {};
  });
}

Status check_founding(const governance::State& state) {
  if (state.members.empty()) {
    return malformed("names no member", "add [members] with certificates = [\"member0_cert.pem\"]");
  }
  const std::size_t holders = state.active_recovery_members().size();
  if (holders > 0 && state.recovery_threshold == 0) {
    return malformed(std::to_string(holders) +
                         " members have an encryption key, and nothing says how many of them open "
                         "a service that has lost its seal",
                     "add recovery_threshold to [service], 2 or more");
  }
  if (state.recovery_threshold > holders) {
    return malformed("recovery_threshold is " + std::to_string(state.recovery_threshold) +
                         ", and " + std::to_string(holders) +
                         " members have an encryption key, who alone can hold a share",
                     "give more members an encryption_key: [members.NAME]");
  }
  for (const std::string& id : state.settings.proposers) {
    if (state.users.find(id) == state.users.end())
      return malformed("proposers: no user has the id " + id);
  }
  return state.constitution.check_satisfiable(state);
}

}  // namespace vitrine::vitrined
