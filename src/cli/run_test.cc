#include "cli/run.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace vitrine::cli {
namespace {

struct Ran {
  int status;
  std::string out;
  std::string err;
};

Ran run_line(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "vitrine");
  std::ostringstream out;
  std::ostringstream err;
  const SystemClock clock;
  const Environment environment{"https://127.0.0.1:1", "", "1.2.3"};
  const int status =
      run(static_cast<int>(arguments.size()), arguments.data(), environment, clock, out, err);
  return {status, out.str(), err.str()};
}

TEST(CommandLine, SaysItsVersion) {
  const auto ran = run_line({"--version"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "vitrine 1.2.3\n");
}

TEST(CommandLine, NamesWhatItDoesNotKnow) {
  const auto command = run_line({"unseal"});
  EXPECT_EQ(command.status, 64);
  EXPECT_EQ(command.err,
            "vitrine: error: command line: no command named unseal\n"
            "vitrine: hint: see vitrine --help, or vitrine COMMAND --help\n");
  const auto option = run_line({"pubkey", "--what"});
  EXPECT_EQ(option.status, 64);
  EXPECT_NE(option.err.find("--what"), std::string::npos);
  const auto format = run_line({"pubkey", "--fmt", "pem"});
  EXPECT_EQ(format.status, 64);
  EXPECT_NE(format.err.find("--fmt: pem not in {jwk,tink}"), std::string::npos);
}

TEST(CommandLine, ComplainsInJsonWhereJsonIsAsked) {
  const auto ran = run_line({"--json", "unseal"});
  EXPECT_EQ(ran.status, 64);
  EXPECT_EQ(ran.err.find(R"({"error":{"code":"malformed","message":"command line: )"), 0u);
}

TEST(CommandLine, ShowsExamplesWithEachCommandsHelp) {
  const std::vector<std::vector<const char*>> commands = {{"pubkey"},
                                                          {"seal"},
                                                          {"open"},
                                                          {"release"},
                                                          {"receipt", "verify"},
                                                          {"receipt", "get"},
                                                          {"policy", "show"},
                                                          {"policy", "test"},
                                                          {"propose"},
                                                          {"proposals"},
                                                          {"vote"},
                                                          {"withdraw"},
                                                          {"member", "keygen"},
                                                          {"member", "list"},
                                                          {"member", "ack"},
                                                          {"member", "share", "decrypt"},
                                                          {"cose", "prepare"},
                                                          {"cose", "finish"},
                                                          {"cose", "sign"},
                                                          {"cose", "send"},
                                                          {"keys", "list"},
                                                          {"keys", "refresh"},
                                                          {"token", "dev"},
                                                          {"evidence", "show"},
                                                          {"evidence", "verify"},
                                                          {"evidence", "simulate"},
                                                          {"status"}};
  for (auto command : commands) {
    command.push_back("--help");
    const auto ran = run_line(command);
    EXPECT_EQ(ran.status, 0) << command[0];
    EXPECT_NE(ran.out.find("Examples:\n  "), std::string::npos) << command[0];
    EXPECT_NE(ran.out.find("vitrine " + std::string(command[0])), std::string::npos) << command[0];
    EXPECT_EQ(ran.out.find('\t'), std::string::npos) << command[0];
  }
}

TEST(CommandLine, TakesGlobalOptionsAfterTheCommand) {
  const auto ran = run_line({"status", "--insecure", "--json"});
  EXPECT_EQ(ran.status, 6) << ran.err;
  EXPECT_EQ(ran.err.find(R"({"error":{"code":"unavailable")"), 0u);
}

TEST(CommandLine, NeedsACertificateToTrust) {
  const auto ran = run_line({"pubkey", "--common", "/nonexistent"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.err.find("vitrine: error: no service certificate to trust https://127.0.0.1:1 by\n"
                         "vitrine: hint: fetch it once"),
            0u);
}

}  // namespace
}  // namespace vitrine::cli
