#include "seals/tpm2/tpm2_seal.h"

#include <fmt/format.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <memory>

#include "seals/objects.h"

namespace vitrine::seals {
namespace {

constexpr std::size_t kKeyBytes = 32;

// What Esys allocates is freed by Esys; a secret is overwritten first.
struct Free {
  void operator()(void* pointer) const { Esys_Free(pointer); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// The response code without the layer that gave it and without the number of handle, session or
// parameter that it is about (part 2, 6.6.2).
TSS2_RC reason_of(TSS2_RC code) {
  constexpr TSS2_RC kFormatOne = 0x80;
  const TSS2_RC base = code & 0xffff;
  return (base & kFormatOne) != 0 ? base & 0xbf : base;
}

tl::unexpected<Error> refused(std::string_view attempt, TSS2_RC code) {
  return unavailable(fmt::format("TPM: {}: response code 0x{:x}", attempt, code),
                     "`tpm2_rc_decode` tells what it means; is the TPM free, and its owner "
                     "hierarchy without a password?");
}

// A connection to the TPM, and what it must forget at the end.
class Tpm {
 public:
  static Result<std::unique_ptr<Tpm>> connect(const std::string& tcti) {
    // Its name is that of a library which becomes code of this program: one of the system's.
    const std::string_view name = std::string_view(tcti).substr(0, tcti.find(':'));
    if (name.empty() ||
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string_view::npos) {
      return malformed("TPM at " + tcti + ": no such way to reach a TPM",
                       "as in device:/dev/tpmrm0 or swtpm:host=127.0.0.1,port=2321");
    }
    auto tpm = std::unique_ptr<Tpm>(new Tpm());
    if (const TSS2_RC code = Tss2_TctiLdr_Initialize(tcti.c_str(), &tpm->tcti_);
        code != TSS2_RC_SUCCESS) {
      return unavailable(fmt::format("TPM at {}: can't be reached (0x{:x})", tcti, code),
                         "is it there, may this user open it, and is its driver (libtss2-tcti-…) "
                         "installed? --tpm2-tcti names another");
    }
    if (const TSS2_RC code = Esys_Initialize(&tpm->context_, tpm->tcti_, nullptr);
        code != TSS2_RC_SUCCESS)
      return refused("begin", code);
    return tpm;
  }
  ~Tpm() {
    for (auto handle = handles_.rbegin(); handle != handles_.rend(); ++handle)
      Esys_FlushContext(context_, *handle);
    if (context_ != nullptr) Esys_Finalize(&context_);
    if (tcti_ != nullptr) Tss2_TctiLdr_Finalize(&tcti_);
  }
  Tpm(const Tpm&) = delete;
  Tpm& operator=(const Tpm&) = delete;

  ESYS_CONTEXT* context() const { return context_; }
  ESYS_TR keep(ESYS_TR handle) {
    handles_.push_back(handle);
    return handle;
  }

 private:
  Tpm() = default;
  TSS2_TCTI_CONTEXT* tcti_ = nullptr;
  ESYS_CONTEXT* context_ = nullptr;
  std::vector<ESYS_TR> handles_;
};

// The storage primary of TCG's EK and SRK templates: EC P-256, the same at every start, since it is
// made from the owner's seed.
TPM2B_PUBLIC primary_template() {
  TPM2B_PUBLIC wanted{};
  auto& area = wanted.publicArea;
  area.type = TPM2_ALG_ECC;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                          TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                          TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
  auto& parameters = area.parameters.eccDetail;
  parameters.symmetric.algorithm = TPM2_ALG_AES;
  parameters.symmetric.keyBits.aes = 128;
  parameters.symmetric.mode.aes = TPM2_ALG_CFB;
  parameters.scheme.scheme = TPM2_ALG_NULL;
  parameters.curveID = TPM2_ECC_NIST_P256;
  parameters.kdf.scheme = TPM2_ALG_NULL;
  return wanted;
}

struct Primary {
  ESYS_TR handle;
  Bytes name;
};

Result<Primary> make_primary(Tpm& tpm) {
  const TPM2B_SENSITIVE_CREATE no_auth{};
  const TPM2B_PUBLIC wanted = primary_template();
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION no_pcrs{};
  ESYS_TR handle = ESYS_TR_NONE;
  if (const TSS2_RC code = Esys_CreatePrimary(
          tpm.context(), ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &no_auth,
          &wanted, &outside, &no_pcrs, &handle, nullptr, nullptr, nullptr, nullptr);
      code != TSS2_RC_SUCCESS)
    return refused("make the storage primary", code);
  tpm.keep(handle);
  TPM2B_NAME* name = nullptr;
  if (const TSS2_RC code = Esys_TR_GetName(tpm.context(), handle, &name); code != TSS2_RC_SUCCESS)
    return refused("name the storage primary", code);
  const Owned<TPM2B_NAME> owned(name);
  return Primary{handle, to_bytes(ByteView(name->name, name->size))};
}

// Salted by the primary: what goes over the bus in it is encrypted.
Result<ESYS_TR> start_session(Tpm& tpm, ESYS_TR primary, TPM2_SE type, TPMA_SESSION attributes) {
  TPMT_SYM_DEF symmetric{};
  symmetric.algorithm = TPM2_ALG_AES;
  symmetric.keyBits.aes = 128;
  symmetric.mode.aes = TPM2_ALG_CFB;
  ESYS_TR session = ESYS_TR_NONE;
  if (const TSS2_RC code =
          Esys_StartAuthSession(tpm.context(), primary, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                ESYS_TR_NONE, nullptr, type, &symmetric, TPM2_ALG_SHA256, &session);
      code != TSS2_RC_SUCCESS)
    return refused("start a session", code);
  tpm.keep(session);
  const TPMA_SESSION wanted = attributes | TPMA_SESSION_CONTINUESESSION;
  if (const TSS2_RC code = Esys_TRSess_SetAttributes(tpm.context(), session, wanted, 0xff);
      code != TSS2_RC_SUCCESS)
    return refused("set up a session", code);
  return session;
}

TPML_PCR_SELECTION selection_of(const std::vector<std::uint8_t>& pcrs) {
  TPML_PCR_SELECTION selection{};
  selection.count = 1;
  selection.pcrSelections[0].hash = TPM2_ALG_SHA256;
  selection.pcrSelections[0].sizeofSelect = 3;
  for (const auto pcr : pcrs) {
    auto& octet = selection.pcrSelections[0].pcrSelect[pcr / 8];
    octet = static_cast<BYTE>(octet | 1U << (pcr % 8));
  }
  return selection;
}

// The session stands for the values that these PCRs have now.
Status apply_policy(Tpm& tpm, ESYS_TR session, const std::vector<std::uint8_t>& pcrs) {
  const TPML_PCR_SELECTION selection = selection_of(pcrs);
  const TPM2B_DIGEST any{};
  if (const TSS2_RC code = Esys_PolicyPCR(tpm.context(), session, ESYS_TR_NONE, ESYS_TR_NONE,
                                          ESYS_TR_NONE, &any, &selection);
      code != TSS2_RC_SUCCESS)
    return refused("take the PCRs into a policy", code);
  return {};
}

Result<TPM2B_DIGEST> policy_digest(Tpm& tpm, ESYS_TR primary,
                                   const std::vector<std::uint8_t>& pcrs) {
  VITRINE_TRY(const ESYS_TR session, start_session(tpm, primary, TPM2_SE_TRIAL, 0));
  VITRINE_CHECK(apply_policy(tpm, session, pcrs));
  TPM2B_DIGEST* digest = nullptr;
  if (const TSS2_RC code = Esys_PolicyGetDigest(tpm.context(), session, ESYS_TR_NONE, ESYS_TR_NONE,
                                                ESYS_TR_NONE, &digest);
      code != TSS2_RC_SUCCESS)
    return refused("read a policy's digest", code);
  const Owned<TPM2B_DIGEST> owned(digest);
  return *digest;
}

template <class T, class Marshal>
Result<Bytes> marshalled(const T& value, Marshal marshal) {
  Bytes out(sizeof(T) + 2);
  std::size_t offset = 0;
  if (const TSS2_RC code = marshal(&value, out.data(), out.size(), &offset);
      code != TSS2_RC_SUCCESS)
    return refused("marshal the sealed object", code);
  out.resize(offset);
  return out;
}

template <class T, class Unmarshal>
Result<T> unmarshalled(ByteView bytes, Unmarshal unmarshal) {
  T value{};
  std::size_t offset = 0;
  if (unmarshal(bytes.data(), bytes.size(), &offset, &value) != TSS2_RC_SUCCESS ||
      offset != bytes.size())
    return malformed("seal object of kind \"tpm2\": no area of a TPM object");
  return value;
}

// Never leaves this TPM, and is given out under the policy alone.
TPM2B_PUBLIC sealed_template(const TPM2B_DIGEST& policy) {
  TPM2B_PUBLIC wanted{};
  auto& area = wanted.publicArea;
  area.type = TPM2_ALG_KEYEDHASH;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                          TPMA_OBJECT_ADMINWITHPOLICY | TPMA_OBJECT_NODA;
  area.authPolicy = policy;
  area.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
  return wanted;
}

Result<Tpm2Object> create(Tpm& tpm, const Primary& primary, const std::vector<std::uint8_t>& pcrs,
                          ByteView key) {
  VITRINE_TRY(const TPM2B_DIGEST policy, policy_digest(tpm, primary.handle, pcrs));
  VITRINE_TRY(const ESYS_TR session,
              start_session(tpm, primary.handle, TPM2_SE_HMAC, TPMA_SESSION_DECRYPT));
  const TPM2B_PUBLIC wanted = sealed_template(policy);
  TPM2B_SENSITIVE_CREATE sensitive{};
  sensitive.sensitive.data.size = static_cast<UINT16>(key.size());
  std::copy(key.begin(), key.end(), sensitive.sensitive.data.buffer);
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION no_pcrs{};
  TPM2B_PRIVATE* private_area = nullptr;
  TPM2B_PUBLIC* public_area = nullptr;
  const TSS2_RC code = Esys_Create(tpm.context(), primary.handle, ESYS_TR_PASSWORD, session,
                                   ESYS_TR_NONE, &sensitive, &wanted, &outside, &no_pcrs,
                                   &private_area, &public_area, nullptr, nullptr, nullptr);
  wipe({sensitive.sensitive.data.buffer, key.size()});
  if (code != TSS2_RC_SUCCESS) return refused("seal the key", code);
  const Owned<TPM2B_PRIVATE> owned_private(private_area);
  const Owned<TPM2B_PUBLIC> owned_public(public_area);
  Tpm2Object object{pcrs, primary.name, {}, {}};
  VITRINE_TRY(object.public_area, marshalled(*public_area, Tss2_MU_TPM2B_PUBLIC_Marshal));
  VITRINE_TRY(object.private_area, marshalled(*private_area, Tss2_MU_TPM2B_PRIVATE_Marshal));
  return object;
}

tl::unexpected<Error> another_tpm() {
  return not_found("TPM: the sealed key is of another TPM, or this one was cleared since",
                   "start on the machine it was sealed on; if that TPM is lost, the service opens "
                   "by recovery shares");
}

Result<ESYS_TR> load(Tpm& tpm, const Primary& primary, const Tpm2Object& object) {
  VITRINE_TRY(const auto public_area,
              unmarshalled<TPM2B_PUBLIC>(object.public_area, Tss2_MU_TPM2B_PUBLIC_Unmarshal));
  VITRINE_TRY(const auto private_area,
              unmarshalled<TPM2B_PRIVATE>(object.private_area, Tss2_MU_TPM2B_PRIVATE_Unmarshal));
  ESYS_TR handle = ESYS_TR_NONE;
  const TSS2_RC code = Esys_Load(tpm.context(), primary.handle, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                 ESYS_TR_NONE, &private_area, &public_area, &handle);
  // Not encrypted by this primary, or changed on disk.
  if (reason_of(code) == TPM2_RC_INTEGRITY) {
    return denied("TPM: the sealed object was changed",
                  "put the sealed secrets back from a backup of the data folder");
  }
  if (code != TSS2_RC_SUCCESS) return refused("load the sealed key", code);
  return tpm.keep(handle);
}

std::string list_of(const std::vector<std::uint8_t>& pcrs) {
  return fmt::format("{}", fmt::join(pcrs, ", "));
}

Result<SecretBytes> unseal(Tpm& tpm, const Primary& primary, ESYS_TR sealed,
                           const std::vector<std::uint8_t>& pcrs) {
  VITRINE_TRY(const ESYS_TR session,
              start_session(tpm, primary.handle, TPM2_SE_POLICY, TPMA_SESSION_ENCRYPT));
  VITRINE_CHECK(apply_policy(tpm, session, pcrs));
  TPM2B_SENSITIVE_DATA* data = nullptr;
  const TSS2_RC code =
      Esys_Unseal(tpm.context(), sealed, session, ESYS_TR_NONE, ESYS_TR_NONE, &data);
  if (reason_of(code) == TPM2_RC_POLICY_FAIL || reason_of(code) == TPM2_RC_PCR_CHANGED) {
    return denied("TPM: PCRs " + list_of(pcrs) +
                      ": one has another value than when the key was "
                      "sealed: other firmware, boot chain or program",
                  "start what was measured then, or move the secrets to the new version with "
                  "--handoff before the change; otherwise recovery shares open the service");
  }
  if (code != TSS2_RC_SUCCESS) return refused("unseal the key", code);
  const Owned<TPM2B_SENSITIVE_DATA> owned(data);
  SecretBytes key = SecretBytes::copy_of({data->buffer, data->size});
  wipe({data->buffer, data->size});
  if (key.size() != kKeyBytes) return denied("TPM: the sealed object is not a sealing key");
  return key;
}

}  // namespace

Result<core::SealingKey> Tpm2Seal::make(Random& random) {
  VITRINE_CHECK(check_pcrs(settings_.pcrs, "TPM"));
  VITRINE_TRY(const auto tpm, Tpm::connect(settings_.tcti));
  VITRINE_TRY(const Primary primary, make_primary(*tpm));
  SecretBytes key(kKeyBytes);
  random.fill(key.reveal_writable());
  VITRINE_TRY(const Tpm2Object object, create(*tpm, primary, settings_.pcrs, key.reveal()));
  return core::SealingKey{"tpm2", std::move(key), encode(object)};
}

Result<SecretBytes> Tpm2Seal::open(ByteView bytes) {
  VITRINE_TRY(const Tpm2Object object, read_tpm2_object(bytes));
  VITRINE_TRY(const auto tpm, Tpm::connect(settings_.tcti));
  VITRINE_TRY(const Primary primary, make_primary(*tpm));
  if (primary.name != object.parent_name) return another_tpm();
  VITRINE_TRY(const ESYS_TR sealed, load(*tpm, primary, object));
  return unseal(*tpm, primary, sealed, object.pcrs);
}

}  // namespace vitrine::seals
