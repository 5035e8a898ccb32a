#!/usr/bin/env bash
# The main job with curl, openssl and jq alone: nothing of this project but the running service. A proposal is signed, a
# key made, its receipt verified, a private key released for recorded evidence and unwrapped, and HTTP's refusals seen.
set -euo pipefail

work=$(mktemp -d -t vitrine-interop-XXXXXX)
vitrined=
trap '[[ -z $vitrined ]] || { kill "$vitrined" 2>/dev/null || true; wait "$vitrined" 2>/dev/null || true; }; rm -rf "$work"' EXIT
fail() { echo "curl_and_openssl: $*" >&2; exit 1; }
vectors=${VITRINE_VECTORS:-../shared/vectors}/kms

"$VITRINE_BIN/vitrined" --dev --data "$work/data" --port 0 >"$work/log" 2>&1 &
vitrined=$!
url=
for _ in $(seq 600); do
  url=$(sed -n 's/.*event="serving" url="\([^"]*\)".*/\1/p' "$work/log")
  [[ -z $url ]] || break
  kill -0 "$vitrined" || fail "vitrined ended: $(cat "$work/log")"
  sleep 0.1
done
[[ -n $url ]] || fail "vitrined does not serve: $(cat "$work/log")"

# As the deployment scripts do: the certificate comes from /node/network, unchecked, and is compared with the operator's.
curl -sSk "$url/node/network" | jq -r .service_certificate >"$work/service_cert.pem"
diff -B "$work/service_cert.pem" "$work/data/service_cert.pem" || fail "another service certificate"
ask() { curl -sS --cacert "$work/service_cert.pem" "$@"; }

