#include "seals/objects.h"

#include <limits>

#include "codec/cbor.h"
#include "codec/cbor_items.h"

namespace vitrine::seals {
namespace {

using codec::cbor::Items;
using codec::cbor::Value;

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kPcrs = 24;
constexpr std::size_t kNameBytesMax = 68;    // TPM2B_NAME: an algorithm and a hash of 64 bytes
constexpr std::size_t kAreaBytesMax = 2048;  // more than either TPM2B can be
constexpr std::size_t kCiphertextBytesMax = 256;

Status check_version(Items& members, std::string_view what) {
  VITRINE_TRY(const auto version, members.uint());
  if (version == kVersion) return {};
  return malformed(std::string(what) + ": format version " + std::to_string(version) +
                   " is not known to this program");
}

Result<Bytes> sized(Items& members, std::string_view what, std::size_t bytes_max) {
  VITRINE_TRY(const auto bytes, members.bytes());
  if (bytes.empty() || bytes.size() > bytes_max)
    return malformed(std::string(what) + ": an item is empty or too long");
  return to_bytes(bytes);
}

Result<std::uint32_t> uint32(Items& members, std::string_view what) {
  VITRINE_TRY(const auto value, members.uint());
  if (value > std::numeric_limits<std::uint32_t>::max())
    return malformed(std::string(what) + ": a number is over 32 bits");
  return static_cast<std::uint32_t>(value);
}

Result<Value> decoded(ByteView bytes) {
  constexpr std::size_t kDepthMax = 2;
  return codec::cbor::decode(bytes, codec::cbor::Strictness::deterministic, kDepthMax);
}

Result<std::vector<std::uint8_t>> read_pcrs(const Value& value, std::string_view what) {
  std::vector<std::uint8_t> pcrs;
  if (!value.is(codec::cbor::Type::array) || value.items().size() > kPcrs)
    return malformed(std::string(what) + ": PCRs are no list");
  for (const auto& item : value.items()) {
    VITRINE_TRY(const auto index, item.to_uint());
    if (index >= kPcrs) return malformed(std::string(what) + ": PCRs are 0 to 23");
    pcrs.push_back(static_cast<std::uint8_t>(index));
  }
  VITRINE_CHECK(check_pcrs(pcrs, what));
  return pcrs;
}

}  // namespace

Status check_pcrs(const std::vector<std::uint8_t>& pcrs, std::string_view what) {
  if (pcrs.empty()) return malformed(std::string(what) + ": no PCR is named");
  for (std::size_t i = 0; i < pcrs.size(); ++i) {
    if (pcrs[i] >= kPcrs) return malformed(std::string(what) + ": PCRs are 0 to 23");
    if (i > 0 && pcrs[i] <= pcrs[i - 1])
      return malformed(std::string(what) + ": PCRs must rise, each once");
  }
  return {};
}

Bytes encode(const Tpm2Object& object) {
  std::vector<Value> pcrs;
  for (const auto pcr : object.pcrs) pcrs.push_back(Value::uint(pcr));
  return codec::cbor::encode(Value::array(
      {Value::uint(kVersion), Value::array(std::move(pcrs)), Value::bytes(object.parent_name),
       Value::bytes(object.public_area), Value::bytes(object.private_area)}));
}

Bytes encode(const Pkcs11Object& object) {
  return codec::cbor::encode(
      Value::array({Value::uint(kVersion), Value::bytes(object.key_id), Value::bytes(object.iv),
                    Value::bytes(object.ciphertext)}));
}

Bytes encode(const SnpObject& object) {
  return codec::cbor::encode(
      Value::array({Value::uint(kVersion), Value::uint(object.fields), Value::uint(object.vmpl),
                    Value::uint(object.guest_svn), Value::uint(object.tcb)}));
}

Result<Tpm2Object> read_tpm2_object(ByteView bytes) {
  constexpr std::string_view kWhat = "seal object of kind \"tpm2\"";
  VITRINE_TRY(const Value value, decoded(bytes));
  Items members(value, kWhat, 5);
  VITRINE_CHECK(check_version(members, kWhat));
  Tpm2Object object;
  VITRINE_TRY(object.pcrs, read_pcrs(members.next(), kWhat));
  VITRINE_TRY(object.parent_name, sized(members, kWhat, kNameBytesMax));
  VITRINE_TRY(object.public_area, sized(members, kWhat, kAreaBytesMax));
  VITRINE_TRY(object.private_area, sized(members, kWhat, kAreaBytesMax));
  return object;
}

Result<Pkcs11Object> read_pkcs11_object(ByteView bytes) {
  constexpr std::string_view kWhat = "seal object of kind \"pkcs11\"";
  VITRINE_TRY(const Value value, decoded(bytes));
  Items members(value, kWhat, 4);
  VITRINE_CHECK(check_version(members, kWhat));
  Pkcs11Object object;
  VITRINE_TRY(object.key_id, members.array<16>());
  VITRINE_TRY(object.iv, members.array<12>());
  VITRINE_TRY(object.ciphertext, sized(members, kWhat, kCiphertextBytesMax));
  return object;
}

Result<SnpObject> read_snp_object(ByteView bytes) {
  constexpr std::string_view kWhat = "seal object of kind \"snp\"";
  VITRINE_TRY(const Value value, decoded(bytes));
  Items members(value, kWhat, 5);
  VITRINE_CHECK(check_version(members, kWhat));
  SnpObject object;
  VITRINE_TRY(object.fields, members.uint());
  VITRINE_TRY(object.vmpl, uint32(members, kWhat));
  VITRINE_TRY(object.guest_svn, uint32(members, kWhat));
  VITRINE_TRY(object.tcb, members.uint());
  return object;
}

}  // namespace vitrine::seals
