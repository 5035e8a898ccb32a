#include "attestation/uvm/subject_name.h"

#include <array>
#include <utility>

#include "codec/der.h"

namespace vitrine::attestation::uvm {

namespace {

namespace der = codec::der;

constexpr Byte kPrintableString = 0x13;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kLabels = {{
    {"CN", "2.5.4.3"},
    {"C", "2.5.4.6"},
    {"L", "2.5.4.7"},
    {"ST", "2.5.4.8"},
    {"STREET", "2.5.4.9"},
    {"O", "2.5.4.10"},
    {"OU", "2.5.4.11"},
}};

// AttributeTypeAndValue ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY }
Status read_attribute(ByteView content, std::string_view oid, std::vector<std::string>& values) {
  der::Reader reader(content);
  VITRINE_TRY(const auto type, reader.next(der::kOid));
  VITRINE_TRY(const auto value, reader.next());
  VITRINE_CHECK(reader.finish());
  VITRINE_TRY(const auto type_oid, der::to_oid(type));
  if (type_oid != oid) return {};
  if (value.tag != der::kUtf8String && value.tag != kPrintableString &&
      value.tag != der::kIa5String) {
    return malformed("subject name: a value is of an unexpected string type");
  }
  values.push_back(to_text(value.content));
  return {};
}

}  // namespace

std::optional<std::string_view> oid_of_attribute(std::string_view label) {
  for (const auto& [name, oid] : kLabels) {
    if (name == label) return oid;
  }
  return std::nullopt;
}

Result<std::vector<std::string>> attribute_values(ByteView name_der, std::string_view oid) {
  std::vector<std::string> values;
  der::Reader outer(name_der);
  VITRINE_TRY(const auto name, outer.next(der::kSequence));
  VITRINE_CHECK(outer.finish());
  der::Reader sets(name.content);
  while (!sets.at_end()) {
    VITRINE_TRY(const auto set, sets.next(der::kSet));
    der::Reader attributes(set.content);
    while (!attributes.at_end()) {
      VITRINE_TRY(const auto attribute, attributes.next(der::kSequence));
      VITRINE_CHECK(read_attribute(attribute.content, oid, values));
    }
  }
  return values;
}

}  // namespace vitrine::attestation::uvm
