#include "seals/pkcs11/token.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <p11-kit/pkcs11.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace vitrine::seals {
namespace {

constexpr std::size_t kAesBytes = 32;
constexpr CK_ULONG kTagBits = 128;
constexpr std::string_view kAad = "vitrine pkcs11 seal v1";
constexpr std::string_view kKeyLabel = "vitrine seal";
constexpr CK_ULONG kSlotsMax = 256;

tl::unexpected<Error> refused(std::string_view attempt, CK_RV code) {
  return unavailable(fmt::format("PKCS #11 token: {}: return value 0x{:x}", attempt, code),
                     "the token's manual and the CKR_ values of PKCS #11 say what it means");
}

tl::unexpected<Error> login_refused(const std::string& label, CK_RV code) {
  const std::string token = "PKCS #11 token \"" + label + "\": ";
  if (code == CKR_PIN_INCORRECT || code == CKR_PIN_INVALID || code == CKR_PIN_LEN_RANGE) {
    return denied(token + "the PIN is wrong",
                  "put the user's PIN into the PIN file; tokens lock after some wrong ones");
  }
  if (code == CKR_PIN_LOCKED) {
    return denied(token + "the PIN is locked after too many wrong ones",
                  "the token's security officer can set a new one");
  }
  if (code == CKR_USER_PIN_NOT_INITIALIZED)
    return denied(token + "no user PIN was set", "initialize the token first: docs/seals.md");
  return refused("log in", code);
}

// A label is padded with blanks to the size of its field (PKCS #11 2.40, 3.2).
std::string_view without_padding(const unsigned char* field, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(field), size);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <class T>
CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, T& value) {
  return {type, &value, sizeof(value)};
}

// The interface takes no const, and changes none of these.
Byte* inside(ByteView bytes) { return const_cast<Byte*>(bytes.data()); }

CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, ByteView value) {
  return {type, inside(value), static_cast<CK_ULONG>(value.size())};
}

CK_GCM_PARAMS gcm(const Pkcs11Object& object) {
  CK_GCM_PARAMS parameters{};
  parameters.iv_ptr = inside(object.iv);
  parameters.iv_len = object.iv.size();
  parameters.iv_bits = object.iv.size() * 8;
  parameters.aad_ptr = inside(as_bytes(kAad));
  parameters.aad_len = kAad.size();
  parameters.tag_bits = kTagBits;
  return parameters;
}

}  // namespace

struct Token::State {
  // The module stays loaded: some leave threads and handlers behind.
  CK_FUNCTION_LIST* call = nullptr;
  bool initialized = false;
  bool session_open = false;
  CK_SESSION_HANDLE session = 0;

  ~State() {
    if (session_open) {
      call->C_Logout(session);
      call->C_CloseSession(session);
    }
    if (initialized) call->C_Finalize(nullptr);
  }

  Status load(const std::string& path);
  Result<CK_SLOT_ID> slot_of(const std::string& label);
  Status log_in(CK_SLOT_ID slot, const std::string& label, ByteView pin);
  Result<CK_OBJECT_HANDLE> find_key(ByteView key_id);
};

Status Token::State::load(const std::string& path) {
  // It becomes code of this program: so it has to lie where the system's own does, which a
  // measurement covers, and not beside the operator's data.
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (real != nullptr && !std::string_view(real.get()).starts_with("/usr/")) {
    return denied("PKCS #11 module " + path + ": does not lie below /usr",
                  "a module is code of this program: install it as part of the system");
  }
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    return unavailable("PKCS #11 module " + path + ": " + (reason ? reason : "can't be loaded"),
                       "--pkcs11-module names the token's module, a shared library");
  }
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  if (get == nullptr || get(&call) != CKR_OK || call == nullptr)
    return unavailable("PKCS #11 module " + path + ": it is no PKCS #11 module");
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  if (const CK_RV code = call->C_Initialize(&arguments); code != CKR_OK)
    return refused("initialize the module " + path, code);
  initialized = true;
  return {};
}

Result<CK_SLOT_ID> Token::State::slot_of(const std::string& label) {
  std::vector<CK_SLOT_ID> slots(kSlotsMax);
  CK_ULONG count = kSlotsMax;
  if (const CK_RV code = call->C_GetSlotList(CK_TRUE, slots.data(), &count); code != CKR_OK)
    return refused("list the slots", code);
  slots.resize(count);
  std::string found;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO token{};
    if (call->C_GetTokenInfo(slot, &token) != CKR_OK) continue;
    const auto name = without_padding(token.label, sizeof(token.label));
    if (name == label) return slot;
    if (!name.empty()) found += (found.empty() ? "" : ", ") + std::string(name);
  }
  return unavailable("PKCS #11 token \"" + label + "\": not there",
                     found.empty() ? "the module shows no token: is it plugged in, and may this "
                                     "user reach it?"
                                   : "the module shows: " + found);
}

