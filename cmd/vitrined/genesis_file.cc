#include "vitrined/genesis_file.h"

#include <algorithm>

#include "base/file.h"
#include "base/limits.h"
#include "governance/actions.h"

namespace vitrine::vitrined {
namespace {

using codec::json::Object;
using codec::json::Value;

constexpr std::size_t kJsonBytesMax = 1'048'576;
constexpr std::size_t kOriginBytesMax = 255;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

Result<crypto::Certificate> read_certificate(const std::string& path) {
  VITRINE_TRY(const Bytes bytes, read_file(path, limits::kCertificateBytesMax));
  auto certificate = crypto::Certificate::from_pem(as_text(bytes));
  if (!certificate) return in_context(path, certificate.error());
  return certificate;
}

Result<Object> read_json(const std::string& path) {
  VITRINE_TRY(const Bytes bytes, read_file(path, kJsonBytesMax));
  auto object = codec::json::parse_object(as_text(bytes));
  if (!object) return in_context(path, object.error());
  return object;
}

// A schema-less URL without spaces or '+' (transparency.md 4): it is the log's name for ever.
Status check_origin(std::string_view origin) {
  const bool good = !origin.empty() && origin.size() <= kOriginBytesMax &&
                    std::all_of(origin.begin(), origin.end(),
                                [](char c) { return c > ' ' && c < 0x7f && c != '+'; });
  if (good) return {};
  return malformed("log_origin must be 1 to 255 printable ASCII characters without space or '+'",
                   "such as kms.example/log1");
}

class Reader {
 public:
  explicit Reader(const TomlFile& file) : file_(file), folder_(folder_of(file.path)) {}

  Result<core::Genesis> read() {
    genesis_.governance.settings = governance::Settings::safe_defaults();
    // Settings first: they decide which policies are allowed.
    VITRINE_CHECK(each_table({"service", "governed", "members", "users", "issuers", "policies"}));
    if (genesis_.governance.members.empty()) {
      return malformed(file_.path + ": names no member",
                       "add [members] with certificates = [\"member0_cert.pem\"]");
    }
    return std::move(genesis_);
  }

 private:
  Status each_table(const std::vector<std::string>& order) {
    for (const auto& member : file_.root) {
      const std::string name(member.key().data(), member.key().size());
      if (std::find(order.begin(), order.end(), name) == order.end() ||
          !member.value().is_object()) {
        return malformed(file_.place(name) + ": unknown table " + name,
                         "tables are: service, governed, members, users, issuers, policies");
      }
    }
    for (const std::string& name : order) {
      const Object* table = codec::json::object_of(file_.root, name);
      if (table == nullptr) continue;
      for (const auto& member : *table) {
        const std::string key(member.key().data(), member.key().size());
        if (const Status set = setting(name, key, member.value()); !set) {
          return fail(set.error().code, file_.place(name + "." + key) + ": " + set.error().message,
                      set.error().hint.empty() ? "see docs/configuration.md" : set.error().hint);
        }
      }
    }
    return {};
  }

  Status setting(const std::string& table, const std::string& key, const Value& value) {
    if (table == "service") return service(key, value);
    if (table == "governed") return genesis_.governance.settings.merge(Object{{key, value}});
    if (table == "issuers") return issuer(key, value);
    if (table == "policies")
      return each_file(value, [&](const std::string& path) { return policy(key, path); });
    if (key != "certificates")
      return malformed("unknown setting " + key, "this table has: certificates");
    return each_file(value, [&](const std::string& path) {
      return table == "members" ? add_member(genesis_.governance, path)
                                : add_user(genesis_.governance, path);
    });
  }

  Status service(const std::string& key, const Value& value) {
    if (key == "log_origin" && value.is_string()) {
      genesis_.log_origin = std::string(codec::json::text_view(value.get_string()));
      return check_origin(genesis_.log_origin);
    }
    if (key == "curve" && value == "P-256") return {};
    if (key == "curve" && value == "P-384") {
      genesis_.service_key = crypto::KeyKind::ec_p384;
      return {};
    }
    return malformed("unknown or wrong setting " + key,
                     "this table has: log_origin (text), curve (\"P-256\" or \"P-384\")");
  }

  Status issuer(const std::string& key, const Value& value) {
    return each_file(
        value, [&](const std::string& path) { return add_issuer(genesis_.governance, key, path); });
  }

  // The args of the policy's action, or a whole proposal with actions of that kind.
  Status policy(const std::string& key, const std::string& path) {
    static const std::map<std::string, std::string, std::less<>> actions = {
        {"release", "set_key_release_policy"},
        {"jwt", "set_jwt_validation_policy"},
        {"rotation", "set_key_rotation_policy"},
        {"settings", "set_settings_policy"}};
    const auto action = actions.find(key);
    if (action == actions.end())
      return malformed("unknown policy " + key, "policies are: release, jwt, rotation, settings");
    VITRINE_TRY(const Object json, read_json(path));
    std::vector<governance::Action> list = {{action->second, json}};
    if (json.contains("actions")) {
      VITRINE_TRY(list, governance::actions_from_json(json));
    }
    for (const governance::Action& one : list) {
      if (one.name != action->second)
        return malformed(path + ": holds action " + one.name + ", wanted " + action->second);
    }
    if (const Status applied = governance::apply_all(genesis_.governance, list); !applied)
      return in_context(path, applied.error());
    return {};
  }

  template <class Use>
  Status each_file(const Value& value, Use use) {
    const auto one = [&](const Value& item) -> Status {
      if (!item.is_string()) return malformed("must be a file name, or a list of them");
      const std::string name(codec::json::text_view(item.get_string()));
      return use(name.starts_with('/') ? name : folder_ + name);
    };
    if (!value.is_array()) return one(value);
    for (const Value& item : value.get_array()) VITRINE_CHECK(one(item));
    return {};
  }

  const TomlFile& file_;
  const std::string folder_;
  core::Genesis genesis_;
};

}  // namespace

Status add_member(governance::State& state, const std::string& certificate_path) {
  VITRINE_TRY(auto certificate, read_certificate(certificate_path));
  const std::string id = governance::identity_of(certificate);
  state.members.insert_or_assign(
      id, governance::Member{std::move(certificate), governance::MemberStatus::active, nullptr});
  return {};
}

Status add_user(governance::State& state, const std::string& certificate_path) {
  VITRINE_TRY(auto certificate, read_certificate(certificate_path));
  const std::string id = governance::identity_of(certificate);
  state.users.insert_or_assign(id, governance::User{std::move(certificate), nullptr});
  return {};
}

Status add_issuer(governance::State& state, const std::string& issuer,
                  const std::string& jwks_path) {
  VITRINE_TRY(const Object jwks, read_json(jwks_path));
  Object args;
  args["issuer"] = issuer;
  args["jwks"] = jwks;
  if (const Status applied = governance::apply_action(state, {"set_jwt_issuer", std::move(args)});
      !applied) {
    return in_context(jwks_path, applied.error());
  }
  return {};
}

Result<core::Genesis> read_genesis(const std::string& path) {
  VITRINE_TRY(const TomlFile file, read_toml(path));
  return Reader(file).read();
}

}  // namespace vitrine::vitrined
