#include "core/start.h"

#include <algorithm>

#include "base/hex.h"
#include "codec/json.h"
#include "core/first_entries.h"
#include "core/node_certificate.h"
#include "core/open_secrets.h"
#include "core/opening.h"
#include "core/service_certificate.h"
#include "crypto/hash.h"
#include "ledger/entries.h"

namespace vitrine::core {
namespace {

constexpr auto kServiceCertificateLife = std::chrono::hours(24 * 365);

Result<ServiceSecrets> make_secrets(crypto::KeyKind service_key_kind, Random& random) {
  VITRINE_TRY(auto service_key, crypto::PrivateKey::generate(service_key_kind));
  VITRINE_TRY(auto log_key, crypto::PrivateKey::generate(crypto::KeyKind::ed25519));
  VITRINE_TRY(auto node_key, crypto::PrivateKey::generate(crypto::KeyKind::ec_p256));
  ServiceSecrets secrets{random_array<32>(random),
                         std::move(service_key),
                         std::move(log_key),
                         std::move(node_key),
                         {}};
  SecretBytes ledger_secret(32);
  random.fill(ledger_secret.reveal_writable());
  secrets.ledger.add(1, std::move(ledger_secret));
  return secrets;
}

Decide service_created(const ServiceSecrets& secrets, const crypto::Certificate& certificate,
                       const Genesis& genesis, const NodeOptions& options) {
  ledger::ServiceCreated entry;
  entry.service = secrets.service_id;
  entry.service_spki = secrets.service_key.public_key().spki();
  entry.service_certificate = certificate.der();
  entry.log_key = raw_log_key(secrets.log_key.public_key());
  entry.log_origin = !genesis.log_origin.empty()
                         ? genesis.log_origin
                         : "vitrine.invalid/" + to_hex(ByteView(secrets.service_id).first(8));
  entry.dev = genesis.governance.settings.dev;
  entry.software = options.software;
  entry.protocol_version = ledger::kProtocolVersion;
  return [entry](const State&, Time) -> Result<Draft> {
    return Draft{ledger::Kind::service_created, ledger::encode(entry), {}, {}, {}};
  };
}

Decide governance_set(const governance::State& state) {
  Bytes blob = to_bytes(codec::json::write(state.to_json()));
  return [blob = std::move(blob)](const State&, Time) -> Result<Draft> {
    const ledger::GovernanceSet entry{ledger::blob_ref(blob, "application/json")};
    return Draft{ledger::Kind::governance_set, ledger::encode(entry), {}, {}, blob};
  };
}

tl::unexpected<Error> wrong_dev_flag(bool dev) {
  return denied(
      dev ? "this ledger was born without --dev and never opens with it"
          : "this ledger was born with --dev and opens with it alone",
      dev ? "leave --dev out, or give another data folder" : "give --dev, or another data folder");
}

// What an operator can do with a seal of this kind.
std::string_view weakness_of(std::string_view kind) {
  if (kind == "file")
    return "unsealing by key file is not allowed by this service's governance: "
           "who reads file and disk opens everything";
  if (kind == "tpm2")
    return "unsealing by TPM is not allowed by this service's governance: no "
           "evidence says whose TPM it is, and who runs the machine may have put "
           "a program in its place";
  return "unsealing by PKCS #11 token is not allowed by this service's governance: who has token, "
         "PIN and disk opens everything, and the token's module is the operator's code";
}

}  // namespace

// A store that is empty although this node vouched for entries was emptied: a second genesis here
// would bury the first one's secrets.
Status check_never_used(const NodeFiles& files) {
  VITRINE_TRY(const auto sealed, files.last_head());
  if (!sealed) return {};
  const auto size = claimed_size_of_last_head(*sealed);
  if (size && *size == 0) return {};  // a genesis that did not come to its end
  return denied("genesis: the store is empty, but " + files.describe_last_head() +
                    " says that this folder holds a service",
                "put the service's ledger back, or choose an empty data folder");
}

// Kinds that the operator alone can open are allowed by governance alone.
Status check_seal(const governance::Settings& settings, std::string_view kind) {
  if (settings.dev || settings.insecure_seal || kind == "snp") return {};
  return denied(
      std::string(weakness_of(kind)),
      "a service on trial may say insecure_seal = true under [governed] in its genesis file");
}

Status check_dev_flag(const governance::State& governance, bool dev) {
  if (governance.settings.dev != dev) return wrong_dev_flag(dev);
  return {};
}

Status check_dev_flag(const storage::Store& store, bool dev) {
  VITRINE_TRY(const storage::Record record, store.read_one(0));
  const auto leaf = ledger::decode_leaf(record.leaf);
  if (!leaf || leaf->kind != ledger::Kind::service_created) return {};
  const auto created = ledger::decode_service_created(leaf->public_part);
  if (created && created->dev != dev) return wrong_dev_flag(dev);
  return {};
}

Result<std::unique_ptr<Core>> create_service(const Core::Parts& parts, const Genesis& genesis,
                                             const NodeOptions& options, SealProvider& seal) {
  VITRINE_TRY(const std::uint64_t size, parts.store.size());
  if (size != 0) return conflict("genesis: " + parts.store.describe() + " holds a ledger already");
  VITRINE_CHECK(check_never_used(parts.files));
  VITRINE_CHECK(check_seal(genesis.governance.settings, seal.kind()));
  const Time now = parts.clock.now();
  VITRINE_TRY(auto secrets, make_secrets(genesis.service_key, parts.random));
  VITRINE_TRY(const auto service_certificate,
              make_service_certificate(secrets.service_key, now - kBackdated,
                                       now + kServiceCertificateLife));
  VITRINE_TRY(auto certificate,
              make_node_certificate(secrets, service_certificate, options.alternatives, now));
  VITRINE_TRY(auto sealing_key, seal.make(parts.random));
  VITRINE_TRY(const Bytes sealed, seal_secrets(secrets, sealing_key, parts.random));
  VITRINE_CHECK(parts.files.put_secrets(sealed));
  auto tiles = std::make_unique<TilesOfStore>(parts.store);
  auto trees = std::make_shared<const TreePair>(*tiles);
  VITRINE_CHECK(parts.files.put_last_head(seal_last_head(trees->roots(), secrets)));

  const auto boot_id = random_array<16>(parts.random);
  std::vector<Decide> entries;
  entries.push_back(service_created(secrets, service_certificate, genesis, options));
  entries.push_back(governance_set(genesis.governance));
  entries.push_back(node_started(secrets, certificate, boot_id));
  if (governance::can_deal(genesis.governance))
    entries.push_back(first_deal(secrets, parts.random));
  auto core = std::make_unique<Core>(parts, std::move(tiles), std::move(secrets),
                                     Core::Begin{State{},
                                                 std::move(trees),
                                                 nullptr,
                                                 {},
                                                 boot_id,
                                                 std::move(certificate),
                                                 std::move(entries),
                                                 std::move(sealing_key),
                                                 options.alternatives});
  NoRollbackGuard nothing_to_roll_back;
  if (const Status written = core->take_up(nothing_to_roll_back); !written)
    return in_context("genesis", written.error());
  return core;
}

Result<std::unique_ptr<Core>> start_service(const Core::Parts& parts, const NodeOptions& options,
                                            SealProvider& seal) {
  VITRINE_TRY(auto unsealed, open_secrets(parts.files, seal));
  return open_service(parts, options, {std::move(unsealed.secrets), std::move(unsealed.sealed_by)});
}

}  // namespace vitrine::core
