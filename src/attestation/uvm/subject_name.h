// What a did:x509 subject policy asks of a certificate's subject: attribute values, read strictly
// from the DER of the name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::attestation::uvm {

// "CN" → "2.5.4.3"; the labels of did:x509 (CN, L, ST, O, OU, C, STREET). nullopt: another.
std::optional<std::string_view> oid_of_attribute(std::string_view label);

// The values of all attributes of that type, in order. malformed: not a Name in DER, or a value
// that is not UTF8String, PrintableString or IA5String.
Result<std::vector<std::string>> attribute_values(ByteView name_der, std::string_view oid);

}  // namespace vitrine::attestation::uvm
