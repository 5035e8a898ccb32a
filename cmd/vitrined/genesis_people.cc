#include "vitrined/genesis_people.h"

#include "base/limits.h"
#include "governance/json_fields.h"
#include "vitrined/genesis_inputs.h"
#include "vitrined/genesis_tables.h"

namespace vitrine::vitrined {
namespace {

using codec::json::Object;
using codec::json::Value;
using governance::check_known;

Status check_signs(const crypto::Certificate& certificate) {
  switch (certificate.public_key().kind()) {
    case crypto::KeyKind::ec_p256:
    case crypto::KeyKind::ec_p384:
    case crypto::KeyKind::ec_p521:
      return {};
    default:
      return malformed("its key is none of P-256, P-384, P-521: the member could sign nothing");
  }
}

// Text of a table of TOML: any of its values but floats and dates, which the reader refuses.
Result<Value> data_in(const Object& table) {
  const Value* data = codec::json::find(table, "data");
  if (data == nullptr) return Value();
  if (!data->is_object()) return malformed("data must be a table");
  return *data;
}

Result<crypto::PublicKey> read_encryption_key(const std::string& path) {
  VITRINE_TRY(const std::string pem, read_text(path, limits::kPemBytesMax));
  auto key = crypto::PublicKey::from_pem(pem);
  if (!key) return in_context(path, key.error());
  if (key->kind() != crypto::KeyKind::rsa)
    return malformed(path + ": an encryption key must be RSA, of 2048 to 4096 bits");
  return key;
}

Status read_member(Founding& founding, const Object& table) {
  constexpr std::array kKnown =
      std::to_array<std::string_view>({"certificate", "encryption_key", "data"});
  VITRINE_CHECK(check_known("member", table, kKnown));
  VITRINE_TRY(const std::string certificate, file_in(founding.folder, table, "certificate"));
  VITRINE_TRY(auto data, data_in(table));
  std::optional<crypto::PublicKey> encryption_key;
  if (codec::json::find(table, "encryption_key") != nullptr) {
    VITRINE_TRY(const std::string path, file_in(founding.folder, table, "encryption_key"));
    VITRINE_TRY(encryption_key, read_encryption_key(path));
  }
  VITRINE_TRY(governance::Member* const member, add_member(founding.state(), certificate));
  member->data = std::move(data);
  member->encryption_key = std::move(encryption_key);
  return {};
}

Status read_user(Founding& founding, const Object& table) {
  constexpr std::array kKnown =
      std::to_array<std::string_view>({"certificate", "data", "proposer"});
  VITRINE_CHECK(check_known("user", table, kKnown));
  VITRINE_TRY(const std::string certificate, file_in(founding.folder, table, "certificate"));
  VITRINE_TRY(auto data, data_in(table));
  bool proposer = false;
  VITRINE_CHECK(governance::read_bool("user", table, "proposer", proposer));
  VITRINE_TRY(const std::string id, add_user(founding.state(), certificate));
  founding.state().users.find(id)->second.data = std::move(data);
  auto& proposers = founding.state().settings.proposers;
  if (proposer && std::find(proposers.begin(), proposers.end(), id) == proposers.end())
    proposers.push_back(id);
  return {};
}

Status read_person(Founding& founding, const std::string& name, const Value& value,
                   Status (*read)(Founding&, const Object&)) {
  if (!value.is_object()) {
    return malformed("unknown setting " + name,
                     "this table has certificates, and a table of its own for whoever needs more "
                     "than a certificate");
  }
  const Status done = read(founding, value.get_object());
  if (!done) return in_context(name, done.error());
  return {};
}

}  // namespace

Result<governance::Member*> add_member(governance::State& state,
                                       const std::string& certificate_path) {
  VITRINE_TRY(auto certificate, read_certificate(certificate_path));
  if (const Status signs = check_signs(certificate); !signs)
    return in_context(certificate_path, signs.error());
  const std::string id = governance::identity_of(certificate);
  const auto [member, added] =
      state.members.try_emplace(id, governance::Member{std::move(certificate)});
  if (!added) return malformed(certificate_path + ": this certificate is a member's already");
  return &member->second;
}

Result<std::string> add_user(governance::State& state, const std::string& certificate_path) {
  VITRINE_TRY(auto certificate, read_certificate(certificate_path));
  std::string id = governance::identity_of(certificate);
  if (!state.users.try_emplace(id, governance::User{std::move(certificate), nullptr}).second)
    return malformed(certificate_path + ": this certificate is a user's already");
  return id;
}

Status read_members(Founding& founding, const std::string& key, const Value& value) {
  if (key != "certificates") return read_person(founding, key, value, read_member);
  return each_file(founding.folder, value, [&](const std::string& path) -> Status {
    VITRINE_TRY([[maybe_unused]] const auto* member, add_member(founding.state(), path));
    return {};
  });
}

Status read_users(Founding& founding, const std::string& key, const Value& value) {
  if (key != "certificates") return read_person(founding, key, value, read_user);
  return each_file(founding.folder, value, [&](const std::string& path) -> Status {
    VITRINE_TRY([[maybe_unused]] const auto id, add_user(founding.state(), path));
    return {};
  });
}

}  // namespace vitrine::vitrined
