#include "attestation/snp/tcb.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"

namespace vitrine::attestation::snp {

namespace {

// Where each component lies in the eight bytes; -1 where a product has none.
struct Layout {
  int fmc;
  int boot_loader;
  int tee;
  int snp;
  int microcode;
};
constexpr Layout kMilanLayout{-1, 0, 1, 6, 7};
constexpr Layout kTurinLayout{0, 1, 2, 3, 7};

const Layout& layout_of(Product product) {
  return product == Product::turin ? kTurinLayout : kMilanLayout;
}

std::uint8_t byte_at(const TcbVersion& version, int index) {
  return index < 0 ? std::uint8_t{0} : version[static_cast<std::size_t>(index)];
}

void put(TcbVersion& version, int index, std::uint8_t value) {
  if (index >= 0) version[static_cast<std::size_t>(index)] = value;
}

}  // namespace

std::string_view name_of(Product product) {
  switch (product) {
    case Product::milan:
      return "Milan";
    case Product::genoa:
      return "Genoa";
    case Product::turin:
      return "Turin";
  }
  return "Milan";
}

std::optional<Product> product_from_name(std::string_view name) {
  for (const Product product : {Product::milan, Product::genoa, Product::turin}) {
    if (name == name_of(product)) return product;
  }
  return std::nullopt;
}

std::optional<Product> product_from_cpuid(std::uint8_t family, std::uint8_t model) {
  if (family == 0x19 && model <= 0x0f) return Product::milan;
  if (family == 0x19 && model >= 0x10 && model <= 0x1f) return Product::genoa;
  if (family == 0x19 && model >= 0xa0 && model <= 0xaf) return Product::genoa;
  if (family == 0x1a && model <= 0x11) return Product::turin;
  return std::nullopt;
}

std::size_t hwid_size(Product product) { return product == Product::turin ? 8 : 64; }

Result<TcbComponents> components_of(Product product, const TcbVersion& version) {
  const Layout& layout = layout_of(product);
  const TcbComponents components{byte_at(version, layout.fmc), byte_at(version, layout.boot_loader),
                                 byte_at(version, layout.tee), byte_at(version, layout.snp),
                                 byte_at(version, layout.microcode)};
  // What the components do not account for is reserved.
  if (version_of(product, components) != version) {
    return malformed(fmt::format("TCB version {} has a reserved byte set for {}", to_hex(version),
                                 name_of(product)));
  }
  return components;
}

TcbVersion version_of(Product product, const TcbComponents& components) {
  const Layout& layout = layout_of(product);
  TcbVersion version{};
  put(version, layout.fmc, components.fmc);
  put(version, layout.boot_loader, components.boot_loader);
  put(version, layout.tee, components.tee);
  put(version, layout.snp, components.snp);
  put(version, layout.microcode, components.microcode);
  return version;
}

Result<TcbVersion> tcb_from_text(std::string_view text, TcbOrder order) {
  const auto bytes = from_hex(text);
  TcbVersion version{};
  if (!bytes || bytes->size() != version.size()) return malformed("not 16 hex digits");
  std::copy(bytes->begin(), bytes->end(), version.begin());
  if (order == TcbOrder::big_endian) std::reverse(version.begin(), version.end());
  return version;
}

std::string tcb_to_text(const TcbVersion& version, TcbOrder order) {
  TcbVersion bytes = version;
  if (order == TcbOrder::big_endian) std::reverse(bytes.begin(), bytes.end());
  return to_hex(bytes);
}

}  // namespace vitrine::attestation::snp
