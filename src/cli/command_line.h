// The command line in our words: commands with options and examples, in files of their group
// (parse_*.cc). The only file that sees the parser's library is command_line.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/run.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace vitrine::cli {

using Run = std::function<Status(Context&)>;

class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  Option& required();
  Option& shows_default();
  Option& one_of(const std::vector<std::string>& values);
  Option& needs(const Option& other);
  Option& excludes(const Option& other);
  // Of a list: how many values it takes; or one by each mention.
  Option& takes(int least, int most);
  Option& each_takes_one();

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}
  // "--name", "--name,--other", or "NAME" of what stands without one.
  Option text(const std::string& names, std::string& to, const std::string& help);
  Option texts(const std::string& names, std::vector<std::string>& to, const std::string& help);
  Option number(const std::string& names, std::int64_t& to, const std::string& help);
  Option flag(const std::string& names, bool& to, const std::string& help);

 private:
  friend class CommandLine;
  CLI::App* app_;
};

class CommandLine {
 public:
  explicit CommandLine(const Environment& environment);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command root();
  Command group(const std::string& name, const std::string& description);
  // The same below another group.
  Command group(Command parent, const std::string& name, const std::string& description);
  Command add(Command parent, const std::string& name, const std::string& description,
              const std::string& examples, Run command);

  // A command with options of its own, which live as long as the command line.
  template <class Options>
  std::pair<Command, Options&> add(Command parent, const std::string& name,
                                   const std::string& description, const std::string& examples,
                                   Status (*command)(const Options&, Context&)) {
    const auto options = std::make_shared<Options>();
    const Run run_it = [options, command](Context& context) { return command(*options, context); };
    return {add(parent, name, description, examples, run_it), *options};
  }

  // Parses, runs the one command that was named, says what went wrong.
  int run(int argc, const char* const* argv, const Clock& clock, std::ostream& out,
          std::ostream& err);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  Global global_;
  Run chosen_;
};

// The groups, each in its file.
void add_keys(CommandLine& line);        // pubkey, keys, seal, open, release, receipt, token
void add_evidence(CommandLine& line);    // evidence, policy
void add_governance(CommandLine& line);  // propose, proposals, vote, withdraw, cose
void add_members(CommandLine& line);     // member
void add_node(CommandLine& line);        // status
void add_audit(CommandLine& line);       // audit, backup, restore

// A bearer token, or a TLS client certificate and its key.
void add_caller(Command& command, Caller& caller);
// The parts of SNP evidence by their names.
void add_evidence_parts(Command& command, EvidenceOptions& evidence);

}  // namespace vitrine::cli
