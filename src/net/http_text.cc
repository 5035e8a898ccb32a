#include "net/http_text.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace vitrine::net {
namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kTokenCharacter = make_token_table();

// ASCII alone: the process's locale has no say in a protocol.
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u == '\t' || (u >= 0x20 && u != 0x7f);
  });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kTokenCharacter[static_cast<unsigned char>(c)];
  });
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

bool list_contains(std::string_view list, std::string_view token) {
  while (true) {
    const auto comma = list.find(',');
    if (equal_without_case(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

bool is_framing_field(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kFraming = {"content-length",    "connection",
                                                               "transfer-encoding", "keep-alive",
                                                               "proxy-connection",  "upgrade"};
  return std::any_of(kFraming.begin(), kFraming.end(), [name](std::string_view framing) {
    return equal_without_case(name, framing);
  });
}

std::string harmless_field_value(std::string_view value) {
  std::string clean(value);
  for (char& c : clean) {
    if (!is_field_value({&c, 1})) c = '?';
  }
  return clean;
}

}  // namespace vitrine::net
