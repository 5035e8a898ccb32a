// The one translation unit with Boost.JSON's parser templates. The library's own parser keeps the
// last of duplicate members, and rounds doubles roughly; this handler does neither.
#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "codec/json.h"

namespace vitrine::codec::json {

namespace {

using boost::json::error_code;
using boost::json::string_view;

// Builds the value from the parser's events. An event that returns false stops the parser, and
// `refusal` then says why.
class Builder {
 public:
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_comment_part(string_view, error_code&) { return false; }
  bool on_comment(string_view, error_code&) { return false; }

  bool on_array_begin(error_code& error) { return open(Array(), error); }
  bool on_object_begin(error_code& error) { return open(Object(), error); }
  bool on_array_end(std::size_t, error_code& error) { return close(error); }
  bool on_object_end(std::size_t, error_code& error) { return close(error); }

  bool on_string_part(string_view part, std::size_t, error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(string_view part, std::size_t, error_code& error) {
    text_.append(part.data(), part.size());
    const bool added = add(Value(text_), error);
    text_.clear();
    return added;
  }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_key(string_view part, std::size_t, error_code& error) {
    text_.append(part.data(), part.size());
    const Object& object = open_.back().container.get_object();
    if (object.contains(text_)) {
      return refuse(fmt::format("duplicate member \"{}\"", printable_ascii(text_, 64)), error);
    }
    if (object.size() == limits::kJsonMembersMax) {
      return refuse(fmt::format("an object of more than {} members", limits::kJsonMembersMax),
                    error);
    }
    open_.back().name = std::exchange(text_, {});
    return true;
  }

  bool on_number_part(string_view part, error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t, string_view part, error_code& error) { return number(part, error); }
  bool on_uint64(std::uint64_t, string_view part, error_code& error) { return number(part, error); }
  bool on_double(double, string_view part, error_code& error) { return number(part, error); }
  bool on_bool(bool value, error_code& error) { return add(Value(value), error); }
  bool on_null(error_code& error) { return add(Value(nullptr), error); }

  std::string refusal;
  Value root;

 private:
  // An array or object not yet closed, and the name of its next member.
  struct Open {
    Value container;
    std::string name;
  };

  bool refuse(std::string why, error_code& error) {
    refusal = std::move(why);
    error = boost::json::error::syntax;
    return false;
  }

  bool open(Value container, error_code&) {
    open_.push_back({std::move(container), {}});
    return true;
  }
  bool close(error_code& error) {
    Value closed = std::move(open_.back().container);
    open_.pop_back();
    return add(std::move(closed), error);
  }
  bool add(Value value, error_code&) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (Open& top = open_.back(); top.container.is_array()) {
      top.container.get_array().push_back(std::move(value));
    } else {
      top.container.get_object().emplace(top.name, std::move(value));
    }
    return true;
  }

  // From the text, and not from what the parser made of it: its doubles may be off by one unit in
  // the last place, and "-0" would be an integer.
  bool number(string_view part, error_code& error) {
    text_.append(part.data(), part.size());
    const std::string text = std::exchange(text_, {});
    const char* const end = text.data() + text.size();
    if (text != "-0" && text.find_first_of(".eE") == std::string::npos) {
      std::int64_t integer = 0;
      if (std::from_chars(text.data(), end, integer).ec == std::errc()) return add(integer, error);
      std::uint64_t large = 0;
      if (std::from_chars(text.data(), end, large).ec == std::errc()) return add(large, error);
    }
    double real = 0;
    if (std::from_chars(text.data(), end, real).ec != std::errc()) {
      return refuse("a number that a double can't hold", error);
    }
    return add(real, error);
  }

  std::vector<Open> open_;
  std::string text_;  // of the string, name or number being read
};

}  // namespace

Result<Value> parse(std::string_view text, std::size_t depth_max) {
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::basic_parser<Builder> parser(options);
  error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  Builder& builder = parser.handler();
  if (!builder.refusal.empty()) {
    return malformed(fmt::format("JSON: {} at byte {}", builder.refusal, read));
  }
  if (error) return malformed(fmt::format("JSON: {} at byte {}", error.message(), read));
  if (read != text.size()) return malformed(fmt::format("JSON: more text at byte {}", read));
  return std::move(builder.root);
}

Result<Object> parse_object(std::string_view text, std::size_t depth_max) {
  VITRINE_TRY(auto value, parse(text, depth_max));
  if (!value.is_object()) return malformed("JSON: not an object");
  return std::move(value.get_object());
}

}  // namespace vitrine::codec::json
