#include "core/secrets.h"

#include "core/secrets_in_use.h"
#include "core/service_for_testing.h"

namespace vitrine::core {
namespace {

ServiceSecrets secrets_for_testing() {
  const auto key = [](crypto::KeyKind kind) { return *crypto::PrivateKey::generate(kind); };
  ServiceSecrets secrets{{1, 2, 3},
                         key(crypto::KeyKind::ec_p256),
                         key(crypto::KeyKind::ed25519),
                         key(crypto::KeyKind::ec_p256),
                         {}};
  secrets.ledger.add(1, SecretBytes(32));
  secrets.ledger.add(3, SecretBytes::copy_of(Bytes(32, 3)));
  return secrets;
}

TEST(ServiceSecrets, PackAndUnpackWithEveryKeyAndSecret) {
  ServiceSecrets secrets = secrets_for_testing();
  secrets.next_service_key = *crypto::PrivateKey::generate(crypto::KeyKind::ec_p384);
  secrets.next_log_key = *crypto::PrivateKey::generate(crypto::KeyKind::ed25519);
  const SecretBytes packed = pack_secrets(secrets, true);
  const auto read = unpack_secrets(packed.reveal(), secrets.service_id, std::nullopt);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->service_id, secrets.service_id);
  EXPECT_EQ(read->service_key.public_key(), secrets.service_key.public_key());
  EXPECT_EQ(read->log_key.public_key(), secrets.log_key.public_key());
  EXPECT_EQ(read->node_key.public_key(), secrets.node_key.public_key());
  EXPECT_EQ(read->next_service_key->public_key(), secrets.next_service_key->public_key());
  EXPECT_EQ(read->next_log_key->public_key(), secrets.next_log_key->public_key());
  EXPECT_TRUE(same(pack_secrets(*read, true).reveal(), packed.reveal()));
}

TEST(ServiceSecrets, PackedForSharesHoldNoNodeKey) {
  const ServiceSecrets secrets = secrets_for_testing();
  const SecretBytes packed = pack_secrets(secrets, false);
  EXPECT_EQ(unpack_secrets(packed.reveal(), secrets.service_id, std::nullopt).error().message,
            "sealed service secrets: no node key");
  const auto other = *crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  const auto read = unpack_secrets(packed.reveal(), secrets.service_id, other);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->node_key.public_key(), other.public_key());
}

TEST(ServiceSecrets, RefusePlaintextsThatWereCutOrLackParts) {
  const ServiceSecrets secrets = secrets_for_testing();
  const SecretBytes packed = pack_secrets(secrets, true);
  const ByteView all = packed.reveal();
  const std::size_t without_last_secret = all.size() - (4 + 1 + 4 + 32);
  for (std::size_t size = 0; size < all.size(); ++size)
    EXPECT_EQ(unpack_secrets(all.first(size), secrets.service_id, std::nullopt).has_value(),
              size == without_last_secret)
        << size;
}

TEST(ServiceSecrets, FollowWhatTheLedgerSaysIsInForce) {
  TestService service;
  service.create();
  State state = service.core().view()->state;
  ServiceSecrets secrets = service.core().secrets()->clone();
  secrets.ledger.add(2, SecretBytes(32));
  secrets.next_log_key = *crypto::PrivateKey::generate(crypto::KeyKind::ed25519);
  ASSERT_TRUE(follow(secrets, state));
  EXPECT_EQ(secrets.ledger.current_version(), 1U) << "kept, not in force";
  EXPECT_TRUE(secrets.next_log_key);

  Service changed = *state.service;
  changed.log_key = secrets.next_log_key->public_key();
  state.service = std::make_shared<const Service>(std::move(changed));
  state.secret_version = 2;
  ASSERT_TRUE(follow(secrets, state));
  EXPECT_EQ(secrets.ledger.current_version(), 2U);
  EXPECT_EQ(secrets.log_key.public_key(), state.service->log_key);
  EXPECT_FALSE(secrets.next_log_key);

  state.secret_version = 3;
  EXPECT_EQ(follow(secrets, state).error().message, "ledger secret: this node has no version 3");
}

}  // namespace
}  // namespace vitrine::core
