#include "codec/json.h"

#include <fmt/format.h>

#include "codec/json_text.h"

namespace vitrine::codec::json {

namespace {

class Writer {
 public:
  explicit Writer(bool pretty) : pretty_(pretty) {}

  void value(const Value& value, std::size_t depth) {
    switch (value.kind()) {
      case boost::json::kind::null:
        out_ += "null";
        break;
      case boost::json::kind::bool_:
        out_ += value.get_bool() ? "true" : "false";
        break;
      case boost::json::kind::int64:
        integer(value.get_int64());
        break;
      case boost::json::kind::uint64:
        integer(value.get_uint64());
        break;
      case boost::json::kind::double_:
        append_number(out_, value.get_double());
        break;
      case boost::json::kind::string:
        append_quoted(out_, text_view(value.get_string()));
        break;
      case boost::json::kind::array:
        array(value.get_array(), depth);
        break;
      case boost::json::kind::object:
        object(value.get_object(), depth);
        break;
    }
  }
  std::string take() { return std::move(out_); }

 private:
  template <class Integer>
  void integer(Integer number) {
    out_ += fmt::format("{}", number);
  }

  void array(const Array& array, std::size_t depth) {
    out_ += '[';
    bool first = true;
    for (const Value& item : array) {
      if (!std::exchange(first, false)) out_ += ',';
      new_line(depth + 1);
      value(item, depth + 1);
    }
    if (!array.empty()) new_line(depth);
    out_ += ']';
  }

  void object(const Object& object, std::size_t depth) {
    out_ += '{';
    bool first = true;
    for (const auto& member : object) {
      if (!std::exchange(first, false)) out_ += ',';
      new_line(depth + 1);
      append_quoted(out_, {member.key().data(), member.key().size()});
      out_ += pretty_ ? ": " : ":";
      value(member.value(), depth + 1);
    }
    if (!object.empty()) new_line(depth);
    out_ += '}';
  }

  void new_line(std::size_t depth) {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(depth * 2, ' ');
  }

  bool pretty_;
  std::string out_;
};

std::string written(const Value& value, bool pretty) {
  Writer writer(pretty);
  writer.value(value, 0);
  return writer.take();
}

}  // namespace

std::string write(const Value& value) { return written(value, false); }
std::string write_pretty(const Value& value) { return written(value, true); }

const Value* find(const Object& object, std::string_view name) { return object.if_contains(name); }

std::optional<std::string_view> text_of(const Object& object, std::string_view name) {
  const Value* const value = find(object, name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return text_view(value->get_string());
}

std::optional<std::int64_t> integer_of(const Object& object, std::string_view name) {
  const Value* const value = find(object, name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<bool> bool_of(const Object& object, std::string_view name) {
  const Value* const value = find(object, name);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

const Object* object_of(const Object& object, std::string_view name) {
  const Value* const value = find(object, name);
  return value == nullptr ? nullptr : value->if_object();
}

const Array* array_of(const Object& object, std::string_view name) {
  const Value* const value = find(object, name);
  return value == nullptr ? nullptr : value->if_array();
}

std::string_view text_view(const boost::json::string& text) { return {text.data(), text.size()}; }

}  // namespace vitrine::codec::json
