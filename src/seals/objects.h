// What each kind of seal keeps beside the secrets so that it can give its key again: no secret, and
// on a disk that nobody trusts (docs/formats/seal-objects.md). A changed object gives another key
// or none; these readers see to form and sizes. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::seals {

struct Tpm2Object {
  std::vector<std::uint8_t> pcrs;  // of the SHA-256 bank, rising, 1 to 24 of 0 to 23
  Bytes parent_name;               // of the storage primary: tells another TPM from this one
  Bytes public_area;               // TPM2B_PUBLIC
  Bytes private_area;              // TPM2B_PRIVATE
};

struct Pkcs11Object {
  std::array<Byte, 16> key_id{};  // CKA_ID of the token's key
  std::array<Byte, 12> iv{};
  Bytes ciphertext;  // AES-256-GCM, the tag last
};

struct SnpObject {
  std::uint64_t fields = 0;  // the guest field select of SNP_GET_DERIVED_KEY
  std::uint32_t vmpl = 0;
  std::uint32_t guest_svn = 0;
  std::uint64_t tcb = 0;
};

Bytes encode(const Tpm2Object& object);
Bytes encode(const Pkcs11Object& object);
Bytes encode(const SnpObject& object);
// malformed: not such an object; the message names the kind and the item.
Result<Tpm2Object> read_tpm2_object(ByteView bytes);
Result<Pkcs11Object> read_pkcs11_object(ByteView bytes);
Result<SnpObject> read_snp_object(ByteView bytes);

// malformed: none, not rising, or over 23. `what` names them in the message.
Status check_pcrs(const std::vector<std::uint8_t>& pcrs, std::string_view what);

}  // namespace vitrine::seals
