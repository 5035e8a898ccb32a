// The tables of the genesis file, one function for each: reads a setting into the state that the
// ledger is born with. Errors name what is wrong within the setting; the caller says where it
// stands.
#pragma once

#include <string>

#include "codec/json.h"
#include "core/start.h"

namespace vitrine::vitrined {

struct Founding {
  core::Genesis genesis;
  std::string folder;  // that paths are relative to: empty, or ends in '/'

  governance::State& state() { return genesis.governance; }
};

using ReadSetting = Status (*)(Founding& founding, const std::string& key,
                               const codec::json::Value& value);
Status read_service(Founding& founding, const std::string& key, const codec::json::Value& value);
Status read_governed(Founding& founding, const std::string& key, const codec::json::Value& value);
Status read_ca_bundle(Founding& founding, const std::string& key, const codec::json::Value& value);
Status read_members(Founding& founding, const std::string& key, const codec::json::Value& value);
Status read_users(Founding& founding, const std::string& key, const codec::json::Value& value);
Status read_issuer(Founding& founding, const std::string& key, const codec::json::Value& value);
Status read_join_policy(Founding& founding, const std::string& key,
                        const codec::json::Value& value);
Status read_policy(Founding& founding, const std::string& key, const codec::json::Value& value);

// What must hold of the whole: somebody governs, every rule of the constitution can be satisfied,
// and shares open the service where somebody is to hold one.
Status check_founding(const governance::State& state);

}  // namespace vitrine::vitrined
