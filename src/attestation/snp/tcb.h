// AMD products and the layout of their TCB versions (attestation.md 3.1, 3.2). A TCB version is
// compared component by component, never as a number.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::attestation::snp {

// A chip family with a root of its own. Genoa stands for its relatives too: they share the chain.
enum class Product { milan, genoa, turin };
std::string_view name_of(Product product);  // "Milan"
std::optional<Product> product_from_name(std::string_view name);
std::optional<Product> product_from_cpuid(std::uint8_t family, std::uint8_t model);
// How many bytes of HWID a VCEK names: 8 for Turin, else 64.
std::size_t hwid_size(Product product);

// The eight bytes in the order of the report.
using TcbVersion = std::array<Byte, 8>;

struct TcbComponents {
  std::uint8_t fmc = 0;  // Turin only
  std::uint8_t boot_loader = 0;
  std::uint8_t tee = 0;
  std::uint8_t snp = 0;
  std::uint8_t microcode = 0;
  bool operator==(const TcbComponents&) const = default;
};

// malformed: a byte that this product reserves is not zero.
Result<TcbComponents> components_of(Product product, const TcbVersion& version);
TcbVersion version_of(Product product, const TcbComponents& components);

// "04000000000018db" in either byte order and either case: THIM's texts and newer clients put the
// most significant byte first, older ones keep report order (kms-api.md 6.2).
enum class TcbOrder { report, big_endian };
// malformed: not 16 hex digits.
Result<TcbVersion> tcb_from_text(std::string_view text, TcbOrder order);
std::string tcb_to_text(const TcbVersion& version, TcbOrder order);

}  // namespace vitrine::attestation::snp
