#include <config.h>

#include <curl/curl.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/uri.h"
#include "runtime/exec/load_int.h"

enum {
	CONNECT_S = 30,
	STALLED_S = 60, /* less than a byte a second for so long is the end */
	REDIRECTS = 10,
};

/* The functions of libcurl, as far as they are needed. */
struct curl {
	CURLcode (*global_init)(long flags);
	CURL *(*init)(void);
	CURLcode (*setopt)(CURL *h, CURLoption o, ...);
	CURLcode (*perform)(CURL *h);
	CURLcode (*getinfo)(CURL *h, CURLINFO i, ...);
	const char *(*strerror)(CURLcode c);
	void (*cleanup)(CURL *h);
};

struct transfer {
	struct load *l;
	int fd;
	struct err err; /* why writing failed */
	bool failed;
	char text[CURL_ERROR_SIZE];
	CURL *handle;
	const struct curl *curl;
};

static void *open_library(void)
{
	static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4",
					    "libcurl-nss.so.4", "libcurl.so"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		void *lib = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);

		if (lib)
			return lib;
	}
	return NULL;
}

/* POSIX lets an object pointer carry a function's address; C does not say so. */
static bool find(void *lib, const char *name, void *slot)
{
	void *at = dlsym(lib, name);

	memcpy(slot, &at, sizeof at);
	return at != NULL;
}

static int load_library(struct curl *c, struct err *err)
{
	void *lib = open_library();

	if (!lib)
		return err_set(err, "libcurl is not installed, which http and https need "
				    "(the package libcurl4)");
	if (!find(lib, "curl_global_init", &c->global_init) ||
	    !find(lib, "curl_easy_init", &c->init) ||
	    !find(lib, "curl_easy_setopt", &c->setopt) ||
	    !find(lib, "curl_easy_perform", &c->perform) ||
	    !find(lib, "curl_easy_getinfo", &c->getinfo) ||
	    !find(lib, "curl_easy_strerror", &c->strerror) ||
	    !find(lib, "curl_easy_cleanup", &c->cleanup))
		return err_set(err, "this libcurl lacks a function: %s", dlerror());
	return 0;
}

static long answer(const struct transfer *t)
{
	long code = 0;

	t->curl->getinfo(t->handle, CURLINFO_RESPONSE_CODE, &code);
	return code;
}

/* Bodies of errors are not what was asked for. */
static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	if (answer(t) >= 300)
		return size * n;
	if (!load_put(t->l, t->fd, (struct str){p, size * n}, &t->err))
		return size * n;
	t->failed = true;
	return 0;
}

/* Only from http to https, never back.  Names where the library is new enough, masks where
 * it is not. */
static void limit_protocols(const struct curl *c, CURL *h, bool is_secure)
{
	enum { PROTOCOLS = 181, REDIR_PROTOCOLS = 182, HTTP = 1, HTTPS = 2 };
	enum { PROTOCOLS_STR = 10318, REDIR_PROTOCOLS_STR = 10319 };

	if (c->setopt(h, (CURLoption)PROTOCOLS_STR, "http,https") ||
	    c->setopt(h, (CURLoption)REDIR_PROTOCOLS_STR,
		      is_secure ? "https" : "http,https")) {
		c->setopt(h, (CURLoption)PROTOCOLS, (long)(HTTP | HTTPS));
		c->setopt(h, (CURLoption)REDIR_PROTOCOLS,
			  (long)(is_secure ? HTTPS : HTTP | HTTPS));
	}
}

/* libcurl itself does not look at these, as its program and OpenSSL do. */
static void set_authorities(const struct curl *c, CURL *h)
{
	const char *file = getenv("SSL_CERT_FILE"), *dir = getenv("SSL_CERT_DIR");

	if (file && *file)
		c->setopt(h, CURLOPT_CAINFO, file);
	if (dir && *dir)
		c->setopt(h, CURLOPT_CAPATH, dir);
}

