// Chains of every wrong make, each refused at the step that is wrong.
#include "attestation/snp/chain.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "attestation/simulated/fixture_for_testing.h"
#include "codec/json.h"

namespace vitrine::attestation::snp {
namespace {

using simulated::LeafOptions;
using simulated::test_attester;
using simulated::test_time;

constexpr auto kDay = std::chrono::hours(24);

std::vector<SnpRoot> roots() { return {test_attester().root()}; }

LeafOptions leaf_options() { return test_attester().leaf_options(simulated::default_tcb()); }

std::string chain_with(const LeafOptions& options) {
  const auto leaf =
      make_leaf(options, test_attester().chip_key().public_key(), test_attester().ask());
  return test_attester().endorsements(leaf.value());
}

std::string outcome(std::string_view text, Time now = test_time()) {
  const auto chain = verify_endorsements(text, roots(), now);
  return chain ? "accepted" : chain.error().message;
}

std::string with_extension(std::string_view oid, Bytes value) {
  auto options = leaf_options();
  options.extensions[std::string(oid)] = std::move(value);
  return outcome(chain_with(options));
}

// A JSON text from `text`, with line ends escaped.
std::string quoted(const std::string& text) { return codec::json::write(codec::json::Value(text)); }

std::string thim(const std::string& tcbm) {
  const auto& attester = test_attester();
  const auto leaf = make_leaf(leaf_options(), attester.chip_key().public_key(), attester.ask());
  return fmt::format(
      R"({{"cacheControl":"86400","tcbm":"{}","certificateChain":{},"vcekCert":{}}})", tcbm,
      quoted(attester.ask().certificate.pem() + attester.ark().pem()), quoted(leaf.value().pem()));
}

TEST(SnpChain, GivesWhatReportsAreCheckedAgainst) {
  const auto chain = verify_endorsements(chain_with(leaf_options()), roots(), test_time());
  ASSERT_TRUE(chain.has_value()) << chain.error().message;
  EXPECT_EQ(chain->kind, EndorsementKey::vcek);
  EXPECT_EQ(chain->product, Product::milan);
  EXPECT_EQ(chain->key, test_attester().chip_key().public_key());
  EXPECT_EQ(chain->tcb, simulated::default_tcb());
  EXPECT_EQ(chain->hwid, leaf_options().hwid);
  EXPECT_EQ(chain->csp_id, "");
  EXPECT_EQ(chain->trust_anchor, "ARK-Milan");
  EXPECT_TRUE(chain->simulated);
  EXPECT_EQ(chain->not_after, leaf_options().validity.not_after);
  EXPECT_FALSE(chain->tcbm.has_value());
}

TEST(SnpChain, LineEndsMayBeCrLf) {
  std::string crlf;
  for (const char c : chain_with(leaf_options())) {
    if (c == '\n') crlf += '\r';
    crlf += c;
  }
  EXPECT_EQ(outcome(crlf), "accepted");
}

TEST(SnpChain, IsExactlyThreeCertificatesInOrder) {
  const auto& attester = test_attester();
  const auto leaf =
      make_leaf(leaf_options(), attester.chip_key().public_key(), attester.ask()).value().pem();
  const auto ask = attester.ask().certificate.pem();
  const auto ark = attester.ark().pem();
  EXPECT_EQ(outcome(leaf + ask + ark), "accepted");
  EXPECT_EQ(outcome(leaf + ask), "SNP endorsements: 2 certificates, not 3");
  EXPECT_EQ(outcome(leaf + ask + ark + ark), "SNP endorsements: 4 certificates, not 3");
  for (const auto& text :
       {ask + leaf + ark, leaf + ark + ask, ark + ask + leaf, ask + ask + ark, leaf + leaf + ark,
        std::string(), std::string("junk"), leaf + ask + ark + "junk"}) {
    EXPECT_NE(outcome(text), "accepted");
  }
}

TEST(SnpChain, TheRootIsPinnedByItsKeyAndForItsProduct) {
  auto pinned = roots();
  const auto text = chain_with(leaf_options());
  pinned[0].spki_sha256.bytes[31] ^= 1;
  auto chain = verify_endorsements(text, pinned, test_time());
  ASSERT_FALSE(chain.has_value());
  EXPECT_EQ(chain.error().code, Code::denied);
  EXPECT_EQ(chain.error().message.rfind("SNP endorsements: root ", 0), 0U);
  EXPECT_NE(chain.error().message.find(" is not pinned"), std::string::npos);
  pinned = roots();
  pinned[0].product = "Genoa";
  chain = verify_endorsements(text, pinned, test_time());
  ASSERT_FALSE(chain.has_value());
  EXPECT_NE(chain.error().message.find("not CN=SEV-Genoa"), std::string::npos)
      << chain.error().message;
  pinned[0].product = "Naples";
  chain = verify_endorsements(text, pinned, test_time());
  ASSERT_FALSE(chain.has_value());
  EXPECT_NE(chain.error().message.find(" is not pinned"), std::string::npos);
}

// The same names and a whole chain of its own: what comparing names alone would accept.
TEST(SnpChain, AForgedChainWithTheGenuineRootAppendedFailsAtALink) {
  const auto forger = simulated::Attester::make(test_time(), {Product::milan, EndorsementKey::vcek,
                                                              simulated::kTestRsaBits})
                          .value();
  const auto forged_leaf = make_leaf(forger.leaf_options(simulated::default_tcb()),
                                     forger.chip_key().public_key(), forger.ask())
                               .value()
                               .pem();
  const auto ark = test_attester().ark().pem();
  const auto forged_ask = forger.ask().certificate.pem();
  const auto ask = test_attester().ask().certificate.pem();
  EXPECT_NE(outcome(forged_leaf + forged_ask + forger.ark().pem()).find("is not pinned"),
            std::string::npos);
  const auto at_ask = outcome(forged_leaf + forged_ask + ark);
  EXPECT_NE(at_ask.find("signature"), std::string::npos) << at_ask;
  EXPECT_NE(at_ask.find("SEV-Milan"), std::string::npos) << at_ask;
  const auto at_leaf = outcome(forged_leaf + ask + ark);
  EXPECT_NE(at_leaf.find("signature"), std::string::npos) << at_leaf;
  EXPECT_NE(at_leaf.find("SEV-VCEK"), std::string::npos) << at_leaf;
}

TEST(SnpChain, EveryDateIsChecked) {
  const auto text = chain_with(leaf_options());
  const auto from = leaf_options().validity.not_before;
  const auto to = leaf_options().validity.not_after;
  EXPECT_EQ(outcome(text, from), "accepted");
  EXPECT_EQ(outcome(text, to), "accepted");
  EXPECT_NE(outcome(text, from - std::chrono::seconds(1)), "accepted");
  const auto expired = outcome(text, to + std::chrono::seconds(1));
  EXPECT_NE(expired.find("SEV-VCEK"), std::string::npos) << expired;
  auto options = leaf_options();
  options.validity.not_before = test_time() + kDay;
  EXPECT_NE(outcome(chain_with(options)).find("SEV-VCEK"), std::string::npos);
}

TEST(SnpChain, AnExpiredIssuerRefusesToo) {
  const simulated::Validity past{test_time() - 30 * kDay, test_time() - kDay};
  const simulated::Validity present{test_time() - 30 * kDay, test_time() + kDay};
  constexpr auto kBits = simulated::kTestRsaBits;
  for (const bool ark_expired : {true, false}) {
    const auto ark = make_ark(Product::milan, ark_expired ? past : present, kBits).value();
    const auto ask =
        make_ask(ark, Product::milan, EndorsementKey::vcek, ark_expired ? present : past, kBits)
            .value();
    auto options = leaf_options();
    options.validity = present;
    const auto leaf = make_leaf(options, test_attester().chip_key().public_key(), ask).value();
    const auto text = leaf.pem() + ask.certificate.pem() + ark.certificate.pem();
    const std::vector<SnpRoot> own = {{"Milan", ark.certificate.public_key().spki_sha256(), false}};
    const auto refused = verify_endorsements(text, own, test_time());
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find(ark_expired ? "ARK-Milan" : "SEV-Milan"),
              std::string::npos)
        << refused.error().message;
    EXPECT_TRUE(verify_endorsements(text, own, test_time() - 2 * kDay).has_value());
  }
}

TEST(SnpChain, AMissingExtensionIsNamed) {
  const std::pair<std::string_view, const char*> needed[] = {{kOidProductName, "product name"},
                                                             {kOidBootLoader, "boot loader SVN"},
                                                             {kOidTee, "TEE SVN"},
                                                             {kOidSnp, "SNP SVN"},
                                                             {kOidMicrocode, "microcode SVN"},
                                                             {kOidHwid, "HWID"}};
  for (const auto& [oid, what] : needed) {
    EXPECT_EQ(with_extension(oid, {}),
              fmt::format("SNP endorsements: certificate has no extension {} ({})", oid, what));
  }
}

TEST(SnpChain, AnSvnIsOneByteInMinimalDer) {
  for (const Bytes& value :
       {Bytes{0x02, 0x02, 0x00, 0x04}, Bytes{0x02, 0x02, 0x01, 0x00}, Bytes{0x02, 0x01, 0xff},
        Bytes{0x04, 0x01, 0x04}, Bytes{0x02, 0x01, 0x04, 0x00}, Bytes{0x02, 0x01}, Bytes{0x04}}) {
    EXPECT_NE(with_extension(kOidSnp, value).find("not an INTEGER of one byte"), std::string::npos);
  }
}

TEST(SnpChain, TheHwidIsRawAndOfTheProductsLength) {
  auto hwid = leaf_options().hwid;
  EXPECT_EQ(with_extension(kOidHwid, hwid), "accepted");
  Bytes wrapped = {0x04, 0x40};
  append(wrapped, hwid);
  EXPECT_EQ(with_extension(kOidHwid, wrapped),
            "SNP endorsements: certificate extension 1.3.6.1.4.1.3704.1.4 (HWID) has 66 bytes, "
            "not 64");
  hwid.resize(8);
  EXPECT_EQ(with_extension(kOidHwid, hwid),
            "SNP endorsements: certificate extension 1.3.6.1.4.1.3704.1.4 (HWID) has 8 bytes, "
            "not 64");
}

TEST(SnpChain, TheProductNameIsComparedUpToItsStepping) {
  for (const char* name : {"Milan", "Milan-B1"}) {
    EXPECT_EQ(with_extension(kOidProductName, simulated::der_ia5_string(name)), "accepted");
  }
  for (const char* name : {"Genoa", "Milan2", "milan", "-Milan"}) {
    EXPECT_EQ(with_extension(kOidProductName, simulated::der_ia5_string(name)),
              fmt::format("SNP endorsements: certificate's product name is {}, its root is of "
                          "Milan",
                          name));
  }
  EXPECT_EQ(with_extension(kOidProductName, {0x0c, 0x05, 'M', 'i', 'l', 'a', 'n'}),
            "SNP endorsements: certificate extension 1.3.6.1.4.1.3704.1.2 (product name) is not "
            "an IA5String");
}

TEST(SnpChain, TheKeyIsOnP384) {
  const auto other = crypto::PrivateKey::generate(crypto::KeyKind::ec_p256).value();
  const auto leaf = make_leaf(leaf_options(), other.public_key(), test_attester().ask()).value();
  EXPECT_EQ(outcome(test_attester().endorsements(leaf)),
            "SNP endorsements: VCEK key is not EC P-384");
}

TEST(SnpChain, AVlekNeedsItsOwnIssuerAndACspId) {
  auto options = leaf_options();
  options.kind = EndorsementKey::vlek;
  options.csp_id = "CN=cloud.invalid";
  EXPECT_NE(outcome(chain_with(options)).find("not CN=SEV-VLEK-Milan"), std::string::npos);
}

TEST(SnpChain, ThimsJsonIsReadWithItsTcbm) {
  const auto chain = verify_endorsements(thim("DB18000000000004"), roots(), test_time());
  ASSERT_TRUE(chain.has_value()) << chain.error().message;
  EXPECT_EQ(chain->tcbm, version_of(Product::milan, simulated::default_tcb()));
  EXPECT_EQ(outcome(thim("DB18")), "SNP endorsements: THIM member tcbm: not 16 hex digits");
}

TEST(SnpChain, ThimsMembersAreTexts) {
  const auto whole = thim("DB18000000000004");
  for (const char* name : {"vcekCert", "certificateChain", "tcbm"}) {
    auto object = codec::json::parse_object(whole).value();
    object[name] = 1;
    EXPECT_EQ(outcome(codec::json::write(object)),
              fmt::format("SNP endorsements: THIM member {} is missing or not text", name));
    object.erase(name);
    EXPECT_EQ(outcome(codec::json::write(object)),
              fmt::format("SNP endorsements: THIM member {} is missing or not text", name));
  }
  auto object = codec::json::parse_object(whole).value();
  object["certificateChain"] = test_attester().ark().pem();
  EXPECT_EQ(outcome(codec::json::write(object)),
            "SNP endorsements: THIM member certificateChain: 1 certificates, not 2");
  EXPECT_NE(outcome(whole + "x"), "accepted");
  EXPECT_NE(outcome(R"({"tcbm":"0","tcbm":"1"})"), "accepted");
}

TEST(SnpChain, CertificateFilesBecomeEndorsementsInTheirOrder) {
  const auto& attester = test_attester();
  const auto leaf =
      make_leaf(leaf_options(), attester.chip_key().public_key(), attester.ask()).value();
  const auto both = to_bytes(attester.ask().certificate.pem() + attester.ark().pem());
  const auto pem = attester.endorsements(leaf);
  EXPECT_EQ(endorsements_from_certificates({leaf.der(), both}).value(), pem);
  EXPECT_EQ(endorsements_from_certificates(
                {to_bytes(leaf.pem()), attester.ask().certificate.der(), attester.ark().der()})
                .value(),
            pem);
  EXPECT_EQ(endorsements_from_certificates({to_bytes(pem)}).value(), pem);
  EXPECT_EQ(endorsements_from_certificates({both}).error().message,
            "2 certificates, not VCEK or VLEK, ASK or ASVK, ARK");
  EXPECT_EQ(endorsements_from_certificates({both, {1, 2, 3}})
                .error()
                .message.rfind("certificate file 2: ", 0),
            0U);
}

}  // namespace
}  // namespace vitrine::attestation::snp
