#include "attestation/evidence.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/limits.h"

namespace vitrine::attestation {
namespace {

codec::json::Object attestation_object() {
  return {{"evidence", "AQID"},
          {"endorsements", "LS0t"},
          {"uvm_endorsements", "0oQ="},
          {"endorsed_tcb", "DB18000000000004"}};
}

std::string refusal(const codec::json::Object& object) {
  const auto evidence = snp_evidence_from_json(object);
  if (evidence) return "accepted";
  EXPECT_EQ(evidence.error().code, Code::malformed);
  return evidence.error().message;
}

TEST(Evidence, IsReadFromTheRequestsObject) {
  const auto evidence = snp_evidence_from_json(attestation_object());
  ASSERT_TRUE(evidence.has_value());
  EXPECT_EQ(evidence->report, (Bytes{1, 2, 3}));
  EXPECT_EQ(evidence->endorsements, "---");
  EXPECT_EQ(evidence->uvm_endorsements, (Bytes{0xd2, 0x84}));
  EXPECT_EQ(evidence->endorsed_tcb, "DB18000000000004");
  EXPECT_EQ(codec::json::write(to_json(*evidence)), codec::json::write(attestation_object()));
}

TEST(Evidence, NamesTheMemberThatIsMissingOrNotText) {
  for (const char* name : {"evidence", "endorsements", "uvm_endorsements", "endorsed_tcb"}) {
    auto object = attestation_object();
    object.erase(name);
    EXPECT_EQ(refusal(object), std::string("attestation: member ") + name + " is missing");
    object[name] = nullptr;
    EXPECT_EQ(refusal(object), std::string("attestation: member ") + name + " is missing");
    for (const auto& other : {codec::json::Value(0), codec::json::Value(false),
                              codec::json::Value(codec::json::Object{}),
                              codec::json::Value(codec::json::Array{"AQID"})}) {
      object[name] = other;
      EXPECT_EQ(refusal(object), std::string("attestation: member ") + name + " is not text");
    }
  }
}

TEST(Evidence, EmptyTextsArePresentAndLeftToTheVerifier) {
  for (const char* name : {"evidence", "endorsements", "uvm_endorsements", "endorsed_tcb"}) {
    auto object = attestation_object();
    object[name] = "";
    EXPECT_EQ(refusal(object), "accepted") << name;
  }
}

TEST(Evidence, AcceptsEitherAlphabetWithOrWithoutPadding) {
  for (const char* text : {"+/+/", "-_-_", "+_-/"}) {
    auto object = attestation_object();
    object["evidence"] = text;
    EXPECT_EQ(snp_evidence_from_json(object).value().report, (Bytes{0xfb, 0xff, 0xbf})) << text;
  }
  auto object = attestation_object();
  object["evidence"] = "0oQ";
  EXPECT_EQ(snp_evidence_from_json(object).value().report, (Bytes{0xd2, 0x84}));
}

TEST(Evidence, RefusesJunkAndImpossibleLengths) {
  for (const char* text : {"AQ ID", "AQID\n", "AQ*D", "AQIDA", "=", "A"}) {
    auto object = attestation_object();
    object["endorsements"] = text;
    EXPECT_EQ(refusal(object).rfind("attestation: member endorsements is not base64", 0), 0U)
        << text;
  }
}

TEST(Evidence, RefusesWhatIsOverItsBound) {
  auto object = attestation_object();
  object["endorsements"] = to_base64(Bytes(limits::kPemBytesMax, 'x'));
  EXPECT_EQ(refusal(object), "accepted");
  object["endorsements"] = to_base64(Bytes(limits::kPemBytesMax + 1, 'x'));
  EXPECT_EQ(refusal(object), "attestation: member endorsements is longer than 65536 bytes");
  object = attestation_object();
  object["endorsed_tcb"] = std::string(65, '0');
  EXPECT_EQ(refusal(object), "attestation: member endorsed_tcb is longer than 64 characters");
}

}  // namespace
}  // namespace vitrine::attestation
