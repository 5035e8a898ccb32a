#include "vitrined/options.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"

namespace vitrine::vitrined {
namespace {

Result<std::optional<Options>> read(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "vitrined");
  return read_options(static_cast<int>(arguments.size()), arguments.data());
}

// A settings file that is there as long as the object.
class SettingsFile {
 public:
  explicit SettingsFile(std::string_view text)
      : path_(testing::TempDir() + "vitrine-" + std::to_string(getpid()) + ".toml") {
    EXPECT_TRUE(write_file_atomically(path_, as_bytes(text), 0600));
  }
  ~SettingsFile() { unlink(path_.c_str()); }
  const char* path() const { return path_.c_str(); }

 private:
  std::string path_;
};

std::string refusal(std::string_view text) {
  const SettingsFile file(text);
  const auto options = read({"--config", file.path()});
  EXPECT_FALSE(options);
  if (options) return {};
  EXPECT_FALSE(options.error().hint.empty());
  const std::string& message = options.error().message;
  return message.substr(message.find(", line"));
}

TEST(Options, HaveDefaults) {
  const auto options = read({}).value().value();
  EXPECT_EQ(options.data, "vitrine-data");
  EXPECT_EQ(options.unseal_key_path(), "vitrine-data.unseal-key") << "outside the data folder";
  EXPECT_EQ(options.server.port, 8000);
  EXPECT_EQ(options.server.address, "127.0.0.1");
  EXPECT_FALSE(options.dev);
}

TEST(Options, KeepTheAuditTrailInTheDataFolderUnlessToldOtherwise) {
  const auto options = read({"--data", "there"}).value().value();
  EXPECT_EQ(options.trail().path, "there/audit_trail.jsonl");
  EXPECT_EQ(options.trail().file_bytes, 16'777'216U);
  EXPECT_EQ(options.trail().files, 8U);
  const SettingsFile off("[audit_trail]\npath = \"\"\n");
  EXPECT_EQ(read({"--config", off.path()}).value().value().trail().path, "");
  const SettingsFile elsewhere(
      "[audit_trail]\npath = \"/var/log/trail\"\nfile_bytes = 4096\nfiles = 2\n");
  EXPECT_EQ(read({"--config", elsewhere.path()}).value().value().trail(),
            (TrailSettings{"/var/log/trail", 4096, 2}));
  EXPECT_EQ(refusal("[audit_trail]\nfiles = 0\n"),
            ", line 2: audit_trail.files must be an integer from 1 to 1000");
}

TEST(Options, NameTheConstitutionOfDevelopmentModeAlone) {
  EXPECT_EQ(read({"--dev"}).value().value().constitution, "");
  EXPECT_EQ(read({"--dev", "--constitution", "sandbox"}).value().value().constitution, "sandbox");
  EXPECT_EQ(read({"--constitution", "sandbox"}).error().message,
            "--constitution goes with --dev alone");
  EXPECT_FALSE(read({"--dev", "--constitution", "anarchy"}));
}

TEST(Options, SayHowOftenIssuersAreAsked) {
  EXPECT_EQ(read({}).value().value().issuer_refresh, std::chrono::minutes(30));
  const SettingsFile file("[issuers]\nrefresh_seconds = 7\n");
  EXPECT_EQ(read({"--config", file.path()}).value().value().issuer_refresh,
            std::chrono::seconds(7));
  EXPECT_EQ(refusal("[issuers]\nrefresh_seconds = 0\n"),
            ", line 2: issuers.refresh_seconds must be an integer from 1 to 86400");
}

TEST(Options, FlagsOverrideTheFile) {
  const SettingsFile file(
      "data = \"here\"\n[listen]\nport = 1\naddress = \"::1\"\n[log]\nlevel = \"debug\"\n");
  const auto options =
      read({"--config", file.path(), "--port", "2", "--data", "there/"}).value().value();
  EXPECT_EQ(options.server.port, 2);
  EXPECT_EQ(options.data, "there");
  EXPECT_EQ(options.server.address, "::1");
  EXPECT_EQ(options.log_level, log::Level::debug);
}

TEST(Options, SetEveryLimit) {
  const SettingsFile file(
      "[limits]\nheader_bytes = 2000\nbody_bytes = 70000\nconnections = 7\n"
      "connections_per_address = 3\nbuffered_body_bytes = 5000000\nhandshake_seconds = 1\n"
      "idle_seconds = 2\nrequest_seconds = 4\nbody_seconds = 3\n");
  const net::ServerLimits limits = read({"--config", file.path()}).value().value().server.limits;
  EXPECT_EQ(limits.header_bytes_max, 2'000U);
  EXPECT_EQ(limits.body_bytes_max, 70'000U);
  EXPECT_EQ(limits.connections_max, 7U);
  EXPECT_EQ(limits.connections_per_address_max, 3U);
  EXPECT_EQ(limits.buffered_body_bytes_max, 5'000'000U);
  EXPECT_EQ(limits.handshake_timeout, std::chrono::seconds(1));
  EXPECT_EQ(limits.idle_timeout, std::chrono::seconds(2));
  EXPECT_EQ(limits.request_timeout, std::chrono::seconds(4));
  EXPECT_EQ(limits.body_timeout, std::chrono::seconds(3));
}

TEST(Options, NameAWrongSettingByFileAndLine) {
  EXPECT_EQ(refusal("\n[listen]\nport = \"x\"\n"),
            ", line 3: listen.port must be an integer from 0 to 65535");
  EXPECT_EQ(refusal("[listen]\nport = 65536\n"),
            ", line 2: listen.port must be an integer from 0 to 65535");
  EXPECT_EQ(refusal("[listen]\ndns_names = \"one\"\n"),
            ", line 2: listen.dns_names must be a list of texts");
  EXPECT_EQ(refusal("[log]\nlevel = \"loud\"\n"),
            ", line 2: log.level must be debug, info, warning or error");
  EXPECT_EQ(refusal("[limits]\nbody_bytes = 2000000\n"),
            ", line 2: limits.body_bytes must be an integer from 65536 to 1000000");
  EXPECT_EQ(refusal("[limits]\nconnections_per_address = 0\n"),
            ", line 2: limits.connections_per_address must be an integer from 1 to 1000000");
  EXPECT_EQ(refusal("dev = true\n"), ", line 1: unknown setting dev");
  EXPECT_EQ(refusal("listen = 3\n"), ", line 1: listen must be a table");
  EXPECT_EQ(refusal("data = 1.5\n"), ", line 1: data is a float or a date");
}

TEST(Options, RefuseUnknownFlagsAndMixes) {
  EXPECT_FALSE(read({"--nonsense"}));
  EXPECT_FALSE(read({"--port", "70000"}));
  EXPECT_EQ(read({"--log-level", "loud"}).error().message,
            "--log-level loud: must be debug, info, warning or error");
  EXPECT_EQ(read({"--dev", "--genesis", "g.toml"}).error().message,
            "--genesis does not go with --dev");
  EXPECT_EQ(read({"--config", "/nonexistent.toml"}).error().code, Code::not_found);
}

}  // namespace
}  // namespace vitrine::vitrined
