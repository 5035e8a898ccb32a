#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/assert.h"

namespace vitrine::net {
namespace {

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE when the peer is gone; a
// library must not depend on what its process does about that signal. So ours sends.
int socket_of(BIO* bio) { return *static_cast<const int*>(BIO_get_data(bio)); }

bool must_wait() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const auto count = ::recv(socket_of(bio), into, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (count < 0 && must_wait()) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(count);
}

int bio_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto count =
      ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0 && must_wait()) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;  // nothing is kept back here
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

BIO_METHOD* make_socket_method() {
  BIO_METHOD* method =
      BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
  VITRINE_ASSERT(method != nullptr);
  BIO_meth_set_read(method, bio_read);
  BIO_meth_set_write(method, bio_write);
  BIO_meth_set_ctrl(method, bio_control);
  return method;
}

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = make_socket_method();  // one for the life of the process
  return method;
}

std::string newest_error() {
  const auto code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection broke" : reason;
}

bool is_ip_address(const std::string& host) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  ASN1_OCTET_STRING_free(address);
  return address != nullptr;
}

}  // namespace

Result<TlsStream> TlsStream::make(SSL_CTX* context, int socket) {
  TlsStream stream(SSL_new(context), socket);
  BIO* bio = BIO_new(socket_method());
  if (stream.ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    ERR_clear_error();
    return internal("TLS: out of memory for a connection");
  }
  BIO_set_data(bio, stream.socket_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(stream.ssl_.get(), bio, bio);  // now its owner
  return stream;
}

Result<TlsStream> TlsStream::accept(SSL_CTX* context, int socket) {
  auto stream = make(context, socket);
  if (stream) SSL_set_accept_state(stream->ssl_.get());
  return stream;
}

Result<TlsStream> TlsStream::connect(SSL_CTX* context, int socket, const std::string& host) {
  VITRINE_TRY(auto stream, make(context, socket));
  SSL* ssl = stream.ssl_.get();
  SSL_set_connect_state(ssl);
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  // Names count only where the certificate lists them as alternative names, not in its subject.
  X509_VERIFY_PARAM_set_hostflags(
      rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool set = false;
  if (is_ip_address(host)) {
    set = X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  } else {
    set = X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size()) == 1 &&
          SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                   const_cast<char*>(host.c_str())) == 1;
  }
  if (!set) return malformed("TLS: '" + host + "' can't be a server's name");
  return stream;
}

TlsStream::Outcome TlsStream::outcome_of(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Outcome::done;
    case SSL_ERROR_WANT_READ:
      return Outcome::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Outcome::want_write;
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::closed;
    default:
      broken_ = true;  // libssl forbids every further call but SSL_free
      failure_ = certificate_refused()
                     ? X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get()))
                     : newest_error();
      ERR_clear_error();
      return Outcome::failed;
  }
}

TlsStream::Outcome TlsStream::handshake() {
  if (broken_) return Outcome::failed;
  ERR_clear_error();
  return outcome_of(SSL_do_handshake(ssl_.get()));
}

TlsStream::Outcome TlsStream::read(std::span<char> into, std::size_t& count) {
  if (broken_) return Outcome::failed;
  ERR_clear_error();
  return outcome_of(SSL_read_ex(ssl_.get(), into.data(), into.size(), &count));
}

TlsStream::Outcome TlsStream::write(std::string_view bytes, std::size_t& count) {
  if (broken_) return Outcome::failed;
  ERR_clear_error();
  return outcome_of(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count));
}

void TlsStream::close() {
  if (broken_ || SSL_in_init(ssl_.get()) != 0) return;
  ERR_clear_error();
  if (SSL_shutdown(ssl_.get()) < 0) ERR_clear_error();
  broken_ = true;
}

Bytes TlsStream::peer_certificate() const {
  X509* certificate = SSL_get1_peer_certificate(ssl_.get());
  if (certificate == nullptr) return {};
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  X509_free(certificate);
  if (size <= 0) return {};
  Bytes result(der, der + size);
  OPENSSL_free(der);
  return result;
}

std::string_view TlsStream::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool TlsStream::certificate_refused() const {
  return SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE &&
         SSL_get_verify_result(ssl_.get()) != X509_V_OK;
}

}  // namespace vitrine::net