static void set_options(struct transfer *t)
{
	const struct curl *c = t->curl;
	CURL *h = t->handle;

	c->setopt(h, CURLOPT_URL, t->l->uri.p);
	limit_protocols(c, h, str_is(uri_scheme(t->l->uri), "https"));
	set_authorities(c, h);
	c->setopt(h, CURLOPT_FOLLOWLOCATION, 1L);
	c->setopt(h, CURLOPT_MAXREDIRS, (long)REDIRECTS);
	c->setopt(h, CURLOPT_NOSIGNAL, 1L);
	c->setopt(h, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	c->setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
	c->setopt(h, CURLOPT_LOW_SPEED_TIME, (long)STALLED_S);
	c->setopt(h, CURLOPT_USERAGENT, "kfpc/" PACKAGE_VERSION);
	c->setopt(h, CURLOPT_ERRORBUFFER, t->text);
	c->setopt(h, CURLOPT_WRITEFUNCTION, on_body);
	c->setopt(h, CURLOPT_WRITEDATA, t);
}

static const char *reason(long code)
{
	switch (code) {
	case 401:
		return " (Unauthorized)";
	case 403:
		return " (Forbidden)";
	case 404:
		return " (Not Found)";
	case 410:
		return " (Gone)";
	case 429:
		return " (Too Many Requests)";
	case 500:
		return " (Internal Server Error)";
	case 502:
		return " (Bad Gateway)";
	case 503:
		return " (Service Unavailable)";
	case 504:
		return " (Gateway Timeout)";
	default:
		return "";
	}
}

static int say_failed(const struct transfer *t, CURLcode rc, struct err *err)
{
	const char *why = t->text[0] ? t->text : t->curl->strerror(rc);
	bool is_https = str_is(uri_scheme(t->l->uri), "https");

	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return err_set(err, "there is no such host: %s", why);
	case CURLE_COULDNT_CONNECT:
		return err_set(err, "no connection: %s", why);
	case CURLE_OPERATION_TIMEDOUT:
		return err_set(err, "nothing came for too long: %s", why);
	case CURLE_PARTIAL_FILE:
		return err_set(err, "the transfer broke off: %s", why);
	case CURLE_TOO_MANY_REDIRECTS:
		return err_set(err, "it was redirected more than %d times", REDIRECTS);
	case CURLE_UNSUPPORTED_PROTOCOL:
		return err_set(err, is_https ? "it was redirected to what is not https"
					     : "it was redirected to what is neither "
					       "http nor https");
	case CURLE_PEER_FAILED_VERIFICATION:
		return err_set(err,
			       "its certificate is not to be trusted: %s (the "
			       "variable SSL_CERT_FILE can name other authorities)",
			       why);
	default:
		return err_set(err, "%s", why);
	}
}

static int transfer(struct transfer *t, struct err *err)
{
	CURLcode rc;
	long code;

	set_options(t);
	rc = t->curl->perform(t->handle);
	if (t->failed) {
		if (err)
			*err = t->err;
		return -1;
	}
	if (rc)
		return say_failed(t, rc, err);
	code = answer(t);
	if (code < 200 || code >= 300)
		return err_set(err, "the answer was %ld%s", code, reason(code));
	return 0;
}

int load_http(struct load *l, struct err *err)
{
	struct curl c;
	struct transfer t = {.l = l, .curl = &c, .fd = -1};
	int rc = -1;

	if (load_library(&c, err))
		return -1;
	if (c.global_init(CURL_GLOBAL_DEFAULT) || !(t.handle = c.init()))
		return err_set(err, "libcurl cannot be started");
	t.fd = open(l->to.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (t.fd < 0)
		err_sys(err, "%s", l->to.p);
	else
		rc = transfer(&t, err);
	c.cleanup(t.handle);
	if (t.fd >= 0 && close(t.fd) && !rc)
		rc = err_sys(err, "%s", l->to.p);
	return rc;
}
