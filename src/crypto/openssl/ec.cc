#include "crypto/openssl/ec.h"

#include <openssl/core_names.h>
#include <openssl/objects.h>

#include <string>

#include "crypto/openssl/parameters.h"

namespace vitrine::crypto::openssl {
namespace {

struct SharedGroup {
  Group group;  // building one costs 15 us
  Bytes order;
};

SharedGroup make_group(const Curve& curve) {
  SharedGroup made;
  made.group.reset(EC_GROUP_new_by_curve_name(EC_curve_nist2nid(curve.name)));
  VITRINE_ASSERT(made.group != nullptr);
  made.order.resize(curve.field_bytes);
  VITRINE_ASSERT(BN_bn2binpad(EC_GROUP_get0_order(made.group.get()), made.order.data(),
                              static_cast<int>(made.order.size())) > 0);
  return made;
}

const SharedGroup& group_of(KeyKind kind) {
  // Never destroyed, so that no order of destruction can matter.
  static const SharedGroup& p256 = *new SharedGroup(make_group(curve_of(KeyKind::ec_p256)));
  static const SharedGroup& p384 = *new SharedGroup(make_group(curve_of(KeyKind::ec_p384)));
  static const SharedGroup& p521 = *new SharedGroup(make_group(curve_of(KeyKind::ec_p521)));
  return kind == KeyKind::ec_p256 ? p256 : kind == KeyKind::ec_p384 ? p384 : p521;
}

}  // namespace

ByteView order_of(KeyKind curve) { return group_of(curve).order; }

bool is_scalar(KeyKind curve, ByteView scalar) {
  const ByteView order = order_of(curve);
  if (scalar.size() != order.size()) return false;
  // Subtracts the order byte by byte; a borrow at the end means scalar < order.
  unsigned borrow = 0;
  unsigned any = 0;
  for (std::size_t i = scalar.size(); i-- > 0;) {
    borrow = ((static_cast<unsigned>(scalar[i]) - order[i] - borrow) >> 8) & 1;
    any |= scalar[i];
  }
  return (borrow & static_cast<unsigned>(any != 0)) != 0;
}

Result<Bytes> point_of_scalar(KeyKind curve, ByteView scalar) {
  const ErrorScope errors;
  if (!is_scalar(curve, scalar)) return malformed("private key: scalar out of range");
  const EC_GROUP* const group = group_of(curve).group.get();
  const NumberContext context(BN_CTX_secure_new());
  const Number number(BN_secure_new());
  const Point point(EC_POINT_new(group));
  Bytes out(1 + 2 * curve_of(curve).field_bytes);
  if (context == nullptr || number == nullptr || point == nullptr ||
      BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), number.get()) == nullptr) {
    return internal("private key: out of memory");
  }
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  if (EC_POINT_mul(group, point.get(), number.get(), nullptr, nullptr, context.get()) != 1 ||
      EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED, out.data(), out.size(),
                         context.get()) != out.size()) {
    return internal("private key: its point cannot be computed");
  }
  return out;
}

Result<KeyHandle> key_from_point(KeyKind curve, ByteView point) {
  const ErrorScope errors;
  const Curve& known = curve_of(curve);
  const auto wrong = [&] {
    return malformed(std::string("public key: not a point of ") + known.name);
  };
  // libcrypto would also take compressed and hybrid forms.
  if (point.size() != 1 + 2 * known.field_bytes || point.front() != 0x04) return wrong();
  Parameters parameters;
  parameters.text(OSSL_PKEY_PARAM_GROUP_NAME, known.name);
  parameters.octets(OSSL_PKEY_PARAM_PUB_KEY, point);
  KeyHandle key = key_from("EC", EVP_PKEY_PUBLIC_KEY, std::move(parameters));
  if (key == nullptr) return wrong();
  // The quick check is range, curve and not infinity; the cofactor is 1, so there is no more.
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (check == nullptr || EVP_PKEY_public_check_quick(check.get()) != 1) return wrong();
  return key;
}

Result<KeyHandle> key_from_scalar(KeyKind curve, ByteView scalar, ByteView point) {
  const ErrorScope errors;
  if (!is_scalar(curve, scalar)) return malformed("private key: scalar out of range");
  Parameters parameters;
  parameters.text(OSSL_PKEY_PARAM_GROUP_NAME, curve_of(curve).name);
  parameters.octets(OSSL_PKEY_PARAM_PUB_KEY, point);
  parameters.number(OSSL_PKEY_PARAM_PRIV_KEY, scalar);
  KeyHandle key = key_from("EC", EVP_PKEY_KEYPAIR, std::move(parameters));
  if (key == nullptr) return malformed("private key: libcrypto refuses it");
  return key;
}

}  // namespace vitrine::crypto::openssl
