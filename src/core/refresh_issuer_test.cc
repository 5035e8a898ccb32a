#include "core/refresh_issuer.h"

#include "core/service_for_testing.h"
#include "governance/issuer_discovery.h"
#include "ledger/entries.h"

namespace vitrine::core {
namespace {

constexpr std::string_view kIssuer = "https://idp.example";
constexpr std::string_view kDocument =
    R"({"issuer":"https://idp.example","jwks_uri":"https://keys.example/jwks"})";

crypto::Jwk key(const std::string& kid) {
  return {kid, crypto::JwsAlgorithm::es256,
          crypto::PrivateKey::generate(crypto::KeyKind::ec_p256)->public_key()};
}

// An issuer that answers what the test says, and remembers how it was asked.
class TestSource final : public IssuerSource {
 public:
  Result<std::string> get(const std::string& url, const std::vector<crypto::Certificate>& roots,
                          std::size_t bytes_max) override {
    asked.push_back(url + " " + std::to_string(bytes_max));
    roots_seen = roots;
    if (before_answer) before_answer();
    const auto answer = answers.find(url);
    if (answer == answers.end()) return unavailable("GET " + url + ": nobody there");
    return answer->second;
  }
  void stop() override {}

  void serve(const std::vector<crypto::Jwk>& keys) {
    answers["https://idp.example/.well-known/openid-configuration"] = std::string(kDocument);
    answers["https://keys.example/jwks"] = codec::json::write(governance::jwks_to_json(keys));
  }

  std::map<std::string, std::string> answers;
  std::vector<std::string> asked;
  std::vector<crypto::Certificate> roots_seen;
  std::function<void()> before_answer;
};

class RefreshIssuer : public testing::Test {
 protected:
  void SetUp() override {
    governance::State& state = service_.governance();
    governance::Issuer& issuer = state.issuers[std::string(kIssuer)];
    issuer.auto_refresh = true;
    issuer.ca_cert_bundle_name = "roots";
    state.ca_cert_bundles["roots"] = root_.certificate.pem();
    state.issuers["https://given.example"].keys = {key("given")};
    service_.create();
  }
  Result<RefreshedKeys> refresh(std::string_view issuer = kIssuer) {
    return refresh_issuer(service_.core(), source_, std::string(issuer));
  }
  std::string refusal(std::string_view issuer = kIssuer) {
    const auto refreshed = refresh(issuer);
    return refreshed ? "accepted" : refreshed.error().message;
  }
  std::vector<std::string> kids() {
    std::vector<std::string> kids;
    const auto view = service_.core().view();
    for (const auto& each : view->state.governance->issuers.find(kIssuer)->second.keys)
      kids.push_back(each.kid);
    return kids;
  }
  std::uint64_t size() { return service_.core().view()->state.size; }

  const governance::Identity root_ = governance::identity_for_testing("root");
  TestService service_;
  TestSource source_;
};

TEST_F(RefreshIssuer, StoresKeysThatChangedAndNoOthers) {
  const auto first = key("1"), second = key("2");
  source_.serve({first});
  const auto stored = refresh();
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->keys, 1U);
  EXPECT_EQ(stored->entry, service_.core().view()->state.last_id());
  EXPECT_EQ(kids(), (std::vector<std::string>{"1"}));
  EXPECT_EQ(source_.asked,
            (std::vector<std::string>{"https://idp.example/.well-known/openid-configuration 65536",
                                      "https://keys.example/jwks 1048576"}));
  ASSERT_EQ(source_.roots_seen.size(), 1U);
  EXPECT_EQ(source_.roots_seen[0].der_sha256(), root_.certificate.der_sha256());

  const auto before = size();
  const auto again = refresh();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->entry);
  EXPECT_EQ(size(), before) << "nothing changed, nothing is appended";

  source_.serve({second});
  ASSERT_TRUE(refresh());
  EXPECT_EQ(kids(), (std::vector<std::string>{"2"}));
  service_.stop();
  ASSERT_TRUE(service_.start_and_take_up());
  EXPECT_EQ(kids(), (std::vector<std::string>{"2"})) << "replayed";
}

TEST_F(RefreshIssuer, LeavesTheKeysWhereTheAnswersAreNotToBeTaken) {
  source_.serve({key("1")});
  ASSERT_TRUE(refresh());
  const auto before = size();
  const auto document = "https://idp.example/.well-known/openid-configuration";
  source_.answers["https://keys.example/jwks"] = R"({"keys":[]})";
  EXPECT_EQ(refusal(), "jwks: none of its keys signs tokens of this issuer");
  source_.answers["https://keys.example/jwks"] = "<html>";
  EXPECT_NE(refusal(), "accepted");
  source_.answers.erase("https://keys.example/jwks");
  EXPECT_EQ(refusal(), "GET https://keys.example/jwks: nobody there");
  source_.answers[document] = R"({"issuer":"https://other.example","jwks_uri":"https://a/"})";
  EXPECT_EQ(refusal(), "discovery document: it is that of issuer \"https://other.example\"");
  source_.answers[document] = R"({"issuer":"https://idp.example","jwks_uri":"http://a/"})";
  EXPECT_EQ(refusal(), "discovery document: jwks_uri \"http://a/\": not an https URL");
  EXPECT_EQ(size(), before);
  EXPECT_EQ(kids(), (std::vector<std::string>{"1"}));
}

TEST_F(RefreshIssuer, AsksOfIssuersWithAutoRefreshAlone) {
  source_.serve({key("1")});
  EXPECT_EQ(refresh("https://given.example").error().code, Code::not_found);
  EXPECT_EQ(refresh("https://nobody.example").error().code, Code::not_found);
  EXPECT_TRUE(source_.asked.empty());
}

TEST_F(RefreshIssuer, IsUnavailableWhileTheNodeIsUnconfirmed) {
  source_.serve({key("1")});
  service_.stop();
  ASSERT_TRUE(service_.start());
  const auto refused = refresh();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
}

}  // namespace
}  // namespace vitrine::core
