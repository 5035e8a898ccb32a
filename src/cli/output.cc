#include "cli/output.h"

#include <algorithm>

namespace vitrine::cli {
namespace {

void pad_to(std::string& line, std::size_t width) {
  if (line.size() < width) line.append(width - line.size(), ' ');
}

}  // namespace

void Output::result(std::string_view text, const codec::json::Object& document) {
  if (json_) {
    out_ << codec::json::write(document) << '\n';
  } else {
    out_ << text;
  }
  out_.flush();
}

void Output::raw(std::string_view bytes) {
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out_.flush();
}

void Output::note(std::string_view text) {
  if (!json_) err_ << "vitrine: note: " << text << '\n';
}

void Output::preview(std::string_view text) {
  if (json_) return;
  err_ << text;
  err_.flush();
}

void Output::error(const Error& error) {
  if (json_) {
    codec::json::Object object;
    object["code"] = name_of(error.code);
    object["message"] = error.message;
    object["hint"] = error.hint;
    codec::json::Object document;
    document["error"] = std::move(object);
    err_ << codec::json::write(document) << '\n';
    return;
  }
  err_ << "vitrine: error: " << error.message << '\n';
  if (!error.hint.empty()) err_ << "vitrine: hint: " << error.hint << '\n';
}

Fields& Fields::add(std::string label, std::string value) {
  fields_.emplace_back(std::move(label), std::move(value));
  return *this;
}

std::string Fields::to_text() const {
  std::size_t width = 0;
  for (const auto& [label, value] : fields_) width = std::max(width, label.size());
  std::string text;
  for (const auto& [label, value] : fields_) {
    std::string line = label;
    pad_to(line, width + 2);
    for (const char c : value) {
      line += c;
      if (c == '\n') line.append(width + 2, ' ');
    }
    text += line + '\n';
  }
  return text;
}

std::string Grid::to_text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    std::size_t column = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      pad_to(line, column);
      line += row[i];
      column += widths[i] + 2;
    }
    text += line + '\n';
  }
  return text;
}

}  // namespace vitrine::cli
