#include "net/client_certificate.h"

#include <gnutls/x509.h>

static bool is_trusted(gnutls_session_t session)
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT,
	};
	unsigned status;

	return gnutls_certificate_verify_peers(session, &purpose, 1, &status) == GNUTLS_E_SUCCESS && !status;
}

static bool is_plain(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	return len > 0;
}

static bool read_name(const gnutls_datum_t *der, char *ret, size_t size)
{
	gnutls_x509_crt_t certificate;
	size_t len = size;
	bool read;

	if (gnutls_x509_crt_init(&certificate) != GNUTLS_E_SUCCESS)
		return false;
	read = gnutls_x509_crt_import(certificate, der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS &&
	       gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, ret, &len) ==
		       GNUTLS_E_SUCCESS &&
	       is_plain(ret, len);
	gnutls_x509_crt_deinit(certificate);
	return read;
}

bool client_certificate_name(gnutls_session_t session, char *ret, size_t size)
{
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);

	return chain && count && is_trusted(session) && read_name(&chain[0], ret, size);
}
