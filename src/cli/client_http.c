#include "cli/client_http.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/writer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#define BODY_FIRST (16 * 1024)
#define HEADERS_FIRST 2048

struct receiving {
	struct writer body;
	struct writer headers;
	struct writer www_authenticate;
	bool too_large;
};

/* libcurl's callbacks: anything but size * count ends the transfer. */
static size_t body_receive(char *bytes, size_t size, size_t count, void *context)
{
	struct receiving *receiving = context;
	struct slice part = { bytes, size * count };
	if (part.len > LIMIT_FETCH_SIZE - receiving->body.len) {
		receiving->too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	writer_put(&receiving->body, part);
	return writer_ok(&receiving->body) ? part.len : CURL_WRITEFUNC_ERROR;
}

static void challenge_keep(struct writer *challenges, struct slice line)
{
	struct slice name;
	struct slice value = line;
	if (!slice_cut(&value, ':', &name) || value.ptr == NULL || !text_equal_folded(name, SLICE_OF("WWW-Authenticate")))
		return;
	while (value.len > 0 && (value.ptr[0] == ' ' || value.ptr[0] == '\t'))
		value = slice_skip(value, 1);
	if (challenges->len > 0)
		writer_text(challenges, ", ");
	writer_put(challenges, value);
}

static size_t header_receive(char *bytes, size_t size, size_t count, void *context)
{
	struct receiving *receiving = context;
	struct slice line = { bytes, size * count };
	if (line.len > LIMIT_FETCH_SIZE - receiving->headers.len) {
		receiving->too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	if (slice_starts_with(line, SLICE_OF("HTTP/"))) {
		receiving->headers.len = 0; /* what came before was an interim reply */
		receiving->www_authenticate.len = 0;
	}
	struct slice text = line;
	while (text.len > 0 && (text.ptr[text.len - 1] == '\r' || text.ptr[text.len - 1] == '\n'))
		text.len--;
	if (text.len > 0) {
		writer_put(&receiving->headers, text);
		writer_byte(&receiving->headers, '\n');
		challenge_keep(&receiving->www_authenticate, text);
	}
	return line.len;
}

static enum result failure_explain(CURLcode code, const struct client_http_request *request, const struct receiving *receiving,
                                   const char *detail, struct problem *problem)
{
	if (receiving->too_large)
		return problem_set(problem, RESULT_TOO_LARGE, "%s answered with more than %d bytes", request->url, LIMIT_FETCH_SIZE);
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return problem_set(problem, RESULT_INVALID, "%s is not an http or https address", request->url);
	case CURLE_COULDNT_RESOLVE_HOST:
		return problem_set(problem, RESULT_FAILED, "%s: there is no such host: check the address", request->url);
	case CURLE_COULDNT_CONNECT:
		return problem_set(problem, RESULT_FAILED, "%s: nothing answers there: is the server running, is the port right?", request->url);
	case CURLE_OPERATION_TIMEDOUT:
		return problem_set(problem, RESULT_FAILED, "%s: no answer within %d seconds", request->url, LIMIT_FETCH_S);
	case CURLE_PEER_FAILED_VERIFICATION:
		return problem_set(problem, RESULT_FAILED, "%s: its certificate is not trusted (%s): name its authority with --ca-file FILE",
		                   request->url, detail);
	case CURLE_SSL_CACERT_BADFILE:
		return problem_set(problem, RESULT_FAILED, "--ca-file %s cannot be read as PEM certificates", request->ca_file);
	case CURLE_SSL_CONNECT_ERROR:
		return problem_set(problem, RESULT_FAILED, "%s: no TLS there (%s): is it an http address?", request->url, detail);
	default:
		return problem_set(problem, RESULT_FAILED, "%s: %s", request->url, detail[0] != '\0' ? detail : curl_easy_strerror(code));
	}
}

/* ---- where it goes ----------------------------------------------------------------------------------------- */

static bool host_is_loopback(const char *host)
{
	struct slice text = slice_from(host);
	struct in_addr address;
	if (text_equal_folded(text, SLICE_OF("localhost")) || slice_is(text, "[::1]"))
		return true;
	return inet_pton(AF_INET, host, &address) == 1 && (ntohl(address.s_addr) >> 24) == IN_LOOPBACKNET;
}

/* Scheme and host as libcurl reads them when it goes there; false when it would not. */
static bool address_judge(const char *url, bool *ret_https, bool *ret_loopback)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL;
	bool good = parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
	            curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK;
	if (good) {
		*ret_https = strcmp(scheme, "https") == 0;
		*ret_loopback = host_is_loopback(host);
		good = *ret_https || strcmp(scheme, "http") == 0;
	}
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	return good;
}

bool client_http_is_private(const char *url)
{
	bool https, loopback;
	/* browsers take a backslash for a slash, libcurl does not: what is read in two ways is not trusted in either */
	return strchr(url, '\\') == NULL && address_judge(url, &https, &loopback) && (https || loopback);
}

/* ---- the transfer ------------------------------------------------------------------------------------------ */

/* Each list_append that fails leaves what was there. */
static struct curl_slist *headers_list(const struct client_http_request *request)
{
	struct curl_slist *list = NULL;
	for (size_t i = 0; i < request->header_count; i++) {
		struct curl_slist *longer = curl_slist_append(list, request->headers[i]);
		if (longer == NULL) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = longer;
	}
	return list;
}

static void bounds_set(CURL *curl, const struct client_http_request *request)
{
	bool https, loopback;
	if (address_judge(request->url, &https, &loopback) && loopback)
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)LIMIT_FETCH_S);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	if (request->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca_file);
}

static void request_set(CURL *curl, const struct client_http_request *request, struct curl_slist *headers, struct receiving *receiving)
{
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "writ/" WRIT_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (request->body.ptr != NULL) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.ptr);
	}
	if (strcmp(request->method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, receiving);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_receive);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, receiving);
}

enum result client_http_send(const struct client_http_request *request, struct arena *arena, struct client_http_reply *ret,
                             struct problem *problem)
{
	struct receiving receiving = {
		.body = writer_new(arena, BODY_FIRST),
		.headers = writer_new(arena, HEADERS_FIRST),
		.www_authenticate = writer_new(arena, HEADERS_FIRST),
	};
	char detail[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = headers_list(request);
	enum result result = RESULT_OK;
	if (curl == NULL || (headers == NULL && request->header_count > 0) || arena_exhausted(arena)) {
		result = problem_set(problem, RESULT_NO_MEMORY, "out of memory");
		goto done;
	}
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	bounds_set(curl, request);
	request_set(curl, request, headers, &receiving);
	CURLcode code = curl_easy_perform(curl);
	if (code != CURLE_OK) {
		result = failure_explain(code, request, &receiving, detail, problem);
		goto done;
	}
	struct client_http_reply reply = {
		.body = writer_slice(&receiving.body),
		.headers = writer_slice(&receiving.headers),
		.www_authenticate = writer_slice(&receiving.www_authenticate),
	};
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
	*ret = reply;
done:
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return result;
}

const char *client_http_bearer(struct arena *arena, struct slice token)
{
	if (!text_is_printable_ascii(token))
		return NULL;
	return arena_print(arena, "Authorization: Bearer %.*s", SLICE_ARGS(token)).ptr;
}
