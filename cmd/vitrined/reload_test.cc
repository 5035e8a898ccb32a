#include "vitrined/reload.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "attestation/simulated/fixture_for_testing.h"  // what that service is founded with
#include "base/file.h"
#include "core/duties.h"
#include "core/service_for_testing.h"
#include "service/service.h"

namespace vitrine::vitrined {
namespace {

// Keeps what it is given, and refuses limits on demand.
class FakeServer final : public net::Server {
 public:
  std::uint16_t port() const override { return 0; }
  Status set_identity(const net::TlsIdentity& given) override {
    identities.push_back(given);
    return {};
  }
  Status set_limits(const net::ServerLimits& given) override {
    if (given.connections_max == 0) return malformed("limits: connections_max is 0");
    limits = given;
    return {};
  }
  net::ServerStats stats() const override { return {}; }
  void stop(std::chrono::milliseconds) override {}

  std::vector<net::TlsIdentity> identities;
  net::ServerLimits limits;
};

class ReloadTest : public testing::Test {
 protected:
  ReloadTest() {
    node_.create();
    service_.emplace(node_.core(), registry_);
    certificate_ = node_.core().view()->state.node->certificate;
    log::set_sink_for_testing([this](std::string_view line) { log_ += std::string(line) + "\n"; });
    reload_.emplace(
        node_.core(), server_, *service_, node_.clock(), trail_, now_in_force_,
        [this](const core::State& state) -> Status {
          published_.push_back(state.service->certificate);
          return {};
        },
        [this] { return read_; });
  }
  ~ReloadTest() override {
    log::set_sink_for_testing({});
    ::unlink(trail_path_.c_str());
  }
  static Options without_trail() {
    Options options;
    options.audit_trail_path.emplace();
    return options;
  }
  const crypto::Certificate& presented() const { return server_.identities.back().chain.front(); }

  core::TestService node_;
  metrics::Registry registry_;
  std::optional<service::Service> service_;
  FakeServer server_;
  std::optional<crypto::Certificate> certificate_;
  std::string trail_path_ = testing::TempDir() + "reload-trail-" + std::to_string(getpid());
  TrailFile trail_{TrailSettings{}};
  Options now_in_force_ = without_trail();
  Result<std::optional<Options>> read_ = std::optional<Options>(now_in_force_);
  std::vector<crypto::Certificate> published_;
  std::optional<Reload> reload_;
  std::string log_;
};

TEST_F(ReloadTest, MakesACertificateAnewWhereNamesChanged) {
  reload_->take_settings();
  EXPECT_TRUE(server_.identities.empty());  // the same names: the same certificate

  Options fresh = now_in_force_;
  fresh.alternatives.dns_names = {"kms.example"};
  fresh.server.limits.header_bytes_max = 2048;
  read_ = std::optional<Options>(fresh);
  reload_->take_settings();
  ASSERT_EQ(server_.identities.size(), 1U);
  EXPECT_EQ(presented().public_key().spki(), certificate_->public_key().spki());
  EXPECT_EQ(server_.limits.header_bytes_max, 2048U);
  EXPECT_EQ(node_.core().view()->state.node->certificate.der(), certificate_->der());
}

TEST_F(ReloadTest, OpensTheAuditTrailAnewWhereTheSettingsSay) {
  Options fresh = now_in_force_;
  fresh.audit_trail_path = trail_path_;
  read_ = std::optional<Options>(fresh);
  EXPECT_TRUE(trail_.append("to nowhere"));
  reload_->take_settings();
  EXPECT_TRUE(trail_.append("to the file"));
  const auto bytes = read_file(trail_path_, 100);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(as_text(*bytes), "to the file\n");
}

TEST_F(ReloadTest, KeepsEverythingWhereSettingsAreWrong) {
  read_ = malformed("vitrine.toml, line 3: surprise", "look there");
  reload_->take_settings();
  EXPECT_TRUE(server_.identities.empty());
  EXPECT_NE(log_.find("settings not reloaded, the old ones stay"), std::string::npos) << log_;
  EXPECT_NE(log_.find("vitrine.toml, line 3: surprise"), std::string::npos) << log_;
}

TEST_F(ReloadTest, NamesWhatNeedsARestart) {
  Options fresh = now_in_force_;
  fresh.data = "elsewhere";
  fresh.server.port = 1;
  read_ = std::optional<Options>(fresh);
  reload_->take_settings();
  EXPECT_NE(log_.find("settings=\"data, unseal_key, listen.port\""), std::string::npos) << log_;
}

TEST_F(ReloadTest, RenewsTheCertificateInTheLastThirdOfItsLife) {
  node_.clock().advance(std::chrono::hours(24 * 59));
  reload_->renew_if_due();
  EXPECT_TRUE(server_.identities.empty());
  node_.clock().advance(std::chrono::hours(24 * 2));
  reload_->renew_if_due();
  ASSERT_EQ(server_.identities.size(), 1U);
  EXPECT_GT(presented().not_after(), certificate_->not_after());
  reload_->renew_if_due();
  EXPECT_EQ(server_.identities.size(), 1U);  // not again
}

TEST_F(ReloadTest, RenewsTheServiceCertificateInTheLastThirdOfItsLife) {
  const auto before = node_.core().view()->state.service->certificate;
  node_.clock().advance(std::chrono::hours(24 * 240));
  reload_->renew_if_due();
  EXPECT_TRUE(published_.empty());
  EXPECT_LT(presented().not_after(), before.not_after());
  node_.clock().advance(std::chrono::hours(24 * 10));
  reload_->renew_if_due();
  ASSERT_EQ(published_.size(), 1U);
  const auto& after = published_.back();
  EXPECT_EQ(after.public_key(), before.public_key());
  EXPECT_GT(after.not_after(), before.not_after() + std::chrono::hours(24 * 200));
  EXPECT_EQ(server_.identities.back().chain.back().der(), after.der());
  EXPECT_GT(presented().not_after(), node_.clock().now() + std::chrono::hours(24 * 80));
  reload_->renew_if_due();
  EXPECT_EQ(published_.size(), 1U) << "not again";
}

TEST_F(ReloadTest, PresentsWhatTheLedgerNamesSince) {
  reload_->follow_ledger();
  EXPECT_TRUE(server_.identities.empty());
  ASSERT_TRUE(core::renew_service_certificate(node_.core()));
  reload_->follow_ledger();
  ASSERT_EQ(server_.identities.size(), 1U);
  const auto view = node_.core().view();
  EXPECT_EQ(server_.identities.back().chain.back().der(), view->state.service->certificate.der());
  EXPECT_EQ(published_.size(), 1U);
  reload_->follow_ledger();
  EXPECT_EQ(server_.identities.size(), 1U);
}

}  // namespace
}  // namespace vitrine::vitrined