Status Token::State::log_in(CK_SLOT_ID slot, const std::string& label, ByteView pin) {
  if (const CK_RV code = call->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr,
                                             nullptr, &session);
      code != CKR_OK)
    return refused("open a session", code);
  session_open = true;
  const CK_RV code = call->C_Login(session, CKU_USER, inside(pin), pin.size());
  if (code != CKR_OK && code != CKR_USER_ALREADY_LOGGED_IN) return login_refused(label, code);
  return {};
}

Result<CK_OBJECT_HANDLE> Token::State::find_key(ByteView key_id) {
  CK_OBJECT_CLASS secret_key = CKO_SECRET_KEY;
  std::array wanted = {attribute(CKA_CLASS, secret_key), attribute_of(CKA_ID, key_id)};
  if (const CK_RV code = call->C_FindObjectsInit(session, wanted.data(), wanted.size());
      code != CKR_OK)
    return refused("search for the key", code);
  CK_OBJECT_HANDLE key = 0;
  CK_ULONG count = 0;
  const CK_RV found = call->C_FindObjects(session, &key, 1, &count);
  call->C_FindObjectsFinal(session);
  if (found != CKR_OK) return refused("search for the key", found);
  if (count == 0) {
    return not_found("PKCS #11 token: it does not hold the key that sealed the secrets",
                     "give the token it was made on, or a restored one; if the key is lost, the "
                     "service opens by recovery shares");
  }
  return key;
}

Token::Token(std::unique_ptr<State> state) : state_(std::move(state)) {}
Token::~Token() = default;

Result<std::unique_ptr<Token>> Token::open(const std::string& module, const std::string& label,
                                           ByteView pin) {
  auto state = std::make_unique<State>();
  VITRINE_CHECK(state->load(module));
  VITRINE_TRY(const CK_SLOT_ID slot, state->slot_of(label));
  VITRINE_CHECK(state->log_in(slot, label, pin));
  return std::unique_ptr<Token>(new Token(std::move(state)));
}

Status Token::make_key(ByteView key_id) {
  CK_BBOOL yes = CK_TRUE;
  CK_BBOOL no = CK_FALSE;
  CK_ULONG size = kAesBytes;
  std::array wanted = {attribute_of(CKA_ID, key_id),   attribute_of(CKA_LABEL, as_bytes(kKeyLabel)),
                       attribute(CKA_VALUE_LEN, size), attribute(CKA_TOKEN, yes),
                       attribute(CKA_PRIVATE, yes),    attribute(CKA_SENSITIVE, yes),
                       attribute(CKA_EXTRACTABLE, no), attribute(CKA_ENCRYPT, yes),
                       attribute(CKA_DECRYPT, yes)};
  CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
  CK_OBJECT_HANDLE key = 0;
  if (const CK_RV code = state_->call->C_GenerateKey(state_->session, &mechanism, wanted.data(),
                                                     wanted.size(), &key);
      code != CKR_OK)
    return refused("make an AES key", code);
  return {};
}

Result<Bytes> Token::encrypt(const Pkcs11Object& object, ByteView plaintext) {
  VITRINE_TRY(const CK_OBJECT_HANDLE key, state_->find_key(object.key_id));
  CK_GCM_PARAMS parameters = gcm(object);
  CK_MECHANISM mechanism{CKM_AES_GCM, &parameters, sizeof(parameters)};
  if (const CK_RV code = state_->call->C_EncryptInit(state_->session, &mechanism, key);
      code != CKR_OK)
    return refused("begin AES-GCM, which the token must offer", code);
  Bytes out(plaintext.size() + kTagBits / 8);
  CK_ULONG size = out.size();
  if (const CK_RV code = state_->call->C_Encrypt(state_->session, inside(plaintext),
                                                 plaintext.size(), out.data(), &size);
      code != CKR_OK || size != out.size())
    return refused("encrypt", code);
  return out;
}

Result<SecretBytes> Token::decrypt(const Pkcs11Object& object) {
  VITRINE_TRY(const CK_OBJECT_HANDLE key, state_->find_key(object.key_id));
  CK_GCM_PARAMS parameters = gcm(object);
  CK_MECHANISM mechanism{CKM_AES_GCM, &parameters, sizeof(parameters)};
  if (const CK_RV code = state_->call->C_DecryptInit(state_->session, &mechanism, key);
      code != CKR_OK)
    return refused("begin AES-GCM, which the token must offer", code);
  // Some tokens ask for room for the tag as well.
  SecretBytes room(object.ciphertext.size());
  CK_ULONG size = room.size();
  const CK_RV code =
      state_->call->C_Decrypt(state_->session, inside(object.ciphertext), object.ciphertext.size(),
                              room.reveal_writable().data(), &size);
  if (code == CKR_ENCRYPTED_DATA_INVALID || code == CKR_ENCRYPTED_DATA_LEN_RANGE ||
      code == CKR_GENERAL_ERROR) {
    return denied("PKCS #11 token: the sealed object was changed, or its key is another",
                  "put the sealed secrets back from a backup of the data folder");
  }
  if (code != CKR_OK || size > room.size()) return refused("decrypt", code);
  return SecretBytes::copy_of(room.reveal().first(size));
}

}  // namespace vitrine::seals
