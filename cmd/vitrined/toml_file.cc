#include "vitrined/toml_file.h"

#include "base/file.h"

#include <toml++/toml.h>

namespace vitrine::vitrined {
namespace {

using codec::json::Array;
using codec::json::Object;
using codec::json::Value;

class Reader {
 public:
  explicit Reader(TomlFile& file) : file_(file) {}

  Result<Object> table(const toml::table& from, const std::string& prefix) {
    Object out;
    for (const auto& [key, node] : from) {
      const std::string name = prefix + std::string(key.str());
      file_.lines[name] = node.source().begin.line;
      VITRINE_TRY(out[key.str()], value(node, name));
    }
    return out;
  }

 private:
  Result<Value> value(const toml::node& node, const std::string& name) {
    if (const auto* text = node.as_string()) return Value(text->get());
    if (const auto* number = node.as_integer()) return Value(number->get());
    if (const auto* flag = node.as_boolean()) return Value(flag->get());
    if (const auto* nested = node.as_table()) {
      VITRINE_TRY(Object object, table(*nested, name + "."));
      return Value(std::move(object));
    }
    if (const auto* list = node.as_array()) {
      Array out;
      for (const toml::node& item : *list) {
        VITRINE_TRY(Value one, value(item, name));
        out.push_back(std::move(one));
      }
      return Value(std::move(out));
    }
    return malformed(file_.place(name) + ": " + name + " is a float or a date",
                     "no setting is one; give text or an integer");
  }

  TomlFile& file_;
};

}  // namespace

std::string TomlFile::place(std::string_view name) const {
  const auto line = lines.find(std::string(name));
  return line == lines.end() ? path : path + ", line " + std::to_string(line->second);
}

Result<TomlFile> read_toml(const std::string& path) {
  VITRINE_TRY(const Bytes bytes, read_file(path, kTomlBytesMax));
  TomlFile file;
  file.path = path;
  try {  // the library as packaged throws
    const toml::table parsed = toml::parse(as_text(bytes), path);
    VITRINE_TRY(file.root, Reader(file).table(parsed, ""));
  } catch (const toml::parse_error& error) {
    return malformed(path + ", line " + std::to_string(error.source().begin.line) + ": " +
                         std::string(error.description()),
                     "see docs/configuration.md for what the file may hold");
  }
  return file;
}

}  // namespace vitrine::vitrined
