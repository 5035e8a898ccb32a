#include "attestation/uvm/did_x509.h"

#include <gtest/gtest.h>

#include "attestation/uvm/subject_name.h"

namespace vitrine::attestation::uvm {
namespace {

const char* const kFingerprint = "I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s";

std::string did(const std::string& policies) {
  return std::string("did:x509:0:sha256:") + kFingerprint + policies;
}

std::string refusal(std::string_view text) {
  const auto parsed = parse_did_x509(text);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, Code::malformed);
  return parsed.error().message;
}

TEST(DidX509, ReadsEkuAndSubjectPolicies) {
  const auto parsed = parse_did_x509(did("::eku:1.3.6.1.4.1.311.76.59.1.2::subject:CN:A%20B:O:C"));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->hash, crypto::Hash::sha256);
  EXPECT_EQ(parsed->fingerprint.size(), 32U);
  EXPECT_EQ(parsed->ekus, std::vector<std::string>{"1.3.6.1.4.1.311.76.59.1.2"});
  EXPECT_EQ(parsed->subject, (std::vector<DidX509::SubjectAttribute>{{"CN", "A B"}, {"O", "C"}}));
}

TEST(DidX509, WritesWhatItReads) {
  for (const char* policies :
       {"::eku:1.2.3", "::eku:1.2.3::eku:1.2.4", "::subject:CN:ContainerPlat",
        "::eku:1.2.3::subject:C:US:ST:Washington:CN:%C3%A9%3A%25"}) {
    const auto parsed = parse_did_x509(did(policies));
    ASSERT_TRUE(parsed.has_value()) << policies;
    EXPECT_EQ(to_text(*parsed), did(policies));
  }
}

TEST(DidX509, RefusesAnotherMethodVersionOrFingerprint) {
  const std::string eku = "::eku:1.2.3";
  EXPECT_EQ(refusal("did:x509:1:sha256:" + std::string(kFingerprint) + eku),
            "did:x509: does not begin with did:x509:0:");
  EXPECT_EQ(refusal("did:web:example.org"), "did:x509: does not begin with did:x509:0:");
  EXPECT_EQ(refusal("did:x509:0:sha1:" + std::string(kFingerprint) + eku),
            "did:x509: fingerprint algorithm is not sha256, sha384 or sha512");
  EXPECT_EQ(refusal("did:x509:0:sha384:" + std::string(kFingerprint) + eku),
            "did:x509: fingerprint is not base64url of 48 bytes");
  EXPECT_EQ(refusal("did:x509:0:sha256:" + std::string(kFingerprint) + "=" + eku),
            "did:x509: fingerprint is not base64url of 32 bytes");
  EXPECT_EQ(refusal("did:x509:0:sha256" + eku), "did:x509: no fingerprint");
}

TEST(DidX509, RefusesUnknownAndEmptyPolicies) {
  EXPECT_EQ(refusal(did("")), "did:x509: names no policy");
  EXPECT_EQ(refusal(did("::san:email:a")),
            "did:x509: a policy is neither eku nor the only subject");
  EXPECT_EQ(refusal(did("::fulcio-issuer:a")),
            "did:x509: a policy is neither eku nor the only subject");
  EXPECT_EQ(refusal(did("::subject:CN:a::subject:O:b")),
            "did:x509: a policy is neither eku nor the only subject");
  for (const char* policies : {"::", "::eku", "::eku:", "::eku:1.2.3::"}) {
    EXPECT_EQ(refusal(did(policies)), "did:x509: a policy has no value") << policies;
  }
  std::string many;
  for (int i = 0; i < 9; ++i) many += "::eku:1.2.3";
  EXPECT_EQ(refusal(did(many)), "did:x509: too many policies");
  EXPECT_EQ(refusal(did("::eku:1.2.3" + std::string(1024, '4'))), "did:x509: too long");
}

TEST(DidX509, RefusesIllFormedValues) {
  for (const char* oid : {"1", "1.", ".1", "1..2", "1.02", "1.a", "1.2:3"}) {
    EXPECT_EQ(refusal(did(std::string("::eku:") + oid)), "did:x509: eku is not one dotted OID")
        << oid;
  }
  EXPECT_EQ(refusal(did("::subject:CN:a:O")), "did:x509: subject has a key without a value");
  EXPECT_EQ(refusal(did("::subject:XX:a")), "did:x509: subject names an unknown attribute");
  EXPECT_EQ(refusal(did("::subject:CN:a:CN:a")), "did:x509: subject names CN twice");
  EXPECT_EQ(refusal(did("::subject:CN:a%2")), "did:x509: a percent escape is not two digits");
  for (const char* value : {"", "a b", "%61", "%c3%a9", "a/b"}) {
    EXPECT_NE(refusal(did(std::string("::subject:O:b:CN:") + value)), "accepted") << value;
  }
}

