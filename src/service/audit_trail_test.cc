#include "service/audit_trail.h"

#include <gtest/gtest.h>

#include "attestation/simulated/fixture_for_testing.h"  // what that service is founded with
#include "base/hex.h"
#include "codec/json.h"
#include "core/service_for_testing.h"
#include "service/authentication.h"

namespace vitrine::service {
namespace {

class Lines final : public TrailSink {
 public:
  bool append(std::string_view line) override {
    if (full) return false;
    lines.emplace_back(line);
    return true;
  }
  std::vector<std::string> lines;
  bool full = false;
};

class AuditTrailTest : public testing::Test {
 protected:
  AuditTrailTest() {
    node_.create();
    trail_.emplace(node_.core(), registry_, sink_);
  }
  void answered(const Route& route, const net::Response& response, const TrailNote& note = {},
                const governance::Caller* caller = nullptr, bool known = true) {
    trail_->answered({route, response, note, "id-1", caller, known, std::chrono::microseconds(42)});
  }
  codec::json::Object last() const { return codec::json::parse_object(sink_.lines.back()).value(); }
  std::string text(std::string_view name) const {
    const auto line = last();
    const auto found = codec::json::text_of(line, name);
    return found ? std::string(*found) : "none";
  }
  bool counted(std::string_view outcome, int count) const {
    const std::string wanted = "vitrine_audit_trail_lines_total{outcome=\"" + std::string(outcome) +
                               "\"} " + std::to_string(count) + "\n";
    return registry_.text().find(wanted) != std::string::npos;
  }

  const Route release_{"POST", "/unwrapKey", Budget::release, "unwrapKey", {}};
  const Route proof_{"POST", "/key", Budget::release, "key", {}};
  const Route refresh_{"POST", "/refresh", Budget::governance, "refresh", {}};
  const Route proposals_{"POST", "/gov/members/proposals:create", Budget::governance, "", {}};
  const Route read_{"GET", "/receipt", Budget::open, "", {}};
  core::TestService node_;
  metrics::Registry registry_;
  Lines sink_;
  std::optional<AuditTrail> trail_;
};

TEST_F(AuditTrailTest, TellsOfAReleaseAsTheLedgerDoes) {
  governance::Caller caller;
  caller.issuer = "https://idp.example";
  caller.id = "the subject";
  net::Response response;
  response.headers = {{"x-ms-ccf-transaction-id", "2.15"}};
  answered(release_, response, {"kid_1", {}, {}}, &caller);
  ASSERT_EQ(sink_.lines.size(), 1U);
  const std::string& line = sink_.lines[0];
  EXPECT_EQ(line.substr(0, 9), R"({"time":")");
  EXPECT_EQ(line.substr(9 + 24), R"(","event":"key_released","request":"id-1",)"
                                 R"("endpoint":"POST /unwrapKey","status":200,"microseconds":42,)"
                                 R"("caller":"jwt","issuer":"https://idp.example",)"
                                 R"("caller_hash":")" +
                                     to_hex(*core::caller_hash(node_.core(), &caller)) +
                                     R"(","kid":"kid_1","transaction":"2.15"})");
  EXPECT_EQ(line.find("the subject"), std::string::npos);  // the ledger seals it
}

TEST_F(AuditTrailTest, NamesThoseWhomGovernanceShowsToEverybody) {
  governance::Caller user;
  user.policy = governance::AuthPolicy::user_cert;
  user.id = std::string(64, 'a');
  answered(refresh_, {}, {"kid_2", {}, {}}, &user);
  EXPECT_EQ(text("event"), "key_created");
  EXPECT_EQ(text("caller"), "user_cert");
  EXPECT_EQ(text("caller_id"), user.id);
  answered(proposals_, {}, {{}, std::string(64, 'b'), {}});
  EXPECT_EQ(text("event"), "governance_accepted");
  EXPECT_EQ(text("caller"), "cose");
  EXPECT_EQ(text("caller_id"), std::string(64, 'b'));
}

TEST_F(AuditTrailTest, SaysWhyARequestWasRefused) {
  answered(release_, failure(400), {"kid_1", {}, "no policy accepts it"});
  EXPECT_EQ(text("event"), "key_refused");
  EXPECT_EQ(text("reason"), "no policy accepts it");
  net::Response response = failure(404);
  add_reason(response, "of the header");
  answered(proof_, response);
  EXPECT_EQ(text("reason"), "of the header");
  answered(proposals_, framework_error(400, "InvalidInput", "of the body"));
  EXPECT_EQ(text("event"), "governance_refused");
  EXPECT_EQ(text("reason"), "of the body");
  answered(release_, unauthorized({{governance::AuthPolicy::jwt, "no token"}}), {}, nullptr, false);
  EXPECT_EQ(text("reason"), "no token");
  EXPECT_EQ(text("caller"), "unknown");
  // An id in a refusal is that of the last entry, not of one that it made.
  response = framework_error(404, "a", "b");
  add_header(response, "x-ms-ccf-transaction-id", "2.15");
  answered(proposals_, response);
  EXPECT_EQ(text("transaction"), "none");
}

TEST_F(AuditTrailTest, NoTextOfAClientEndsALine) {
  answered(release_, failure(404), {"a\n{\xe2\x80\xa8", {}, "b\r\n\xff"});
  EXPECT_EQ(text("kid"), "a?{???");
  EXPECT_EQ(text("reason"), "b???");
}

TEST_F(AuditTrailTest, LeavesOutWhatReleasesNothing) {
  answered(proof_, {});
  answered(read_, {});
  answered(read_, failure(400));
  EXPECT_TRUE(sink_.lines.empty());
}

TEST_F(AuditTrailTest, CountsWhatItLeavesOutOfAFloodByNobodyKnown) {
  const auto refused = unauthorized({});
  for (int i = 0; i < AuditTrail::kUnknownBurst + 5; ++i)
    answered(release_, refused, {}, nullptr, false);
  EXPECT_EQ(sink_.lines.size(), std::size_t{AuditTrail::kUnknownBurst});
  answered(release_, failure(404), {"of somebody known", {}, {}});
  EXPECT_EQ(last()["suppressed"], 5);
  answered(release_, failure(404), {"of somebody known", {}, {}});
  EXPECT_FALSE(last().contains("suppressed"));
  node_.clock().advance(std::chrono::seconds(2));
  for (int i = 0; i < 2 * AuditTrail::kUnknownPerSecond + 1; ++i)
    answered(release_, refused, {}, nullptr, false);
  EXPECT_EQ(sink_.lines.size(),
            std::size_t{AuditTrail::kUnknownBurst + 2 + 2 * AuditTrail::kUnknownPerSecond});
  EXPECT_TRUE(counted("suppressed", 6));
}

TEST_F(AuditTrailTest, CountsLinesThatAreLost) {
  sink_.full = true;
  answered(release_, failure(404));
  EXPECT_TRUE(counted("lost", 1));
  EXPECT_TRUE(counted("written", 0));
  sink_.full = false;
  answered(release_, failure(404));
  EXPECT_TRUE(counted("written", 1));
}

}  // namespace
}  // namespace vitrine::service
