#include "governance/ballot.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "codec/json.h"

namespace vitrine::governance {
namespace {

constexpr std::string_view kAccepted =
    R"(accepted are {"vote": true}, {"vote": false} and {"ballot": "export function vote )"
    R"((rawProposal, proposerId) { return true }"} or the same with false)";
constexpr std::size_t kShownBytesMax = 32;

// ECMA-262 12.7.2, with those reserved in strict code, which modules are, and the two names that
// strict code cannot bind.
constexpr std::string_view kReserved[] = {
    "arguments", "await",      "break",   "case",    "catch",   "class",      "const",
    "continue",  "debugger",   "default", "delete",  "do",      "else",       "enum",
    "eval",      "export",     "extends", "false",   "finally", "for",        "function",
    "if",        "implements", "import",  "in",      "new",     "instanceof", "interface",
    "let",       "null",       "package", "private", "public",  "protected",  "return",
    "static",    "super",      "switch",  "this",    "throw",   "true",       "try",
    "typeof",    "var",        "void",    "while",   "with",    "yield",
};

struct Token {
  std::string_view text;  // empty: the end
  std::size_t at = 0;
  bool on_new_line = false;  // a line ends between the token before and this one
};

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }
bool ends_line(char c) { return c == '\n' || c == '\r'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f' || ends_line(c); }

bool is_bindable(std::string_view text) {
  return !text.empty() && begins_name(text[0]) &&
         std::find(std::begin(kReserved), std::end(kReserved), text) == std::end(kReserved);
}

tl::unexpected<Error> unexpected_at(std::string_view script, std::size_t at, std::size_t size) {
  if (at >= script.size()) return malformed("the script ends too early");
  return malformed(fmt::format("unexpected \"{}\" at byte {} of the script",
                               printable_ascii(script.substr(at, size), kShownBytesMax), at));
}

// Cuts a script into names and the few signs that a constant vote has. Anything else, strings,
// numbers and operators above all, is refused here.
class Scanner {
 public:
  explicit Scanner(std::string_view script) : script_(script) {}

  Result<std::vector<Token>> tokens() {
    std::vector<Token> found;
    for (;;) {
      VITRINE_TRY(const auto token, next());
      found.push_back(token);
      if (token.text.empty()) return found;
    }
  }

 private:
  std::string_view rest() const { return script_.substr(at_); }

  Result<Token> next() {
    VITRINE_TRY(const bool line_ended, skip_blanks_and_comments());
    const std::string_view rest = this->rest();
    std::size_t size = 0;
    if (!rest.empty() && begins_name(rest[0])) {
      while (size < rest.size() && continues_name(rest[size])) ++size;
    } else if (rest.starts_with("=>")) {
      size = 2;
    } else if (!rest.empty() &&
               std::string_view("(){},;=").find(rest[0]) != std::string_view::npos) {
      size = 1;
    } else if (!rest.empty()) {
      return unexpected_at(script_, at_, std::max<std::size_t>(1, utf8_sequence_size(rest)));
    }
    const Token token{rest.substr(0, size), at_, line_ended};
    at_ += size;
    return token;
  }

  // Whether a line ended; a comment over more than one line ends one (ECMA-262 12.4).
  Result<bool> skip_blanks_and_comments() {
    bool line_ended = false;
    for (;;) {
      const std::string_view rest = this->rest();
      if (!rest.empty() && is_blank(rest[0])) {
        line_ended = line_ended || ends_line(rest[0]);
        ++at_;
      } else if (rest.starts_with("//")) {
        at_ += static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), ends_line) -
                                        rest.begin());
      } else if (rest.starts_with("/*")) {
        const std::size_t end = rest.find("*/", 2);
        if (end == std::string_view::npos) return malformed("the script has a comment without end");
        const std::string_view comment = rest.substr(0, end);
        line_ended = line_ended || std::any_of(comment.begin(), comment.end(), ends_line);
        at_ += end + 2;
      } else {
        return line_ended;
      }
    }
  }

  std::string_view script_;
  std::size_t at_ = 0;
};

// Reads the forms that docs/governance.md lists.
class Reader {
 public:
  Reader(std::string_view script, std::vector<Token> tokens)
      : script_(script), tokens_(std::move(tokens)) {}

  Result<bool> script() {
    const bool exported = take("export");
    VITRINE_TRY(const bool vote, declaration());
    if (!exported) VITRINE_CHECK(export_clause());
    while (take(";")) {
    }
    VITRINE_CHECK(expect(""));
    return vote;
  }

