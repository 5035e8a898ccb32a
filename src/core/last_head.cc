#include "core/last_head.h"

#include "base/log.h"
#include "codec/cbor.h"
#include "crypto/hash.h"

namespace vitrine::core {
namespace {

using codec::cbor::Value;

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::string_view kLabel = "vitrine last head v1";
constexpr std::size_t kMembers = 5;
// Half the lag, so that sealing has the other half for itself.
constexpr std::chrono::milliseconds kPause{500};

enum Member : std::int64_t { version = 1, service = 2, secret_version = 3, head = 4, tag = 5 };

Digest tag_of(ByteView ledger_secret, const ledger::ServiceId& id, const ledger::Roots& roots) {
  const SecretBytes key = ledger::derived_key(ledger_secret, id, kLabel);
  return crypto::hmac_sha256(
      key.reveal(), codec::cbor::encode(Value::array(
                        {Value::uint(kFormatVersion), Value::bytes(id), ledger::to_cbor(roots)})));
}

tl::unexpected<Error> not_such_a_file() {
  return malformed("sealed last head: not such a file",
                   "put a copy of it in place; an older one of the same service will do");
}

Result<Value> decode_map(ByteView sealed) {
  auto map = codec::cbor::decode(sealed, codec::cbor::Strictness::deterministic);
  if (!map || !map->is(codec::cbor::Type::map) || map->entries().size() != kMembers)
    return not_such_a_file();
  for (std::int64_t member = version; member <= tag; ++member) {
    if (map->find(member) == nullptr) return not_such_a_file();
  }
  VITRINE_TRY(const std::uint64_t format, map->find(version)->to_uint());
  if (format != kFormatVersion) {
    return malformed("sealed last head: format " + std::to_string(format) +
                     " is not known to this version");
  }
  return *std::move(map);
}

Result<ledger::Roots> roots_in(const Value& map) {
  const Value& roots = *map.find(head);
  if (!roots.is(codec::cbor::Type::array) || roots.items().size() != 3) return not_such_a_file();
  ledger::Roots out;
  VITRINE_TRY(out.size, roots.items()[0].to_uint());
  VITRINE_TRY(out.rfc9162, roots.items()[1].to_digest());
  VITRINE_TRY(out.ccf, roots.items()[2].to_digest());
  return out;
}

}  // namespace

Bytes seal_last_head(const ledger::Roots& roots, const ServiceSecrets& secrets) {
  const std::uint64_t number = secrets.ledger.current_version();
  const Digest mac = tag_of(*secrets.ledger.secret(number), secrets.service_id, roots);
  return codec::cbor::encode(Value::map({
      {Value::uint(version), Value::uint(kFormatVersion)},
      {Value::uint(service), Value::bytes(secrets.service_id)},
      {Value::uint(secret_version), Value::uint(number)},
      {Value::uint(head), ledger::to_cbor(roots)},
      {Value::uint(tag), Value::bytes(mac)},
  }));
}

Result<ledger::Roots> open_last_head(ByteView sealed, const ServiceSecrets& secrets) {
  VITRINE_TRY(const Value map, decode_map(sealed));
  VITRINE_TRY(const ByteView id, map.find(service)->to_bytes());
  if (!same(id, secrets.service_id))
    return denied("sealed last head: is of another service than the sealed secrets'");
  VITRINE_TRY(const std::uint64_t number, map.find(secret_version)->to_uint());
  VITRINE_TRY(const ByteView secret, secrets.ledger.secret(number));
  VITRINE_TRY(const ledger::Roots roots, roots_in(map));
  VITRINE_TRY(const ByteView mac, map.find(tag)->to_bytes());
  if (!equal_in_constant_time(tag_of(secret, secrets.service_id, roots), mac)) {
    return denied("sealed last head: was changed",
                  "put a copy of it in place; an older one of the same service will do");
  }
  return roots;
}

Result<std::uint64_t> claimed_size_of_last_head(ByteView sealed) {
  VITRINE_TRY(const Value map, decode_map(sealed));
  VITRINE_TRY(const ledger::Roots roots, roots_in(map));
  return roots.size;
}

LastHeadKeeper::LastHeadKeeper(NodeFiles& files, const SecretsInUse& secrets)
    : files_(files), secrets_(secrets), thread_([this] { run(); }) {}

LastHeadKeeper::~LastHeadKeeper() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (const Status sealed = seal_newest(); !sealed)
    log::error("last head not sealed at stop", {{"reason", sealed.error().message}});
}

void LastHeadKeeper::keep_soon(const ledger::Roots& roots) {
  bool wake = false;
  {
    const Lock lock(mutex_);
    if (roots.size <= sealed_size_) return;
    wake = !newest_;
    if (wake) waiting_since_ = std::chrono::steady_clock::now();
    newest_ = roots;
  }
  if (wake) changed_.notify_all();
}

Status LastHeadKeeper::keep_now(const ledger::Roots& roots) {
  keep_soon(roots);
  return seal_newest();
}

Status LastHeadKeeper::check() const {
  const Lock lock(mutex_);
  if (!failure_ || std::chrono::steady_clock::now() - waiting_since_ <= kLagMax) return {};
  return unavailable("append: the last head can't be sealed: " + failure_->message,
                     "free the disk that holds the data folder; it is tried again all the time");
}

Status LastHeadKeeper::seal_newest() {
  const Lock writing(writing_);
  std::optional<ledger::Roots> roots;
  {
    const Lock lock(mutex_);
    roots = newest_;
  }
  if (!roots) return {};
  Status kept = files_.put_last_head(seal_last_head(*roots, *secrets_.now()));
  const Lock lock(mutex_);
  if (!kept) {
    failure_ = kept.error();
    return kept;
  }
  failure_.reset();
  sealed_size_ = roots->size;
  if (newest_->size == roots->size) {
    newest_.reset();
  } else {
    waiting_since_ = std::chrono::steady_clock::now();
  }
  return kept;
}

void LastHeadKeeper::run() {
  bool complained = false;
  while (true) {
    {
      const Lock lock(mutex_);
      while (!newest_ && !stopping_) changed_.wait(mutex_);
      if (stopping_) return;
    }
    const Status kept = seal_newest();
    if (!kept && !complained) {
      log::error("last head not sealed", {{"file", files_.describe_last_head()},
                                          {"reason", kept.error().message},
                                          {"hint", "nothing is appended until it can be"}});
    } else if (kept && complained) {
      log::info("last head sealed again");
    }
    complained = !kept;
    const Lock lock(mutex_);
    const auto until = std::chrono::steady_clock::now() + kPause;
    while (!stopping_ && changed_.wait_until(mutex_, until) != std::cv_status::timeout) {
    }
  }
}

}  // namespace vitrine::core
