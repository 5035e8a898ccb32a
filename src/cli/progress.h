// How far a long command is: a bar that a terminal redraws, or, where it is asked for, lines. On
// standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace vitrine::cli {

class Progress {
 public:
  enum class Form { none, bar, lines };
  // A bar where standard error is a terminal, lines with `asked`, else nothing.
  static Form form(bool asked);

  // `what` happens to `things`: "audited", "entries".
  Progress(std::ostream& err, Form form, std::string_view what, std::string_view things)
      : err_(err), form_(form), what_(what), things_(things) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::uint64_t done, std::uint64_t of);
  // Before anything else is written to the terminal.
  void clear();

 private:
  std::string text(std::uint64_t done, std::uint64_t of) const;

  std::ostream& err_;
  const Form form_;
  const std::string what_, things_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_{};
};

}  // namespace vitrine::cli