 private:
  const Token& next() const { return tokens_[at_]; }
  tl::unexpected<Error> unexpected() const {
    return unexpected_at(script_, next().at, next().text.size());
  }
  bool take(std::string_view text) {
    if (next().text != text) return false;
    if (!text.empty()) ++at_;
    return true;
  }
  Status expect(std::string_view text) {
    if (!take(text)) return unexpected();
    return {};
  }
  Result<std::string_view> name() {
    if (!is_bindable(next().text)) return unexpected();
    return tokens_[at_++].text;
  }

  // function vote (…) {…}, or const vote = … up to the end of its statement
  Result<bool> declaration() {
    if (take("function")) {
      VITRINE_CHECK(expect("vote"));
      return function_rest();
    }
    if (!take("const") && !take("let") && !take("var")) return unexpected();
    VITRINE_CHECK(expect("vote"));
    VITRINE_CHECK(expect("="));
    VITRINE_TRY(const bool vote, function_value());
    if (!take(";") && !next().text.empty() && !next().on_new_line) return unexpected();
    return vote;
  }

  // function [name] (…) {…}, (…) => {…}, (…) => true, name => true
  Result<bool> function_value() {
    if (take("function")) {
      if (next().text != "(") VITRINE_CHECK(name());
      return function_rest();
    }
    if (next().text == "(") {
      VITRINE_CHECK(parameters());
    } else {
      VITRINE_CHECK(name());
    }
    if (next().on_new_line) return unexpected();  // ECMA-262 15.3: no line may end before =>
    VITRINE_CHECK(expect("=>"));
    return next().text == "{" ? body() : literal();
  }

  Result<bool> function_rest() {
    VITRINE_CHECK(parameters());
    return body();
  }

  Status parameters() {
    VITRINE_CHECK(expect("("));
    std::vector<std::string_view> names;
    while (!take(")")) {
      if (std::find(names.begin(), names.end(), next().text) != names.end()) return unexpected();
      VITRINE_TRY(const auto parameter, name());
      names.push_back(parameter);
      if (next().text != ")") VITRINE_CHECK(expect(","));
    }
    return {};
  }

  Result<bool> body() {
    VITRINE_CHECK(expect("{"));
    VITRINE_CHECK(expect("return"));
    // A line that ends here ends the statement (ECMA-262 12.10): it would return nothing.
    if (next().on_new_line) return unexpected();
    VITRINE_TRY(const bool vote, literal());
    while (take(";")) {
    }
    VITRINE_CHECK(expect("}"));
    return vote;
  }

  Result<bool> literal() {
    if (take("true")) return true;
    VITRINE_CHECK(expect("false"));
    return false;
  }

  Status export_clause() {
    while (take(";")) {
    }
    VITRINE_CHECK(expect("export"));
    VITRINE_CHECK(expect("{"));
    VITRINE_CHECK(expect("vote"));
    return expect("}");
  }

  std::string_view script_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

tl::unexpected<Error> not_accepted(const std::string& why) {
  return malformed(fmt::format("ballot: {}; {}", why, kAccepted));
}

Result<Ballot> ballot_of_script(std::string_view script) {
  const auto vote = read_constant_vote(script);
  if (!vote) return not_accepted("it is no constant vote: " + vote.error().message);
  return Ballot{*vote, std::string(script)};
}

}  // namespace

Result<bool> read_constant_vote(std::string_view script) {
  if (script.size() > kBallotScriptBytesMax) {
    return malformed(
        fmt::format("the script has {} bytes, over {}", script.size(), kBallotScriptBytesMax));
  }
  // U+2028 and U+2029 end lines in JavaScript and look like nothing to people.
  for (const std::string_view separator : {"\xe2\x80\xa8", "\xe2\x80\xa9"}) {
    if (const auto at = script.find(separator); at != std::string_view::npos) {
      return malformed(fmt::format("a Unicode line separator at byte {} of the script", at));
    }
  }
  VITRINE_TRY(auto tokens, Scanner(script).tokens());
  return Reader(script, std::move(tokens)).script();
}

Result<Ballot> read_ballot(std::string_view payload) {
  const auto object = codec::json::parse_object(payload);
  if (!object) return not_accepted(object.error().message);
  if (object->size() != 1) return not_accepted("it has to have one member, vote or ballot");
  if (const auto* vote = codec::json::find(*object, "vote")) {
    if (!vote->is_bool()) return not_accepted("vote is neither true nor false");
    return Ballot{vote->get_bool(), constant_vote(vote->get_bool())};
  }
  if (codec::json::find(*object, "ballot") == nullptr) {
    return not_accepted("it has neither vote nor ballot");
  }
  const auto script = codec::json::text_of(*object, "ballot");
  if (!script) return not_accepted("ballot is not text");
  return ballot_of_script(*script);
}

std::string constant_vote(bool in_favour) {
  return fmt::format("export function vote (rawProposal, proposerId) {{ return {}; }}", in_favour);
}

}  // namespace vitrine::governance