# Hex to bytes and back.
bytes() { tr -d '\n' | sed 's/../\\x&/g' | xargs -0 printf '%b'; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
b64url() { base64 -w0 | tr '+/' '-_' | tr -d '='; }

# CBOR heads (RFC 8949 3): major type and length.
head_of() {
  if (($2 < 24)); then printf '%02x' $(($1 * 32 + $2))
  elif (($2 < 256)); then printf '%02x%02x' $(($1 * 32 + 24)) "$2"
  elif (($2 < 65536)); then printf '%02x%04x' $(($1 * 32 + 25)) "$2"
  else printf '%02x%08x' $(($1 * 32 + 26)) "$2"; fi
}
text() { head_of 3 ${#1}; printf %s "$1" | hex; }
blob() { head_of 2 $((${#1} / 2)); printf %s "$1"; }  # of hex

# COSE_Sign1, ES384, by user0: the payload on standard input, the envelope on standard output.
envelope() {
  local common=$work/data/common kid payload protected signature r s
  kid=$(openssl x509 -in "$common/user0_cert.pem" -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1)
  payload=$(hex)
  protected=a4013822$(printf 04; blob "$(printf %s "$kid" | hex)"; text ccf.gov.msg.type; text proposal
    text ccf.gov.msg.created_at; head_of 0 "$(date +%s)")
  { printf 84; text Signature1; blob "$protected"; printf 40; blob "$payload"; } | bytes >"$work/to_sign"
  openssl dgst -sha384 -sign "$common/user0_privk.pem" -out "$work/signature" "$work/to_sign"
  { read -r r; read -r s; } < <(openssl asn1parse -inform DER -in "$work/signature" | sed -n 's/.*INTEGER *://p')
  signature=$(printf '%96s%96s' "$r" "$s" | tr ' ' 0)
  { printf d284; blob "$protected"; printf a0; blob "$payload"; blob "$signature"; } | bytes
}
propose() {
  envelope >"$work/envelope"
  ask -X POST -H 'content-type: application/cose' --data-binary "@$work/envelope" "$url/app/proposals" >"$work/answer"
  jq -e '.[0].state == "Accepted"' "$work/answer" >/dev/null || fail "proposal: $(cat "$work/answer")"
}

[[ $(ask "$url/app/heartbeat") == '{"status":"Service is running"}' ]] || fail heartbeat
[[ $(ask -o /dev/null -w '%{http_code}' "$url/app/listpubkeys") == 400 ]] || fail "readiness: 400 means up, no keys"
propose <"$vectors/jwt/set_jwt_demo_validation_policy_proposal.json"
jq '{actions: [{name: "set_key_release_policy", args: (.actions[0].args // .)}]}' \
  "$vectors/policies/key-release-policy-add-ispirt.json" | propose

# A key, and its receipt (ccf.md 7), with hashes folded by openssl dgst.
ask -X POST "$url/app/refresh" >"$work/refreshed"
kid=$(jq -r .kid "$work/refreshed")
ask "$url/app/pubkey?kid=$kid" >"$work/pubkey"
sha256() { bytes | openssl dgst -sha256 -r | cut -d' ' -f1; }
verify_receipt() {  # receipt file, x; prints the transaction id
  local leaf value left right evidence
  leaf=$(jq -c .leaf_components "$1")
  evidence=$(jq -r .commit_evidence <<<"$leaf")
  [[ $(jq -r .claims_digest <<<"$leaf") == "$(printf %s "$2" | openssl dgst -sha256 -r | cut -d' ' -f1)" ]] || return 1
  value=$(printf '%s%s%s' "$(jq -r .write_set_digest <<<"$leaf")" \
    "$(printf %s "$evidence" | openssl dgst -sha256 -r | cut -d' ' -f1)" "$(jq -r .claims_digest <<<"$leaf")" | sha256)
  while read -r left right; do
    if [[ $left != - ]]; then value=$(printf %s%s "$left" "$value" | sha256); else value=$(printf %s%s "$value" "$right" | sha256); fi
  done < <(jq -r '.proof[] | "\(.left // "-") \(.right // "-")"' "$1")
  jq -r .cert "$1" >"$work/node.pem"
  openssl x509 -in "$work/node.pem" -noout -pubkey >"$work/node_key.pem"
  jq -r .signature "$1" | base64 -d >"$work/receipt_signature"
  printf %s "$value" | bytes >"$work/root"
  openssl pkeyutl -verify -pubin -inkey "$work/node_key.pem" -in "$work/root" -sigfile "$work/receipt_signature" >/dev/null || return 1
  openssl verify -CAfile "$work/service_cert.pem" "$work/node.pem" >/dev/null || return 1
  [[ $(openssl pkey -pubin -in "$work/node_key.pem" -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1) == "$(jq -r .node_id "$1")" ]] || return 1
  cut -d: -f2 <<<"$evidence"
}
x=$(jq -r .x "$work/refreshed")
jq -r .receipt "$work/pubkey" >"$work/receipt"
transaction=$(verify_receipt "$work/receipt" "$x") || fail "the receipt does not verify"
[[ $(ask "$url/app/tx?transaction_id=$transaction" | jq -r .status) == Committed ]] || fail "transaction $transaction"
ask "$url/app/receipt?transaction_id=$transaction" >"$work/framework_receipt"
[[ $(verify_receipt "$work/framework_receipt" "$x") == "$transaction" ]] || fail "/app/receipt"
if verify_receipt "$work/receipt" "${x}x" >/dev/null; then fail "a receipt verifies for another key"; fi
for change in '.leaf_components.write_set_digest |= "00" + .[2:]' '.proof[0] |= with_entries(.value = "00" * 32)' \
  '.leaf_components.commit_evidence |= . + "0"'; do
  jq "$change" "$work/receipt" >"$work/altered"
  if verify_receipt "$work/altered" "$x" >/dev/null 2>&1; then fail "an altered receipt verifies: $change"; fi
done

# A token, signed by the demo issuer's key.
issuer=$work/data/common
header=$(jq -c '{alg: "RS256", typ: "JWT", kid: .keys[0].kid}' "$issuer/jwt_issuer_jwks.json" | tr -d '\n' | b64url)
payload=$(jq -cn --argjson now "$(date +%s)" '{iss: "http://Demo-jwt-issuer", sub: "c0d8e9a7-6b8e-4e1f-9e4a-3b2c1d0f5a6b",
  name: "Cool caller", iat: $now, exp: ($now + 600)}' | tr -d '\n' | b64url)
printf %s "$header.$payload" | openssl dgst -sha256 -sign "$issuer/jwt_issuer_privk.pem" -out "$work/token_signature"
token=$header.$payload.$(b64url <"$work/token_signature")
[[ $(ask -H "authorization: Bearer $token" "$url/app/auth" | jq -r .auth.policy) == jwt ]] || fail "token"
[[ $(ask --cert "$issuer/member0_cert.pem" --key "$issuer/member0_privk.pem" "$url/app/auth" | jq -r .auth.policy) == \
  member_cert ]] || fail "client certificate"

# The release: no content type, one by one the two formats, and back through openssl.
for sample in snp-v3-ispirt snp-v2-ms; do
  jq -n --slurpfile attestation "$vectors/attestation/$sample.json" --rawfile key "$vectors/wrapping/publicWrapKey.pem" \
    --arg kid "$kid" '{wrapped: "", wrappedKid: $kid, attestation: $attestation[0], wrappingKey: $key}' >"$work/body.json"
  for format in jwk tink; do
    ask -X POST -H content-type: -H "authorization: Bearer $token" --data-binary "@$work/body.json" \
      "$url/app/unwrapKey?fmt=$format" >"$work/released"
    jq -r .wrapped "$work/released" | base64 -d >"$work/wrapped"
    openssl pkeyutl -decrypt -inkey "$vectors/wrapping/privateWrapKey.pem" -in "$work/wrapped" -out "$work/private.$format" \
      -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256 || fail "unwrapping $sample $format"
    jq -r .receipt "$work/released" >"$work/receipt"
    [[ $(verify_receipt "$work/receipt" "$x") == "$transaction" ]] || fail "receipt of the release"
  done
  # Both hold the same 32 bytes, whose public half, by openssl, is x.
  d=$(jq -r .d "$work/private.jwk" | tr -- '-_' '+/' | sed 's/$/=/' | base64 -d | hex)
  [[ $(hex <"$work/private.tink") == *1a20${d}1802* ]] || fail "the two formats differ"
  printf '302e020100300506032b656e04220420%s' "$d" | bytes >"$work/private.der"
  [[ $(openssl pkey -inform DER -in "$work/private.der" -pubout -outform DER | tail -c 32 | b64url) == "$x" ]] || fail "key pair"
done

# Refused: another byte of the report, another token, another wrapping key.
refused() {  # status, error code, curl's arguments
  local status
  status=$(ask -D "$work/headers" -o "$work/refusal" -w '%{http_code}' -X POST "${@:3}" "$url/app/unwrapKey")
  [[ $status == "$1" ]] || fail "wanted $1 $2, got $status"
  [[ -z $2 ]] || { [[ ! -s $work/refusal ]] && grep -qi "^x-ms-kms-error-code: $2"$'\r' "$work/headers"; } || fail "no $2"
}
jq '.attestation.evidence |= .[:200] + (if .[200:201] == "A" then "B" else "A" end) + .[201:]' "$work/body.json" >"$work/altered.json"
refused 500 ATTESTATION_VALIDATION_FAILED -H "authorization: Bearer $token" --data-binary "@$work/altered.json"
openssl genrsa 2048 2>/dev/null | openssl rsa -pubout -out "$work/foreign.pem" 2>/dev/null
jq --rawfile key "$work/foreign.pem" '.wrappingKey = $key' "$work/body.json" >"$work/altered.json"
refused 400 WRAPPING_KEY_HASH_MISMATCH -H "authorization: Bearer $token" --data-binary "@$work/altered.json"
refused 401 '' -H "authorization: Bearer $header.$payload.$(b64url <"$work/root")" --data-binary "@$work/body.json"
refused 401 '' --data-binary "@$work/body.json"
echo "curl, openssl and jq alone: proposed, made and verified a key, released and unwrapped it, and were refused where they must be"
