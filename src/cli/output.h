// What a command shows: one result on standard output, as text for people or as one JSON document,
// and errors in the two-line form on standard error. No tabs.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace vitrine::cli {

// Beside exit_status_of(Code): a command line that cannot be read (sysexits.h EX_USAGE).
inline constexpr int kExitUsage = 64;

class Output {
 public:
  Output(bool json, std::ostream& out, std::ostream& err) : json_(json), out_(out), err_(err) {}

  bool json() const { return json_; }
  // The command's one result.
  void result(std::string_view text, const codec::json::Object& document);
  // Bytes that are the result themselves: a sealed text, a plaintext, a token.
  void raw(std::string_view bytes);
  // An aside for people, on standard error; left out with --json.
  void note(std::string_view text);
  // What people should read before the result is there; left out with --json.
  void preview(std::string_view text);
  void error(const Error& error);

 private:
  bool json_;
  std::ostream& out_;
  std::ostream& err_;
};

// Lines "label  value", labels padded to one width. A value of several lines is indented.
class Fields {
 public:
  Fields& add(std::string label, std::string value);
  std::string to_text() const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Rows under a heading, columns padded to their widest cell.
class Grid {
 public:
  explicit Grid(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string to_text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace vitrine::cli
