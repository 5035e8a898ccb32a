#include "vitrined/genesis_file.h"

#include <algorithm>
#include <array>

#include "governance/actions.h"
#include "vitrined/genesis_inputs.h"
#include "vitrined/genesis_tables.h"

namespace vitrine::vitrined {
namespace {

using codec::json::Object;

struct Table {
  std::string_view name;
  ReadSetting read;
};
// In the order they are read: settings decide which policies are allowed, bundles are there before
// the issuers that name them.
constexpr std::array kTables = std::to_array<Table>({{"service", read_service},
                                                     {"governed", read_governed},
                                                     {"ca_cert_bundles", read_ca_bundle},
                                                     {"members", read_members},
                                                     {"users", read_users},
                                                     {"issuers", read_issuer},
                                                     {"join_policy", read_join_policy},
                                                     {"policies", read_policy}});

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

Status check_tables(const TomlFile& file) {
  for (const auto& member : file.root) {
    const std::string name(member.key().data(), member.key().size());
    const bool known = std::any_of(kTables.begin(), kTables.end(),
                                   [&](const Table& table) { return table.name == name; });
    if (known && member.value().is_object()) continue;
    std::string names;
    for (const Table& table : kTables)
      names += (names.empty() ? "" : ", ") + std::string(table.name);
    return malformed(file.place(name) + ": unknown table " + name, "tables are: " + names);
  }
  return {};
}

Status read_table(const TomlFile& file, const Table& table, Founding& founding) {
  const Object* settings = codec::json::object_of(file.root, table.name);
  if (settings == nullptr) return {};
  for (const auto& member : *settings) {
    const std::string key(member.key().data(), member.key().size());
    if (const Status read = table.read(founding, key, member.value()); !read) {
      return fail(read.error().code,
                  file.place(std::string(table.name) + "." + key) + ": " + read.error().message,
                  read.error().hint.empty() ? "see docs/configuration.md" : read.error().hint);
    }
  }
  return {};
}

}  // namespace

Status add_issuer(governance::State& state, const std::string& issuer,
                  const std::string& jwks_path) {
  VITRINE_TRY(const Object jwks, read_json(jwks_path));
  const Status applied = governance::apply_action(
      state, {"set_jwt_issuer", Object{{"issuer", issuer}, {"jwks", jwks}}});
  if (!applied) return in_context(jwks_path, applied.error());
  return {};
}

Result<core::Genesis> read_genesis(const std::string& path) {
  VITRINE_TRY(const TomlFile file, read_toml(path));
  VITRINE_CHECK(check_tables(file));
  Founding founding{{}, folder_of(path)};
  founding.state().settings = governance::Settings::safe_defaults();
  for (const Table& table : kTables) VITRINE_CHECK(read_table(file, table, founding));
  if (const Status checked = check_founding(founding.state()); !checked) {
    return fail(checked.error().code, path + ": " + checked.error().message, checked.error().hint);
  }
  return std::move(founding.genesis);
}

}  // namespace vitrine::vitrined
