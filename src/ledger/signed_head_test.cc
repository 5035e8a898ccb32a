#include "ledger/signed_head.h"

#include <gtest/gtest.h>

#include "codec/cbor.h"
#include "ledger/checkpoint.h"
#include "ledger/tree.h"

namespace vitrine::ledger {
namespace {

constexpr std::string_view kOrigin = "vitrine.invalid/0011223344556677";

// A service, its log and a node, which sign one head.
struct Scene {
  crypto::PrivateKey service_key = *crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  crypto::PrivateKey log_key = *crypto::PrivateKey::generate(crypto::KeyKind::ed25519);
  crypto::PrivateKey node_key = *crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  crypto::PublicKey log_public = log_key.public_key();
  crypto::Certificate service = *crypto::make_self_signed(request("service", true), service_key);
  crypto::Certificate node = *crypto::make_certificate(request("node", false),
                                                       node_key.public_key(), service, service_key);
  Roots roots{7, Digest{{1}}, Digest{{2}}};

  static crypto::CertificateRequest request(std::string_view name, bool ca) {
    crypto::CertificateRequest request;
    request.common_name = name;
    request.not_after = from_unix_seconds(2'000'000'000);
    request.ca = ca;
    return request;
  }
  SignedHead head() const {
    const Checkpoint checkpoint{std::string(kOrigin), roots.size, roots.rfc9162, {}};
    return {*sign_note(checkpoint_text(checkpoint), kOrigin, log_key),
            {roots, "ab", node.pem(), *node_key.sign_prehashed(roots.ccf)}};
  }
  HeadSigners signers() const { return {kOrigin, log_public, service}; }
};

TEST(SignedHead, ReadsBackAsWritten) {
  const SignedHead head = Scene().head();
  const auto read = decode_signed_head(encode(head));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->checkpoint, head.checkpoint);
  EXPECT_EQ(read->root.roots, head.root.roots);
  EXPECT_EQ(read->root.node_id, "ab");
  EXPECT_EQ(read->root.signature, head.root.signature);
}

TEST(SignedHead, HasSevenMembersAndNoOthers) {
  const auto whole =
      codec::cbor::decode(encode(Scene().head()), codec::cbor::Strictness::deterministic);
  for (std::size_t missing = 0; missing < 7; ++missing) {
    auto entries = whole->entries();
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(missing));
    const auto read = decode_signed_head(codec::cbor::encode(codec::cbor::Value::map(entries)));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message,
              "stored head: member " + std::to_string(missing + 1) + " is missing");
  }
  auto entries = whole->entries();
  entries.emplace_back(codec::cbor::Value::uint(8), codec::cbor::Value::uint(1));
  const auto read = decode_signed_head(codec::cbor::encode(codec::cbor::Value::map(entries)));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "stored head: unknown members");
  EXPECT_FALSE(decode_signed_head(Bytes(kSignedHeadBytesMax + 1)));
}

TEST(SignedHead, VerifiesForItsOwnRootsAndSignersAlone) {
  const Scene scene;
  const SignedHead head = scene.head();
  EXPECT_TRUE(verify_signed_head(head, scene.roots, scene.signers()));

  const auto refused = [&](const SignedHead& changed, const Roots& roots) {
    const Status verified = verify_signed_head(changed, roots, scene.signers());
    EXPECT_FALSE(verified);
    return verified ? std::string() : verified.error().message;
  };
  Roots other = scene.roots;
  other.rfc9162.bytes[31] ^= 1;
  EXPECT_EQ(refused(head, other),
            "signed head of 7 entries: its RFC 9162 root is not that of the entries");
  other = scene.roots;
  other.ccf.bytes[31] ^= 1;
  EXPECT_EQ(refused(head, other),
            "signed head of 7 entries: its roots are not those of the entries");
  SignedHead changed = head;
  changed.root.signature = *scene.node_key.sign_prehashed(other.ccf);
  refused(changed, scene.roots);
  changed = head;
  changed.root.node_certificate_pem =
      crypto::make_self_signed(Scene::request("node", true), scene.node_key)->pem();
  refused(changed, scene.roots);
  const Scene foreign;
  EXPECT_FALSE(verify_signed_head(head, scene.roots, foreign.signers()));
  EXPECT_FALSE(verify_signed_head(head, scene.roots,
                                  {"vitrine.invalid/other", scene.log_public, scene.service}));
}

}  // namespace
}  // namespace vitrine::ledger