class DidX509Resolution : public testing::Test {
 protected:
  static constexpr auto kCurve = crypto::KeyKind::ec_p256;
  const crypto::PrivateKey root_key = crypto::PrivateKey::generate(kCurve).value();
  const crypto::PrivateKey leaf_key = crypto::PrivateKey::generate(kCurve).value();

  static crypto::CertificateRequest request(const std::string& name) {
    crypto::CertificateRequest request;
    request.common_name = name;
    request.not_before = from_unix_seconds(1'600'000'000);
    request.not_after = from_unix_seconds(1'700'000'000);
    return request;
  }
  std::vector<crypto::Certificate> chain() const {
    auto ca = request("Root");
    ca.ca = true;
    const auto root = crypto::make_self_signed(ca, root_key).value();
    auto leaf = request("A leaf");
    leaf.extended_key_usages = {"1.2.3.4", "1.2.3.5"};
    return {crypto::make_certificate(leaf, leaf_key.public_key(), root, root_key).value(), root};
  }
  static std::string outcome(const std::vector<crypto::Certificate>& chain, std::size_t index,
                             const std::string& policies) {
    DidX509 named;
    named.fingerprint = to_bytes(ByteView(chain[index].der_sha256()));
    named.ekus = {"1.2.3.4"};
    const auto prefix = to_text(named);
    const auto parsed = parse_did_x509(prefix.substr(0, prefix.find("::")) + policies).value();
    const auto status = resolve(parsed, chain);
    return status ? "resolves" : status.error().message;
  }
};

TEST_F(DidX509Resolution, NeedsTheFingerprintOfACaAndWhatThePoliciesSay) {
  const auto all = chain();
  EXPECT_EQ(outcome(all, 1, "::eku:1.2.3.4"), "resolves");
  EXPECT_EQ(outcome(all, 1, "::eku:1.2.3.4::eku:1.2.3.5"), "resolves");
  EXPECT_EQ(outcome(all, 1, "::subject:CN:A%20leaf"), "resolves");
  EXPECT_EQ(outcome(all, 0, "::eku:1.2.3.4"),
            "did:x509: its fingerprint is of no CA certificate in the chain");
  EXPECT_EQ(outcome(all, 1, "::eku:1.2.3"), "did:x509: the leaf lacks extended key usage 1.2.3");
  EXPECT_EQ(outcome(all, 1, "::subject:CN:A"), "did:x509: the leaf's subject is not CN=A");
  EXPECT_EQ(outcome(all, 1, "::subject:CN:A%20leaf:O:B"),
            "did:x509: the leaf's subject is not O=B");
}

TEST_F(DidX509Resolution, AChainOfOneResolvesNothing) {
  const auto all = chain();
  const auto did =
      parse_did_x509(std::string("did:x509:0:sha256:") + kFingerprint + "::eku:1.2.3.4").value();
  EXPECT_EQ(resolve(did, {all[0]}).error().message, "did:x509: the chain has no CA certificate");
  EXPECT_EQ(resolve(did, {}).error().message, "did:x509: the chain has no CA certificate");
}

TEST(SubjectName, GivesAllValuesOfAnAttribute) {
  // SEQUENCE { SET { CN=a }, SET { CN=b, C=US } }
  const Bytes name = {0x30, 0x23, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01,
                      0x61, 0x31, 0x15, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 0x62,
                      0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06, 0x13, 0x02, 0x55, 0x53};
  EXPECT_EQ(attribute_values(name, "2.5.4.3").value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(attribute_values(name, "2.5.4.6").value(), std::vector<std::string>{"US"});
  EXPECT_EQ(attribute_values(name, "2.5.4.10").value(), std::vector<std::string>{});
  for (std::size_t size = 0; size < name.size(); ++size) {
    EXPECT_FALSE(attribute_values(ByteView(name).first(size), "2.5.4.3").has_value()) << size;
  }
}

}  // namespace
}  // namespace vitrine::attestation::uvm
