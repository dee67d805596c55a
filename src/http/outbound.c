#include "http/outbound.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/writer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <unistd.h>

#define BODY_FIRST (4 * 1024)

struct transfer {
	const struct outbound *outbound;
	const struct outbound_limits *limits;
	const char *url;
	struct slice form; /* ptr NULL: a GET */
	struct writer body;
	size_t header_size;
	bool too_large;
};

/* libcurl's callbacks: anything but size * count ends the transfer. */
static size_t body_receive(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	const struct slice part = { bytes, size * count };
	if (part.len > transfer->limits->reply_max - transfer->body.len) {
		transfer->too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	writer_put(&transfer->body, part);
	return writer_ok(&transfer->body) ? part.len : CURL_WRITEFUNC_ERROR;
}

/* Nothing of them is kept, but libcurl remembers them all. */
static size_t header_receive(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	(void)bytes;
	if (size * count > LIMIT_OUTBOUND_HEADERS - transfer->header_size) {
		transfer->too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	transfer->header_size += size * count;
	return size * count;
}

/* ---- where it goes ------------------------------------------------------------------------------------------------ */

static bool host_is_loopback(const char *host)
{
	struct in_addr address;
	const struct slice text = slice_from(host);
	if (text_equal_folded(text, SLICE_OF("localhost")) || slice_is(text, "[::1]"))
		return true;
	return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* As libcurl itself reads the address when it goes there. */
static bool address_allowed(const char *url)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL;
	bool allowed = parts != NULL && curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK &&
	               curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK;
	if (allowed)
		allowed = strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && host_is_loopback(host));
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	return allowed;
}

/* ---- the transfer --------------------------------------------------------------------------------------------------- */

static enum result failure_explain(CURLcode code, const struct transfer *transfer, const char *detail, struct problem *problem)
{
	if (transfer->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return problem_set(problem, RESULT_TOO_LARGE, "the reply has more than %zu bytes, or too many headers", transfer->limits->reply_max);
	if (!writer_ok(&transfer->body) || code == CURLE_OUT_OF_MEMORY)
		return problem_set(problem, RESULT_NO_MEMORY, "out of memory");
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST: return problem_set(problem, RESULT_FAILED, "there is no such host");
	case CURLE_COULDNT_CONNECT: return problem_set(problem, RESULT_FAILED, "nothing answers there");
	case CURLE_OPERATION_TIMEDOUT: return problem_set(problem, RESULT_FAILED, "no whole reply within %ld ms", transfer->limits->total_ms);
	case CURLE_PEER_FAILED_VERIFICATION:
		return problem_set(problem, RESULT_FAILED, "its certificate is not trusted (%s): name its authority with --outbound-ca-file", detail);
	default: return problem_set(problem, RESULT_FAILED, "%s", detail[0] != '\0' ? detail : curl_easy_strerror(code));
	}
}

/* What the environment or the other side could widen is said here, each by itself. */
static bool bounds_set(CURL *curl, const struct transfer *transfer)
{
	const struct outbound_limits *limits = transfer->limits;
	CURLcode code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_PROXY, "");
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (code == CURLE_OK && transfer->outbound->ca_file != NULL)
		code = curl_easy_setopt(curl, CURLOPT_CAINFO, transfer->outbound->ca_file);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	/* a name server that is silent does not hold the worker beyond total_ms either */
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, limits->connect_ms);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, limits->total_ms);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)limits->reply_max);
	return code == CURLE_OK;
}

static bool request_set(CURL *curl, struct transfer *transfer, const struct curl_slist *headers)
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, transfer->url);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_USERAGENT, "writ/" WRIT_VERSION);
	if (transfer->form.ptr != NULL) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->form.len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, transfer->form.ptr);
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_receive);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
	return code == CURLE_OK;
}

static enum result transfer_run(struct transfer *transfer, struct outbound_reply *ret, struct problem *problem)
{
	char detail[CURL_ERROR_SIZE] = "";
	enum result result = RESULT_OK;
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:"); /* no asking before a form is sent */
	if (curl == NULL || headers == NULL || !bounds_set(curl, transfer) || !request_set(curl, transfer, headers)) {
		result = problem_set(problem, RESULT_NO_MEMORY, "out of memory");
		goto done;
	}
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	CURLcode code = curl_easy_perform(curl);
	if (code != CURLE_OK) {
		result = failure_explain(code, transfer, detail, problem);
		goto done;
	}
	*ret = (struct outbound_reply) { .body = writer_slice(&transfer->body) };
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret->status);
done:
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return result;
}

static enum result outbound_send(const struct outbound *outbound, struct slice url, struct slice form, const struct outbound_limits *limits,
                                 struct arena *arena, struct outbound_reply *ret, struct problem *problem)
{
	struct transfer transfer = { .outbound = outbound, .limits = limits, .form = form };
	const struct slice copied = arena_copy(arena, url);
	transfer.body = writer_new(arena, BODY_FIRST);
	if (copied.ptr == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "out of memory");
	transfer.url = copied.ptr;
	if (url.len > LIMIT_URL || !text_is_printable_ascii(url) || !address_allowed(transfer.url))
		return problem_set(problem, RESULT_INVALID, "it is no https address, nor http on this machine");
	return transfer_run(&transfer, ret, problem);
}

enum result outbound_get(const struct outbound *outbound, struct slice url, const struct outbound_limits *limits, struct arena *arena,
                         struct outbound_reply *ret, struct problem *problem)
{
	return outbound_send(outbound, url, (struct slice) { NULL, 0 }, limits, arena, ret, problem);
}

enum result outbound_post_form(const struct outbound *outbound, struct slice url, struct slice form, const struct outbound_limits *limits,
                               struct arena *arena, struct outbound_reply *ret, struct problem *problem)
{
	if (form.ptr == NULL)
		form = SLICE_OF("");
	return outbound_send(outbound, url, form, limits, arena, ret, problem);
}

/* ---- the process ---------------------------------------------------------------------------------------------------- */

enum result outbound_start(const char *ca_file, struct outbound *ret, struct problem *problem)
{
	if (ca_file != NULL && access(ca_file, R_OK) != 0)
		return problem_set(problem, RESULT_INVALID, "outbound-ca-file %.200s cannot be read", ca_file);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return problem_set(problem, RESULT_NO_MEMORY, "libcurl cannot be started");
	*ret = (struct outbound) { .ca_file = ca_file };
	return RESULT_OK;
}

void outbound_stop(void)
{
	curl_global_cleanup();
}
